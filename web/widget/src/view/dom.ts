// Elements without markup: nothing that anybody wrote is ever read as HTML.

type Child = Node | string | null | undefined | false;

type Props<T> = Partial<Omit<T, 'style' | 'children'>> & { on?: Partial<Record<keyof HTMLElementEventMap, (event: never) => void>>; attrs?: Record<string, string> };

export function el<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props<HTMLElementTagNameMap[K]> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  const { on, attrs, ...own } = props;
  Object.assign(element, own);
  for (const [name, value] of Object.entries(attrs ?? {})) element.setAttribute(name, value);
  for (const [name, listener] of Object.entries(on ?? {})) element.addEventListener(name, listener as EventListener);
  element.append(...children.filter((child): child is Node | string => typeof child === 'string' || child instanceof Node));
  return element;
}

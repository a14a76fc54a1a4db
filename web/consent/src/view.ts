/** The banner, the preferences in it, and the button that brings them back. */
import { BANNER } from './banner.css';
import type { Asked, Banner, Category, Way } from './wire';

export interface Stage {
  banner: Banner;
  /** Where the policy on cookies is. */
  policy: string;
  /** Refused by the browser's own signal. */
  signalled: readonly Category[];
  /** What stands now. */
  granted: () => ReadonlySet<Category>;
  /** Whether nothing was chosen yet: then closing is a no. */
  open: () => boolean;
  decide: (granted: Category[], way: Way) => void;
}

export interface View {
  /** `preferences`: at the visitor's own wish, so the focus goes there. */
  show: (preferences: boolean) => void;
  hide: () => void;
}

type Child = Node | string | false | null;

function make<K extends keyof HTMLElementTagNameMap>(tag: K, of: Partial<HTMLElementTagNameMap[K]> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), of);
  made.append(...children.filter((child): child is Node | string => Boolean(child)));
  return made;
}

export function view(tag: HTMLScriptElement, stage: Stage): View {
  const { banner, decide } = stage;
  const { words } = banner;
  const host = make('div', { lang: banner.language });
  if (tag.dataset.theme) host.dataset.theme = tag.dataset.theme;
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(BANNER);
  root.adoptedStyleSheets = [sheet];
  const again = make('button', { type: 'button', className: 'again', textContent: words.again, hidden: true });
  const around = make('div', { role: 'region', ariaLabel: words.again }, again);
  root.append(around);
  // The first thing on the page, so that whoever has no pointer comes to it first.
  document.body.prepend(host);
  let shown: HTMLElement | null = null;
  let before: HTMLElement | null = null;

  const optional = banner.categories.filter(({ key }) => key !== 'necessary');
  const free = optional.map(({ key }) => key).filter((key) => !stage.signalled.includes(key));
  const button = (text: string, onclick: () => void) => make('button', { type: 'button', textContent: text, onclick });

  function show(preferences: boolean): void {
    if (preferences && !shown) before = document.activeElement as HTMLElement | null;
    shown?.remove();
    const title = make('p', { className: 'title', id: 't', tabIndex: -1, textContent: words.title });
    const boxes = new Map<Category, HTMLInputElement>();
    const last = preferences
      ? button(words.save, () => decide(free.filter((key) => boxes.get(key)?.checked), 'choose'))
      : button(words.preferences, () => show(true));
    const close = () => (stage.open() ? decide([], 'close') : hide());
    shown = make(
      'div',
      { className: 'banner', role: 'dialog' },
      title,
      make('p', { className: 'text', id: 'd', textContent: words.text }),
      stage.signalled.length > 0 && make('p', { className: 'signal', textContent: words.signal }),
      links(),
      preferences && make('ul', {}, ...banner.categories.map((one) => category(one, boxes))),
      make('div', { className: 'choices' }, button(words.reject, () => decide([], 'reject')), button(words.accept, () => decide(free, 'accept')), last),
      make('button', { type: 'button', className: 'x', ariaLabel: stage.open() ? words.close : words.back, textContent: '×', onclick: close }),
    );
    shown.setAttribute('aria-labelledby', 't');
    shown.setAttribute('aria-describedby', 'd');
    shown.addEventListener('keydown', (event) => event.key === 'Escape' && close());
    again.hidden = true;
    root.prepend(shown);
    if (preferences) title.focus();
  }

  function links(): HTMLElement {
    const link = (href: string, text: string) => make('a', { href, target: '_blank', rel: 'noopener', textContent: text });
    return make('p', { className: 'links' }, link(stage.policy, words.policy), banner.privacy_url !== null && link(banner.privacy_url, words.privacy));
  }

  function category({ key, name, text, cookies }: Asked, boxes: Map<Category, HTMLInputElement>): HTMLElement {
    const box = make('input', { type: 'checkbox', checked: key === 'necessary' || stage.granted().has(key), disabled: !free.includes(key) });
    boxes.set(key, box);
    const lines = cookies.map((one) =>
      make('dl', {}, make('dt', { textContent: one.name }), ...(['purpose', 'provider', 'duration'] as const).map((what) => make('dd', { textContent: `${words[what]}: ${one[what]}` }))),
    );
    const details = cookies.length > 0 && make('details', {}, make('summary', { textContent: `${words.cookies} (${cookies.length})` }), ...lines);
    return make('li', {}, make('label', {}, box, name), make('p', { textContent: text }), details);
  }

  function hide(): void {
    const inside = root.activeElement !== null;
    shown?.remove();
    shown = null;
    again.hidden = tag.dataset.button === 'off';
    if (inside) (before?.isConnected && before !== document.body ? before : again).focus();
    before = null;
  }

  again.onclick = () => show(true);
  return { show, hide };
}

/** The app's keys. Single letters work wherever nobody is typing. */

export interface Binding {
  /** As `KeyboardEvent.key` names it. */
  keys: readonly string[];
  label: string;
  /** False: the key is left alone. */
  run: () => boolean | void;
}

/** Whether a key belongs to what has the focus. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

export function press(event: KeyboardEvent, bindings: readonly Binding[]): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
  // Enter on a button or link presses that, not the list.
  if (event.key === 'Enter' && event.target instanceof HTMLElement && event.target.closest('button, a')) return;
  const binding = bindings.find((one) => one.keys.includes(event.key));
  if (binding && binding.run() !== false) event.preventDefault();
}

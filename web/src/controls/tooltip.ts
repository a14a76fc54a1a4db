/**
 * A word about an icon, and the key that does the same, shown while one points at it or reaches it by keyboard:
 * `<button aria-label={t.thread.resolve} {@attach tooltip(t.thread.resolve, 'e')}>`. The name for screen readers is the label's.
 */
import { computePosition, flip, offset, shift, type Placement } from '@floating-ui/dom';

const PATIENCE = 450;
/** Whoever has just read one need not wait for the next. */
const WARM = 300;

let shown: HTMLElement | undefined;
let hiddenAt = 0;

export function tooltip(text: string, keys = '', placement: Placement = 'top') {
  return (anchor: HTMLElement) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(() => show(anchor, text, keys, placement), performance.now() - hiddenAt < WARM ? 0 : PATIENCE);
    };
    const never = () => {
      clearTimeout(timer);
      hide(anchor);
    };
    const focused = () => anchor.matches(':focus-visible') && later();
    const escape = (event: KeyboardEvent) => event.key === 'Escape' && never();
    const listeners: [string, EventListener][] = [
      ['pointerenter', (event) => (event as PointerEvent).pointerType === 'mouse' && later()], ['pointerleave', never], ['pointerdown', never], ['focus', focused], ['blur', never], ['keydown', escape as EventListener],
    ];
    for (const [name, listener] of listeners) anchor.addEventListener(name, listener);
    return () => {
      never();
      for (const [name, listener] of listeners) anchor.removeEventListener(name, listener);
    };
  };
}

function show(anchor: HTMLElement, text: string, keys: string, placement: Placement): void {
  // What it opens says more.
  if (anchor.getAttribute('aria-expanded') === 'true') return;
  shown?.remove();
  const tip = document.createElement('div');
  tip.className = 'tooltip';
  tip.popover = 'manual';
  tip.setAttribute('aria-hidden', 'true');
  tip.append(text);
  for (const key of keys ? keys.split(' ') : []) tip.append(Object.assign(document.createElement('kbd'), { textContent: key }));
  // Beside its anchor, so that inside a dialog it is not behind it.
  anchor.after(tip);
  tip.showPopover();
  shown = tip;
  tip.dataset.of = anchor.dataset.tip = String((last += 1));
  void computePosition(anchor, tip, { placement, strategy: 'fixed', middleware: [offset(6), flip(), shift({ padding: 8 })] }).then(({ x, y }) => {
    Object.assign(tip.style, { left: `${x}px`, top: `${y}px`, visibility: 'visible' });
  });
}

let last = 0;

function hide(anchor: HTMLElement): void {
  if (!shown || shown.dataset.of !== anchor.dataset.tip) return;
  shown.remove();
  shown = undefined;
  hiddenAt = performance.now();
}

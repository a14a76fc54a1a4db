/** What a control gives the button that opens it: `<button {...attributes}>`. */
import { createAttachmentKey } from 'svelte/attachments';

export interface Trigger {
  readonly 'aria-haspopup': 'menu' | 'dialog' | 'listbox';
  readonly 'aria-expanded': boolean;
  readonly onclick: () => void;
  readonly onkeydown: (event: KeyboardEvent) => void;
  readonly [attachment: symbol]: (element: HTMLElement) => () => void;
}

interface Opened {
  popup: Trigger['aria-haspopup'];
  open: boolean;
  turn: () => void;
  /** Whether the arrow keys open it too. */
  arrows: boolean;
  element: (element: HTMLElement | undefined) => void;
}

const ATTACHMENT = createAttachmentKey();

export function trigger({ popup, open, turn, arrows, element }: Opened): Trigger {
  return {
    'aria-haspopup': popup,
    'aria-expanded': open,
    onclick: turn,
    onkeydown: (event) => {
      if (open || !arrows || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
      event.preventDefault();
      turn();
    },
    [ATTACHMENT]: (node) => {
      element(node);
      return () => element(undefined);
    },
  };
}

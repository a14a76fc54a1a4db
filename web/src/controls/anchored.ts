/** Puts something over the page beside what it belongs to, above everything else (the browser's top layer), and keeps it there. */
import { autoUpdate, computePosition, flip, offset, shift, size, type Placement } from '@floating-ui/dom';

export type { Placement };

const GAP = 4;
const EDGE = 8;

/** For `{@attach anchored(…)}`. The element needs `popover="manual"`. */
export function anchored(anchor: Element | undefined, placement: Placement, sameWidth = false) {
  return (layer: HTMLElement) => {
    if (!anchor) return;
    layer.showPopover();
    const place = async () => {
      const { x, y } = await computePosition(anchor, layer, {
        placement,
        strategy: 'fixed',
        middleware: [
          offset(GAP),
          flip({ padding: EDGE }),
          shift({ padding: EDGE }),
          size({
            padding: EDGE,
            apply: ({ availableHeight, rects }) => {
              layer.style.maxHeight = `${Math.max(120, availableHeight)}px`;
              if (sameWidth) layer.style.width = `${rects.reference.width}px`;
            },
          }),
        ],
      });
      Object.assign(layer.style, { left: `${x}px`, top: `${y}px`, opacity: '1' });
    };
    return autoUpdate(anchor, layer, () => void place());
  };
}

/** How long a message may be on its channel, and when that is worth saying. */
import type { ChannelKind } from '../api/model';

export interface Length {
  /** Characters left; below zero it is too long. Null where there is no bound, or none in sight. */
  left: number | null;
  over: boolean;
}

/** From here on the bound is in sight. */
const NEAR = 0.8;

export function lengthOf(text: string, files: number, kind: Pick<ChannelKind, 'text_limit' | 'caption_limit'> | undefined): Length {
  const limit = (files > 0 && kind?.caption_limit) || kind?.text_limit || 0;
  // Units of UTF-16 are never fewer than characters: most texts need no counting.
  if (limit === 0 || text.length < limit * NEAR) return { left: null, over: false };
  const left = limit - [...text].length;
  return { left: left <= limit * (1 - NEAR) ? left : null, over: left < 0 };
}

/** For how many seconds a reply is held back, in which it can be taken back. A choice about this browser, like the theme. */
import { keep, kept } from '../shell/kept';

export const HOLDS = [0, 5, 10, 20] as const;
export type Hold = (typeof HOLDS)[number];

export function held(): Hold {
  const word = Number(kept('undo') ?? '5');
  return HOLDS.find((one) => one === word) ?? 5;
}

export function hold(seconds: Hold): void {
  keep('undo', String(seconds));
}

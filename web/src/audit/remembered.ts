/** The checkpoints that this browser verified last, by whose log it was: what it sees next has to have grown out of them. */
import { keep, kept } from '../shell/kept';
import type { Verified } from './verify';

/** Null: none was verified here, or what was kept is not readable any more. */
export function remembered(origin: string): Verified | null {
  const one = all()[origin] as Partial<Verified> | undefined;
  const whole = [one?.entries, one?.number, one?.at].every(Number.isSafeInteger) && typeof one?.root === 'string';
  return whole ? (one as Verified) : null;
}

export function remember(origin: string, { entries, root, number, at }: Verified): void {
  keep('audit', JSON.stringify({ ...all(), [origin]: { entries, root, number, at } }));
}

function all(): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(kept('audit') ?? '{}');
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

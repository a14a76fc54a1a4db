// The live stream, read with `fetch` because it carries the session's header. It ends silently when a machine sleeps or changes
// networks: whoever hears nothing for a while begins anew, from the last event that was heard.
import { backoff, pause, Refused, type Wire } from './wire';

export interface Heard {
  kind: string;
  data: unknown;
}

/** The server gives a sign of life every 25 seconds. */
const SILENCE = 60_000;

/** Splits a stream into events. */
export class Splitter {
  #rest = '';

  take(text: string): { id: string | null; kind: string; data: string }[] {
    const blocks = (this.#rest + text).replaceAll('\r\n', '\n').split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => {
      const lines = block.split('\n').map((line) => /^(\w+): ?(.*)$/.exec(line));
      const all = (name: string) => lines.filter((line) => line?.[1] === name).map((line) => line?.[2] ?? '');
      const data = all('data').join('\n');
      return data ? [{ id: all('id').at(-1) ?? null, kind: all('event').at(-1) ?? 'message', data }] : [];
    });
  }
}

export interface Listening {
  /** The stream is there; `anew` if something may have been missed that it does not bring. */
  connected: (anew: boolean) => Promise<void>;
  lost: () => void;
  heard: (event: Heard) => void;
  /** The session is good no more. */
  refused: () => void;
}

/** Listens until it is told to stop. `now` of `hints` says that it may be worth trying again, or that the machine was asleep. */
export async function listen(wire: Wire, token: string, hints: EventTarget, stop: AbortSignal, on: Listening): Promise<void> {
  let last: string | null = null;
  for (let attempt = 0; !stop.aborted; attempt += 1) {
    try {
      last = await once(wire, token, hints, stop, last, on, () => (attempt = 0));
    } catch (reason) {
      if (stop.aborted) return;
      if (reason instanceof Refused && !reason.passes) return on.refused();
    }
    if (stop.aborted) return;
    on.lost();
    await pause(backoff(attempt), hints);
  }
}

async function once(wire: Wire, token: string, hints: EventTarget, stop: AbortSignal, from: string | null, on: Listening, begun: () => void) {
  const end = new AbortController();
  const ends = () => end.abort();
  let heardAt = Date.now();
  const look = setInterval(() => Date.now() - heardAt > SILENCE && ends(), 5_000);
  // Timers stand still while a machine sleeps; the clock does not.
  const woken = () => Date.now() - heardAt > SILENCE / 2 && ends();
  hints.addEventListener('now', woken);
  stop.addEventListener('abort', ends);
  let last = from;
  try {
    const answer = await wire.call('events', token, { headers: last === null ? {} : { 'last-event-id': last }, signal: end.signal });
    begun();
    await on.connected(from === null);
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    const splitter = new Splitter();
    for (;;) {
      const { done, value } = await reader.read();
      heardAt = Date.now();
      if (done) return last;
      for (const { id, kind, data } of splitter.take(value)) {
        last = id ?? last;
        on.heard({ kind, data: JSON.parse(data) as unknown });
      }
    }
  } catch (reason) {
    if (reason instanceof Refused) throw reason;
    return last;
  } finally {
    clearInterval(look);
    hints.removeEventListener('now', woken);
    stop.removeEventListener('abort', ends);
    end.abort();
  }
}

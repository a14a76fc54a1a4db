import { expect, test, vi } from 'vitest';
import type { LiveEvent } from '../api/model';
import { Stream } from './stream.svelte';

/** One connection after the other: what each answers with; after the last, the stream is stopped. */
async function play(connections: (() => Response | Promise<Response>)[]) {
  const asked: (string | null)[] = [];
  const events: LiveEvent[] = [];
  let resets = 0;
  let signedOut = false;
  const waits: number[] = [];
  const stream: Stream = new Stream(
    { event: (event) => events.push(event), reset: () => (resets += 1), signedOut: () => (signedOut = true) },
    {
      fetch: async (_, init) => {
        const answer = connections[asked.length];
        asked.push(new Headers(init?.headers).get('Last-Event-ID'));
        if (answer) return answer();
        stream.stop();
        throw new Error('stopped');
      },
      sleep: async (ms) => void waits.push(ms),
      chance: () => 1,
      now: () => 0,
    },
  );
  await stream.run();
  return { asked, events, resets, signedOut, waits };
}

const told = (...seqs: number[]) => () =>
  new Response(seqs.map((seq) => `id: ${seq}\nevent: message.created\ndata: {"seq":${seq},"type":"message.created","data":{}}\n\n`).join(''));

test('a lost connection goes on after the last event seen, and a repetition is dropped', async () => {
  const { asked, events, resets } = await play([told(1, 2), told(2, 3)]);
  expect(asked).toEqual([null, '2', '3']);
  expect(events.map((event) => event.seq)).toEqual([1, 2, 3]);
  expect(resets).toBe(1);
});

test('without a number to resume from, everything is loaded again', async () => {
  const { resets } = await play([told(), told()]);
  expect(resets).toBe(2);
});

test('a server that is away is asked again, ever more slowly', async () => {
  const { waits, events } = await play([() => new Response('', { status: 502 }), () => Promise.reject(new TypeError('down')), told(5)]);
  expect(waits).toEqual([800, 1600, 400]);
  expect(events.map((event) => event.seq)).toEqual([5]);
});

test('a reset loads again and goes on from its number', async () => {
  const reset = () => new Response('event: reset\ndata: {"seq":90,"type":"reset","data":null}\n\n');
  const { asked, resets } = await play([told(3), reset]);
  expect(asked).toEqual([null, '3', '90']);
  expect(resets).toBe(2);
});

test('a network that is gone is noticed at once, and the stream goes on where it was', async () => {
  const asked: (string | null)[] = [];
  const states: string[] = [];
  const stream: Stream = new Stream(
    { event: () => stream.offline(), reset: () => undefined, signedOut: () => undefined },
    {
      fetch: async (_, init) => {
        asked.push(new Headers(init?.headers).get('Last-Event-ID'));
        states.push(stream.state);
        if (asked.length > 1) {
          stream.stop();
          throw new Error('stopped');
        }
        // One event, and then nothing: it does not end by itself.
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(new TextEncoder().encode('id: 7\ndata: {"seq":7,"type":"message.created","data":{}}\n\n'));
            init?.signal?.addEventListener('abort', () => controller.error(new Error('aborted')));
          },
        });
        return new Response(body);
      },
      sleep: async () => undefined,
      chance: () => 1,
      now: () => 0,
    },
  );
  await stream.run();
  expect(asked).toEqual([null, '7']);
  expect(states).toEqual(['connecting', 'reconnecting']);
});

test('an ended session ends the stream', async () => {
  const { signedOut, asked } = await play([() => new Response('', { status: 401 })]);
  expect(signedOut).toBe(true);
  expect(asked).toHaveLength(1);
});

test('what is not an event is passed over', async () => {
  const odd = () => new Response('data: not json\n\ndata: null\n\ndata: {"seq":4,"type":"x","data":{}}\n\n');
  expect((await play([odd])).events).toHaveLength(1);
});

test('a connection that went silent, as after a sleep, is replaced at once and what was missed is caught up with', async () => {
  vi.useFakeTimers();
  const asked: (string | null)[] = [];
  const events: number[] = [];
  const states: string[] = [];
  let waits = 0;
  let clock = 0;
  /** Says what it has to say and then nothing more, until it is given up. */
  const silent = (signal: AbortSignal, ...seqs: number[]) => {
    const said = seqs.map((seq) => `data: {"seq":${seq},"type":"message.created","data":{}}\n\n`).join('');
    return new Response(new ReadableStream({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode(said));
        signal.addEventListener('abort', () => controller.error(new DOMException('', 'AbortError')));
      },
    }));
  };
  const stream: Stream = new Stream(
    { event: ({ seq }) => events.push(seq), reset: () => undefined, signedOut: () => undefined },
    {
      fetch: async (_, init) => {
        states.push(stream.state);
        asked.push(new Headers(init?.headers).get('Last-Event-ID'));
        return asked.length === 1 ? silent(init?.signal as AbortSignal, 1, 2) : silent(init?.signal as AbortSignal, 3);
      },
      sleep: async () => void (waits += 1),
      chance: () => 1,
      now: () => clock,
    },
  );
  clock = 1_000;
  const running = stream.run();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toHaveLength(1);
  clock += 8 * 60 * 60 * 1_000;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked).toEqual([null, '2']);
  expect(states).toEqual(['connecting', 'catching_up']);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([events, stream.state, waits]).toEqual([[1, 2, 3], 'live', 0]);
  stream.stop();
  await running;
  vi.useRealTimers();
});

/**
 * The live stream: one connection to /events that is opened again whenever it is lost and goes on where it stopped.
 *
 * It reads the stream with fetch instead of EventSource: a browser's EventSource gives up for good when a restarting server
 * or a proxy answers 502, and a new one cannot send Last-Event-ID, so resuming without a gap would be up to luck.
 */
import { BASE } from '../api/parloir';
import type { LiveEvent } from '../api/model';
import { FrameReader } from './sse';

/** What the member is shown: `live` is the normal case. */
export type StreamState = 'connecting' | 'live' | 'reconnecting' | 'catching_up';

export interface Surroundings {
  fetch: typeof fetch;
  /** Resolves after so many milliseconds, or at once when `signal` is aborted. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** In [0, 1). */
  chance: () => number;
  /** Milliseconds of a clock that goes on while the machine sleeps. */
  now: () => number;
}

export interface Listener {
  event(event: LiveEvent): void;
  /** Events may have been missed: what is shown must be loaded again. */
  reset(): void;
  signedOut(): void;
}

const SIGNALS = new Set(['typing', 'presence']);
const FIRST_WAIT = 400;
const LONGEST_WAIT = 15_000;
/** The server sends a comment every 15 s; silence for longer than this means the connection is dead. */
const SILENCE = 50_000;
/** How often the silence is looked at. A timer that should have run while the machine slept runs as soon as it wakes. */
const LOOK = 5_000;
/** Quiet for so long after a reconnect means that what was missed has arrived. */
const CAUGHT_UP = 400;

export class Stream {
  state = $state<StreamState>('connecting');
  /** Number of the last event seen; 0 before the first. */
  seq = 0;
  #heard = 0;
  #stopping = new AbortController();
  #connection = new AbortController();
  #pause = new AbortController();
  /** The connection was given up here because nothing came over it any more, as after a sleep. */
  #stale = false;
  #quiet: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly listener: Listener,
    private readonly around: Surroundings = BROWSER,
  ) {}

  /** Runs until `stop`. */
  async run(): Promise<void> {
    let wait = FIRST_WAIT;
    while (!this.#stopping.signal.aborted) {
      const outcome = await this.#connect().catch(() => 'lost' as const);
      if (this.#stopping.signal.aborted) return;
      if (outcome === 'signed_out') return this.listener.signedOut();
      if (this.#stale) {
        // There is nothing to wait for: the server did not fail.
        this.#stale = false;
        this.state = 'catching_up';
        continue;
      }
      // A connection that worked starts the waiting anew; one that never opened waits longer each time.
      wait = outcome === 'ended' ? FIRST_WAIT : Math.min(wait * 2, LONGEST_WAIT);
      this.#become('reconnecting');
      this.#pause = new AbortController();
      await this.around.sleep(wait * (0.5 + this.around.chance() / 2), this.#pause.signal);
    }
  }

  stop(): void {
    clearTimeout(this.#quiet);
    this.#stopping.abort();
    this.#connection.abort();
    this.#pause.abort();
  }

  /** To be called when the machine wakes, the tab is shown or the network is back. */
  wake(): void {
    this.#pause.abort();
    this.#listen();
  }

  /** To be called when the network is gone: a connection over it may seem to live on for minutes. */
  offline(): void {
    this.#connection.abort();
  }

  /** Gives a connection up that has been silent for too long. */
  #listen(): void {
    if (this.#heard === 0 || this.around.now() - this.#heard <= SILENCE) return;
    this.#stale = true;
    this.#connection.abort();
  }

  async #connect(): Promise<'ended' | 'signed_out' | 'lost'> {
    this.#connection = new AbortController();
    this.#heard = this.around.now();
    const watch = setInterval(() => this.#listen(), LOOK);
    try {
      const response = await this.#ask(this.#connection.signal);
      if (response.status === 401) return 'signed_out';
      if (!response.ok || !response.body) return 'lost';
      this.#opened();
      await this.#read(response.body).catch(() => undefined);
      return 'ended';
    } finally {
      clearInterval(watch);
      this.#heard = 0;
    }
  }

  #ask(signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    if (this.seq > 0) headers['Last-Event-ID'] = String(this.seq);
    return this.around.fetch(`${BASE}/events`, { headers, cache: 'no-store', signal });
  }

  #opened(): void {
    this.#heard = this.around.now();
    // Without a number to resume from, whatever happened before this moment may be unknown.
    if (this.seq === 0) this.listener.reset();
    this.#become(this.state === 'reconnecting' || this.state === 'catching_up' ? 'catching_up' : 'live');
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const frames = new FrameReader();
    const decoder = new TextDecoder();
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#heard = this.around.now();
      for (const frame of frames.push(decoder.decode(value, { stream: true }))) this.#frame(frame.data, frame.event);
    }
  }

  #frame(data: string, type: string): void {
    const event = read(data, type);
    if (!event) return;
    if (this.state === 'catching_up') this.#become('catching_up');
    if (event.type === 'reset') {
      this.seq = event.seq;
      this.listener.reset();
      return;
    }
    // A signal is not kept by the server: whatever its number, it neither repeats nor advances anything.
    if (!SIGNALS.has(event.type)) {
      if (event.seq <= this.seq) return;
      this.seq = event.seq;
    }
    this.listener.event(event);
  }

  #become(state: StreamState): void {
    this.state = state;
    clearTimeout(this.#quiet);
    if (state === 'catching_up') this.#quiet = setTimeout(() => (this.state = 'live'), CAUGHT_UP);
  }
}

function read(data: string, type: string): LiveEvent | null {
  try {
    const event = JSON.parse(data) as Partial<LiveEvent> | null;
    if (typeof event !== 'object' || event === null) return null;
    return { seq: Number(event.seq) || 0, type: event.type ?? type, data: event.data };
  } catch {
    return null;
  }
}

const BROWSER: Surroundings = {
  fetch: (input, init) => fetch(input, init),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
  chance: () => Math.random(),
  now: () => Date.now(),
};

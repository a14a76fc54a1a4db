// Calls to the server. Nothing else of the chat speaks to the network.

/** An answer that is no success. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    /** When to try again, in milliseconds. */
    readonly after: number,
  ) {
    super(detail);
  }

  /** Whether the same request may succeed later. */
  get passes(): boolean {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

export class Wire {
  constructor(
    readonly base: string,
    readonly channel: string,
  ) {}

  /** A call under the channel's path; whatever its answer is, if it is a success. */
  async call(path: string, token: string | null, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (token) headers.set('authorization', `Bearer ${token}`);
    if (typeof init.body === 'string') headers.set('content-type', 'application/json');
    const answer = await fetch(`${this.base}chat/${this.channel}/${path}`, { credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store', ...init, headers });
    if (answer.ok) return answer;
    const problem = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string };
    throw new Refused(answer.status, problem.code ?? '', problem.detail ?? '', Number(answer.headers.get('retry-after') ?? 0) * 1000);
  }

  async json<T>(path: string, token: string | null, body?: unknown): Promise<T> {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    return (await (await this.call(path, token, init)).json()) as T;
  }
}

/** Waits, or until somebody says that it may be worth trying now. */
export function pause(ms: number, sooner: EventTarget): Promise<void> {
  return new Promise((over) => {
    const end = () => {
      clearTimeout(timer);
      sooner.removeEventListener('now', end);
      over();
    };
    const timer = setTimeout(end, ms);
    sooner.addEventListener('now', end);
  });
}

/** How long to wait before the nth attempt: ever longer, at most half a minute, and not everybody at once. */
export const backoff = (attempt: number) => Math.min(30_000, 500 * 2 ** attempt) * (0.75 + Math.random() / 2);

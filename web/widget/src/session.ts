// A visitor's session. It is opened with the first thing that is sent, and not before; for who is signed in on the page, with
// the website's word for who they are.
import type { Kept, Store } from './kept';
import type { Identity, Look, Proof } from './look';
import { solve, type Challenge } from './pow';
import type { Wire } from './wire';

export class Session {
  #identity: Identity | null = null;
  #opening: Promise<Kept> | null = null;
  #solved: { payload: Promise<string | null>; until: number } | null = null;
  /** What the visitor entered and agreed to before writing. */
  entered: { profile: Kept['profile']; consent: string | null; ofAge: boolean } = { profile: null, consent: null, ofAge: false };

  constructor(
    readonly wire: Wire,
    readonly store: Store,
    readonly look: Look,
  ) {}

  /** The session that can be used now. One of somebody signed in waits until the page says again who that is. */
  get kept(): Kept | null {
    const kept = this.store.get<Kept>('session');
    if (!kept || Date.parse(kept.expires_at) <= Date.now()) return null;
    return kept.user === this.#user ? kept : null;
  }

  #user: string | null = null;

  get isIdentified(): boolean {
    return this.#identity !== null;
  }

  /** Says who is signed in; whether that is somebody else than before. */
  async identify(identity: Identity | null): Promise<boolean> {
    this.#identity = identity;
    const before = this.#user;
    const proof = identity === null ? null : await proofOf(identity);
    this.#user = proof === null ? null : userOf(proof);
    this.#opening = null;
    const kept = this.store.get<Kept>('session');
    // Whoever signs out on a shared computer leaves nothing of theirs behind.
    if (kept?.user && kept.user !== this.#user) this.store.forget();
    return before !== this.#user;
  }

  /** Works at a challenge ahead of time, as soon as somebody begins to write. */
  prepare(): void {
    if (!this.look.challenge || this.isIdentified || this.kept) return;
    if (this.#solved && this.#solved.until > Date.now()) return;
    const payload = this.wire.json<Challenge>('challenge', null).then((challenge) => solve(challenge));
    payload.catch(() => (this.#solved = null));
    this.#solved = { payload, until: Date.now() + 5 * 60_000 };
  }

  /** The session, opened if there is none. */
  async open(): Promise<Kept> {
    return this.kept ?? (this.#opening ??= this.#open().finally(() => (this.#opening = null)));
  }

  async #open(): Promise<Kept> {
    const proof = this.#identity === null ? null : await proofOf(this.#identity);
    this.prepare();
    const altcha = proof === null ? await this.#solved?.payload : undefined;
    // Good once, whatever comes of it.
    this.#solved = null;
    const { consent, ofAge, profile } = this.entered;
    const identity = proof === null ? undefined : typeof proof === 'string' ? { jwt: proof } : proof;
    const opened = await this.wire.json<{ token: string; expires_at: string }>('sessions', null, { identity, altcha: altcha ?? undefined, consent: consent ?? undefined, of_age: ofAge || undefined });
    const kept: Kept = { token: opened.token, expires_at: opened.expires_at, user: proof === null ? null : userOf(proof), consent, profile };
    this.store.set('session', kept);
    return kept;
  }

  /** Forgets a session that the server takes no longer. */
  drop(token: string): void {
    if (this.store.get<Kept>('session')?.token === token) this.store.set('session', null);
  }

  change(change: Partial<Kept>): void {
    const kept = this.kept;
    if (kept) this.store.set('session', { ...kept, ...change });
  }
}

async function proofOf(identity: Identity): Promise<Proof> {
  return typeof identity === 'function' ? await identity() : identity;
}

/** Whom a proof names. Only to tell one user's things from another's in this browser; the server decides what it proves. */
export function userOf(proof: Proof): string {
  if (typeof proof !== 'string') return proof.identifier;
  try {
    const claims = (proof.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const text = new TextDecoder().decode(Uint8Array.from(atob(claims), (letter) => letter.charCodeAt(0)));
    return String((JSON.parse(text) as { sub?: unknown }).sub ?? '');
  } catch {
    return '';
  }
}

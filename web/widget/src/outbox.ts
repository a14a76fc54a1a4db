// What is on its way: one after the other, each under an id that all its repetitions share, and kept in the browser until the
// server has answered. So nothing is lost when a page is left, and nothing comes twice.
import type { Kept, Store } from './kept';
import type { Pending, Upload } from './message';
import type { Session } from './session';
import { backoff, pause, Refused, type Wire } from './wire';

export class Outbox {
  #queue: Pending[] = [];
  #running = false;

  constructor(
    readonly wire: Wire,
    readonly store: Store,
    readonly session: Session,
    readonly hints: EventTarget,
    readonly changed: (pending: Pending) => void,
    readonly opened: (kept: Kept) => void,
    /** The channel asks for something that was not said, or not to this text: it has changed, or was taken back elsewhere. */
    readonly asked: () => void,
  ) {}

  /** What an earlier page or another tab left here unanswered is sent from here, too: that is harmless. */
  resume(): Pending[] {
    const left = this.store.all<Pending>('out:').sort((a, b) => (a.at < b.at ? -1 : 1));
    for (const pending of left) if (pending.state === 'waiting') this.#add(pending);
    return left;
  }

  send(pending: Pending): void {
    this.#keep(pending);
    this.changed(pending);
    this.#add(pending);
  }

  remove(id: string): void {
    this.#queue = this.#queue.filter((pending) => pending.id !== id);
    this.store.set(`out:${id}`, null);
  }

  retry(pending: Pending): void {
    this.send({ ...pending, state: 'waiting', reason: undefined });
  }

  #add(pending: Pending): void {
    if (!this.#queue.some((other) => other.id === pending.id)) this.#queue.push(pending);
    void this.#run();
  }

  /** A file has no place in the browser's storage: a message whose files were not uploaded lives as long as its page. */
  #keep(pending: Pending): void {
    if (pending.uploads.every((upload) => upload.ticket)) this.store.set(`out:${pending.id}`, pending);
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let attempt = 0, next = this.#queue[0]; next; next = this.#queue[0]) {
      const outcome = await this.#deliver(next).catch((reason: unknown) => reason);
      if (outcome === undefined) {
        attempt = 0;
        this.remove(next.id);
        this.changed({ ...next, state: 'accepted' });
      } else if (outcome instanceof Refused && !outcome.passes && outcome.status !== 401) {
        attempt = 0;
        this.remove(next.id);
        this.changed({ ...next, state: 'failed', reason: outcome.detail });
        if (outcome.code === 'age_required' || outcome.code === 'consent_required') this.asked();
      } else {
        attempt += 1;
        await pause(Math.max(outcome instanceof Refused ? outcome.after : 0, backoff(attempt)), this.hints);
      }
    }
    this.#running = false;
  }

  async #deliver(pending: Pending): Promise<void> {
    const before = this.session.kept?.token;
    const kept = await this.session.open();
    if (kept.token !== before) this.opened(kept);
    try {
      for (const upload of pending.uploads) upload.ticket ??= await this.#upload(upload, kept);
      this.#keep(pending);
      await this.wire.call('messages', kept.token, { method: 'POST', body: JSON.stringify(bodyOf(pending, kept)) });
    } catch (reason) {
      // How old somebody is, their session says.
      if (reason instanceof Refused && (reason.status === 401 || reason.code === 'age_required')) this.session.drop(kept.token);
      if (reason instanceof Refused && reason.code === 'consent_required') this.session.change({ consent: null });
      throw reason;
    }
    if (kept.profile) this.session.change({ profile: null });
  }

  async #upload(upload: Upload, kept: Kept): Promise<string> {
    const form = new FormData();
    form.append('file', upload.file ?? new File([], upload.name), upload.name);
    const answer = await this.wire.call('attachments', kept.token, { method: 'POST', body: form });
    return ((await answer.json()) as { ticket: string }).ticket;
  }
}

/** The request for a message, as docs/web-chat.md says. */
export function bodyOf(pending: Pending, kept: Pick<Kept, 'profile'>): Record<string, unknown> {
  if (pending.choice) return { type: 'choice', id: pending.id, ...pending.choice, text: pending.text };
  const attachments = pending.uploads.map((upload) => upload.ticket);
  return {
    type: 'message',
    id: pending.id,
    ...(pending.text && { text: pending.text }),
    ...(attachments.length > 0 && { attachments }),
    ...(kept.profile && { profile: { ...kept.profile, language: navigator.language } }),
  };
}

/**
 * Keeps a draft on the server: a moment after it changes, and never so that something written is lost.
 *
 * Calls go one after the other, so a late answer never brings back what was removed. What another window or device wrote in the
 * meantime is joined with what is being written here.
 */
import { Problem } from '../api/problem';

/** A draft as the server has it. */
export interface Kept {
  text: string;
  subject: string | null;
  note: boolean;
  reply_to: string | null;
  attachment_ids: string[];
  updated_at: string;
}

export type Content = Omit<Kept, 'updated_at'>;

export interface Store {
  /** Null where there is none. */
  draft(conversation: string): Promise<Kept | null>;
  keepDraft(conversation: string, content: Content): Promise<Kept>;
  dropDraft(conversation: string): Promise<void>;
}

export const EMPTY: Content = { text: '', subject: null, note: false, reply_to: null, attachment_ids: [] };

export function isEmpty(content: Content): boolean {
  return content.text.trim() === '' && content.subject === null && content.attachment_ids.length === 0;
}

export function same(one: Content, other: Content): boolean {
  if (isEmpty(one) && isEmpty(other)) return true;
  return one.text === other.text && one.subject === other.subject && one.note === other.note && one.reply_to === other.reply_to && one.attachment_ids.join() === other.attachment_ids.join();
}

/**
 * What is here and what is there, made one. `base` is what was last known to be on both sides. What changed on one side only
 * is taken from there; where both sides changed, nobody's words are lost: the later ones stand below.
 */
export function merged(here: Content, there: Content, base: Content): Content {
  if (same(here, base) || same(here, there)) return there;
  if (same(there, base) || isEmpty(there)) return here;
  if (isEmpty(here)) return there;
  const text = here.text.includes(there.text) ? here.text : there.text.includes(here.text) ? there.text : `${there.text.trimEnd()}\n\n${here.text}`;
  return { ...here, text, subject: here.subject ?? there.subject, reply_to: here.reply_to ?? there.reply_to, attachment_ids: [...new Set([...there.attachment_ids, ...here.attachment_ids])] };
}

const PAUSE = 700;
const AGAIN = 5_000;

export interface Timer {
  /** Runs something later; answers how to prevent that. */
  later: (ms: number, run: () => void) => () => void;
}

const CLOCK: Timer = {
  later: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export class Keeper {
  /** What is known to be on the server. */
  #base: Content = EMPTY;
  #opened = false;
  #running = false;
  #again = false;
  #sending = 0;
  #prevent = () => {};

  constructor(
    readonly conversation: string,
    private readonly store: Store,
    private readonly here: { content(): Content; take(content: Content): void },
    private readonly timer: Timer = CLOCK,
  ) {}

  /** Looks what the server has; again whenever another window may have written. */
  async open(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return;
    }
    await this.#turn(async () => void (await this.#join()));
  }

  /** Something was written or taken away. */
  changed(): void {
    this.#prevent();
    this.#prevent = this.timer.later(PAUSE, () => void this.flush());
  }

  /** Brings the server up to date now. */
  async flush(): Promise<void> {
    this.#prevent();
    // Before it is known what the server has, writing over it could lose that.
    if (!this.#opened) return this.open();
    if (this.#running) {
      this.#again = true;
      return;
    }
    const content = this.here.content();
    // What was sent leaves the server only when the message is known to have been taken.
    if (same(content, this.#base) || (isEmpty(content) && this.#sending > 0)) return;
    await this.#turn(async () => {
      // Another window may have written since: what is written over must be known.
      const both = await this.#join();
      if (same(both, this.#base)) return;
      if (isEmpty(both)) await this.store.dropDraft(this.conversation);
      else await this.store.keepDraft(this.conversation, both);
      this.#base = both;
    });
  }

  /** Its content is on its way as a message; until that is done the server keeps it. */
  sending(done: Promise<unknown>): void {
    this.#sending += 1;
    const settled = () => {
      this.#sending -= 1;
      this.changed();
    };
    done.then(settled, settled);
  }

  stop(): void {
    this.#prevent();
  }

  /** Brings together what is here and what is there; answers what is here then. */
  async #join(): Promise<Content> {
    const there = (await this.store.draft(this.conversation)) ?? EMPTY;
    const here = this.here.content();
    const both = merged(here, there, this.#base);
    this.#base = there;
    this.#opened = true;
    if (!same(both, here)) this.here.take(both);
    return both;
  }

  async #turn(run: () => Promise<void>): Promise<void> {
    this.#running = true;
    let again = false;
    try {
      await run();
      again = this.#again || !same(this.here.content(), this.#base);
    } catch (reason) {
      // What cannot be kept now is kept later; what the server refuses is still here.
      if (Problem.of(reason).passing) this.#prevent = this.timer.later(AGAIN, () => void this.flush());
    } finally {
      this.#running = false;
      this.#again = false;
    }
    if (again) this.changed();
  }
}

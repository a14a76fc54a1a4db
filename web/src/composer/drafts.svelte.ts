/** What was begun and not sent, by conversation, while the app is open. */
import { SvelteMap } from 'svelte/reactivity';
import type { Attachment, Message } from '../api/model';
import type { Parloir } from '../api/parloir';
import { Problem } from '../api/problem';

/** A file on its way up, or there. */
export class Upload {
  attachment = $state<Attachment | null>(null);
  problem = $state<Problem | null>(null);

  constructor(readonly file: File, readonly key: string) {}

  async run(api: Pick<Parloir, 'attach'>): Promise<void> {
    this.problem = null;
    try {
      this.attachment = await api.attach(this.file, this.key);
    } catch (reason) {
      this.problem = Problem.of(reason);
    }
  }
}

export class Draft {
  text = $state('');
  note = $state(false);
  replyTo = $state<Message | null>(null);
  uploads = $state<Upload[]>([]);

  /** Whether there is something to send, and all of it is up. */
  ready = $derived(
    (this.text.trim() !== '' || this.uploads.length > 0) && this.uploads.every((upload) => upload.attachment !== null),
  );

  clear(): void {
    this.text = '';
    this.replyTo = null;
    this.uploads = [];
  }
}

export class Drafts {
  #by = new SvelteMap<string, Draft>();

  of(conversation: string): Draft {
    const known = this.#by.get(conversation);
    if (known) return known;
    const draft = new Draft();
    this.#by.set(conversation, draft);
    return draft;
  }

  /** Whether something was begun there. */
  has(conversation: string): boolean {
    const draft = this.#by.get(conversation);
    return draft !== undefined && (draft.text.trim() !== '' || draft.uploads.length > 0);
  }

  forget(conversation: string): void {
    this.#by.delete(conversation);
  }
}

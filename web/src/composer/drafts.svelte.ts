/** What was begun and not sent, by conversation: kept on the server, so that another window or device goes on with it. */
import { SvelteMap } from 'svelte/reactivity';
import type { Attachment, KeptDraft, Message, NewTemplate } from '../api/model';
import { isEmpty, Keeper, type Content, type Store } from './keep';
import { oneLine } from './subject';
import { Upload } from './upload.svelte';

export { Upload } from './upload.svelte';

/** A template that was chosen and filled in, instead of a text. */
export interface ChosenTemplate {
  order: NewTemplate;
  /** How it will read. */
  text: string;
}

export class Draft {
  text = $state('');
  /** What it is to be about, where that was changed; null: what the conversation is about. */
  subject = $state<string | null>(null);
  note = $state(false);
  replyTo = $state<Message | null>(null);
  uploads = $state<Upload[]>([]);

  /** Whether there is something to send, and all of it is up. */
  get ready(): boolean {
    return (this.text.trim() !== '' || this.uploads.length > 0) && this.uploads.every((upload) => upload.attachment !== null);
  }

  /** What of it the server keeps. Files count once they are up. */
  content(): Content {
    return {
      text: this.text,
      subject: oneLine(this.subject ?? '') || null,
      note: this.note,
      reply_to: this.replyTo?.id ?? null,
      attachment_ids: this.uploads.flatMap((upload) => upload.attachment?.id ?? []),
    };
  }

  clear(): void {
    this.text = '';
    this.subject = null;
    this.replyTo = null;
    for (const upload of this.uploads) upload.cancel();
    this.uploads = [];
  }
}

/** What drafts ask of the server. */
export interface DraftSource extends Store {
  drafts(): Promise<KeptDraft[]>;
  attachment(id: string): Promise<Attachment>;
}

export class Drafts {
  #by = new SvelteMap<string, Draft>();
  #keepers = new Map<string, Keeper>();
  /** Conversations in which the server keeps a draft of this member. */
  #kept = new SvelteMap<string, true>();

  constructor(
    private readonly api: DraftSource,
    /** A message of a thread, where that is known. */
    private readonly messageOf: (conversation: string, id: string) => Message | undefined = () => undefined,
  ) {}

  of(conversation: string): Draft {
    const known = this.#by.get(conversation);
    if (known) return known;
    const draft = new Draft();
    this.#by.set(conversation, draft);
    return draft;
  }

  /** Looks where drafts are, to mark them in the list. */
  async load(): Promise<void> {
    const drafts = await this.api.drafts().catch(() => null);
    if (!drafts) return;
    this.#kept.clear();
    for (const { conversation_id } of drafts) this.#kept.set(conversation_id, true);
  }

  /** Keeps what is written in a conversation from now on. */
  open(conversation: string): Keeper {
    const known = this.#keepers.get(conversation);
    const keeper = known ?? new Keeper(conversation, this.api, this.#hereOf(conversation));
    this.#keepers.set(conversation, keeper);
    void keeper.open();
    return keeper;
  }

  /** Whether something was begun there. */
  has(conversation: string): boolean {
    const draft = this.#by.get(conversation);
    const here = draft !== undefined && (draft.text.trim() !== '' || draft.subject !== null || draft.uploads.length > 0);
    return here || (this.#kept.has(conversation) && !this.#keepers.has(conversation));
  }

  /** Keeps at once what is not kept yet: the page may be closed. */
  flush(): void {
    for (const keeper of this.#keepers.values()) void keeper.flush();
  }

  forget(conversation: string): void {
    this.#keepers.get(conversation)?.stop();
    this.#keepers.delete(conversation);
    this.#kept.delete(conversation);
    this.#by.delete(conversation);
  }

  #hereOf(conversation: string) {
    const draft = this.of(conversation);
    return {
      content: () => draft.content(),
      take: (content: Content) => {
        draft.text = content.text;
        if (content.subject !== draft.content().subject) draft.subject = content.subject;
        if (!isEmpty(content)) draft.note = content.note;
        draft.replyTo = content.reply_to ? (this.messageOf(conversation, content.reply_to) ?? draft.replyTo) : null;
        this.#files(draft, content.attachment_ids);
      },
    };
  }

  /** Files that another window added are asked for; those still on their way up from here stay. */
  #files(draft: Draft, ids: readonly string[]): void {
    draft.uploads = draft.uploads.filter((upload) => !upload.attachment || ids.includes(upload.attachment.id));
    for (const id of ids) {
      if (draft.uploads.some((upload) => upload.attachment?.id === id)) continue;
      void this.api.attachment(id).then(
        (attachment) => {
          if (!draft.uploads.some((upload) => upload.attachment?.id === id)) draft.uploads.push(Upload.of(attachment));
        },
        () => undefined,
      );
    }
  }
}

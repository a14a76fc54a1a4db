/** Who is typing where. A signal that is not repeated fades, because the one that takes it back may never come. */
import { SvelteMap } from 'svelte/reactivity';
import type { Author, Typing } from '../api/model';

const FADES_AFTER = 7_000;

export class TypingSignals {
  #by = new SvelteMap<string, Author>();
  #timers = new Map<string, ReturnType<typeof setTimeout>>();

  in(conversation: string): Author | undefined {
    return this.#by.get(conversation);
  }

  told(typing: Typing, me: string): void {
    const byMember = typing.author?.kind === 'member' || Boolean(typing.member_id);
    const author: Author = typing.author ?? { kind: byMember ? 'member' : 'contact', id: typing.member_id ?? typing.contact_id };
    if (author.id === me) return;
    this.#clear(typing.conversation_id);
    if (typing.on === false) return;
    this.#by.set(typing.conversation_id, author);
    const timer = setTimeout(() => this.#clear(typing.conversation_id), FADES_AFTER);
    this.#timers.set(typing.conversation_id, timer);
  }

  /** A message ends its author's typing. */
  wrote(conversation: string, author: Author): void {
    if (this.#by.get(conversation)?.kind === author.kind) this.#clear(conversation);
  }

  #clear(conversation: string): void {
    clearTimeout(this.#timers.get(conversation));
    this.#timers.delete(conversation);
    this.#by.delete(conversation);
  }
}

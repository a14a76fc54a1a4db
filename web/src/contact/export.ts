/** Everything the API tells of one contact, in one document. Files are named, with the addresses at which members can fetch them. */
import type { Consent, Contact, Conversation, Message, MessagePage } from '../api/model';

export interface Source {
  contact(id: string): Promise<Contact>;
  consents(id: string): Promise<Consent[]>;
  conversations(id: string): Promise<Conversation[]>;
  messages(conversation: string, where: { cursor?: string; limit?: number }): Promise<MessagePage>;
}

export interface Copy {
  contact: Contact;
  consents: Consent[];
  conversations: (Conversation & { messages: Message[] })[];
}

/** Notes are the members' own words among themselves and not part of it. `told` hears how many messages are gathered. */
export async function gather(id: string, from: Source, told: (count: number) => void): Promise<Copy> {
  const [contact, consents, conversations] = await Promise.all([from.contact(id), from.consents(id), from.conversations(id)]);
  const whole: Copy['conversations'] = [];
  let count = 0;
  for (const conversation of conversations) {
    const messages: Message[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await from.messages(conversation.id, { cursor, limit: 100 });
      messages.unshift(...page.data.filter((message) => message.direction !== 'note'));
      told((count += page.data.length));
      if (!page.next) break;
      cursor = page.next;
    }
    whole.push({ ...conversation, last_message: messages.at(-1) ?? null, messages });
  }
  return { contact, consents, conversations: whole };
}

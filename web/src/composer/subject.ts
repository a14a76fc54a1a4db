/** What a mail is about, as the server has it (`crates/connect/src/mail/write/subject.rs`). */
import type { Message } from '../api/model';

/** The longest that is sent, in characters. */
const LONGEST = 400;

/** What stands before a subject that is answered, in lower case: the server's own list. */
export const ANSWERS: readonly string[] = [
  're', 'aw', 'r', 'rif', 'res', 'rv', 'ref', 'sv', 'vs', 'antw', 'antwort', 'odp', 'ynt', 'vá', 'ats', 'απ', 'σχετ', '回复', '回覆', '答复', '답장', 'הש', 'رد', 'отв',
];

/** Without line breaks, and no space too many. */
export const oneLine = (text: string) => text.replace(/\p{Cc}/gu, ' ').split(/\s+/u).filter(Boolean).join(' ');

/** Whether a subject says already that it answers. */
export function isAnswer(subject: string): boolean {
  const [begin, rest] = subject.split(/[:\uff1a]/u, 2);
  if (begin === undefined || rest === undefined) return false;
  const word = begin.trim().toLowerCase().split(/[[(]/u)[0] ?? '';
  return ANSWERS.includes(word.replace(/[\d^]+$/u, '').trim());
}

/** What a mail without a subject of its own goes out with after these messages; empty where nothing is known of that. */
export function going(messages: readonly Message[]): string {
  const said = messages.filter((message) => message.direction !== 'note');
  const last = said.findLast((message) => (message.subject ?? '').trim() !== '')?.subject ?? '';
  const subject = [...oneLine(last)].slice(0, LONGEST).join('');
  const answers = said.some((message) => message.direction === 'incoming' || ['sent', 'delivered', 'read'].includes(message.state));
  return subject && answers && !isAnswer(subject) ? `Re: ${subject}` : subject;
}

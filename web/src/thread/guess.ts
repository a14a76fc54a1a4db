/** How tall a row may be before anybody has seen it. The nearer the guess, the steadier the scroll bar. */
import type { Message } from '../api/model';
import type { Row } from './rows';

const LINE = 20;
const LETTER = 6.6;
const PADDING = 16;
const WIDEST = 560;
/** A text of more than so many letters is shown folded. */
export const FOLDED_FROM = 6_000;
export const FOLDED_LINES = 18;

/** In CSS pixels, where the thread is `width` wide. */
export function guess({ message, startsDay, starts, ends, firstUnread }: Row, width: number): number {
  let height = 4;
  if (startsDay) height += 52;
  if (firstUnread) height += 32;
  if (starts) height += message.direction === 'incoming' ? 10 : 28;
  if (ends) height += 18;
  if (message.failure) height += 36;
  if (message.reactions.length > 0) height += 16;
  return height + inside(message, Math.max(120, Math.min(WIDEST, width - 112) - 24));
}

function inside(message: Message, width: number): number {
  let height = PADDING;
  if (message.removed_at) return height + LINE;
  if (message.has_html) return height + 240;
  if (message.reply_to || message.quote) height += 24;
  for (const file of message.attachments) height += file.content_type.startsWith('image/') || file.content_type.startsWith('video/') ? 204 : 48;
  if (message.place) height += 60;
  height += (message.cards.length + message.buttons.length) * 40;
  return height + linesOf(message.text ?? '', width / LETTER) * LINE;
}

function linesOf(text: string, letters: number): number {
  if (text === '') return 0;
  if (text.length > FOLDED_FROM) return FOLDED_LINES + 1;
  return text.split('\n').reduce((lines, line) => lines + Math.max(1, Math.ceil(line.length / letters)), 0);
}

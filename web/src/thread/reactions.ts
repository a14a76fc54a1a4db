/** Reactions as they are shown: one mark for each emoji, with how many and whether one is the member's own. */
import type { Message } from '../api/model';

type Reaction = Message['reactions'][number];

/** What can be put on a message: few, and such as every channel with reactions takes. */
export const CHOICES = ['👍', '❤', '🎉', '😁', '😢', '🙏'] as const;

export interface Mark {
  emoji: string;
  by: Reaction[];
  mine: boolean;
}

/** In the order in which each emoji was first used. `me` is the member who looks. */
export function marks(reactions: readonly Reaction[], me: string): Mark[] {
  const found = new Map<string, Mark>();
  for (const reaction of reactions) {
    const emoji = plain(reaction.emoji);
    const mark = found.get(emoji) ?? { emoji, by: [], mine: false };
    mark.by.push(reaction);
    mark.mine ||= reaction.author_kind === 'member' && reaction.author_id === me;
    found.set(emoji, mark);
  }
  return [...found.values()];
}

/** Without the selector that asks for a coloured picture: some channels send it, some do not. */
function plain(emoji: string): string {
  return emoji.replace(/\uFE0F/g, '');
}

/** The views of the inbox: which conversations each asks for, and which it shows. Both must agree. */
import type { Conversation } from '../api/model';
import type { Query } from '../api/parloir';

export const VIEWS = ['open', 'mine', 'unassigned', 'all', 'resolved'] as const;
export type View = (typeof VIEWS)[number];

export function isView(name: string): name is View {
  return (VIEWS as readonly string[]).includes(name);
}

/** What the server is asked for. */
export function queryOf(view: View): Query {
  switch (view) {
    case 'open': return { status: 'open' };
    case 'mine': return { status: 'open', assignee: 'me' };
    case 'unassigned': return { status: 'open', assignee: 'none' };
    case 'resolved': return { status: 'resolved' };
    case 'all': return {};
  }
}

export function shows(view: View, conversation: Conversation, me: string): boolean {
  const open = conversation.status === 'open';
  switch (view) {
    case 'open': return open;
    case 'mine': return open && conversation.assignee_id === me;
    case 'unassigned': return open && !conversation.assignee_id;
    case 'resolved': return conversation.status === 'resolved';
    case 'all': return true;
  }
}

/** The moment a conversation is ordered by, in milliseconds: texts of moments do not sort where zeros are left out. */
export function movedAt(conversation: Conversation): number {
  return Date.parse(conversation.active_at) || 0;
}

/** Latest first. */
export function byMovement(one: Conversation, other: Conversation): number {
  return movedAt(other) - movedAt(one) || (one.id < other.id ? 1 : one.id > other.id ? -1 : 0);
}

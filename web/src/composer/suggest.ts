/** What is offered for what is being typed: canned replies after `/`, members after `@`. */
import type { App } from '../app.svelte';
import type { CannedReply, Conversation, Member } from '../api/model';
import { fill, type Filled } from './fill';
import type { Suggestion } from './Suggestions.svelte';
import { fitting, type Trigger } from './trigger';

type Known = Pick<App, 'members' | 'workplace' | 'session'>;
const MOST = 30;

/** Those for everybody, those of the conversation's team, and those of the member's own teams. */
export function repliesFor(app: Known, conversation: Pick<Conversation, 'team_id'>): CannedReply[] {
  const mine = app.workplace.teams.filter((team) => team.member_ids.includes(app.session.memberId)).map((team) => team.id);
  return app.workplace.canned.filter((one) => !one.team_id || one.team_id === conversation.team_id || mine.includes(one.team_id));
}

export function filled(app: Known, conversation: Conversation, text: string): Filled {
  const me = app.session.me;
  return fill(text, { contact: { name: conversation.contact?.name }, member: { name: me?.member.name }, workspace: { name: me?.workspace.name } });
}

export interface Offered extends Suggestion {
  /** What takes the place of the word. */
  text: string;
}

export function offered(app: Known, conversation: Conversation, trigger: Trigger): Offered[] {
  if (trigger.mark === '/') {
    return fitting(repliesFor(app, conversation), trigger.word, (one) => [one.shortcut], (one) => one.text)
      .slice(0, MOST)
      .map((one) => ({ key: one.id, label: `/${one.shortcut}`, hint: filled(app, conversation, one.text).text.replace(/\s+/g, ' '), text: filled(app, conversation, one.text).text }));
  }
  const others = app.members.filter((one: Member) => one.id !== app.session.memberId && one.state === 'active');
  return fitting(others, trigger.word, (one) => [one.name, ...one.name.split(/\s+/)], (one) => one.email)
    .slice(0, MOST)
    .map((one) => ({ key: one.id, label: one.name, hint: one.email, avatar: one.name, text: `@${one.name}` }));
}

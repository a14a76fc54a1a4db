/** To whom conversations can be given: a member, a team, nobody. One list for both, as one thinks of it. */
import UserRoundX from '@lucide/svelte/icons/user-round-x';
import Users from '@lucide/svelte/icons/users';
import type { App } from '../app.svelte';
import type { ConversationChange } from '../api/model';
import type { Option } from '../controls/options';
import { t } from '../text/text';

type Known = Pick<App, 'members' | 'workplace' | 'session'>;

export function assigneeOptions(app: Known): Option[] {
  const me = app.session.memberId;
  const members = app.members.filter((member) => member.state === 'active' && ['owner', 'admin', 'agent'].includes(member.role));
  return [
    ...members.filter((one) => one.id === me).map((one) => ({ key: one.id, label: one.name, hint: t.inbox.you, avatar: one.name })),
    { key: 'nobody', label: t.thread.unassigned, icon: UserRoundX },
    ...members.filter((one) => one.id !== me).map((one) => ({ key: one.id, label: one.name, avatar: one.name })),
    ...app.workplace.teams.map((team) => ({ key: `team:${team.id}`, label: team.name, hint: t.filters.team, icon: Users })),
    ...(app.workplace.teams.length > 0 ? [{ key: 'team:', label: t.filters.noTeam, icon: Users }] : []),
  ];
}

export function changeOf(key: string): ConversationChange {
  if (key.startsWith('team:')) return { team_id: key.slice('team:'.length) || null };
  return { assignee_id: key === 'nobody' ? null : key };
}

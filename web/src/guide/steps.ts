/** The first steps of a workspace, and which are done: told by what is there, never by what was pressed. */
import type { Channel, Conversation, Member } from '../api/model';
import { may } from '../settings/rights';

export type StepName = 'channel' | 'message' | 'answer' | 'invite' | 'hours';

export interface Step {
  name: StepName;
  done: boolean;
}

export interface Facts {
  role: string | undefined;
  channels: readonly Pick<Channel, 'state' | 'disconnected_at'>[];
  conversations: readonly Pick<Conversation, 'status' | 'last_message' | 'waiting_since'>[];
  /** How many there are, of which the list may know only some. */
  count: number;
  members: readonly Pick<Member, 'id'>[];
  /** How many days have hours; null while that is not known. */
  days: number | null;
}

export function stepsOf(facts: Facts): Step[] {
  const written = facts.count > 0 || facts.conversations.length > 0;
  const steps: (Step & { offered: boolean })[] = [
    { name: 'channel', done: facts.channels.some((one) => !one.disconnected_at && one.state === 'ready'), offered: may(facts.role, 'manage_channels') },
    { name: 'message', done: written, offered: may(facts.role, 'read_conversations') },
    { name: 'answer', done: facts.conversations.some(answered), offered: may(facts.role, 'write_conversations') },
    { name: 'invite', done: facts.members.length > 1, offered: may(facts.role, 'manage_members') },
    { name: 'hours', done: (facts.days ?? 0) > 0, offered: may(facts.role, 'manage_workspace') },
  ];
  return steps.filter((one) => one.offered).map(({ name, done }) => ({ name, done }));
}

/** Nobody waits for an answer any more. */
function answered({ status, last_message, waiting_since }: Facts['conversations'][number]): boolean {
  return last_message?.direction === 'outgoing' || status === 'resolved' || waiting_since === null;
}

/** The one that comes next: the first that is not done. */
export function nextOf(steps: readonly Step[]): StepName | null {
  return steps.find((one) => !one.done)?.name ?? null;
}

/** The line by which an API channel is tried: what is in capitals is put in by hand. */
export function trial(hook: string): string {
  return [
    `SECRET=whsec_…; HOOK=${hook}`,
    `BODY='{"type":"message.created","data":{"id":"m-1","contact":{"id":"u-1","name":"Anna"},"text":"Ciao"}}'`,
    'ID=evt_$(date +%s); TS=$(date +%s)',
    `KEY=$(printf %s "\${SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \\n')`,
    'SIG=$(printf %s "$ID.$TS.$BODY" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | base64)',
    'curl "$HOOK" -H "webhook-id: $ID" -H "webhook-timestamp: $TS" -H "webhook-signature: v1,$SIG" -H "Content-Type: application/json" --data-binary "$BODY"',
  ].join('\n');
}

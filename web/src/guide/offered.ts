/** Whether the way to the first steps is shown: while a workspace is empty, to whoever can take them, unless they have hidden it. */
import type { App } from '../app.svelte';
import { may } from '../settings/rights';

type Known = { session: Pick<App['session'], 'me'>; channels: Pick<App['channels'], 'all' | 'loaded'>; workplace: Pick<App['workplace'], 'counts'> };

export function offersGuide({ session, channels, workplace }: Known): boolean {
  if (!may(session.me?.member.role, 'manage_channels') || session.me?.preferences.guide === 'dismissed' || !channels.loaded) return false;
  return channels.all.every((one) => one.disconnected_at) || workplace.counts?.all.count === 0;
}

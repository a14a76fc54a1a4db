/** One label put on, or taken off, many conversations. */
import type { App } from '../app.svelte';
import type { Conversation } from '../api/model';
import { withLabels } from '../contact/labels';
import { t } from '../text/text';
import { alike } from './filter';

/** The labels that all of them have. */
export function labelled(all: readonly Conversation[]): string[] {
  const [one, ...others] = all;
  return (one?.labels ?? []).filter((label) => others.every((other) => other.labels.some((its) => alike(its, label))));
}

/** What each comes to have, gathered where that is the same. Off only where all of them have it. */
export function relabelled(all: readonly Conversation[], label: string): { ids: string[]; labels: string[] }[] {
  const off = labelled(all).some((one) => alike(one, label));
  const groups = new Map<string, { ids: string[]; labels: string[] }>();
  for (const one of all) {
    const labels = off ? one.labels.filter((its) => !alike(its, label)) : withLabels(one.labels, label.replaceAll(',', ' '));
    if (labels.join() === one.labels.join()) continue;
    const key = JSON.stringify(labels);
    const group = groups.get(key) ?? { ids: [], labels };
    group.ids.push(one.id);
    groups.set(key, group);
  }
  return [...groups.values()];
}

export async function labelAll(app: App, all: readonly Conversation[], label: string): Promise<void> {
  const groups = relabelled(all, label);
  const before = all.map(({ id, labels }) => ({ ids: [id], change: { labels } }));
  const count = groups.reduce((sum, group) => sum + group.ids.length, 0);
  const done = await app.attempt(Promise.all(groups.map(({ ids, labels }) => app.inbox.changeMany(ids, { labels }))));
  if (done && count > 0) app.notices.done(t.bulk.labelled(count), { label: t.bulk.undo, run: () => void app.attempt(app.inbox.undo(before)) });
  app.workplace.recount();
}

/** Commands about the list itself: in which order it is, and what of it is shown. */
import ArrowDownWideNarrow from '@lucide/svelte/icons/arrow-down-wide-narrow';
import ListFilter from '@lucide/svelte/icons/list-filter';
import type { App } from '../app.svelte';
import type { Choice, Command } from '../palette/commands.svelte';
import { t } from '../text/text';
import { facetOptions } from './facet-names';
import { facetsOf, turned } from './facets';
import { SORTS } from './filter';

export function listCommands(app: App): Command[] {
  const view = app.route.view;
  const added = app.inbox.refinement(view);
  const filter = app.inbox.filter(view);
  const orders = () => SORTS.map((sort): Choice => ({ id: sort, label: t.filters.sorts[sort], chosen: (filter.sort ?? 'active') === sort, run: () => app.inbox.refine(view, { ...added, sort }) }));
  const facets = () => {
    const on = facetsOf(filter);
    return facetOptions(app).map(({ key, label, hint, words }): Choice => ({ id: key, label, hint, words, chosen: on.includes(key), run: () => app.inbox.refine(view, turned(added, key)) }));
  };
  const clear: Command = { id: 'clear-filter', group: 'list', label: t.palette.clearFilter, icon: ListFilter, run: () => app.inbox.refine(view, {}) };
  return [
    { id: 'filter', group: 'list', label: t.filters.filter, icon: ListFilter, keys: ['f'], choices: facets },
    { id: 'sort', group: 'list', label: t.filters.sort, icon: ArrowDownWideNarrow, choices: orders },
    ...(Object.keys(added).length > 0 ? [clear] : []),
  ];
}

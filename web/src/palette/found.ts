/** What the palette shows for what was typed. */
import { score } from '../controls/fuzzy';
import { GROUPS, type Choice, type Command, type Group } from './commands.svelte';

export interface Section<T> {
  /** Null where what fits best is shown without its groups. */
  group: Group | null;
  items: T[];
}

/** While nothing is typed everything by its group; then what fits, the best first. */
export function foundCommands(commands: readonly Command[], typed: string): Section<Command>[] {
  const offered = unique(commands.filter((command) => !command.silent));
  if (typed.trim()) return [{ group: null, items: best(offered, typed) }];
  return GROUPS.map((group) => ({ group, items: offered.filter((command) => command.group === group) })).filter(({ items }) => items.length > 0);
}

export function foundChoices(choices: readonly Choice[], typed: string): Section<Choice>[] {
  return [{ group: null, items: typed.trim() ? best(choices, typed) : [...choices] }];
}

/** Offered twice, by what is nearer first: the nearer one holds. */
function unique(commands: readonly Command[]): Command[] {
  return [...new Map([...commands].reverse().map((command) => [command.id, command])).values()].reverse();
}

function best<T extends Choice>(items: readonly T[], typed: string): T[] {
  return items
    .map((item, at) => ({ item, at, points: Math.max(score(typed, item.label), ...(item.words?.split(', ') ?? []).map((word) => score(typed, word) * 0.7)) }))
    .filter(({ points }) => points > 0)
    .sort((one, other) => other.points - one.points || one.at - other.at)
    .map(({ item }) => item);
}

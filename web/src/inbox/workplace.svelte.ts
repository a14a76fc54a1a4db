/** What a workspace files its conversations under, and the replies it keeps: teams, labels, canned replies; with how many are where. */
import type { CannedReply, Counts, Label, Team } from '../api/model';
import { alike } from './filter';

export interface WorkplaceSource {
  teams(): Promise<Team[]>;
  labels(): Promise<Label[]>;
  cannedReplies(): Promise<CannedReply[]>;
  counts(): Promise<Counts>;
}

/** Counts are asked for at most so often, however much happens. */
const PAUSE = 2_000;

export class Workplace {
  teams = $state<Team[]>([]);
  labels = $state<Label[]>([]);
  canned = $state<CannedReply[]>([]);
  counts = $state<Counts | null>(null);
  #due: ReturnType<typeof setTimeout> | undefined;
  #countedAt = 0;

  constructor(
    private readonly api: WorkplaceSource,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async load(): Promise<void> {
    this.recount();
    await Promise.allSettled([
      this.api.teams().then((all) => (this.teams = all)),
      this.api.labels().then((all) => (this.labels = all)),
      this.api.cannedReplies().then((all) => (this.canned = all)),
    ]);
  }

  /** Something may count differently now. */
  recount(): void {
    if (this.#due !== undefined) return;
    const wait = Math.max(0, this.#countedAt + PAUSE - this.now());
    this.#due = setTimeout(() => {
      this.#due = undefined;
      this.#countedAt = this.now();
      this.api.counts().then((counts) => (this.counts = counts), () => undefined);
    }, wait);
  }

  team(id: string | null | undefined): Team | undefined {
    return id ? this.teams.find((team) => team.id === id) : undefined;
  }

  /** A label as it is shown. Those that only conversations know have no tone of their own. */
  label(name: string): Label | undefined {
    return this.labels.find((label) => alike(label.name, name));
  }

  stop(): void {
    clearTimeout(this.#due);
    this.#due = undefined;
  }
}

/** Messages that are to be sent later, and those held back for the seconds in which they can be taken back. */
import { SvelteMap } from 'svelte/reactivity';
import type { Scheduled, ScheduledChange } from '../api/model';
import { Problem } from '../api/problem';

export interface PlannedSource {
  ownScheduled(): Promise<Scheduled[]>;
  scheduled(conversation: string): Promise<Scheduled[]>;
  changeScheduled(id: string, change: ScheduledChange): Promise<Scheduled>;
  takeBackScheduled(id: string): Promise<Scheduled>;
}

export class Planned {
  #held = new SvelteMap<string, Scheduled>();

  constructor(private readonly api: PlannedSource) {}

  /** Those of a conversation, the next one first. */
  in(conversation: string): Scheduled[] {
    return [...this.#held.values()].filter((one) => one.conversation_id === conversation).sort((one, other) => Date.parse(one.send_at) - Date.parse(other.send_at));
  }

  /** Whether something is planned there, and whether something could not be sent. */
  mark(conversation: string): 'failed' | 'waiting' | null {
    const all = this.in(conversation);
    if (all.some((one) => one.failure)) return 'failed';
    return all.length > 0 ? 'waiting' : null;
  }

  told(scheduled: Scheduled): void {
    // What was taken back is told of with its ids alone.
    if (scheduled.state !== 'waiting' && scheduled.state !== 'failed') this.#held.delete(scheduled.id);
    else this.#held.set(scheduled.id, scheduled);
  }

  /** Looks where the member has something planned, to mark it in the list. */
  loadOwn(): Promise<void> {
    return this.api.ownScheduled().then((all) => all.forEach((one) => this.told(one)), () => undefined);
  }

  load(conversation: string): Promise<void> {
    return this.api.scheduled(conversation).then((all) => {
      for (const one of this.in(conversation)) if (!all.some((other) => other.id === one.id)) this.#held.delete(one.id);
      for (const one of all) this.told(one);
    }, () => undefined);
  }

  async change(id: string, change: ScheduledChange): Promise<void> {
    this.told(await this.api.changeScheduled(id, change));
  }

  /** Answers what was in it; null when it was sent already. */
  async takeBack(id: string): Promise<Scheduled | null> {
    const known = this.#held.get(id);
    try {
      const back = await this.api.takeBackScheduled(id);
      this.#held.delete(id);
      return { ...known, ...back };
    } catch (reason) {
      if (![404, 409, 410].includes(Problem.of(reason).status)) throw reason;
      this.#held.delete(id);
      return null;
    }
  }

  forget(conversation: string): void {
    for (const one of this.in(conversation)) this.#held.delete(one.id);
  }
}

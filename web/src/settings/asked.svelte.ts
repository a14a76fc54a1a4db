/** Something that a page of the settings asks the server for, and how that went. */
import { Problem } from '../api/problem';

/** `absent`: this server's version has no such thing. `forbidden`: it is for other roles. */
export type AskedState = 'waiting' | 'here' | 'absent' | 'forbidden' | 'failed';

export class Asked<T> {
  value = $state.raw<T | null>(null);
  state = $state<AskedState>('waiting');
  why = $state('');
  #last = 0;

  constructor(private readonly call: () => Promise<T>) {
    void this.load();
  }

  /** What is there stays while it is asked for anew. */
  async load(): Promise<void> {
    const asked = (this.#last += 1);
    try {
      const value = await this.call();
      // Of several at once the one asked last counts, whichever is answered last.
      if (asked !== this.#last) return;
      this.value = value;
      this.state = 'here';
    } catch (reason) {
      if (asked !== this.#last) return;
      const problem = Problem.of(reason);
      this.why = problem.message;
      if (this.value === null || problem.status === 403) this.state = stateOf(problem.status);
    }
  }
}

/** A collection that is not there is not there for anybody; a method that is not taken, or not yet, is none either. */
export function stateOf(status: number): AskedState {
  if ([404, 405, 501].includes(status)) return 'absent';
  return status === 403 ? 'forbidden' : 'failed';
}

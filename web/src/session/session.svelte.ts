/** Who is signed in. */
import type { Me } from '../api/model';
import type { Parloir } from '../api/parloir';
import { Problem } from '../api/problem';

/** The one word that outlives a page: why it began anew. Gone with the tab. */
const WHY = 'parloir.ended';

export class Session {
  /** `undefined` until the server has been asked; null when nobody is signed in. */
  me = $state<Me | null | undefined>(undefined);
  /** Set when the server could not be asked at all. */
  problem = $state<Problem | null>(null);
  /** The session came to its end by itself: whoever worked here is told so. */
  readonly expired = taken();

  constructor(private readonly api: Pick<Parloir, 'me' | 'signIn' | 'signOut'>) {}

  get memberId(): string {
    return this.me?.member.id ?? '';
  }

  async restore(): Promise<void> {
    try {
      this.me = await this.api.me();
      this.problem = null;
    } catch (reason) {
      const problem = Problem.of(reason);
      if (problem.passing) this.problem = problem;
      else {
        this.me = null;
        this.problem = null;
      }
    }
  }

  /** Throws the problem that the form shows; one with the code `second_factor` asks for `code`. */
  async signIn(email: string, password: string, code?: string): Promise<void> {
    this.me = await this.api.signIn(email, password, code);
  }

  async signOut(): Promise<void> {
    await this.api.signOut().catch(() => undefined);
    this.ended(false);
  }

  ended(expired: boolean): void {
    if (expired && this.me) remember();
    this.me = null;
  }
}

function remember(): void {
  try {
    sessionStorage.setItem(WHY, 'expired');
  } catch {
    // Then the form says nothing of it.
  }
}

function taken(): boolean {
  try {
    const why = sessionStorage.getItem(WHY);
    sessionStorage.removeItem(WHY);
    return why === 'expired';
  } catch {
    return false;
  }
}

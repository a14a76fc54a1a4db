/** Who is signed in. */
import type { Me } from '../api/model';
import type { Parloir } from '../api/parloir';
import { Problem } from '../api/problem';

export class Session {
  /** `undefined` until the server has been asked; null when nobody is signed in. */
  me = $state<Me | null | undefined>(undefined);
  /** Set when the server could not be asked at all. */
  problem = $state<Problem | null>(null);

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
      else this.me = null;
    }
  }

  /** Throws the problem that the form shows. */
  async signIn(email: string, password: string): Promise<void> {
    this.me = await this.api.signIn(email, password);
  }

  async signOut(): Promise<void> {
    await this.api.signOut().catch(() => undefined);
    this.ended();
  }

  ended(): void {
    this.me = null;
  }
}

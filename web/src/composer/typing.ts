/** Tells the server that this member is typing: at the first key, again every few seconds, and when it stops. */
const REPEAT = 4_000;
const STOPPED = 5_000;

export class TypingTeller {
  #told = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly tell: (on: boolean) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  typed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.stop(), STOPPED);
    if (this.#told !== 0 && this.now() - this.#told < REPEAT) return;
    this.#told = this.now();
    this.tell(true);
  }

  stop(): void {
    clearTimeout(this.#timer);
    if (this.#told === 0) return;
    this.#told = 0;
    this.tell(false);
  }
}

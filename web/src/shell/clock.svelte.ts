/** The time, told twice a minute, so that "5m" grows old by itself. */
export class Clock {
  /** Milliseconds since 1970. */
  now = $state(Date.now());

  constructor() {
    setInterval(() => (this.now = Date.now()), 30_000);
  }

  moment(): string {
    return new Date().toISOString();
  }
}

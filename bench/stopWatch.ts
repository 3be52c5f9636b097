/** Adds up the time between starts and stops. */
export class StopWatch {
  #started: number | undefined;
  #milliseconds = 0;

  /** So far. */
  get seconds(): number {
    return (this.#milliseconds + this.#running()) / 1000;
  }

  /** Runs on if it runs already. */
  start(): void {
    this.#started ??= performance.now();
  }

  /** Nothing happens if it does not run. */
  stop(): void {
    this.#milliseconds += this.#running();
    this.#started = undefined;
  }

  #running(): number {
    return this.#started === undefined ? 0 : performance.now() - this.#started;
  }
}

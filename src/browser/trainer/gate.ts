/** Holds a training while it is paused. */
export class Gate {
  #opened: Promise<void> | undefined;
  #open: () => void = () => undefined;
  /** Spent closed, in milliseconds. */
  #closedTime = 0;
  #closedAt = 0;

  close(): void {
    if (this.#opened) return;
    this.#closedAt = performance.now();
    this.#opened = new Promise((resolve) => (this.#open = resolve));
  }

  open(): void {
    if (!this.#opened) return;
    this.#closedTime += performance.now() - this.#closedAt;
    this.#opened = undefined;
    this.#open();
  }

  get closed(): boolean {
    return this.#opened !== undefined;
  }

  /** The time now, in milliseconds, with a clock that stands still while the gate is closed. */
  now(): number {
    return (this.closed ? this.#closedAt : performance.now()) - this.#closedTime;
  }

  /** Waits until the gate is open. */
  async pass(): Promise<void> {
    while (this.#opened) await this.#opened;
  }
}

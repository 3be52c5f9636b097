/** Holds a training while it is paused, and lets messages in while it is not. */

/** For so long, in milliseconds, a thread that trains by itself hears nothing from the page. */
const HEARING = 25;

export class Gate {
  #opened: Promise<void> | undefined;
  #open: () => void = () => undefined;
  #heard = performance.now();
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
    // Where there are no other threads, training leaves no gap in which a message could come through.
    if (performance.now() - this.#heard > HEARING) {
      await nextTask();
      this.#heard = performance.now();
    }
    while (this.#opened) await this.#opened;
  }
}

/** Sooner than a timer, whose delay is at least 4 ms when it is used again and again. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

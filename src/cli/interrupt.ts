/** Ctrl-C, and the request to end that other programs send. */

/** Why work was given up: the reason of the signal of {@link listenForInterrupts}. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

export interface Interrupts {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** From here on they end the process at once again. */
  readonly stopListening: () => void;
}

/** What processes that are ended by a signal exit with, by the custom of shells: 128 and the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

type Signal = keyof typeof EXIT_CODES;

/** Interrupts what listens at the moment. @returns false if it has been already */
let interruptListener: (() => boolean) | undefined;

/** The first signal that has come. */
let received: Signal | undefined;

/** The exit code of a process whose work was interrupted. */
export function interruptedCode(): number {
  return EXIT_CODES[received ?? 'SIGINT'];
}

/**
 * From here on SIGINT and SIGTERM interrupt the work that listens. Without any, or the second time, they end the process at once;
 * but its temporary files are removed, which is not so where nobody listens to the signal.
 */
export function handleSignals(): void {
  for (const signal of Object.keys(EXIT_CODES) as Signal[]) {
    process.on(signal, () => {
      received ??= signal;
      if (!interruptListener?.()) process.exit(EXIT_CODES[signal]);
    });
  }
}

/** Interrupts work that can end in good order, as the first Ctrl-C does. @returns false if there is none */
export function interruptWork(): boolean {
  interruptListener?.();
  return interruptListener !== undefined;
}

/**
 * Lets work end in good order.
 * @param onInterrupt is called when the first signal arrives; `again` is what ends the process at once
 */
export function listenForInterrupts(onInterrupt: (again: string) => void): Interrupts {
  const controller = new AbortController();
  interruptListener = () => {
    if (controller.signal.aborted) return false;
    controller.abort(new Interrupted('interrupted'));
    onInterrupt(received === 'SIGTERM' ? 'SIGTERM' : 'Ctrl-C');
    return true;
  };
  return {
    signal: controller.signal,
    stopListening: () => {
      interruptListener = undefined;
    },
  };
}

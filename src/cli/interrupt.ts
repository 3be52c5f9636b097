/** Ctrl-C, and the request to end that other programs send. */

/** Why work was given up: the reason of the signal of {@link listenForInterrupts}. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

export interface Interrupts {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** From here on they end the process at once again, as usual. */
  readonly stopListening: () => void;
}

/** Interrupts what listens at the moment. */
let interruptListener: (() => void) | undefined;

/** Interrupts work that can end in good order, as the first Ctrl-C does. @returns false if there is none */
export function interruptWork(): boolean {
  interruptListener?.();
  return interruptListener !== undefined;
}

/**
 * Lets work end in good order. A second signal ends the process at once, with exit code 130.
 * @param onInterrupt is called when the first arrives
 */
export function listenForInterrupts(onInterrupt: () => void): Interrupts {
  const controller = new AbortController();
  interruptListener = () => {
    if (controller.signal.aborted) return;
    controller.abort(new Interrupted('interrupted'));
    onInterrupt();
  };
  const listener = (): void => {
    if (controller.signal.aborted) process.exit(130);
    interruptListener?.();
  };
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
  return {
    signal: controller.signal,
    stopListening: () => {
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
      interruptListener = undefined;
    },
  };
}

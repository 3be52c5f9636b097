/** Calls across a message port: one end asks, the other answers; besides, the answering end can tell of events. */

/** A worker, seen from either side. */
export interface Port {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

/** What can be called: functions whose arguments and results can be cloned. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the arguments of any function
export type Calls<T> = { readonly [K in keyof T]: (...args: any[]) => Promise<unknown> };

type Message<E> =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly args: readonly unknown[] }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly name: string; readonly message: string }
  | { readonly kind: 'event'; readonly event: E };

/** A failure on the other side. Its name is that of the error's class there. */
export class RemoteError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** The asking end. */
export class Caller<C extends Calls<C>, E> {
  readonly #port: Port;
  readonly #pending = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  #next = 0;
  #failure: Error | undefined;

  constructor(port: Port, onEvent: (event: E) => void) {
    this.#port = port;
    port.addEventListener('message', ({ data }: MessageEvent<Message<E>>) => {
      if (data.kind === 'event') onEvent(data.event);
      if (data.kind !== 'result' && data.kind !== 'failure') return;
      const pending = this.#pending.get(data.id);
      this.#pending.delete(data.id);
      if (data.kind === 'result') pending?.resolve(data.value);
      else pending?.reject(new RemoteError(data.name, data.message));
    });
  }

  /** @throws RemoteError if it throws over there; the reason given to `fail` */
  call<K extends keyof C & string>(name: K, ...args: Parameters<C[K]>): ReturnType<C[K]> {
    const answer = new Promise((resolve, reject) => {
      if (this.#failure) {
        reject(this.#failure);
        return;
      }
      const id = this.#next++;
      this.#pending.set(id, { resolve, reject });
      this.#port.postMessage({ kind: 'call', id, name, args } satisfies Message<E>);
    });
    return answer as ReturnType<C[K]>;
  }

  /** The other end is gone: whatever is or will be asked fails. */
  fail(error: Error): void {
    this.#failure = error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

/** The answering end. @param describe  turns what was thrown into what people are told */
export function answer<C extends Calls<C>>(
  port: Port,
  calls: C,
  describe: (error: unknown) => { readonly name: string; readonly message: string },
): (event: unknown) => void {
  const post = (message: Message<unknown>): void => {
    port.postMessage(message);
  };
  port.addEventListener('message', ({ data }: MessageEvent<Message<unknown>>) => {
    if (data.kind !== 'call') return;
    const { id, name, args } = data;
    const run = async (): Promise<unknown> => calls[name as keyof C](...args);
    run().then(
      (value) => {
        post({ kind: 'result', id, value });
      },
      (error: unknown) => {
        post({ kind: 'failure', id, ...describe(error) });
      },
    );
  });
  return (event) => {
    post({ kind: 'event', event });
  };
}

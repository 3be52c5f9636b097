/** How many batches are asked for before the first is waited for, so that the engine never waits for its host. */
const DEPTH = 3;

/** Something that has been started. */
export interface Started<T> {
  readonly result: Promise<T>;
}

/**
 * Starts tasks one after the other and hands over their results in order, with a few under way at a time. Returns when there is
 * nothing left to start and nothing under way any more; after a failure, nothing more is started.
 * @param start  starts the next task; nothing if there is none left. As long as it makes one wait, nothing is started
 */
export async function pipeline<T>(
  start: (index: number) => Started<T> | undefined | Promise<Started<T> | undefined>,
  done: (result: T, index: number) => void,
): Promise<void> {
  const underWay: Promise<T>[] = [];
  let started = 0;
  let finished = 0;
  let more = true;
  try {
    for (;;) {
      while (more && underWay.length < DEPTH) {
        const given = start(started);
        const task = given instanceof Promise ? await given : given;
        if (!task) {
          more = false;
          break;
        }
        started++;
        // It is waited for below; but it may fail while `start` keeps us waiting.
        task.result.catch(() => undefined);
        underWay.push(task.result);
      }
      const next = underWay.shift();
      if (!next) return;
      done(await next, finished++);
    }
  } finally {
    await Promise.allSettled(underWay);
  }
}

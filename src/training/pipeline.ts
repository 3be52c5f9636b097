/** How many batches are asked for before the first is waited for, so that the engine never waits for its host. */
const DEPTH = 3;

/**
 * Starts `count` tasks one after the other and hands over their results in order, with a few under way at a time.
 * Stops starting when `go` says so or one fails, and returns when nothing is under way any more. As long as `go` makes
 * it wait, nothing is started.
 */
export async function pipeline<T>(
  count: number,
  start: (index: number) => Promise<T>,
  done: (result: T, index: number) => void,
  go: (index: number) => boolean | Promise<boolean> = () => true,
): Promise<void> {
  const underWay: Promise<T>[] = [];
  let started = 0;
  let finished = 0;
  try {
    for (;;) {
      while (started < count && underWay.length < DEPTH) {
        const may = go(started);
        if (!(typeof may === 'boolean' ? may : await may)) break;
        const task = start(started++);
        // It is waited for below; but it may fail while `go` keeps us waiting.
        task.catch(() => undefined);
        underWay.push(task);
      }
      const next = underWay.shift();
      if (!next) return;
      done(await next, finished++);
    }
  } finally {
    await Promise.allSettled(underWay);
  }
}

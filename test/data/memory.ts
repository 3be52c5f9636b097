/** What arrays take of the memory while something is done. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** @returns what `work` comes to, and the most bytes that arrays had more than before it, looked at whenever it waited */
export async function peakOfArrays<T>(work: () => Promise<T>): Promise<{ result: T; peak: number }> {
  // What earlier tests left behind would be freed meanwhile, and hide as much. V8 frees arrays behind a collection, at the next at the latest.
  collect();
  collect();
  const bytes = (): number => process.memoryUsage().arrayBuffers;
  const before = bytes();
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, bytes() - before);
  }, 1);
  try {
    const result = await work();
    return { result, peak };
  } finally {
    clearInterval(watch);
  }
}

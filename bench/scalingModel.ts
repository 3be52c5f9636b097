/** How a training step would share out among threads, on paper: from what each call takes on one, and how many items it has. Pure. */

export interface SharedCall {
  readonly label: string;
  readonly kernel: string;
  /** How much there is to share out, in parts that take equally long. */
  readonly items: number;
  /** All of it in one thread. */
  readonly seconds: number;
  /** What it must read and write at least. */
  readonly bytes: number;
  /** Whether the threads meet behind it. */
  readonly meets: boolean;
}

/** The memory that all threads share. */
export interface SharedMemory {
  /** Bytes/s, however many threads there are. */
  readonly bandwidth: number;
  /** How many threads it was measured with: calls that find their data in caches go on at the speed that they have in so many. */
  readonly threads: number;
}

export interface TeamCosts {
  /** Seconds to come to a call, in each thread, whatever its share is. */
  readonly dispatch: number;
  /** Seconds for two threads to meet; with more it is taken to grow as their number, since they all count in one word. */
  readonly barrier: number;
}

/**
 * Seconds of a step: between two meetings each thread does its shares one after the other, and the slowest decides.
 * @param memory  whose bandwidth bounds it; without it each thread has as much as one alone
 */
export function stepSecondsIn(
  threads: number,
  calls: readonly SharedCall[],
  costs: TeamCosts,
  memory?: SharedMemory,
): number {
  let total = 0;
  let streaming = 0;
  let busy = new Array<number>(threads).fill(0);
  for (const { items, seconds, bytes, meets } of calls) {
    if (memory) streaming += Math.min(bytes / memory.bandwidth, seconds / memory.threads);
    for (let thread = 0; thread < threads; thread++) {
      busy[thread]! += costs.dispatch + (seconds * shareOf(items, thread, threads)) / Math.max(1, items);
    }
    if (!meets) continue;
    total += Math.max(streaming, ...busy) + barrierSeconds(threads, costs);
    streaming = 0;
    busy = busy.map(() => 0);
  }
  return total + Math.max(streaming, ...busy);
}

export function barrierSeconds(threads: number, { barrier }: TeamCosts): number {
  return threads === 1 ? 0 : (barrier * threads) / 2;
}

/** How many items are a thread’s own, as src/engine/sharing.ts has it. */
function shareOf(items: number, thread: number, threads: number): number {
  return Math.floor((items * (thread + 1)) / threads) - Math.floor((items * thread) / threads);
}

/** What a call takes beyond an even share of it, with so many threads. */
export interface Loss {
  readonly call: SharedCall;
  readonly seconds: number;
}

/** The calls that are shared out worst, the worst first; those that lose nothing are left out. */
export function lossesIn(threads: number, calls: readonly SharedCall[]): Loss[] {
  return calls
    .map((call) => {
      const largest = Math.ceil(call.items / threads) / Math.max(1, call.items);
      return { call, seconds: call.seconds * (largest - 1 / threads) };
    })
    .filter(({ call, seconds }) => call.items > 0 && seconds > 0)
    .sort((a, b) => b.seconds - a.seconds);
}

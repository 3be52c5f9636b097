/** Where a team of threads meets. Builds without shared memory have a team of one, which need not wait. */

/**
 * Polls before a thread sleeps: about a millisecond at most. Threads meet thirty times a step, and the last to finish a
 * call is often later than a few microseconds; but to wake one takes tens of them.
 */
const SPINS: i32 = 1_000_000;

/**
 * Returns once `threads` threads have called it.
 * @param state  two i32 that are zero at first: how many have arrived, and how often all have met
 */
export function barrier(state: usize, threads: i32): void {
  if (ASC_FEATURE_THREADS) {
    if (threads == 1) return;
    const generation = atomic.load<i32>(state, 4);
    if (atomic.add<i32>(state, 1) == threads - 1) {
      atomic.store<i32>(state, 0);
      atomic.add<i32>(state, 1, 4);
      atomic.notify(state + 4, -1);
      return;
    }
    for (let spin = 0; spin < SPINS; spin++) {
      if (atomic.load<i32>(state, 4) != generation) return;
    }
    while (atomic.load<i32>(state, 4) == generation) atomic.wait<i32>(state + 4, generation, -1);
  }
}

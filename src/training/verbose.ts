/** A line for each epoch, as Keras prints it with `verbose=2`: for scripts and logs. */
import type { Callbacks } from './callbacks.ts';

/** @param epochs  the epoch to stop before @param print  console.log by default */
export function epochLines(epochs: number, print: (line: string) => void = console.log): Callbacks {
  let begin = 0;
  return {
    onEpochBegin: () => {
      begin = performance.now();
    },
    onEpochEnd: (epoch, logs) => {
      const seconds = ((performance.now() - begin) / 1000).toFixed(1);
      const metrics = Object.entries(logs).map(([name, value]) => `${name}: ${value.toFixed(4)}`);
      print(`Epoch ${epoch + 1}/${epochs} - ${seconds}s - ${metrics.join(' - ')}`);
    },
  };
}

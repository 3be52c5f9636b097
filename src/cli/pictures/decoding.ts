/** How far the decoding of pictures is. */
import type { DecodeWatch } from '../../data/pictures/decodePictures.ts';
import { bar, firstThatFits, printable } from '../text.ts';
import type { Terminal } from '../terminal.ts';
import { count, duration, rate } from '../units.ts';

/** Shows it on a terminal. */
export function decodingWatch(terminal: Terminal, signal: AbortSignal | undefined): DecodeWatch {
  const begin = performance.now();
  return {
    signal,
    onProgress: (done, total) => {
      terminal.draw((width) => decodingLine(done, total, (performance.now() - begin) / 1000, width));
      if (done === total) terminal.clear();
    },
  };
}

/** So many of all pictures, after so many seconds. */
export function decodingLine(done: number, total: number, seconds: number, width: number): string {
  const percent = `${Math.floor((100 * done) / total)}%`.padStart(4);
  const speed = done / Math.max(seconds, 1e-3);
  const pictures = ` of ${count(total)} pictures`;
  const perSecond = `  ${rate(speed)}/s`;
  const left = seconds > 1 ? `  ${duration((total - done) / speed)} left` : '';
  return firstThatFits(width, [
    `Decoding ${bar(done / total, 24)}${percent}${pictures}${perSecond}${left}`,
    `Decoding ${percent}${pictures}${perSecond}${left}`,
    `Decoding ${percent}${pictures}`,
    `Decoding ${percent}`,
  ]);
}

/** Tells which pictures were left out, and why. */
export function leftOut(skipped: readonly string[], terminal: Terminal): void {
  if (skipped.length === 0) return;
  terminal.print();
  terminal.print(terminal.paint('yellow', `Left out, since they cannot be read: ${count(skipped.length)}`));
  for (const reason of skipped) terminal.print(`  ${printable(reason)}`);
}

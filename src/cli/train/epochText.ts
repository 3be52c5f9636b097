/** What is said about an epoch: a line while it runs, a line when it is over. Pure. */
import type { EpochLogs } from '../../training/history.ts';
import { bar, firstThatFits } from '../text.ts';
import { duration, loss as lossText, rate } from '../units.ts';

export interface EpochSpeed {
  /** Of the whole epoch, validation included. */
  readonly seconds: number;
  /** Of the training alone. */
  readonly imagesPerSecond: number;
}

/** An epoch under way. */
export interface EpochProgress {
  readonly phase: 'training' | 'validating';
  readonly seen: number;
  /** How many of them were seen before this process. */
  readonly before: number;
  readonly total: number;
  /** Since the phase began. */
  readonly seconds: number;
  /** Of the training so far. */
  readonly loss: number;
  readonly accuracy: number;
}

const LONGEST_BAR = 30;
const SHORTEST_BAR = 6;

/** Such as "Epoch  1/15  12s  3,120 images/s  loss 1.5021  accuracy 0.4520  val_loss 1.2034  val_accuracy 0.5652". */
export function epochLine(
  epoch: number,
  epochs: number,
  logs: EpochLogs,
  speed: EpochSpeed,
  width: number,
): string {
  const head = heading(epoch, epochs);
  const time = duration(speed.seconds);
  const perSecond = `${rate(speed.imagesPerSecond)} images/s`;
  const loss = `loss ${lossText(logs.loss)}`;
  const valLoss = logs.val_loss === undefined ? '' : `val_loss ${lossText(logs.val_loss)}`;
  const [accuracy, acc] = named('accuracy', 'acc', logs.accuracy);
  const [valAccuracy, valAcc] = named('val_accuracy', 'val_acc', logs.val_accuracy);
  return firstThatFits(width, [
    parts(head, time, perSecond, loss, accuracy, valLoss, valAccuracy),
    parts(head, time, loss, accuracy, valLoss, valAccuracy),
    parts(head, loss, accuracy, valLoss, valAccuracy),
    parts(head, loss, acc, valLoss, valAcc),
    parts(head, loss, acc, valAcc),
    parts(head, acc, valAcc),
  ]);
}

/** The line that is drawn over and over: a bar, the speed, the loss and accuracy so far, and the time left. */
export function progressLine(epoch: number, epochs: number, progress: EpochProgress, width: number): string {
  const { seen, before, total, seconds } = progress;
  const head = heading(epoch, epochs);
  const percent = `${Math.floor((100 * seen) / total)}%`.padStart(4);
  const speed = (seen - before) / Math.max(seconds, 1e-3);
  const left = `${duration((total - seen) / speed)} left`;
  const loss = `loss ${lossText(progress.loss)}`;
  const [accuracy, acc] = named('accuracy', 'acc', progress.accuracy);
  const metrics = progress.phase === 'training' ? [loss, accuracy] : ['validating'];
  const short = progress.phase === 'training' ? [loss, acc] : ['validating'];
  const withBar = (...rest: string[]): string => {
    const text = parts(percent, ...rest);
    const room = width - head.length - 2 - text.length;
    return room < SHORTEST_BAR
      ? ' '.repeat(width + 1)
      : `${head}  ${bar(seen / total, Math.min(room, LONGEST_BAR))}${text}`;
  };
  return firstThatFits(width, [
    withBar(`${rate(speed)} images/s`, ...metrics, left),
    withBar(`${rate(speed)} images/s`, ...short, left),
    withBar(...short, left),
    withBar(short.at(-1)!, left),
    parts(head, percent.trim(), ...short, left),
    parts(head, percent.trim(), left),
  ]);
}

function heading(epoch: number, epochs: number): string {
  return `Epoch ${String(epoch + 1).padStart(String(epochs).length)}/${epochs}`;
}

/** A metric under its whole name, and under a shorter one. */
function named(name: string, short: string, value: number | undefined): [string, string] {
  return value === undefined ? ['', ''] : [`${name} ${value.toFixed(4)}`, `${short} ${value.toFixed(4)}`];
}

function parts(...texts: readonly string[]): string {
  return texts.filter((part) => part !== '').join('  ');
}

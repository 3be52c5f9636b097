/** From the callbacks of a training to what the page shows: step by step values, speed, and time left. */
import type { BatchLogs } from '../../training/totals.ts';
import type { Progress, StepPoint } from '../protocol.ts';

export interface MeterOptions {
  readonly epochs: number;
  readonly trainImages: number;
  readonly validationImages: number;
  /** Of one image in training, by the textbook. */
  readonly operations: number;
  /** The time in milliseconds. */
  readonly now: () => number;
  /** What was done before: how many steps in all, and how many images of the first epoch. */
  readonly begin?: { readonly step: number; readonly seen: number } | undefined;
}

/** Validation goes forward only, which is about a third of the work of training. */
const VALIDATION_WORK = 1 / 3;

/** The speed shown is that of the last so many milliseconds. */
const WINDOW = 2000;

export class ProgressMeter {
  readonly #options: MeterOptions;
  #epoch = 0;
  #step: number;
  #steps: StepPoint[] = [];
  #last: { readonly loss: number; readonly correct: number; readonly seen: number };
  #training: BatchLogs = { seen: 0, total: 0, loss: 0, accuracy: 0 };
  #phase: Progress['phase'] = 'training';
  #seen = 0;
  #total = 0;
  /** When how many images had been trained on in this epoch, for the speed. */
  #marks: { readonly time: number; readonly images: number }[] = [];
  #speed = 0;
  #images = 0;
  #trainingTime = 0;
  #phaseBegin = 0;
  #begin: number | undefined;
  /** How much work is in an epoch, and how much was done before this began; in images trained on. */
  readonly #epochWork: number;
  #doneBefore = 0;

  constructor(options: MeterOptions) {
    this.#options = options;
    this.#epochWork = options.trainImages + options.validationImages * VALIDATION_WORK;
    const { step, seen } = options.begin ?? { step: 0, seen: 0 };
    this.#step = step;
    // What they came to is not known.
    this.#last = { loss: NaN, correct: NaN, seen };
  }

  beginEpoch(epoch: number): void {
    const now = this.#options.now();
    const before = this.#begin === undefined ? this.#last.seen : 0;
    if (before === 0) this.#last = { loss: 0, correct: 0, seen: 0 };
    if (this.#begin === undefined) {
      this.#begin = now;
      this.#doneBefore = epoch * this.#epochWork + before;
    }
    this.#epoch = epoch;
    this.#phase = 'training';
    this.#phaseBegin = now;
    this.#seen = 0;
    this.#total = this.#options.trainImages;
    this.#marks = [{ time: now, images: before }];
  }

  trained(logs: BatchLogs): void {
    const { seen, total, loss, accuracy } = logs;
    // The logs are averages over the epoch until now; what the step itself added to them is what is new.
    const count = seen - this.#last.seen;
    const sums = { loss: loss * seen, correct: Math.round(accuracy! * seen), seen };
    const step = ++this.#step;
    if (!Number.isNaN(this.#last.loss)) {
      this.#steps.push({
        step,
        loss: Math.max(0, (sums.loss - this.#last.loss) / count),
        accuracy: (sums.correct - this.#last.correct) / count,
      });
    }
    this.#last = sums;
    this.#training = logs;
    this.#seen = seen;
    this.#total = total;
    this.#images += count;
    this.#measure(seen);
  }

  validated({ seen, total }: BatchLogs): void {
    this.#phase = 'validating';
    this.#seen = seen;
    this.#total = total;
  }

  /** How many steps there have been. */
  get step(): number {
    return this.#step;
  }

  /** Over all training steps, without validation and pauses. */
  get imagesPerSecond(): number {
    return this.#trainingTime > 0 ? (1000 * this.#images) / this.#trainingTime : 0;
  }

  /** The steps since this was last called. */
  takeSteps(): StepPoint[] {
    return this.#steps.splice(0);
  }

  progress(): Progress {
    const { epochs, trainImages, operations, now } = this.#options;
    const all = epochs * this.#epochWork;
    const done =
      this.#epoch * this.#epochWork +
      (this.#phase === 'training' ? this.#seen : trainImages + this.#seen * VALIDATION_WORK);
    const elapsed = now() - (this.#begin ?? now());
    const doneHere = done - this.#doneBefore;
    return {
      phase: this.#phase,
      epoch: this.#epoch,
      epochs,
      seen: this.#seen,
      total: this.#total,
      share: done / all,
      loss: this.#training.loss,
      accuracy: this.#training.accuracy!,
      imagesPerSecond: this.#speed,
      gflops: (this.#speed * operations) / 1e9,
      secondsLeft: doneHere > 0 ? ((elapsed / doneHere) * (all - done)) / 1000 : Infinity,
    };
  }

  #measure(images: number): void {
    const time = this.#options.now();
    this.#trainingTime += time - this.#phaseBegin;
    this.#phaseBegin = time;
    this.#marks.push({ time, images });
    while (this.#marks.length > 2 && time - this.#marks[0]!.time > WINDOW) this.#marks.shift();
    const first = this.#marks[0]!;
    // Some steps are needed before the speed means anything.
    if (time - first.time > 100) this.#speed = (1000 * (images - first.images)) / (time - first.time);
  }
}

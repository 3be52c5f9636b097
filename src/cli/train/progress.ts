import type { Callbacks } from '../../training/callbacks.ts';
import type { Checkpoint } from '../../training/checkpoint.ts';
import { HistoryRecorder, type EpochLogs, type History } from '../../training/history.ts';
import type { Terminal } from '../terminal.ts';
import { epochLine, progressLine, type EpochSpeed } from './epochText.ts';

/** Watches a training: shows how far it is, measures its speed, and keeps what is complete. */
export class Progress {
  readonly #epochs: number;
  readonly #terminal: Terminal;
  readonly #recorder: HistoryRecorder;
  /** Images of the first epoch that were trained on before. */
  #earlier: number;
  #epochBegin = 0;
  #phaseBegin = 0;
  #trained = { loss: 0, accuracy: 0, images: 0 };
  #epochTrainingSeconds = 0;
  #images = 0;
  #trainingSeconds = 0;

  /** @param checkpoint  what is gone on from */
  constructor(epochs: number, terminal: Terminal, checkpoint: Checkpoint | undefined) {
    this.#epochs = epochs;
    this.#terminal = terminal;
    const position = checkpoint?.training?.position;
    this.#recorder = new HistoryRecorder(position?.history);
    this.#earlier = position?.totals.seen ?? 0;
  }

  /** The epochs that are complete. */
  history(stopped: boolean): History {
    return this.#recorder.snapshot(stopped);
  }

  /** Over all steps until now, without validation, saving and so on; 0 before the first. */
  get imagesPerSecond(): number {
    const seconds = this.#trainingSeconds + this.#epochTrainingSeconds;
    return seconds > 0 ? (this.#images + this.#trained.images) / seconds : 0;
  }

  /** For fit. @param onEpochEnd is called when the epoch has been recorded */
  callbacks(onEpochEnd: (epoch: number, logs: EpochLogs, speed: EpochSpeed) => Promise<void>): Callbacks {
    return {
      onEpochBegin: () => {
        this.#beginEpoch();
      },
      onBatchEnd: (_batch, { seen, total, loss, accuracy }) => {
        this.#trained = { loss, accuracy: accuracy!, images: seen - this.#earlier };
        this.#epochTrainingSeconds = secondsSince(this.#phaseBegin);
        this.#draw('training', seen, total);
        if (seen === total) this.#phaseBegin = performance.now();
      },
      onValidationBatchEnd: (_batch, { seen, total }) => {
        this.#draw('validating', seen, total);
      },
      onEpochEnd: async (epoch, logs) => {
        const speed = {
          seconds: secondsSince(this.#epochBegin),
          // An epoch of which only the validation was left has no speed.
          imagesPerSecond: this.#trained.images / (this.#epochTrainingSeconds || Infinity),
        };
        this.#recorder.add(epoch, logs);
        this.#earlier = 0;
        this.#terminal.print(epochLine(epoch, this.#epochs, logs, speed, this.#terminal.width));
        await onEpochEnd(epoch, logs, speed);
      },
    };
  }

  #beginEpoch(): void {
    this.#images += this.#trained.images;
    this.#trainingSeconds += this.#epochTrainingSeconds;
    this.#trained = { loss: 0, accuracy: 0, images: 0 };
    this.#epochTrainingSeconds = 0;
    this.#epochBegin = this.#phaseBegin = performance.now();
  }

  #draw(phase: 'training' | 'validating', seen: number, total: number): void {
    const epoch = this.#recorder.snapshot(false).epoch.length;
    const before = phase === 'training' ? this.#earlier : 0;
    const seconds = secondsSince(this.#phaseBegin);
    const progress = { phase, seen, before, total, seconds, ...this.#trained };
    this.#terminal.draw((width) => progressLine(epoch, this.#epochs, progress, width));
  }
}

function secondsSince(begin: number): number {
  return (performance.now() - begin) / 1000;
}

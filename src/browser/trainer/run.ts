/** One training, which can be paused and stopped. */
import { TrainingError } from '../../errors.ts';
import type { Callbacks } from '../../training/callbacks.ts';
import type { Checkpoint } from '../../training/checkpoint.ts';
import type { History } from '../../training/history.ts';
import type { Model } from '../../training/model.ts';
import { trainingOperations } from '../network.ts';
import type { TrainerEvent, TrainOutcome } from '../protocol.ts';
import { Gate } from './gate.ts';
import { ProgressMeter } from './progressMeter.ts';
import type { TrainingPlan } from './trainingPlan.ts';

/** The page is told of progress no more often than this, in milliseconds. */
const INTERVAL = 100;

/** What is lost at most when a tab is closed, in seconds. */
const CHECKPOINT_SECONDS = 20;

/** What a training has to do with. */
export interface RunSurroundings {
  readonly tell: (event: TrainerEvent) => void;
  /** Has checkpoints know what they are of. */
  readonly about: Callbacks;
  /** Whenever the model can give a checkpoint. */
  readonly onCheckpoint: () => Promise<void>;
  /** What is gone on with. */
  readonly resumeFrom: Checkpoint | undefined;
}

export class Run {
  readonly #gate = new Gate();
  readonly #abort = new AbortController();
  #told = 0;

  pause(): void {
    this.#gate.close();
  }

  resume(): void {
    this.#gate.open();
  }

  /** Ends it after the steps that are under way. */
  stop(): void {
    this.#abort.abort();
    this.#gate.open();
  }

  /**
   * Trains a compiled model. If that diverges, the model has the weights of the last complete epoch.
   * @throws TrainingError, EngineError
   */
  async train(
    model: Model,
    { sets: { train, validation }, fit, callbacks }: Pick<TrainingPlan, 'sets' | 'fit' | 'callbacks'>,
    { tell, about, onCheckpoint, resumeFrom }: RunSurroundings,
  ): Promise<TrainOutcome> {
    const { epochs, batchSize, dropRemainder } = fit;
    const meter = new ProgressMeter({
      epochs,
      trainImages: train.count - (dropRemainder ? train.count % batchSize : 0),
      validationImages: validation.count,
      operations: trainingOperations(model.network),
      now: () => this.#gate.now(),
      begin: resumeFrom && { step: resumeFrom.steps, seen: resumeFrom.training!.position.totals.seen },
    });
    const begin = this.#gate.now();
    let weights = model.getWeights();
    const pass = (): Promise<void> => this.#gate.pass();
    let history: History;
    try {
      history = await model.fit(train.images, train.labels, {
        ...fit,
        ...(validation.count > 0 && { validationData: [validation.images, validation.labels] }),
        signal: this.#abort.signal,
        checkpointEvery: { seconds: CHECKPOINT_SECONDS },
        ...(resumeFrom && { resumeFrom }),
        callbacks: [
          about,
          callbacks(model),
          {
            onEpochBegin: (epoch) => {
              meter.beginEpoch(epoch);
            },
            onBatchBegin: pass,
            onBatchEnd: (_, logs) => {
              meter.trained(logs);
              this.#tell(meter, tell);
            },
            onValidationBatchBegin: pass,
            onValidationBatchEnd: (_, logs) => {
              meter.validated(logs);
              this.#tell(meter, tell);
            },
            onEpochEnd: (epoch, logs) => {
              weights = model.getWeights();
              this.#tell(meter, tell, true);
              tell({ kind: 'epoch', epoch, step: meter.step, logs });
            },
            onCheckpoint,
          },
        ],
      });
    } catch (error) {
      if (error instanceof TrainingError) model.setWeights(weights);
      throw error;
    }
    this.#tell(meter, tell, true);
    return {
      history,
      seconds: (this.#gate.now() - begin) / 1000,
      imagesPerSecond: meter.imagesPerSecond,
    };
  }

  #tell(meter: ProgressMeter, tell: (event: TrainerEvent) => void, now = false): void {
    const time = performance.now();
    if (!now && time - this.#told < INTERVAL) return;
    this.#told = time;
    tell({ kind: 'progress', progress: meter.progress(), steps: meter.takeSteps() });
  }
}

/** The callbacks that options ask for: ending early, a smaller learning rate, the best model, files for TensorBoard. */
import { join } from 'node:path';
import type { Callbacks } from '../../training/callbacks.ts';
import { earlyStopping, type EarlyStopping } from '../../training/callbacks/earlyStopping.ts';
import { modelCheckpoint, type ModelCheckpoint } from '../../training/callbacks/onDisk/modelCheckpoint.ts';
import { tensorBoard } from '../../training/callbacks/onDisk/tensorBoard.ts';
import { reduceLROnPlateau } from '../../training/callbacks/reduceLROnPlateau.ts';
import type { Model } from '../../training/model.ts';
import type { CallbackValues } from './callbackOptions.ts';
import type { Saving } from './saving.ts';
import type { Surroundings } from './surroundings.ts';

/** The callbacks that options ask for, and what there is to say about them in the end. */
export class ChosenCallbacks {
  readonly list: readonly Callbacks[];
  readonly #early: EarlyStopping | undefined;
  readonly #best: ModelCheckpoint | undefined;
  readonly #bestPath: string;
  readonly #bestMetric: string;
  readonly #values: CallbackValues;
  readonly #surroundings: Surroundings;

  /**
   * @param folder  of the results
   * @param validated  whether there are images to validate with
   * @param saving  what writes files, but does not end the training if it cannot
   */
  constructor(
    values: CallbackValues,
    folder: string,
    validated: boolean,
    saving: Saving,
    surroundings: Surroundings,
  ) {
    const { earlyStopping: patience, reduceLrOnPlateau, saveBest, tensorboard } = values;
    this.#values = values;
    this.#surroundings = surroundings;
    this.#bestPath = join(folder, 'best.safetensors');
    this.#bestMetric = validated ? 'val_accuracy' : 'accuracy';
    const best = { filepath: this.#bestPath, monitor: this.#bestMetric, saveBestOnly: true };
    this.#best = saveBest ? modelCheckpoint(best) : undefined;
    this.#early = patience === undefined ? undefined : earlyStopping({ patience, restoreBestWeights: true });
    this.list = [
      ...(reduceLrOnPlateau === undefined ? [] : this.#reducing(reduceLrOnPlateau)),
      ...(this.#best ? [saving.tolerant(this.#best)] : []),
      ...(tensorboard === undefined ? [] : [saving.tolerant(tensorBoard({ logDir: tensorboard }))]),
      ...(this.#early ? [this.#early] : []),
    ];
  }

  /** Says what came of them. @param epochs  that were completed */
  tellEnd(epochs: number): void {
    const { terminal, signal, emit } = this.#surroundings;
    if (this.#best?.savedEpoch != null) {
      const [epoch, value] = [this.#best.savedEpoch + 1, this.#best.best!];
      terminal.print(`Best ${this.#bestMetric} ${value.toFixed(4)} in epoch ${epoch}: ${this.#bestPath}`);
      emit('best', { epoch, metric: this.#bestMetric, value, model: this.#bestPath });
    }
    if (this.#early?.bestEpoch == null || signal.aborted) return;
    const epoch = this.#early.bestEpoch + 1;
    if (this.#early.stoppedEpoch !== null) {
      const patience = epochsText(this.#values.earlyStopping!);
      terminal.print(
        `Stopped early: val_loss has not fallen for ${patience}; the weights of epoch ${epoch} are restored.`,
      );
      emit('earlyStopping', { epoch: this.#early.stoppedEpoch + 1, restoredEpoch: epoch });
    } else if (epoch < epochs) {
      terminal.print(`The weights of epoch ${epoch}, with the lowest val_loss, are restored.`);
      emit('earlyStopping', { epoch: null, restoredEpoch: epoch });
    }
  }

  #reducing(patience: number): readonly Callbacks[] {
    const { terminal, emit } = this.#surroundings;
    let model: Model;
    let before = 0;
    const telling: Callbacks = {
      setModel: (given) => {
        model = given;
      },
      onEpochBegin: () => {
        before = model.learningRate;
      },
      onEpochEnd: (epoch) => {
        const { learningRate } = model;
        if (learningRate === before) return;
        terminal.print(
          `val_loss has not fallen for ${epochsText(patience)}: the learning rate is ${shown(learningRate)} now.`,
        );
        emit('learningRate', { epoch: epoch + 1, learningRate });
      },
    };
    return [reduceLROnPlateau({ patience }), telling];
  }
}

function epochsText(epochs: number): string {
  return epochs === 1 ? '1 epoch' : `${epochs} epochs`;
}

/** A tenth of 0.001 is 0.0001 to people. */
function shown(rate: number): string {
  return String(Number(rate.toPrecision(6)));
}

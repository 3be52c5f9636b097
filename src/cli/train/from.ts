/** Going on from a model that has learnt something else. */
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DataError, OptionError } from '../../errors.ts';
import { sequential } from '../../training/factories.ts';
import type { Model } from '../../training/model.ts';
import { loadModel } from '../../exchange/loadModel.ts';
import type { SequentialOptions } from '../../training/options.ts';
import { transfer, type Transferred } from '../../training/transfer.ts';
import type { DatasetTask } from '../datasets/definition.ts';
import { mustFit } from '../fits.ts';
import { networkGiven } from '../importing.ts';
import { isFolderName } from '../pictures/folderOptions.ts';
import { optionsBeside } from '../pictures/optionsBeside.ts';
import { printable } from '../text.ts';
import { REFUSED_WITH_FROM } from './config.ts';
import type { TrainValues } from './surroundings.ts';

/** What a run went on from, as run.json has it. */
export interface Origin {
  readonly model: string;
  /** The classes that it told apart, if it knew their names. */
  readonly classNames: readonly string[] | null;
  /** The layers whose weights were made anew. */
  readonly madeAnew: readonly string[];
  /** Whether a softmax was put behind its last layer; left out if not. */
  readonly softmax?: boolean;
}

/** @param given  the names of the options that were given @throws OptionError for one that the model takes the place of */
export function checkFrom(values: TrainValues, given: ReadonlySet<string>): void {
  const { from, out, normalize } = values;
  if (from === undefined) return;
  const other = REFUSED_WITH_FROM.find((name) => given.has(name) && (name !== 'normalize' || normalize));
  if (other !== undefined) {
    const what = other === 'normalize' ? 'its own mean and deviation' : 'its own layers and weights';
    throw new OptionError(`--${other}: the model of --from has ${what}. Leave out one of the two.`);
  }
  if (out !== undefined && [resolve(from), dirname(resolve(from))].includes(resolve(out))) {
    throw new OptionError(`--out: ${out} has the model of --from, which would be lost: name another folder.`);
  }
}

interface Opened {
  /** Of its file. */
  readonly path: string;
  readonly model: Model;
}

/** The model of --from, which is read when it is first asked for, and once. */
export class Source {
  readonly #from: string;
  readonly #network: string | undefined;
  #opened: Promise<Opened> | undefined;

  /**
   * @param from  a model's file, a checkpoint, or the folder of a run
   * @param network  what --network names: the layers of a PyTorch state_dict
   */
  constructor(from: string, network?: string) {
    this.#from = from;
    this.#network = network;
  }

  /** @throws DataError, FormatError for a file that cannot be read; OptionError for a network that it has itself */
  open(): Promise<Opened> {
    return (this.#opened ??= this.#open());
  }

  /** Gives it away, so that its weights are not kept as long as a training takes. @throws as `open` */
  take(): Promise<Opened> {
    const opened = this.open();
    this.#opened = undefined;
    return opened;
  }

  async #open(): Promise<Opened> {
    const path = await fileOf(this.#from);
    const model = await loadModel(path, { compile: false, ...(await networkGiven(this.#network)) });
    return { path, model };
  }
}

/**
 * A model with the weights of a saved one: those of its last layer are drawn anew where there are other classes. Unless it is to learn from
 * pictures, it takes them as before.
 * @throws OptionError if it does not fit the task; DataError, FormatError for a file that cannot be read
 */
export async function modelFrom(
  from: Source,
  task: DatasetTask,
  options: SequentialOptions,
): Promise<{ readonly model: Model; readonly origin: Origin }> {
  const { path, model: source } = await from.take();
  const { layers, weights, madeAnew, softmax } = transferred(source, task, path);
  const { imageFit, layout } = source;
  const { pixelScale } = source.network;
  const model = sequential(layers, {
    layout,
    pixelScale,
    ...options,
    imageFit: options.imageFit ?? imageFit,
  });
  mustFit(model.network, task, path);
  model.setWeights(new Map([...model.getWeights(), ...weights]), path);
  return {
    model,
    origin: {
      model: resolve(path),
      classNames: source.classNames ?? null,
      madeAnew,
      ...(softmax && { softmax }),
    },
  };
}

/** @throws OptionError if it cannot be made to fit; for pictures that are of another size, with the size that would */
function transferred(source: Model, task: DatasetTask, path: string): Transferred {
  const [height, width, channels] = source.network.inputShape;
  try {
    return transfer(source.network, source.getWeights(), task, path);
  } catch (cause) {
    const sized = task.inputShape[0] === height && task.inputShape[1] === width;
    if (!(cause instanceof OptionError) || task.imageFit === undefined || channels !== 3 || sized)
      throw cause;
    const size = width === height ? `${width}` : `${width}x${height}`;
    throw new OptionError(`${cause.message} Or give --image-size ${size}.`, { cause });
  }
}

/**
 * The options for a folder of pictures with what is not given of the images' size and fit as in the model to go on from.
 * @throws DataError, FormatError for a file that cannot be read
 */
export async function sizedByModel(values: TrainValues, from: Source | undefined): Promise<TrainValues> {
  const { dataset, imageSize, imageFit } = values;
  if (from === undefined || imageSize !== undefined || !isFolderName(dataset)) return values;
  const { path, model } = await from.open();
  const [height, width, channels] = model.network.inputShape;
  // What is wrong with a model for other images is told when it is made to fit.
  if (channels !== 3) return values;
  const fit = imageFit ?? model.imageFit ?? (await optionsBeside(path)).fit;
  return { ...values, imageSize: `${width}x${height}`, imageFit: fit };
}

/** @throws DataError for a folder that has no model */
async function fileOf(path: string): Promise<string> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
  if (!isFolder) return path;
  for (const name of ['model.safetensors', 'model.json']) {
    const file = join(path, name);
    if (await stat(file).catch(() => undefined)) return file;
  }
  throw new DataError(
    `${path} has no model.safetensors: no epoch of the run was complete. Name one of its checkpoints, or another run`,
  );
}

/** What became of the model that was gone on from, in words. */
export function originText(
  { model, madeAnew, classNames, softmax }: Origin,
  now: readonly string[],
): readonly string[] {
  const lines = [`Going on from ${model}`];
  if (softmax) lines.push('  It gives no probabilities: a softmax is put behind its last layer');
  if (madeAnew.length > 0) {
    const classes = classNames ? `${classNames.length} classes` : 'another number of classes';
    lines.push(
      `  Made anew for ${now.length} classes, since it told ${classes} apart: ${madeAnew.join(', ')}`,
    );
  } else if (classNames && classNames.join() !== now.join()) {
    const few = (names: readonly string[]): string =>
      `${names.slice(0, 3).join(', ')}${names.length > 3 ? ' …' : ''}`;
    lines.push(printable(`  All its weights stay; its classes (${few(classNames)}) are now ${few(now)}`));
  }
  return lines;
}

/** Going on from a model that has learnt something else. */
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DataError, OptionError } from '../../errors.ts';
import { sequential } from '../../training/factories.ts';
import type { Model } from '../../training/model.ts';
import { loadModel } from '../../training/modelOnDisk.ts';
import type { SequentialOptions } from '../../training/options.ts';
import { transfer } from '../../training/transfer.ts';
import { mustFit, type Task } from '../fits.ts';
import { printable } from '../text.ts';
import { INSTEAD_OF_FROM } from './config.ts';
import type { TrainValues } from './surroundings.ts';

/** What a run went on from, as run.json has it. */
export interface Origin {
  readonly model: string;
  /** The classes that it told apart, if it knew their names. */
  readonly classNames: readonly string[] | null;
  /** The layers whose weights were made anew. */
  readonly madeAnew: readonly string[];
}

/** @param given  the names of the options that were given @throws OptionError for one that the model takes the place of */
export function checkFrom(values: TrainValues, given: ReadonlySet<string>): void {
  const { from, out, normalize } = values;
  if (from === undefined) return;
  const other = INSTEAD_OF_FROM.find((name) => given.has(name) && (name !== 'normalize' || normalize));
  if (other !== undefined) {
    const what = other === 'normalize' ? 'its own mean and deviation' : 'its own layers and weights';
    throw new OptionError(`--${other}: the model of --from has ${what}. Leave out one of the two.`);
  }
  if (out !== undefined && [resolve(from), dirname(resolve(from))].includes(resolve(out))) {
    throw new OptionError(`--out: ${out} has the model of --from, which would be lost: name another folder.`);
  }
}

/**
 * A model with the weights of a saved one: those of its last layer are drawn anew where there are other classes. Unless it is to learn from
 * pictures, it takes them as before.
 * @param from  a model's file, a checkpoint, or the folder of a run
 * @throws OptionError if it does not fit the task; DataError, FormatError for a file that cannot be read
 */
export async function modelFrom(
  from: string,
  task: Task,
  options: SequentialOptions,
): Promise<{ readonly model: Model; readonly origin: Origin }> {
  const path = await fileOf(from);
  const source = await loadModel(path);
  const destination = { ...task, inputShape: task.inputShape };
  const { layers, weights, madeAnew } = transfer(source.network, source.getWeights(), destination, path);
  const model = sequential(layers, { ...options, imageFit: options.imageFit ?? source.imageFit });
  mustFit(model.network, task, path);
  model.setWeights(new Map([...model.getWeights(), ...weights]), path);
  return { model, origin: { model: resolve(path), classNames: source.classNames ?? null, madeAnew } };
}

/** @throws DataError for a folder that has no model */
async function fileOf(path: string): Promise<string> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
  if (!isFolder) return path;
  const file = join(path, 'model.safetensors');
  if (await stat(file).catch(() => undefined)) return file;
  throw new DataError(
    `${path} has no model.safetensors: no epoch of the run was complete. Name one of its checkpoints, or another run`,
  );
}

/** What became of the model that was gone on from, in words. */
export function originText(
  { model, madeAnew, classNames }: Origin,
  now: readonly string[],
): readonly string[] {
  const lines = [`Going on from ${model}`];
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

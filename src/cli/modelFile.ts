/** Which model is meant, by the name of a file or of a run. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, OptionError } from '../errors.ts';
import { fileSize } from '../files/readFile.ts';
import { Model } from '../training/model.ts';
import { loadModel, type LoadOptions } from '../exchange/loadModel.ts';
import { isClassifier } from '../training/objectives.ts';
import { endsInActivation, withSoftmax } from '../training/softmaxed.ts';
import { layerText } from './networkOptions.ts';
import { classNamesBeside } from './runBeside.ts';

/**
 * The file of a model: the one that is named, there or not, or that of a run.
 * @param best  whether the model with the best validation is meant, and not the last one
 * @throws DataError for a folder that has none
 */
export async function modelFile(path: string, best = false): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) {
    if (found && best) throw new OptionError(`--best is for the folder of a run, and ${path} is a file.`);
    return path;
  }
  const file = join(path, best ? 'best.safetensors' : 'model.safetensors');
  if (await isThere(file)) return file;
  const tfjs = join(path, 'model.json');
  if (!best && (await isThere(tfjs))) return tfjs;
  if (!(await isThere(join(path, 'run.json'))) && !(await isThere(join(path, 'model.safetensors')))) {
    throw new DataError(
      `${path} is no run: it has neither a run.json nor a model.safetensors. Name a run, which "simdnet runs" lists, or the file of a model.`,
    );
  }
  throw new DataError(
    best
      ? `There is no ${file}: a run has one if it was trained with --save-best.`
      : `There is no ${file}: a run has one when its training is over. "simdnet train --resume ${path}" goes on with it.`,
  );
}

export interface NamedModelOptions extends LoadOptions {
  /** Whether a softmax is put behind it, if it ends in none. */
  readonly softmax?: boolean;
}

/**
 * A model, or a checkpoint with the names of classes that the run beside it tells.
 * @param file  as {@link modelFile} gives it
 * @throws DataError if it cannot be read, FormatError if it is damaged or does not fit
 */
export async function modelWithNames(
  file: string,
  { softmax = false, format, network, compile, ...options }: NamedModelOptions,
): Promise<Model> {
  const model = await loadModel(file, { ...options, format, network, compile });
  const outputs = model.network.outputShape.reduce((product, extent) => product * extent, 1);
  const beside = model.classNames ? undefined : await classNamesBeside(file);
  const classNames = beside?.length === outputs ? beside : undefined;
  const logits = softmax && !isClassifier(model.network);
  if (logits && endsInActivation(model.network.specs)) {
    throw new OptionError(
      `--softmax is for networks that give logits, and ${file} ends in an activation: ${layerText(model.network, -1)}.`,
    );
  }
  if (!classNames && !logits) return model;
  const { specs, pixelScale } = model.network;
  const { imageFit, layout, seed } = model;
  const changed = new Model(logits ? withSoftmax(specs) : specs, {
    ...options,
    seed,
    imageFit,
    layout,
    pixelScale,
    ...((classNames ?? model.classNames) && { classNames: classNames ?? model.classNames! }),
  });
  changed.setWeights(model.getWeights(), file);
  await model.dispose();
  return changed;
}

async function isThere(file: string): Promise<boolean> {
  return (await fileSize(file)) !== undefined;
}

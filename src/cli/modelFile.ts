/** Which model is meant, by the name of a file or of a run. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, OptionError } from '../errors.ts';
import { fileSize } from '../files/readFile.ts';
import { builtModel } from '../training/builtModel.ts';
import type { Model } from '../training/model.ts';
import { loadModel, type LoadOptions } from '../exchange/loadModel.ts';
import { isClassifier } from '../training/objectives.ts';
import { endsInActivation, withSoftmax } from '../training/softmaxed.ts';
import { layerText } from './networkOptions.ts';

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
      `${path} is no run and no model of tfjs: it has no run.json, model.safetensors or model.json. Name a run, which "simdnet runs" lists, or the file of a model.`,
    );
  }
  throw new DataError(
    best
      ? `There is no ${file}: a run has one if it was trained with --save-best.`
      : `There is no ${file}: a run has one when its training is over. "simdnet train --resume ${path}" goes on with it.`,
  );
}

export interface GivenModelOptions extends LoadOptions {
  /** Whether a softmax is put behind it, if it ends in none; how it was trained is then left behind. */
  readonly softmax?: boolean;
}

/**
 * The model that a command is given.
 * @param file  as {@link modelFile} gives it
 * @throws DataError if it cannot be read, FormatError if it is damaged or does not fit
 */
export async function givenModel(
  file: string,
  { softmax = false, format, network, compile, ...options }: GivenModelOptions,
): Promise<Model> {
  const model = await loadModel(file, { ...options, format, network, compile });
  const { specs, pixelScale } = model.network;
  if (!softmax || isClassifier(model.network)) return model;
  if (endsInActivation(specs)) {
    throw new OptionError(
      `--softmax is for networks that give logits, and ${file} ends in an activation: ${layerText(model.network, -1)}.`,
    );
  }
  const { classNames, imageFit, layout, seed } = model;
  const saved = { layers: withSoftmax(specs), classNames, imageFit, layout, pixelScale, seed };
  const changed = builtModel(file, saved, options);
  changed.setWeights(model.getWeights(), file);
  await model.dispose();
  return changed;
}

async function isThere(file: string): Promise<boolean> {
  return (await fileSize(file)) !== undefined;
}

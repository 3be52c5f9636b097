import type { Dataset } from '../../data/dataset.ts';
import { OptionError } from '../../errors.ts';
import type { Model } from '../../training/model.ts';
import { defineCommand } from '../command.ts';
import {
  checkChoice,
  datasetOptions,
  knownTask,
  loadTestImage,
  mustBeKnown,
  type DatasetName,
} from '../datasets.ts';
import { printJson } from '../json.ts';
import { chosenTier, classMismatch, engineOptions, jsonOption, modelOption } from '../modelOptions.ts';
import { optional, wholeNumber, withDefault } from '../options.ts';
import { predictionJson, predictionText, type Prediction } from '../prediction.ts';
import { Terminal } from '../terminal.ts';

export const command = defineCommand({
  options: {
    model: modelOption,
    index: optional('Data:', 'Which test image to take, if no PNG is named.', wholeNumber(), '0'),
    ...datasetOptions,
    tier: engineOptions.tier,
    turbo: engineOptions.turbo,
    conv: engineOptions.conv,
    top: withDefault('Output:', 'How many classes to list, the most probable first.', wholeNumber(1), 3),
    ...jsonOption,
  },
  examples: [
    ['predict --model FILE cat.png', 'What is on a picture.'],
    ['predict --model FILE --index 7', 'A test image: is the answer right?'],
  ],
  run: async ({ model: path, index, top, tier, turbo, conv, json, ...choice }, { operands }) => {
    checkChoice(choice);
    if (operands.length > 0 && index !== undefined) {
      throw new OptionError('Name images or give --index, not both.');
    }
    const { loadModel } = await import('../../training/modelOnDisk.ts');
    // Some images are not worth starting threads for.
    const model = await loadModel(path, { tier: chosenTier(tier, turbo), convolution: conv, threads: 1 });
    const { mustClassify, mustFit } = await import('../fits.ts');
    try {
      if (operands.length > 0) mustClassify(model.network, path);
      else mustFit(model.network, knownTask(mustBeKnown(choice.dataset)), path);
      const predictions =
        operands.length > 0
          ? await predictFiles(model, operands, path, choice.dataset)
          : [await predictTestImage(model, index ?? 0, choice)];
      const terminal = new Terminal(process.stdout);
      predictions.forEach((prediction, i) => {
        if (json) {
          printJson(predictionJson(prediction, top));
          return;
        }
        if (i > 0) terminal.print();
        terminal.print(predictionText(prediction, top, terminal));
      });
    } finally {
      await model.dispose();
    }
  },
});

async function predictTestImage(
  model: Model,
  index: number,
  choice: { readonly dataset: DatasetName; readonly dataDir: string | undefined },
): Promise<Prediction> {
  const image: Dataset = await loadTestImage(choice, index);
  const warning = classMismatch(model, image, choice.dataset);
  if (warning) process.stderr.write(`${warning}\n`);
  const { data } = await model.predict(image.images);
  return {
    image: { index },
    probabilities: data,
    classNames: model.classNames ?? image.classNames,
    actual: { label: image.labels[0]!, name: image.classNames[image.labels[0]!]! },
  };
}

/** @throws DataError, FormatError for a file that is no PNG, before anything is predicted */
async function predictFiles(
  model: Model,
  files: readonly string[],
  path: string,
  dataset: DatasetName,
): Promise<Prediction[]> {
  const [{ pngToImage }, { readWhole }] = await Promise.all([
    import('../../data/imageFile.ts'),
    import('../../files/readFile.ts'),
  ]);
  const [height, width, channels] = model.network.inputShape;
  if (channels !== 3) {
    throw new OptionError(
      `${path} takes [${model.network.inputShape.join(', ')}], which is no colour image.`,
    );
  }
  const size = height * width * channels;
  const pixels = new Uint8Array(files.length * size);
  for (const [i, file] of files.entries()) {
    pixels.set(pngToImage(await readWhole(file), file, { width, height }), i * size);
  }
  const { data } = await model.predict(pixels);
  const outputs = data.length / files.length;
  const task = knownTask(mustBeKnown(dataset));
  // Names of other classes would be worse than none.
  const classNames = model.classNames ?? (task.classes === outputs ? task.classNames : []);
  return files.map((file, i) => ({
    image: { file },
    probabilities: data.subarray(i * outputs, (i + 1) * outputs),
    classNames,
  }));
}

import { defineCommand } from '../command.ts';
import { datasetOptions } from '../datasets.ts';
import { batchSizeOption, engineOptions, jsonOption } from '../modelOptions.ts';
import { flag, optional, positiveNumber, share, text, wholeNumber, withDefault } from '../options.ts';

/** The options of `train`. */
export const trainOptions = {
  ...datasetOptions,
  'train-limit': optional('Data:', 'Take only the first so many training images.', wholeNumber(1), 'all'),
  'validation-split': withDefault(
    'Data:',
    'The share of the training images, from the end, to validate with.',
    share,
    0.2,
  ),
  epochs: withDefault('Training:', 'How often to go through the images.', wholeNumber(1), 15),
  'batch-size': batchSizeOption,
  'learning-rate': withDefault('Training:', 'The step size of Adam.', positiveNumber, 1e-3),
  seed: withDefault('Training:', 'Of the initial weights and of the shuffling.', wholeNumber(), 0),
  init: optional('Training:', 'Weights to begin with: a safetensors file.', text, 'drawn from the seed'),
  'no-shuffle': flag('Training:', 'Take the images in the same order in every epoch.'),
  ...engineOptions,
  out: optional('Output:', 'The folder for the results.', text, 'runs/<time>'),
  ...jsonOption,
};

export const command = defineCommand({
  options: trainOptions,
  examples: [
    ['train', 'CIFAR-10, 15 epochs.'],
    ['train --dataset shapes', 'Needs no download.'],
    ['train --epochs 1 --out runs/try', 'A short try.'],
    ['train --tier simd', 'The same bits on every machine.'],
  ],
  notes:
    'The folder of the results holds model.safetensors, history.json and history.csv (written anew after every ' +
    'epoch), accuracy.png and run.json; an earlier run in the same folder is replaced. The seed and the tier ' +
    'decide the result to the last bit, the number of threads does not. Ctrl-C stops after the step under way ' +
    'and saves what there is. The shapes dataset is always the same; --seed does not change it. ' +
    'CIFAR-10 is downloaded if it is not there; CIFAR10_URL names another server.',
  run: async (values, context) => {
    const { train } = await import('../train/train.ts');
    await train(values, context);
  },
});

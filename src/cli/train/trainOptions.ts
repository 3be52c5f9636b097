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

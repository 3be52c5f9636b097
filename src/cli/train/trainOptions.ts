import { augmentationList, augmentationWords } from '../augmentation.ts';
import { datasetOptions } from '../datasets.ts';
import { batchSizeOption, engineOptions, jsonOption } from '../modelOptions.ts';
import { networkName, networkNames } from '../networkOptions.ts';
import { optimizerOptions } from '../optimizerOptions.ts';
import { cadence, flag, optional, share, text, wholeNumber, withDefault } from '../options.ts';
import { callbackOptions } from './callbackOptions.ts';

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
  augment: optional(
    'Data:',
    `How images are changed at random in training, such as flip,shift=4: ${augmentationWords}.`,
    augmentationList,
  ),
  network: withDefault(
    'Network:',
    `${networkNames}, with a model’s own JSON, or Keras’.`,
    networkName,
    'tutorial',
  ),
  dropout: optional('Network:', 'The share of values left out in front of the last layers.', share, '0'),
  init: optional('Network:', 'Weights to begin with: a safetensors file.', text, 'drawn from the seed'),
  epochs: withDefault('Training:', 'How often to go through the images.', wholeNumber(1), 15),
  'batch-size': batchSizeOption,
  seed: withDefault('Training:', 'Of the initial weights, the shuffling and dropout.', wholeNumber(), 0),
  'no-shuffle': flag('Training:', 'Take the images in the same order in every epoch.'),
  'label-smoothing': withDefault(
    'Training:',
    'The share of each target that is spread over all classes.',
    share,
    0,
  ),
  ...optimizerOptions,
  ...callbackOptions,
  ...engineOptions,
  out: optional('Output:', 'The folder for the results.', text, 'runs/<time>'),
  'checkpoint-every': withDefault(
    'Output:',
    'How often to write a checkpoint besides at the end of each epoch: such as 90s, 5m or "500 steps".',
    cadence,
    { seconds: 300 },
    '5m',
  ),
  resume: optional('Output:', 'Go on with the run in this folder, with the options that it has.', text),
  ...jsonOption,
};

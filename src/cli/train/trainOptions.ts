import { augmentationList, augmentationWords } from '../augmentation.ts';
import { datasetOptions } from '../datasets.ts';
import { batchSizeOption, engineOptions, jsonOption } from '../modelOptions.ts';
import { networkName, networkNames } from '../networkOptions.ts';
import { folderOptions } from '../pictures/folderOptions.ts';
import { optimizerOptions } from '../optimizerOptions.ts';
import { cadence, flag, optional, share, text, wholeNumber, withDefault } from '../options.ts';
import { callbackOptions } from './callbackOptions.ts';
import { classWeight } from './classWeight.ts';
import { recipeOptions } from './recipeOptions.ts';

/** What is trained if nothing is said. */
export const USUAL_NETWORK = 'tutorial';

/** The options of `train`. */
export const trainOptions = {
  ...datasetOptions,
  'train-limit': optional('Data:', 'Take only the first so many training images.', wholeNumber(1), 'all'),
  'validation-split': withDefault(
    'Data:',
    'The share of the training images, from the end, to validate with, unless the dataset has images for that; of a folder, of each class.',
    share,
    0.2,
  ),
  'no-test': flag('Data:', 'Leave the test images alone, as long as options are chosen.'),
  ...folderOptions,
  augment: optional(
    'Data:',
    `How images are changed at random in training, such as flip,shift=4: ${augmentationWords}.`,
    augmentationList,
  ),
  ...recipeOptions,
  network: optional(
    'Network:',
    `${networkNames}, with a model’s own JSON, or Keras’. With --from, that of a PyTorch state_dict.`,
    networkName,
    USUAL_NETWORK,
  ),
  dropout: optional('Network:', 'The share of values left out in front of the last layers.', share, '0'),
  init: optional('Network:', 'Weights to begin with: a safetensors file.', text, 'drawn from the seed'),
  from: optional(
    'Network:',
    'A trained model to go on from, in the place of these: its file, a checkpoint or the folder of a run. For another ' +
      'number of classes its last layer is made anew.',
    text,
  ),
  normalize: flag(
    'Network:',
    'Put the mean and the deviation of the training images into the model, channel by channel: of a folder that is done anyway.',
  ),
  'no-normalize': flag('Network:', 'Leave the images of a folder as they are, from 0 to 1.'),
  freeze: optional(
    'Training:',
    'Layers whose weights stay as they are: names with * and ?, and commas between them.',
    text,
    'none',
  ),
  'unfreeze-after': optional('Training:', 'Train them too after so many epochs.', wholeNumber(1), 'never'),
  'class-weight': optional(
    'Training:',
    'What images of each class count: balanced, weights such as cat:1,dog:3 (or 0:1,1:3), or a JSON or YAML file of them.',
    classWeight,
    '1',
  ),
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
  config: optional('Other:', 'More options from a JSON or YAML file, or from a run.json.', text),
  resume: optional('Output:', 'Go on with the run in this folder, with the options that it has.', text),
  ...jsonOption,
};

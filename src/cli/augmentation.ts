/** `--augment flip,shift=4`. */
import { AUGMENTATIONS, augmentationsOf } from '../training/augmentationWords.ts';
import type { Check } from './options.ts';

export { augmentationsOf } from '../training/augmentationWords.ts';

/** For the help. */
export const augmentationWords = AUGMENTATIONS.join(', ');

/** A list that can be read; the images that it is for may still be too small. */
export const augmentationList: Check<string> = (text) => {
  augmentationsOf(text);
  return text;
};

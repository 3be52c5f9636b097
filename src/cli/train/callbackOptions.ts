/** What else is done as a training goes on, as options: see chosenCallbacks.ts for what is made of them. */
import { OptionError } from '../../errors.ts';
import { flag, optional, text, wholeNumber, type Values } from '../options.ts';
import type { OptimizerValues } from '../optimizerOptions.ts';

export const callbackOptions = {
  'early-stopping': optional(
    'Training:',
    'Stop once val_loss has not fallen for so many epochs, and take back the weights of the best one.',
    wholeNumber(1),
    'never',
  ),
  'reduce-lr-on-plateau': optional(
    'Optimizer:',
    'Go on with a tenth of the learning rate whenever val_loss has not fallen for so many epochs.',
    wholeNumber(1),
    'never',
  ),
  'save-best': flag(
    'Output:',
    'Save best.safetensors too: the model with the highest val_accuracy; without validation, accuracy.',
  ),
  tensorboard: optional('Output:', 'A folder for event files, which TensorBoard reads.', text, 'none'),
};

export type CallbackValues = Values<typeof callbackOptions> & { readonly validationSplit: number };

/** @throws OptionError naming options that do not go together, and what would */
export function checkCallbacks(values: CallbackValues & Pick<OptimizerValues, 'schedule' | 'ema'>): void {
  const { earlyStopping: patience, reduceLrOnPlateau, validationSplit, schedule, ema } = values;
  const watching = watchingOption(values);
  if (watching !== undefined && validationSplit === 0) {
    throw new OptionError(
      `--${watching} watches val_loss, but there is no validation: give --validation-split 0.2.`,
    );
  }
  if (reduceLrOnPlateau !== undefined && schedule !== 'constant') {
    throw new OptionError(`--reduce-lr-on-plateau is for --schedule constant, not ${schedule}.`);
  }
  if (patience !== undefined && ema !== undefined) {
    throw new OptionError(
      '--early-stopping takes back weights as they were, so that averages would come to nothing: leave out --ema.',
    );
  }
}

/** @param images  how many there are to validate with @throws OptionError if there are none, but an option needs some */
export function mustHaveValidation(values: CallbackValues, images: number): void {
  const watching = watchingOption(values);
  if (watching === undefined || images > 0) return;
  throw new OptionError(
    `--${watching} watches val_loss, but --validation-split ${values.validationSplit} leaves no image to validate with: ` +
      'make it larger, or add images.',
  );
}

/** The option that watches val_loss, if there is one. */
function watchingOption({ earlyStopping, reduceLrOnPlateau }: CallbackValues): string | undefined {
  if (earlyStopping !== undefined) return 'early-stopping';
  return reduceLrOnPlateau === undefined ? undefined : 'reduce-lr-on-plateau';
}

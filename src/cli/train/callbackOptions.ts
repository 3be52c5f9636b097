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
  const watching = Object.entries({
    'early-stopping': patience,
    'reduce-lr-on-plateau': reduceLrOnPlateau,
  }).find(([, epochs]) => epochs !== undefined);
  if (watching && validationSplit === 0) {
    throw new OptionError(
      `--${watching[0]} watches val_loss, but there is no validation: give --validation-split 0.2.`,
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

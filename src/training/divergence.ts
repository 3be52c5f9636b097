/** What is said of a loss that is no longer finite. */
import { TrainingError } from '../errors.ts';

const BAD_INPUT =
  'Look for values that are too large or no numbers in the images and in the initial weights.';

/** @param batches  in an epoch, if that is known */
export function trainingDivergence(
  loss: number,
  epoch: number,
  batch: number,
  batches: number | undefined,
  learningRate: number,
): TrainingError {
  const of = batches === undefined ? '' : ` of ${batches}`;
  const step = batches === undefined ? '' : `step ${epoch * batches + batch + 1} (`;
  const where = `${step}epoch ${epoch + 1}, step ${batch + 1}${of}${step && ')'}`;
  // The first step's loss is that of the initial weights: the learning rate has had no part in it yet.
  const cause = epoch === 0 && batch === 0 ? BAD_INPUT : likelyCause(learningRate);
  return new TrainingError(`The loss became ${loss} at ${where}. ${cause}`);
}

export function validationDivergence(loss: number, epoch: number, learningRate: number): TrainingError {
  return new TrainingError(
    `The validation loss became ${loss} in epoch ${epoch + 1}. ${likelyCause(learningRate)}`,
  );
}

function likelyCause(learningRate: number): string {
  return (
    `The likely cause is a learning rate that is too high: it is ${learningRate}, ` +
    `try ${Number((learningRate / 10).toPrecision(3))}. Otherwise: ${BAD_INPUT}`
  );
}

import type { LabelledImages } from '../../data/dataset.ts';
import { slice } from '../../data/slice.ts';
import { TrainingError } from '../../errors.ts';
import { evaluateViews, type ViewsEvaluation } from '../../recipes/views.ts';
import type { Model } from '../../training/model.ts';
import type { Evaluation } from '../../training/options.ts';
import { evaluationLine } from '../evaluationLine.ts';
import { viewsText } from '../views.ts';
import { predictionJson, predictionText } from '../prediction.ts';
import { loss as lossText } from '../units.ts';
import type { Setting, Surroundings } from './surroundings.ts';

/** How many classes are listed for the one image that is predicted. */
const TOP = 3;

export interface TestResult {
  readonly evaluation: Evaluation;
  /** Over the views of the recipe, if it has several: what counts. */
  readonly views?: ViewsEvaluation;
}

/**
 * Evaluates a model on the test images and shows what it makes of the first of them.
 * @returns undefined if it was interrupted
 * @throws TrainingError if the loss is not a number
 */
export async function testModel(
  model: Model,
  test: LabelledImages,
  batchSize: number,
  surroundings: Surroundings & Pick<Setting, 'recipe'>,
): Promise<TestResult | undefined> {
  const { terminal, signal, emit, recipe } = surroundings;
  let evaluation: Evaluation;
  let views: ViewsEvaluation | undefined;
  try {
    evaluation = await model.evaluate(test.images, test.labels, {
      batchSize,
      onBatchEnd: (_batch, { seen, total }) => {
        drawn(seen, total, surroundings);
      },
    });
    if (Number.isFinite(evaluation.loss)) views = await overViews(model, test, batchSize, surroundings);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
  const { loss, accuracy } = evaluation;
  emit('evaluation', { ...evaluation, ...(views && { tta: views }) });
  terminal.print();
  terminal.print(`Test loss = ${lossText(loss)}`);
  terminal.print(`Test accuracy = ${terminal.paint(views ? 'dim' : 'bold', accuracy!.toFixed(3))}`);
  if (views) terminal.print(`${viewsText('Test', views, terminal)}: what counts for ${recipe!.name}`);
  if (!Number.isFinite(loss)) {
    throw new TrainingError(
      `The loss on the test images is ${loss}: the training diverged. Try a lower --learning-rate.`,
    );
  }
  const { images, labels, classNames } = slice(test, 0, 1);
  const { data } = await model.predict(images);
  const actual = { label: labels[0]!, name: classNames[labels[0]!]! };
  const prediction = { image: { index: 0 }, probabilities: data, classNames, actual };
  emit('prediction', predictionJson(prediction, TOP));
  terminal.print();
  terminal.print(predictionText(prediction, TOP, terminal));
  return { evaluation, ...(views && { views }) };
}

/**
 * How often the model is right if it looks at images as its recipe has it.
 * @returns undefined if it has them looked at once, or there is no recipe
 * @throws what the signal is aborted with
 */
export async function overViews(
  model: Model,
  set: LabelledImages,
  batchSize: number,
  surroundings: Surroundings & Pick<Setting, 'recipe'>,
): Promise<ViewsEvaluation | undefined> {
  const { views = [] } = surroundings.recipe ?? {};
  if (views.length <= 1) return undefined;
  const onProgress = (seen: number, total: number): void => {
    drawn(seen, total, surroundings);
  };
  return evaluateViews(model, set.images, set.labels, { views, batchSize, onProgress });
}

function drawn(seen: number, total: number, { terminal, signal }: Surroundings): void {
  signal.throwIfAborted();
  terminal.draw((width) => evaluationLine(seen, total, width));
}

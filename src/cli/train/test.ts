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
  { terminal, signal, emit, recipe }: Surroundings & Pick<Setting, 'recipe'>,
): Promise<TestResult | undefined> {
  const draw = (seen: number, total: number): void => {
    signal.throwIfAborted();
    terminal.draw((width) => evaluationLine(seen, total, width));
  };
  let evaluation: Evaluation;
  let views: ViewsEvaluation | undefined;
  try {
    evaluation = await model.evaluate(test.images, test.labels, {
      batchSize,
      onBatchEnd: (_batch, { seen, total }) => {
        draw(seen, total);
      },
    });
    if (recipe && recipe.views.length > 1 && Number.isFinite(evaluation.loss)) {
      const options = { views: recipe.views, batchSize, onProgress: draw };
      views = await evaluateViews(model, test.images, test.labels, options);
    }
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
  const { loss, accuracy } = evaluation;
  emit('evaluation', { ...evaluation, ...(views && { tta: views }) });
  terminal.print();
  terminal.print(`Test loss = ${lossText(loss)}`);
  terminal.print(`Test accuracy = ${terminal.paint(views ? 'dim' : 'bold', accuracy!.toFixed(3))}`);
  if (views) terminal.print(`${viewsText(views, terminal)}: what counts for ${recipe!.name}`);
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

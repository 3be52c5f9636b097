/** What a model is, and whether it can be tested on some images. */
import type { Dataset } from '../../data/dataset.ts';
import type { Model } from '../../training/model.ts';
import { summarizeNetwork } from '../network.ts';
import type { ModelSummary } from '../protocol.ts';

/** @param test  what it would be tested on */
export function summarizeModel(model: Model, test: Dataset): ModelSummary {
  const outputs = model.network.layers.at(-1)!.outputShape[0]!;
  return {
    network: summarizeNetwork(model.network.specs),
    classNames: model.classNames ?? Array.from({ length: outputs }, (_, i) => `class ${i}`),
    misfit: misfit(model, test),
  };
}

/** Why the model cannot be tested on the images, as a sentence. */
export function misfit(model: Model, test: Dataset): string | undefined {
  const [height, width, channels] = model.network.inputShape;
  const wanted = [height, width, channels].join('×');
  const given = [test.height, test.width, test.channels].join('×');
  if (wanted !== given) return `The model takes ${wanted} images, but these are ${given}.`;
  if (model.classNames && model.classNames.join() !== test.classNames.join()) {
    const some = model.classNames.slice(0, 3).join(', ');
    return `The model was trained on other classes (${some} …) than those of the images here: choose its data to test it.`;
  }
  const outputs = model.network.layers.at(-1)!.outputShape.join('×');
  if (outputs === String(test.classNames.length)) return undefined;
  return `The model tells ${outputs} classes apart, but there are ${test.classNames.length} here.`;
}

/** Whether a network suits a task: checked before any work, with words for people. */
import { OptionError } from '../errors.ts';
import type { Network } from '../nn/network.ts';
import type { Shape } from '../nn/shape.ts';
import { isClassifier } from '../training/objectives.ts';
import { endsInActivation } from '../training/softmaxed.ts';
import { layerText } from './networkOptions.ts';

/** The images of a dataset, and what is on them. */
export interface Task {
  readonly inputShape: Shape;
  readonly classes: number;
  /** What the dataset is called. */
  readonly name: string;
}

/** @param path  the file that the network is from @throws OptionError if it is for other images, or no such classifier */
export function mustFit(network: Network, { inputShape, classes, name }: Task, path: string): void {
  const [wanted, given] = [network.inputShape.join('×'), inputShape.join('×')];
  if (wanted !== given) {
    throw new OptionError(
      `${path} takes ${wanted} images, but those of ${name} are ${given}. The input shape of its first layer, ` +
        `${layerText(network, 0)}, must be [${inputShape.join(', ')}] for these.`,
    );
  }
  mustClassify(network, path);
  const [outputs, ...rest] = network.outputShape;
  if (rest.length > 0) {
    throw new OptionError(
      `${path} gives [${network.outputShape.join(', ')}] for an image, not one probability for each of ${classes} ` +
        `classes: put a flatten or globalAveragePooling2d in front of its last layer, ${layerText(network, -1)}.`,
    );
  }
  if (outputs === classes) return;
  const remedy = network.layers.at(-1)!.type === 'dense' ? 'units' : 'outputs';
  throw new OptionError(
    `${path} tells ${outputs} classes apart, but ${name} has ${classes}. Its last layer, ` +
      `${layerText(network, -1)}, must have ${classes} ${remedy} for these.`,
  );
}

/** @throws OptionError if it does not end in the probabilities of classes */
export function mustClassify(network: Network, path: string): void {
  if (isClassifier(network)) return;
  const remedy = endsInActivation(network.specs)
    ? 'Give that layer the activation "softmax" and an output for each class, as "train --from" does; "predict --input" takes the model as it is.'
    : 'Give that layer the activation "softmax", or put a softmax layer behind it: predict, evaluate, export and convert do with --softmax.';
  throw new OptionError(
    `${path} is no classifier: its last layer, ${layerText(network, -1)}, does not end in a softmax, so it gives no ` +
      `probabilities of classes. ${remedy}`,
  );
}

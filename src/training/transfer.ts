/** A trained network made ready for other images and other classes: as much of it as fits stays. */
import { OptionError } from '../errors.ts';
import { buildNetwork, type Network } from '../nn/network.ts';
import type { Tensor } from '../nn/parameters.ts';
import { withSettings, type LayerSpec } from '../nn/spec.ts';
import { isClassifier } from './objectives.ts';
import { ofLogits, withSoftmax } from './softmaxed.ts';

/** What the network is to be for. */
export interface Destination {
  readonly inputShape: readonly number[];
  readonly classes: number;
  /** What the images are called, for messages. */
  readonly name: string;
}

export interface Transferred {
  /** All of them trained. */
  readonly layers: readonly LayerSpec[];
  /** Those that stay. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** The layers whose weights are to be made anew, because there are other classes. */
  readonly madeAnew: readonly string[];
  /** Whether a softmax was put behind the last layer, which gave no probabilities. */
  readonly softmax: boolean;
}

/**
 * Where the number of classes differs, the last layer with units or filters gets as many as there are classes. Where the images
 * are of another size, no weight may depend on it, as behind a global pooling.
 * @param path  the file that the network is from, for messages
 * @throws OptionError if the network cannot be made to fit
 */
export function transfer(
  network: Network,
  weights: ReadonlyMap<string, Tensor>,
  destination: Destination,
  path: string,
): Transferred {
  const sized = forImages(network, destination, path);
  const fitted = forClasses(sized, destination, path);
  // Other programs often have the softmax in the loss.
  const softmax = !isClassifier({ specs: fitted });
  const layers = softmax ? withSoftmax(ofLogits(fitted)) : fitted;
  const { weights: wanted } = buildNetwork(layers);
  const changed = wanted.filter(({ name, shape }) => weights.get(name)?.shape.join() !== shape.join());
  const lost = new Set(changed.map(({ name }) => name));
  return {
    layers,
    weights: new Map([...weights].filter(([name]) => !lost.has(name))),
    madeAnew: [...new Set(changed.map(({ name }) => name.slice(0, name.lastIndexOf('/'))))],
    softmax,
  };
}

/** The same layers, all of them trained, for images of another size. @throws OptionError if a weight depends on the size */
function forImages(network: Network, { inputShape, name }: Destination, path: string): Network {
  const refused = (why: string, cause?: unknown): OptionError =>
    new OptionError(
      `${path} takes ${network.inputShape.join('×')} images, but those of ${name} are ${inputShape.join('×')}: ${why}`,
      { cause },
    );
  const specs = network.specs.map((spec, i) =>
    withSettings(spec, { trainable: undefined, inputShape: i === 0 ? inputShape : undefined }),
  );
  let sized: Network;
  try {
    sized = buildNetwork(specs);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw refused(error.message, error);
  }
  const other = sized.weights.find(({ shape }, i) => network.weights[i]!.shape.join() !== shape.join());
  if (!other) return sized;
  throw refused(
    `"${other.name}" is for one size of images. A network with a global pooling in front of its dense layers is for any.`,
  );
}

/** @throws OptionError if the number of classes is not up to one layer */
function forClasses({ specs, outputShape }: Network, { classes }: Destination, path: string): LayerSpec[] {
  if (outputShape.join() === String(classes)) return [...specs];
  const last = specs.findLastIndex((spec) => 'units' in spec || 'filters' in spec);
  const layers = specs.map((spec, i) => {
    if (i !== last) return spec;
    return { ...spec, ...('units' in spec ? { units: classes } : { filters: classes }) };
  });
  try {
    if (last >= 0 && buildNetwork(layers).outputShape.join() === String(classes)) return layers;
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
  }
  throw new OptionError(
    `${path} puts out [${outputShape.join(', ')}], which its last dense layer alone cannot make into ${classes} classes.`,
  );
}

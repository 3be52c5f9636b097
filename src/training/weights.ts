/** What each image counts in the loss. */
import { OptionError } from '../errors.ts';
import { quoted } from '../quoted.ts';
import type { Targets } from './targets.ts';

/** What each image or class counts. */
export interface WeightOptions {
  /** [count] */
  sampleWeight?: Float32Array | Float64Array | readonly number[];
  /**
   * By class index; 1 for classes that are left out. Or 'balanced': images / (classes · images of the class), over the classes
   * that there are images of, so that each class counts the same.
   */
  classWeight?: Readonly<Record<number, number>> | 'balanced';
}

export const WEIGHT_OPTIONS = ['sampleWeight', 'classWeight'] as const satisfies (keyof WeightOptions)[];

/** @throws OptionError if there are not as many weights as images, or one is below 0 */
export function sampleWeights(
  count: number,
  sampleWeight: WeightOptions['sampleWeight'],
): Float32Array | undefined {
  if (!sampleWeight) return undefined;
  if (!Array.isArray(sampleWeight) && !ArrayBuffer.isView(sampleWeight)) {
    throw new OptionError('sampleWeight must be an array or a typed array: a number for each image.');
  }
  if (sampleWeight.length !== count) {
    throw new OptionError(`There are ${count} images, but sampleWeight has ${sampleWeight.length} numbers.`);
  }
  const weights = Float32Array.from(sampleWeight);
  weights.forEach((weight, i) => {
    mustWeigh(`sampleWeight[${i}]`, weight);
  });
  return weights;
}

/**
 * The weights of the images, each multiplied by that of its class.
 * @param classes  how many the network tells apart
 * @throws OptionError if images have no class each, or a weight is below 0
 */
export function classWeights(
  weights: Float32Array | undefined,
  targets: Targets,
  classes: number,
  classWeight: WeightOptions['classWeight'],
): Float32Array | undefined {
  if (!classWeight) return weights;
  if (targets.size !== (targets.layout === 'classes' ? 1 : classes)) {
    throw new OptionError('classWeight needs one class for each image: use sampleWeight instead.');
  }
  // One output tells two classes apart.
  const known = Math.max(2, classes);
  if (classWeight === 'balanced') return times(weights, targets, balancedWeights(targets, known));
  if (typeof (classWeight as unknown) !== 'object')
    throw new OptionError(`classWeight must be { 0: 1, 1: 3 } or 'balanced', not ${quoted(classWeight)}.`);
  for (const [key, weight] of Object.entries(classWeight)) {
    const index = Number(key);
    if (!(Number.isInteger(index) && index >= 0 && index < known)) {
      throw new OptionError(`classWeight has "${key}", but the classes are 0 to ${known - 1}.`);
    }
    mustWeigh(`classWeight[${key}]`, weight);
  }
  return times(weights, targets, (index) => classWeight[index] ?? 1);
}

function times(
  weights: Float32Array | undefined,
  targets: Targets,
  weightOf: (index: number) => number,
): Float32Array {
  const length = targets.data.length / targets.size;
  return Float32Array.from({ length }, (_, i) => (weights?.[i] ?? 1) * weightOf(classOf(targets, i)));
}

/** What each class counts so that all count the same: scikit-learn's "balanced", among those that there are images of. */
export function balancedWeights(targets: Targets, classes: number): (index: number) => number {
  const counts = new Float64Array(classes);
  const count = targets.data.length / targets.size;
  for (let i = 0; i < count; i++) counts[classOf(targets, i)]!++;
  const present = counts.filter((each) => each > 0).length;
  return (index) => (counts[index] ? count / (present * counts[index]) : 1);
}

/** The class of an image, as Keras has it: of numbers the largest; of one, what it rounds to. */
function classOf({ layout, data, size }: Targets, image: number): number {
  if (layout === 'classes') return data[image]!;
  // 0.5 goes to 0, the even neighbour.
  if (size === 1) return Math.ceil(data[image]! - 0.5);
  const row = data.subarray(image * size, (image + 1) * size);
  return row.indexOf(row.reduce((most, value) => Math.max(most, value)));
}

function mustWeigh(name: string, weight: number): void {
  if (weight >= 0 && weight < Infinity) return;
  throw new OptionError(`${name} is ${weight}: a weight must be a number of at least 0.`);
}

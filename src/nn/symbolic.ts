/** Layers applied to each other's outputs: how a network that is not a chain is written down. */
import { OptionError } from '../errors.ts';
import { quoted } from '../quoted.ts';
import { defined, type LayerDefinition, type Spec } from './layers/definition.ts';
import type { Shape } from './shape.ts';

/** An output of a layer in a network that is being written down. */
export interface SymbolicTensor {
  /** The layer whose output it is; undefined for the images themselves. */
  readonly layer: Spec | undefined;
  /** What the layer was applied to. */
  readonly inputs: readonly SymbolicTensor[];
  /** Of the images. */
  readonly shape?: Shape;
}

export interface Applicable {
  /**
   * The output of this layer for one input or several.
   * @throws OptionError if it has been applied before: layers cannot be shared
   */
  apply(input: SymbolicTensor | readonly SymbolicTensor[]): SymbolicTensor;
}

/** The images that a network takes. @param options.shape  [height, width, channels] */
export function input({ shape }: { readonly shape: Shape }): SymbolicTensor {
  if (!Array.isArray(shape) || shape.length !== 3 || !shape.every((n) => Number.isInteger(n) && n > 0)) {
    throw new OptionError(`input: shape must be [height, width, channels], not ${quoted(shape)}.`);
  }
  return { layer: undefined, inputs: [], shape };
}

const applied = new WeakSet<Spec>();

function isTensor(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'inputs' in value && 'layer' in value;
}

/** Gives a spec its definition, and its `apply`, which is no part of the data: JSON and spreading leave it out. */
export function applicable<S extends Spec>(spec: S, definition: LayerDefinition<S>): S & Applicable {
  const apply: Applicable['apply'] = (given) => {
    const inputs = (Array.isArray(given) ? given : [given]) as readonly SymbolicTensor[];
    if (!inputs.every(isTensor)) {
      throw new OptionError(`The layer ${spec.name ?? spec.type} is applied to what no layer gave.`);
    }
    if (applied.has(spec)) {
      throw new OptionError(
        `The layer ${spec.name ?? spec.type} is applied twice: layers cannot be shared, make one for each place.`,
      );
    }
    applied.add(spec);
    return { layer: spec, inputs };
  };
  return Object.defineProperty(defined(spec, definition), 'apply', { value: apply }) as S & Applicable;
}

/**
 * What a function such as `add` makes: the layer, of options or nothing; or, of a list of tensors, the layer's output for them.
 * @throws OptionError as the layer's own parsing
 */
export function merged<S extends Spec>(
  definition: LayerDefinition<S>,
  first: object | readonly SymbolicTensor[] = {},
  options: object = {},
): (S & Applicable) | SymbolicTensor {
  return Array.isArray(first)
    ? applicable(definition.parse(options), definition).apply(first as readonly SymbolicTensor[])
    : applicable(definition.parse(first), definition);
}

/**
 * The layers between the images and an output, each behind all that it takes.
 * @param named  gives each layer its name
 * @throws OptionError if the images are not those of `inputs`
 */
export function layersBetween(
  inputs: SymbolicTensor,
  outputs: SymbolicTensor,
  named: (specs: readonly Spec[]) => readonly string[],
): Spec[] {
  const order: SymbolicTensor[] = [];
  const seen = new Set<SymbolicTensor>();
  // A list instead of recursion: networks may be deeper than the stack.
  const open: { readonly tensor: SymbolicTensor; readonly done: boolean }[] = [
    { tensor: outputs, done: false },
  ];
  while (open.length > 0) {
    const { tensor, done } = open.pop()!;
    if (done) {
      order.push(tensor);
      continue;
    }
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    if (!tensor.layer) {
      if (tensor === inputs) continue;
      throw new OptionError('model: outputs depend on another input than the one given; there can be one.');
    }
    open.push({ tensor, done: true });
    for (const each of tensor.inputs.toReversed()) open.push({ tensor: each, done: false });
  }
  if (!seen.has(inputs)) throw new OptionError('model: outputs do not depend on inputs.');
  const names = named(order.map(({ layer }) => layer!));
  const nameOf = new Map(order.map((tensor, i) => [tensor, names[i]!]));
  return order.map(({ layer, inputs: from }, i) => ({
    ...layer!,
    name: names[i]!,
    inputs: from.map((each) => nameOf.get(each) ?? IMAGES),
  }));
}

/** What stands for the images among the names of a layer's inputs. */
export const IMAGES = 'images';

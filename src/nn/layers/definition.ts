import { OptionError } from '../../errors.ts';
import { quoted } from '../../quoted.ts';
import type { ConvolutionChoice } from '../operations/convolutionAlgorithm.ts';
import type { Shape } from '../shape.ts';
import type { Layer } from './layer.ts';
import type { CommonSpec } from './options.ts';

/** A layer as data, its options complete: what a model's JSON has of it. */
export interface Spec extends CommonSpec {
  readonly type: string;
}

/** What a definition needs to know to build a layer. */
export interface BuildContext {
  readonly name: string;
  /** One for each input. */
  readonly inputShapes: readonly Shape[];
  /** False if its weights are to stay as they are. */
  readonly trainable: boolean;
  /** Which algorithm convolutions use. */
  readonly convolution: ConvolutionChoice;
}

/** What a layer is, but for what its spec and its place in the network say. */
export type BuiltLayer = Pick<Layer, 'outputShape' | 'operations'> & Partial<Layer>;

/** A type of layer. All that there is to know of it is here: see registry.ts for who asks. */
export interface LayerDefinition<S extends Spec = Spec> {
  readonly type: S['type'];
  /** How many inputs it takes: one, or two and more. */
  readonly inputs: 'one' | 'several';
  /** Whether it has an option `axis`; others work on the last one, whatever Keras calls it. */
  readonly hasAxis?: boolean;
  /** The complete spec of options as users or files give them. @throws OptionError for one out of range */
  parse(options: object): S;
  /** @throws OptionError if it does not fit its inputs */
  build(spec: S, context: BuildContext): BuiltLayer;
  /** What it does, in a few words, for the page. */
  describe(spec: S): string;
}

/** As Keras calls a type: "Conv2D" for conv2d. */
export function kerasNameOf(type: string): string {
  return type.replace(/^./, (letter) => letter.toUpperCase()).replace('2d', '2D');
}

/** What names are derived from, as Keras does: "max_pooling2d" for maxPooling2d. */
export function baseNameOf(type: string): string {
  return type.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
}

/**
 * Where a spec has its definition: JSON leaves a symbol out and spreading takes it along. So a network brings the code of its
 * own layers, and bundlers can drop that of all others; only who reads data needs the registry.
 */
const DEFINITION = Symbol('definition');

/** A spec that knows its definition. */
export function defined<S extends Spec>(spec: S, definition: LayerDefinition<S>): S {
  return Object.assign(spec, { [DEFINITION]: definition });
}

/** @throws OptionError if the spec is mere data, which nobody has checked */
export function definitionOf(spec: Spec): LayerDefinition {
  const { [DEFINITION]: definition } = spec as { readonly [DEFINITION]?: LayerDefinition };
  if (definition) return definition;
  throw new OptionError(
    `A layer of type ${quoted(spec.type)} was not made by a function such as conv2d: JSON is read by modelFromJSON or fromKerasConfig.`,
  );
}

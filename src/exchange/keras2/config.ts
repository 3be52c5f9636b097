/**
 * A network from the JSON of a model in the form of Keras 2, which tfjs writes too: it is put into the form of Keras 3, and what was
 * computed otherwise then is computed as it was.
 */
import { FormatError } from '../../errors.ts';
import { specsOfKerasConfig } from '../../nn/kerasConfig.ts';
import type { Spec } from '../../nn/layers/definition.ts';
import { isObject, type Options } from '../../nn/named.ts';
import type { Network } from '../../nn/network.ts';
import { quoted } from '../../quoted.ts';
import { withHardSigmoidOfKeras2 } from './hardSigmoid.ts';
import { LayerNames } from './layerNames.ts';
import { asInKeras3 } from './layers.ts';
import { reshapedInput } from './reshapedInput.ts';

export interface Keras2Model {
  readonly specs: readonly Spec[];
  /** What its layers are called here. */
  readonly names: LayerNames;
  /** Layers along whose axis 1 it works, which must be the last: their inputs must be vectors. */
  readonly ofVectors: ReadonlySet<string>;
}

/** What is found out on the way through the layers. */
interface Context {
  readonly names: LayerNames;
  readonly ofVectors: Set<string>;
}

const MODELS: ReadonlySet<unknown> = new Set(['Sequential', 'Model', 'Functional']);

/**
 * The layers of a model.
 * @param json  `{ class_name, config }`, or an object that has that as its `model_config`; it is not trusted
 * @throws FormatError naming the layer or the setting that is not supported
 */
export function keras2Model(json: unknown): Keras2Model {
  const model = isObject(json) && isObject(json.model_config) ? json.model_config : json;
  if (!isObject(model) || !MODELS.has(model.class_name)) {
    throw new FormatError(
      `The Keras model is of the class ${quoted(isObject(model) ? model.class_name : model)}; ` +
        'Sequential, Model and Functional are read.',
    );
  }
  const context: Context = { names: new LayerNames(), ofVectors: new Set() };
  const changed = changedModel(model, context);
  const input = withImages(changed);
  let specs = specsOfKerasConfig(input.model);
  if (input.shape) specs = reshapedInput(specs, input.shape);
  return { ...context, specs: withHardSigmoidOfKeras2(specs) };
}

/** @throws FormatError if a layer works along axis 1 of something else than vectors */
export function checkVectors({ ofVectors }: Keras2Model, { layers }: Network): void {
  const wrong = layers.find(({ name, inputShapes }) => ofVectors.has(name) && inputShapes[0]!.length > 1);
  if (!wrong) return;
  throw new FormatError(
    `The Keras layer "${wrong.name}" (${wrong.type}): axis 1 is not supported, only the last.`,
  );
}

/** A model, or one within another: no deeper than JSON is nested. */
function changedModel(model: Options, context: Context): Options {
  const config = Array.isArray(model.config) ? { layers: model.config as unknown } : model.config;
  if (!isObject(config) || !Array.isArray(config.layers)) {
    throw new FormatError('The Keras model has no list of layers.');
  }
  const layers = (config.layers as unknown[]).map((layer) => changedLayer(layer, context));
  const { output_layers: outputs, input_layers: inputs } = config;
  return {
    ...model,
    config: {
      ...config,
      layers,
      ...(inputs !== undefined && { input_layers: context.names.inReferences(inputs) }),
      ...(outputs !== undefined && { output_layers: context.names.inReferences(outputs) }),
    },
  };
}

function changedLayer(layer: unknown, context: Context): unknown {
  if (!isObject(layer) || typeof layer.class_name !== 'string') {
    throw new FormatError('A layer of the Keras model has no class_name.');
  }
  const { inbound_nodes: nodes } = layer;
  const name = nameOf(layer);
  const own = {
    ...layer,
    ...(name !== undefined && { name: context.names.of(name) }),
    ...(nodes !== undefined && { inbound_nodes: context.names.inReferences(nodes) }),
  };
  if (MODELS.has(layer.class_name)) return changedModel(own, context);
  const { className, config } = asInKeras3({ className: layer.class_name, config: configOf(layer) });
  return {
    ...own,
    class_name: className,
    config: {
      ...withLastAxis(className, config, name, context),
      ...(name !== undefined && { name: context.names.of(name) }),
    },
  };
}

function configOf({ class_name: className, config }: Options): Options {
  if (isObject(config)) return config;
  throw new FormatError(`${quoted(className)} of the Keras model is no object.`);
}

function nameOf({ name, config }: Options): string | undefined {
  const own = isObject(config) ? config.name : undefined;
  const given = own ?? name;
  return typeof given === 'string' ? given : undefined;
}

/** Of vectors axis 1 is the last, as which Keras 2 writes it. */
function withLastAxis(
  className: string,
  config: Options,
  name: string | undefined,
  { names, ofVectors }: Context,
): Options {
  const { axis } = config;
  const isFirst = Array.isArray(axis) ? axis.length === 1 && axis[0] === 1 : axis === 1;
  if (!isFirst || className === 'Concatenate' || name === undefined) return config;
  ofVectors.add(names.of(name));
  return { ...config, axis: -1 };
}

/**
 * A model with images [height, width, channels] for an input. Others have them made of what they take: of n values [1, 1, n], of
 * [height, width] those with one channel.
 */
function withImages(model: Options): { readonly model: Options; readonly shape?: readonly number[] } {
  const config = model.config as Options & { readonly layers: readonly Options[] };
  const holder =
    config.layers.find(({ class_name: className }) => className === 'InputLayer') ?? config.layers[0];
  const own = holder?.config;
  if (!isObject(own) || !Array.isArray(own.batch_input_shape)) return { model };
  const [, ...shape] = own.batch_input_shape as unknown[];
  if (shape.length < 1 || shape.length > 2 || !shape.every(Number.isSafeInteger)) return { model };
  const images = shape.length === 1 ? [1, 1, ...shape] : [...shape, 1];
  const layers = config.layers.map((layer) =>
    layer === holder ? { ...layer, config: { ...own, batch_input_shape: [null, ...images] } } : layer,
  );
  return { model: { ...model, config: { ...config, layers } }, shape: shape as number[] };
}

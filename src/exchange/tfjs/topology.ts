/** What TensorFlow.js calls otherwise than Keras 2. */
import { isObject } from '../../isObject.ts';
import type { Options } from '../../nn/named.ts';

/** Initializers by other names. */
const INITIALIZERS: ReadonlyMap<unknown, string> = new Map([
  ['LecunNormal', 'LeCunNormal'],
  ['LecunUniform', 'LeCunUniform'],
]);

/** A model in Keras 2's JSON, in that of tfjs. */
export function topologyOf(model: Options): Options {
  const config = model.config as Options & { readonly layers: readonly Options[] };
  return { ...model, config: { ...config, layers: config.layers.map(layerOf) } };
}

function layerOf(layer: Options): Options {
  const config = Object.fromEntries(
    Object.entries(layer.config as Options).map(([key, value]) => [
      key,
      key.endsWith('_initializer') && isObject(value) ? initializerOf(value) : value,
    ]),
  );
  // Its softmax is along the first axis if nothing else is said.
  if (layer.class_name === 'Softmax') return { ...layer, config: { axis: -1, ...config } };
  // It has only one for rows; but its dropout can draw once for each channel.
  return layer.class_name === 'SpatialDropout2D'
    ? { ...layer, class_name: 'Dropout', config: { ...config, noise_shape: [null, 1, 1, null] } }
    : { ...layer, config };
}

function initializerOf({ class_name: className, config, ...others }: Options): Options {
  const settings = config as Options;
  // It has one normal distribution, which is cut off; other names than "normal" would get the uniform one.
  const isNormal = String(settings.distribution).endsWith('_normal');
  const distribution = isNormal && { distribution: 'normal' };
  return {
    ...others,
    class_name: INITIALIZERS.get(className) ?? className,
    config: { ...settings, ...distribution },
  };
}

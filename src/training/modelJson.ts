/** A network as JSON: `{ "type": "sequential", "layers": […] }`, as the metadata of a model's file has it. */
import { FormatError, OptionError } from '../errors.ts';
import { isObject } from '../isObject.ts';
import { MAX_LAYERS } from '../limits.ts';
import { isChain, type Network } from '../nn/network.ts';
import { PIXEL_SCALES, type PixelScale } from '../nn/pixelScale.ts';
import { LAYOUTS, type Layout } from '../nn/shape.ts';
import { parseLayerSpec, type LayerSpec } from '../nn/spec.ts';
import { quoted } from '../quoted.ts';

const TYPES = ['sequential', 'functional'];

/** What a network is made of. */
export interface NetworkParts {
  readonly layers: LayerSpec[];
  /** What the largest byte of an image becomes for it. */
  readonly pixelScale: PixelScale;
  /** How images lay in the program that it is from. */
  readonly layout: Layout;
}

/** The JSON of a network, which {@link partsOfJson} reads back. */
export function networkJson(network: Network, layout: Layout): object {
  const { specs, pixelScale } = network;
  return {
    type: isChain(network) ? 'sequential' : 'functional',
    ...(pixelScale !== 1 && { pixelScale }),
    ...(layout !== 'nhwc' && { layout }),
    layers: specs,
  };
}

/**
 * The parts of a network from its JSON, parsed.
 * @param where  what it is from, for messages
 * @throws FormatError naming the layer that is none, or what is wrong otherwise
 */
export function partsOfJson(json: unknown, where: string): NetworkParts {
  const layers = layersOfJson(json, where);
  const { pixelScale = 1, layout = 'nhwc' } = isObject(json) ? json : {};
  return {
    layers,
    pixelScale: oneOf('pixelScale', pixelScale, PIXEL_SCALES, where),
    layout: oneOf('layout', layout, LAYOUTS, where),
  };
}

/**
 * The layers of a network from its JSON, parsed.
 * @param where  what it is from, for messages
 * @throws FormatError naming the layer that is none
 */
export function layersOfJson(json: unknown, where: string): LayerSpec[] {
  if (typeof json === 'string') throw new FormatError(`${where} is text: parse it first.`);
  const { type = 'sequential', layers } = isObject(json) ? json : {};
  if (!Array.isArray(layers)) {
    throw new FormatError(
      `${where} has no list of layers: it must be { "type": "sequential", "layers": […] }.`,
    );
  }
  if (!TYPES.includes(type as string)) {
    throw new FormatError(
      `${where}: its type must be ${TYPES.map((each) => `"${each}"`).join(' or ')}, not ${quoted(type)}.`,
    );
  }
  if (layers.length === 0 || layers.length > MAX_LAYERS) {
    throw new FormatError(`${where} has ${layers.length} layers: it must have 1 to ${MAX_LAYERS}.`);
  }
  return (layers as unknown[]).map((layer, i) => {
    try {
      return parseLayerSpec(layer);
    } catch (error) {
      if (!(error instanceof OptionError)) throw error;
      const named = isObject(layer) && typeof layer.name === 'string' ? ` (${quoted(layer.name)})` : '';
      throw new FormatError(`${where}: layer ${i + 1} of ${layers.length}${named}: ${error.message}`, {
        cause: error,
      });
    }
  });
}

/** @throws FormatError if it says something else than one of those */
function oneOf<T>(name: string, given: unknown, allowed: readonly T[], where: string): T {
  const found = allowed.find((each) => each === given);
  if (found !== undefined) return found;
  throw new FormatError(
    `${where}: its ${name} must be ${allowed.map((each) => quoted(each).replaceAll('"', '')).join(' or ')}, not ${quoted(given)}.`,
  );
}

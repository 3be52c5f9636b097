/** Which network: one that simdnet knows, or one from a JSON file. */
import { FormatError, OptionError } from '../errors.ts';
import { pixelScaleOf } from '../exchange/pixelScale.ts';
import { readText } from '../files/readFile.ts';
import { parseJson } from '../formats/json.ts';
import { isObject } from '../isObject.ts';
import { MAX_JSON_BYTES } from '../limits.ts';
import { NETWORKS, networkPreset } from '../networks/registry.ts';
import { specsOfKerasConfig } from '../nn/kerasConfig.ts';
import { kerasNameOf } from '../nn/layers/definition.ts';
import { buildNetwork, type Network } from '../nn/network.ts';
import type { Shape } from '../nn/shape.ts';
import type { LayerSpec } from '../nn/spec.ts';
import { nearest } from '../suggest.ts';
import { partsOfJson, type NetworkParts } from '../training/modelJson.ts';
import type { Check } from './options.ts';

const NAMES = NETWORKS.map(({ name }) => name);

/** What the help says of the values of --network. */
export const networkNames = `${NAMES.join(', ')}, or FILE.json`;

/** The name of a network that there is, or of a JSON file. */
export const networkName: Check<string> = (value, name) => {
  if (NAMES.includes(value) || isFile(value)) return value;
  const meant = nearest(value, NAMES);
  throw new OptionError(
    `--${name} must be ${networkNames}, not ${JSON.stringify(value)}.${meant ? ` Did you mean ${meant}?` : ''}`,
  );
};

/** Whether a network is from a file, which says itself what images it takes and how many classes it tells apart. */
export function isFile(network: string): boolean {
  return network.toLowerCase().endsWith('.json');
}

export interface NetworkPlace {
  readonly inputShape: Shape;
  readonly classes: number;
  readonly dropout?: number | undefined;
}

/**
 * What a network is made of. A file's is as the file has it, whatever the place.
 * @throws OptionError if the place does not suit it; DataError, FormatError for a file
 */
export async function partsOf(network: string, place: NetworkPlace): Promise<NetworkParts> {
  const { inputShape, classes, dropout } = place;
  if (!isFile(network)) {
    return {
      layers: networkPreset(network, { inputShape, classes, dropout: dropout ?? 0 }),
      pixelScale: 1,
      layout: 'nhwc',
    };
  }
  if (dropout !== undefined) {
    throw new OptionError(
      `--dropout is for the networks that simdnet knows: in ${network}, write layers of type "dropout".`,
    );
  }
  return partsOfFile(network);
}

/**
 * The network in a JSON file: a model's own JSON, or what Keras' `to_json()` writes. Its layers are known to make a network.
 * @throws DataError if it cannot be read; FormatError naming the file, and the layer that is wrong
 */
export async function partsOfFile(path: string): Promise<NetworkParts> {
  return partsOfText(await readText(path, MAX_JSON_BYTES), path);
}

/** The same, of a file that has been read. @throws FormatError naming the file, and the layer that is wrong */
export function partsOfText(text: string, path: string): NetworkParts {
  const json = parse(text, path);
  try {
    const isKeras = isObject(json) && 'class_name' in json;
    const parts = isKeras
      ? kerasParts(specsOfKerasConfig(json) as LayerSpec[])
      : partsOfJson(json, 'The model');
    buildNetwork(parts.layers);
    return parts;
  } catch (error) {
    if (error instanceof OptionError || error instanceof FormatError) {
      throw new FormatError(`${path}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

function kerasParts(layers: LayerSpec[]): NetworkParts {
  return { layers, pixelScale: pixelScaleOf(layers) ?? 1, layout: 'nhwc' };
}

function parse(text: string, path: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new FormatError(`${path} is not JSON: ${reason}. It must be a model's JSON, or Keras' to_json().`, {
      cause,
    });
  }
}

/** A layer as messages name it, such as "dense_1" (Dense). */
export function layerText({ layers }: Network, index: number): string {
  const { name, type } = layers.at(index)!;
  return `"${name}" (${kerasNameOf(type)})`;
}

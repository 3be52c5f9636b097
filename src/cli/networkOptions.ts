/** Which network: one that simdnet knows, or one from a JSON file. */
import { FormatError, OptionError } from '../errors.ts';
import { readText } from '../files/readFile.ts';
import { parseJson } from '../formats/json.ts';
import { MAX_JSON_BYTES } from '../limits.ts';
import { NETWORKS, networkPreset } from '../networks/registry.ts';
import { specsOfKerasConfig } from '../nn/kerasConfig.ts';
import { kerasNameOf } from '../nn/layers/definition.ts';
import { isObject } from '../nn/named.ts';
import { buildNetwork, type Network } from '../nn/network.ts';
import type { Shape } from '../nn/shape.ts';
import type { LayerSpec } from '../nn/spec.ts';
import { nearest } from '../suggest.ts';
import { layersOfJson } from '../training/modelJson.ts';
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
 * The layers of a network. Those of a file are as the file has them, whatever the place.
 * @throws OptionError if the place does not suit it; DataError, FormatError for a file
 */
export async function layersOf(network: string, place: NetworkPlace): Promise<LayerSpec[]> {
  const { inputShape, classes, dropout } = place;
  if (!isFile(network)) return networkPreset(network, { inputShape, classes, dropout: dropout ?? 0 });
  if (dropout !== undefined) {
    throw new OptionError(
      `--dropout is for the networks that simdnet knows: in ${network}, write layers of type "dropout".`,
    );
  }
  return layersOfFile(network);
}

/**
 * The layers in a JSON file: a model's own JSON, or what Keras' `to_json()` writes. They are known to make a network.
 * @throws DataError if it cannot be read; FormatError naming the file, and the layer that is wrong
 */
export async function layersOfFile(path: string): Promise<LayerSpec[]> {
  return layersOfText(await readText(path, MAX_JSON_BYTES), path);
}

/** The same, of a file that has been read. @throws FormatError naming the file, and the layer that is wrong */
export function layersOfText(text: string, path: string): LayerSpec[] {
  const json = parse(text, path);
  try {
    const isKeras = isObject(json) && 'class_name' in json;
    const layers = isKeras ? (specsOfKerasConfig(json) as LayerSpec[]) : layersOfJson(json, 'The model');
    buildNetwork(layers);
    return layers;
  } catch (error) {
    if (error instanceof OptionError || error instanceof FormatError) {
      throw new FormatError(`${path}: ${error.message}`, { cause: error });
    }
    throw error;
  }
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

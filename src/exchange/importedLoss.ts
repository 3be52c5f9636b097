import { FormatError } from '../errors.ts';
import { isObject } from '../isObject.ts';
import type { LossConfig } from '../nn/losses/loss.ts';
import { lossOfKeras } from '../nn/losses/registry.ts';

/**
 * The loss that `compile` of Keras or tfjs was given, as their files have it: a name, an object, or one of them in a list or by the name of
 * the output.
 * @param json  not trusted
 * @returns null if there is none like it here, undefined if the file has none
 */
export function importedLoss(json: unknown): LossConfig | null | undefined {
  const loss = singleOf(json);
  if (loss === null || loss === undefined) return undefined;
  try {
    return lossOfKeras(plainOf(loss));
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

/** That of the only output. */
function singleOf(json: unknown): unknown {
  const isList = Array.isArray(json) || (isObject(json) && !('class_name' in json));
  const all: readonly unknown[] = isList ? Object.values(json) : [json];
  return all.length === 1 ? all[0] : json;
}

/** A loss without what Keras 2 says besides: that it reduces as usual, and by which function it computes. */
function plainOf(loss: unknown): unknown {
  if (!isObject(loss)) return loss;
  const { config } = loss;
  if (loss.class_name === 'function') return config;
  if (!isObject(config)) return loss;
  const settings = Object.entries(config).filter(
    ([key, value]) => key !== 'fn' && !(key === 'reduction' && value === 'auto'),
  );
  return { ...loss, config: Object.fromEntries(settings) };
}

/** What an optimizer of TensorFlow.js knew, as the same one here keeps it. */
import { FormatError, OptionError } from '../../errors.ts';
import type { TfjsWeight } from '../../formats/tfjs/weights.ts';
import { isObject } from '../../isObject.ts';
import type { Options } from '../../nn/named.ts';
import type { Network } from '../../nn/network.ts';
import { trainedNames, type Tensor } from '../../nn/parameters.ts';
import { quoted } from '../../quoted.ts';
import type { ImportedOptimizer } from '../imported.ts';
import { TFJS_OPTIMIZERS, type TfjsOptimizer } from './optimizers.ts';
import type { WeightFinder } from './weightNames.ts';

export interface StoredOptimizer {
  readonly trainingConfig: unknown;
  /** The weights of the group "optimizer". */
  readonly stored: readonly TfjsWeight[];
  readonly network: Network;
  readonly find: WeightFinder;
  /** For messages. */
  readonly fileName: string;
}

/**
 * An optimizer and its state, if that was saved; undefined if there is none like it here.
 * @throws FormatError if its settings are out of range, or what it keeps does not fit the network
 */
export function importOptimizer(given: StoredOptimizer): ImportedOptimizer | undefined {
  const { trainingConfig, stored, fileName } = given;
  const json = isObject(trainingConfig) ? trainingConfig.optimizer_config : undefined;
  if (!isObject(json) || !isObject(json.config)) return undefined;
  const { class_name: className } = json;
  const known = TFJS_OPTIMIZERS.find((each) => each.className === className);
  if (!known) return undefined;
  if (stored.length === 0) return unused(known, json.config);
  const [first, ...kept] = stored;
  const iterations = first!.data[0];
  if (first!.data.length !== 1 || !Number.isSafeInteger(iterations) || iterations! < 0) {
    throw new FormatError(
      `${fileName}: its optimizer ${quoted(className)} does not begin with how many steps it has taken.`,
    );
  }
  try {
    const config = known.configure(json.config);
    return { config, iterations: iterations!, variables: variablesOf(known, given, kept, json.config) };
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new FormatError(`${fileName}: its optimizer ${quoted(className)}: ${error.message}`, {
      cause: error,
    });
  }
}

/** One that has not taken a step; undefined if its settings are not those of tfjs, as in files that Keras' converter wrote. */
function unused(optimizer: TfjsOptimizer, settings: Options): ImportedOptimizer | undefined {
  try {
    return { config: optimizer.configure(settings), iterations: 0, variables: new Map() };
  } catch (error) {
    if (error instanceof OptionError) return undefined;
    throw error;
  }
}

/** tfjs keeps all of one kind behind each other, each in the order of the weights that are trained. */
function variablesOf(
  optimizer: TfjsOptimizer,
  { network, find, fileName }: StoredOptimizer,
  kept: readonly TfjsWeight[],
  settings: Readonly<Record<string, unknown>>,
): Map<string, Tensor> {
  const variables = new Map<string, Tensor>();
  // One that has not been used keeps nothing.
  if (kept.length === 0) return variables;
  const kinds = optimizer.kinds(settings);
  const trained = trainedNames(network);
  if (kept.length !== kinds.length * trained.length) {
    throw new FormatError(
      `${fileName}: its optimizer ${optimizer.className} keeps ${kept.length} variables, but for ${trained.length} weights that are trained there should be ${kinds.length} each.`,
    );
  }
  const shapes = new Map(network.weights.map(({ name, shape }) => [name, shape]));
  kept.forEach(({ name: storedName, shape, data }, i) => {
    const kind = kinds[Math.floor(i / trained.length)]!;
    const name = meant(storedName, find) ?? trained[i % trained.length]!;
    const wanted = shapes.get(name)!;
    if (wanted.join() !== shape.join()) {
      throw new FormatError(
        `${fileName}: what its optimizer keeps as ${quoted(storedName)} is [${shape.join(', ')}], but "${name}" is [${wanted.join(', ')}].`,
      );
    }
    if (kind.name === undefined) return;
    const factor = kind.factor ?? 1;
    variables.set(`${name}/${kind.name}`, {
      shape: wanted,
      data: factor === 1 ? data : data.map((value) => value * factor),
    });
  });
  return variables;
}

/** The weight of a variable such as "dense/kernel/m", or "dense/kernel_1/m" of a model that was loaded a second time. */
function meant(variable: string, find: WeightFinder): string | undefined {
  const weight = variable.slice(0, Math.max(0, variable.lastIndexOf('/')));
  return find(weight) ?? find(weight.replace(/_\d+$/, ''));
}

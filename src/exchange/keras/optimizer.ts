/** What optimizers keep, in the order of Keras' files. */
import { FormatError } from '../../errors.ts';
import type { H5Dataset } from '../../formats/hdf5/hdf5.ts';
import { optimizerOfKeras } from '../../nn/optimizers/fromKeras.ts';
import type { OptimizerConfig } from '../../nn/optimizers/optimizer.ts';
import { optimizerDefinition } from '../../nn/optimizers/registry.ts';
import type { NamedWeight } from '../../nn/network.ts';
import type { Tensor } from '../../nn/parameters.ts';
import type { ImportedOptimizer } from '../imported.ts';
import { scalarOf, tensorOf } from './arrays.ts';

/** A variable of an optimizer: of which weight, and which of its variables. */
export interface OptimizerSlot {
  readonly weight: NamedWeight;
  readonly variable: string;
}

/** Optimizers that do here what they do in Keras. */
const SHARED: readonly string[] = ['sgd', 'adam', 'adamw', 'rmsprop', 'lion'];

/** Kept for each weight side by side; all others stand one behind the other, each for all weights. */
const TOGETHER: readonly string[] = ['momentum', 'velocity'];

/** Whether Keras has the same optimizer. */
export function isSharedOptimizer({ name }: OptimizerConfig): boolean {
  return SHARED.includes(name);
}

/**
 * The variables of an optimizer as Keras numbers them, behind the count of its steps and the learning rate.
 * @param trained  the weights that are trained, in the order of Keras
 */
export function optimizerSlots(config: OptimizerConfig, trained: readonly NamedWeight[]): OptimizerSlot[] {
  const own = optimizerDefinition(config).variables(config);
  const isAdam = config.name.startsWith('adam');
  const groups = [
    ...(config.useEma ? [['average']] : []),
    ...(config.gradientAccumulationSteps === null ? [] : [['accumulated']]),
    ...(isAdam ? [TOGETHER] : []),
    ...own.filter((name) => !(isAdam && TOGETHER.includes(name))).map((name) => [name]),
  ];
  return groups.flatMap((group) =>
    trained.flatMap((weight) => group.map((variable): OptimizerSlot => ({ weight, variable }))),
  );
}

/** What a file has of an optimizer. */
export interface StoredOptimizer {
  /** `{ "class_name": "Adam", "config": … }`, if there is any. */
  readonly config: unknown;
  /** Its variables in order, and their names, if the file has names. */
  readonly variables: readonly H5Dataset[];
  readonly names?: readonly string[] | undefined;
}

/**
 * The optimizer with what it keeps; undefined if it is none that there is here, or was made for other weights.
 * @param trained  the weights that are trained, in the order of Keras
 * @throws FormatError if a variable is of another shape than its weight
 */
export function importedOptimizer(
  { config: json, variables, names = [] }: StoredOptimizer,
  trained: readonly NamedWeight[],
): ImportedOptimizer | undefined {
  const config = knownConfig(json);
  if (!config || !isSharedOptimizer(config)) return undefined;
  const [steps, ...others] = variables;
  // Up to 2.10, TensorFlow counted in "iter", kept no rate, and each kind of variable for all weights at once.
  const isOld = /(^|\/)iter(:0)?$/.test(names[0] ?? '');
  const slots = isOld ? slotsOfTensorFlow(config, trained) : optimizerSlots(config, trained);
  const kept = !isOld && typeof config.learningRate === 'number' ? others.slice(1) : others;
  // Before its first step it keeps nothing.
  if (!steps || (kept.length === 0 && slots.length > 0))
    return { config, iterations: 0, variables: new Map() };
  if (kept.length !== slots.length) return undefined;
  const tensors = slots.map(({ weight, variable }, i): [string, Tensor] => {
    const name = `${weight.name}/${variable}`;
    return [name, tensorOf(kept[i]!, weight.shape, `The optimizer's ${name}`)];
  });
  return {
    config,
    iterations: scalarOf(steps, "The optimizer's count of steps"),
    variables: new Map(tensors),
  };
}

function slotsOfTensorFlow(config: OptimizerConfig, trained: readonly NamedWeight[]): OptimizerSlot[] {
  return optimizerDefinition(config)
    .variables(config)
    .flatMap((variable) => trained.map((weight) => ({ weight, variable })));
}

function knownConfig(json: unknown): OptimizerConfig | undefined {
  try {
    return optimizerOfKeras(json);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

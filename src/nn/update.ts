/**
 * What comes behind the gradients, in Keras' order: what regularizers add, gradients of several batches averaged, clipped,
 * weights decayed, the optimizer's own step, and the moving average of the weights.
 */
import { call } from '../engine/call.ts';
import { offsetBy, type Address, type Pointer } from '../engine/pointer.ts';
import { together, type Argument, type Instruction } from '../engine/program.ts';
import { planClipping } from './clipping.ts';
import type { PlanContext } from './operations/operation.ts';
import type { OptimizerConfig } from './optimizers/optimizer.ts';
import { optimizerDefinition } from './optimizers/registry.ts';
import { weightSettings, type WeightSettings } from './optimizers/weightSettings.ts';
import type { Network } from './network.ts';
import {
  blocksOf,
  changedNames,
  GRADIENTS,
  mergedRanges,
  PARAMETERS,
  trainedNames,
  VARIABLES,
  type WeightRange,
} from './parameters.ts';
import type { FixedMemory } from './plan.ts';
import { size } from './shape.ts';
import { planRegularizers } from './regularization.ts';

/** The blocks that an optimizer keeps besides its own variables, in the order in which they stand behind those. */
export function extraVariables({
  useEma,
  lookahead,
  gradientAccumulationSteps,
}: OptimizerConfig): readonly string[] {
  return [
    ...(useEma ? ['average'] : []),
    ...(lookahead ? ['slow'] : []),
    ...(gradientAccumulationSteps === null ? [] : ['accumulated']),
  ];
}

/** The averages of weights that an optimizer may keep. */
export type AverageName = 'average' | 'slow';

/** The weights that there is a variable for: those that are trained; of the slow average all that a step changes. */
export function namesKeptFor(network: Network, variable: string): string[] {
  return variable === 'slow' ? changedNames(network) : trainedNames(network);
}

/** All that an optimizer keeps for each weight, by name. */
export function variablesOf(optimizer: OptimizerConfig): readonly string[] {
  return [...optimizerDefinition(optimizer).variables(optimizer), ...extraVariables(optimizer)];
}

export interface UpdatePlan {
  /** Behind the gradients, in every batch: what regularizers add to them. */
  readonly regularize: readonly Instruction[];
  /** Before the first step: the slow average begins with the weights. */
  readonly beginSlow: readonly Instruction[];
  /** Instead of `update`, in batches whose gradients are only added up. */
  readonly accumulate: readonly Instruction[];
  readonly update: readonly Instruction[];
  /** Behind `update`, every few steps: the slow average is moved, and the weights drawn to it. */
  readonly lookahead: readonly Instruction[];
}

export function planUpdate(fixed: FixedMemory, context: PlanContext, optimizer: OptimizerConfig): UpdatePlan {
  const { block } = fixed;
  const trained = fixed.ranges.filter(({ weight }) => weight.trained);
  const whole = mergedRanges(trained, () => '');
  const variables = variablesOf(optimizer);
  const variable = (name: string): Pointer => block(VARIABLES + variables.indexOf(name));
  const each = (
    label: string,
    emit: (range: WeightRange) => Instruction,
    ranges = whole,
  ): readonly Instruction[] => ranges.map((range) => ({ ...emit(range), label }));
  const at = (base: Pointer, { offset }: WeightRange): Address => offsetBy(base, offset);
  /** @param into  becomes the average of itself and of `of` */
  const average = (into: Pointer, of: Pointer, momentum: Argument, ranges = whole) =>
    each(
      'average',
      (range) =>
        call('averageBlocks', 'average', blocksOf(range), {
          average: at(into, range),
          parameters: at(of, range),
          momentum,
        }),
      ranges,
    );
  const ema = optimizer.useEma ? average(variable('average'), block(PARAMETERS), 'average') : [];
  const slow = optimizer.lookahead && variable('slow');
  const changed = new Set(changedNames(fixed.network));
  const slowed = mergedRanges(
    fixed.ranges.filter(({ weight }) => changed.has(weight.name)),
    () => '',
  );
  const towards = (into: Pointer, of: Pointer, momentum: Argument): readonly Instruction[] =>
    together(average(into, of, momentum, slowed));
  const steps = optimizer.gradientAccumulationSteps;
  const averaged =
    steps === null
      ? []
      : each('accumulate', (range) =>
          call('averageGradients', 'accumulate', blocksOf(range), {
            gradients: at(block(GRADIENTS), range),
            accumulated: at(variable('accumulated'), range),
            steps,
          }),
        );
  const added = each('accumulate', (range) =>
    call('addBlocks', 'accumulate', blocksOf(range), {
      target: at(variable('accumulated'), range),
      source: at(block(GRADIENTS), range),
    }),
  );
  return {
    regularize: planRegularizers(fixed, trained),
    beginSlow: slow ? towards(slow, block(PARAMETERS), 0) : [],
    accumulate: [...together(steps === null ? [] : added), ...together(ema)],
    update: [
      ...together(averaged),
      ...planClipping(fixed, context, optimizer, trained),
      ...planSteps(fixed, context, optimizer, trained, variables),
      ...together(ema),
    ],
    lookahead: slow
      ? [...towards(slow, block(PARAMETERS), 'lookahead'), ...towards(block(PARAMETERS), slow, 0)]
      : [],
  };
}

function planSteps(
  { block }: FixedMemory,
  context: PlanContext,
  optimizer: OptimizerConfig,
  trained: readonly WeightRange[],
  variables: readonly string[],
): readonly Instruction[] {
  const definition = optimizerDefinition(optimizer);
  const { matrices } = definition;
  const settingsOf = ({ weight }: WeightRange): WeightSettings => weightSettings(optimizer, weight.name);
  const merged = (ranges: readonly WeightRange[]): WeightRange[] =>
    mergedRanges(ranges, (range) => JSON.stringify(settingsOf(range)));
  const own = definition.variables(optimizer);
  const addresses = (range: WeightRange) => ({
    parameters: offsetBy(block(PARAMETERS), range.offset),
    gradients: offsetBy(block(GRADIENTS), range.offset),
    variables: own.map((name) => offsetBy(block(VARIABLES + variables.indexOf(name)), range.offset)),
    multiplier: settingsOf(range).multiplier,
    blocks: blocksOf(range),
  });
  const decay = merged(trained).flatMap((range): Instruction[] => {
    const { weightDecay } = settingsOf(range);
    if (weightDecay === 0) return [];
    const parameters = offsetBy(block(PARAMETERS), range.offset);
    return [
      call('decayWeights', 'decay', blocksOf(range), {
        parameters,
        weightDecay,
        learningRate: 'learningRate',
      }),
    ];
  });
  const isMatrix = ({ weight }: WeightRange): boolean =>
    (weight.isMatrix && matrices?.takes(optimizer, weight.name)) ?? false;
  const whole = trained.filter(isMatrix).map((range) => {
    const { name, shape } = range.weight;
    const outputs = shape.at(-1)!;
    return { ...addresses(range), name, inputs: size(shape) / outputs, outputs };
  });
  return [
    ...together(decay),
    ...together(
      merged(trained.filter((range) => !isMatrix(range))).map((range) =>
        definition.update(optimizer, addresses(range)),
      ),
    ),
    ...(matrices && whole.length > 0 ? matrices.plan(optimizer, context, whole) : []),
  ];
}

/** What a network is trained towards and judged by: its loss, with the metrics that are reported. */
import type { Address } from '../engine/pointer.ts';
import type { Instruction } from '../engine/program.ts';
import type { PlanContext } from './operations/operation.ts';
import type { Shape } from './shape.ts';

export interface Objective {
  readonly targets: 'classes' | 'values';
  /** How many numbers the target of an image has. */
  readonly targetSize: number;
  /** The name of an activation at the network's end that the loss takes over. */
  readonly fuses: string | undefined;
  /** What is summed up for each batch, in the order in which it stands in the slot. */
  readonly results: readonly string[];
  plan(args: ObjectiveArguments): (count: number) => readonly Instruction[];
}

export interface ObjectiveArguments {
  readonly context: PlanContext;
  readonly outputShape: Shape;
  readonly predictions: Address;
  readonly targets: Address;
  readonly weights: Address;
  /** Where the gradient goes; 0 where none is wanted. */
  readonly dPredictions: Address;
  readonly results: Address;
}

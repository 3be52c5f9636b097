import type { Address } from '../../engine/pointer.ts';
import type { Instruction, Registers } from '../../engine/program.ts';
import { OptionError } from '../../errors.ts';
import type { PlanContext } from '../operations/operation.ts';
import type { CommonConfig } from './commonOptions.ts';

/** An optimizer's settings, complete. */
export interface OptimizerConfig extends CommonConfig {
  readonly name: string;
}

/** Where a part of the weights lies, and what belongs to it. */
export interface UpdateAddresses {
  readonly parameters: Address;
  readonly gradients: Address;
  /** One for each of {@link OptimizerDefinition.variables}. */
  readonly variables: readonly Address[];
  /** Of the learning rate; 1 if left out. */
  readonly multiplier?: number;
  /** How many blocks of 16 values there are. */
  readonly blocks: number;
}

/** A weight that is a matrix to an optimizer: all inputs of each output. */
export interface MatrixUpdate extends UpdateAddresses {
  /** `layer/weight` */
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly multiplier: number;
}

/** A way to change the weights by their gradients. All that there is to know of it: see registry.ts for who asks. */
export interface OptimizerDefinition<C extends OptimizerConfig = OptimizerConfig> {
  readonly name: C['name'];
  /** The complete settings. @throws OptionError for one out of range, or one that is not known */
  configure(options: object): C;
  /** The names of what it keeps for each weight, as Keras has them. */
  variables(config: C): readonly string[];
  /** What the registers hold for a batch. @param step  how many batches there were before */
  registers(config: C, step: number): Registers;
  update(config: C, addresses: UpdateAddresses): Instruction;
  /** Set if it changes matrices, each as a whole, in a way of their own. */
  readonly matrices?: {
    /** Whether it is for this one. @param name  `layer/weight` */
    takes(config: C, name: string): boolean;
    plan(config: C, context: PlanContext, updates: readonly MatrixUpdate[]): readonly Instruction[];
  };
}

/** @throws OptionError if it is not in [0, 1) */
export function checkDecay(name: string, value: unknown): asserts value is number {
  if (!(typeof value === 'number' && value >= 0 && value < 1))
    throw new OptionError(`${name} must be at least 0 and below 1, not ${String(value)}.`);
}

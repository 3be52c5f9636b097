/**
 * From a network to programs: the memory plan, and the kernel calls of a training step, an evaluation, a prediction.
 *
 * Memory, from low to high: gradients | parameters | what the optimizer keeps, each laid out by parameters.ts; the slots that
 * the host fills with batches; zeros; the barrier and the counters of the threads; and what a program needs while it runs, where
 * training and inference use the same memory by turns, and each of them uses what is dead again (liveness.ts).
 */
import { ALIGNMENT, Arena } from '../engine/arena.ts';
import { offsetBy, VirtualBuffer, type Pointer } from '../engine/pointer.ts';
import type { Program } from '../engine/program.ts';
import { sharingBytes } from '../engine/sharing.ts';
import { ZeroMemory } from './memory.ts';
import type { Network } from './network.ts';
import type { Objective } from './objective.ts';
import { planInference } from './inference.ts';
import type { Addresses, Operation } from './operations/operation.ts';
import type { OptimizerConfig } from './optimizers/optimizer.ts';
import type { StepEffects } from './optimizers/registers.ts';
import {
  GRADIENTS,
  parameterLayout,
  PARAMETERS,
  rangesOf,
  type ParameterLayout,
  type WeightRange,
} from './parameters.ts';
import { size } from './shape.ts';
import { slotLayout, type SlotLayout } from './slot.ts';
import { planTraining } from './trainingStep.ts';
import { variablesOf } from './update.ts';

/** What the parts of an arena take, in bytes. */
export interface PlannedMemory {
  readonly parameters: number;
  /** 0 if the plan is not for training; so are the other parts that only training has. */
  readonly gradients: number;
  /** What the optimizer keeps for each weight. */
  readonly variables: number;
  /** Of all batches that can be under way. */
  readonly slots: number;
  /** What training works in, and what inference does: the same memory by turns. */
  readonly training: number;
  readonly inference: number;
  /** The engine's own, zeros, the barrier, and the counters of the threads. */
  readonly other: number;
}

export interface Plan {
  readonly arena: Arena;
  readonly memory: PlannedMemory;
  readonly slots: readonly number[];
  readonly slot: SlotLayout;
  /** The address of the parameters; the other blocks lie before and behind it, at intervals of `parameterBytes`. */
  readonly parameters: number;
  readonly parameterBytes: number;
  readonly barrier: number;
  /** The counters by which the threads share calls out: src/engine/sharing.ts. */
  readonly counters: number;
  readonly threads: number;
  /** Packs the weights for the programs that only go forward; after the weights have changed. */
  prepare(): Program;
  evaluate(count: number, bytes: boolean): Program;
  predict(count: number, bytes: boolean): Program;
  /** Makes the memory ready for `train` and `differentiate`; after any of the programs above. */
  enterTraining(): Program;
  /** @param effects  what is done behind the gradients. @throws if the plan is not for training */
  train(count: number, bytes: boolean, effects: StepEffects): Program;
  /** What training computes before it changes the weights: the output and the gradients. @throws as `train` */
  differentiate(count: number, bytes: boolean): Program;
}

export interface PlanOptions {
  /** The first address that the engine leaves free. */
  readonly start: number;
  /** The most images in a batch. */
  readonly batch: number;
  readonly threads: number;
  /** How many batches can be under way at once. */
  readonly slots: number;
  /** What random streams start from; 0 if left out. */
  readonly seed?: number;
  /** With it, the plan can evaluate. */
  readonly objective?: Objective | undefined;
  /** With it and an objective, the plan is for training. */
  readonly optimizer?: OptimizerConfig | undefined;
}

/** Where everything is that outlives a program. */
export interface FixedMemory {
  readonly network: Network;
  readonly options: PlanOptions;
  readonly layout: ParameterLayout;
  readonly ranges: readonly WeightRange[];
  readonly slot: SlotLayout;
  readonly zeros: ZeroMemory;
  /** A block of the parameters' layout, by its number: see parameters.ts. */
  readonly block: (index: number) => Pointer;
  readonly weights: (operation: Operation) => Addresses;
  /** Of the weights that are trained. */
  readonly gradients: (operation: Operation) => Addresses;
}

export function planNetwork(network: Network, options: PlanOptions): Plan {
  const { batch, objective, optimizer } = options;
  const arena = new Arena(options.start);
  const layout = parameterLayout(network);
  const gradients = optimizer ? layout.bytes : 0;
  const variables = optimizer ? variablesOf(optimizer).length * layout.bytes : 0;
  const blocks = gradients + layout.bytes + variables;
  const parameters = arena.allocate(blocks) + gradients;
  const slot = slotLayout({
    batch,
    image: size(network.inputShape),
    target: objective?.targetSize ?? 0,
    output: size(network.outputShape),
    results: objective?.results ?? 0,
  });
  const slots = Array.from({ length: options.slots }, () => arena.allocate(slot.bytes));
  const zeros = new ZeroMemory();
  const fixed = fixedMemory(network, options, layout, slot, zeros, parameters);
  const inference = planInference(fixed);
  const training = objective && optimizer ? planTraining(fixed, objective, optimizer) : undefined;
  zeros.place(arena.allocate(zeros.bytes));
  const barrier = arena.allocate(ALIGNMENT);
  const counters = arena.allocate(sharingBytes(options.threads));
  const start = arena.allocate(0);
  const ends = { inference: inference.place(start), training: training?.place(start) ?? start };
  // Kernels read whole vectors: up to 12 bytes behind the last channel of the last pixel.
  arena.allocate(Math.max(ends.inference, ends.training) - start + ALIGNMENT);
  const mustTrain = (): NonNullable<typeof training> => {
    if (!training) throw new Error('This plan is not for training.');
    return training;
  };
  const slotBytes = slot.bytes * slots.length;
  return {
    arena,
    memory: {
      parameters: layout.bytes,
      gradients,
      variables,
      slots: slotBytes,
      training: ends.training - start,
      inference: ends.inference - start,
      other: start + ALIGNMENT - blocks - slotBytes,
    },
    slots,
    slot,
    parameters,
    parameterBytes: layout.bytes,
    barrier,
    counters,
    threads: options.threads,
    prepare: () => inference.prepare(training !== undefined),
    evaluate: (count, bytes) => inference.evaluate(count, bytes),
    predict: (count, bytes) => inference.predict(count, bytes),
    enterTraining: () => mustTrain().enter(),
    train: (count, bytes, effects) => mustTrain().train(count, bytes, effects),
    differentiate: (count, bytes) => mustTrain().differentiate(count, bytes),
  };
}

function fixedMemory(
  network: Network,
  options: PlanOptions,
  layout: ParameterLayout,
  slot: SlotLayout,
  zeros: ZeroMemory,
  parameters: number,
): FixedMemory {
  const memory: Pointer = { buffer: new VirtualBuffer(0, 'shared', parameters), offset: 0 };
  const trained = new Set(network.weights.filter((each) => each.trained).map(({ name }) => name));
  const block = (index: number): Pointer => offsetBy(memory, index * layout.bytes) as Pointer;
  const addresses = (operation: Operation, index: number, wanted: (name: string) => boolean): Addresses =>
    Object.fromEntries(
      Object.entries(operation.weights ?? {}).flatMap(([own, name]) =>
        wanted(name) ? [[own, offsetBy(block(index), layout.offsets.get(name)!)]] : [],
      ),
    );
  return {
    network,
    options,
    layout,
    ranges: rangesOf(network, layout),
    slot,
    zeros,
    block,
    weights: (operation) => addresses(operation, PARAMETERS, () => true),
    gradients: (operation) => addresses(operation, GRADIENTS, (name) => trained.has(name)),
  };
}

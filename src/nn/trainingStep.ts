/** The program of a training step: forward, loss, backward, and the change of the weights. */
import { offsetBy } from '../engine/pointer.ts';
import { ahead, settled, together, type Instruction, type Program } from '../engine/program.ts';
import { planBackward, type BackwardStage } from './gradients.ts';
import { planAnswer, planNodes } from './inference.ts';
import { bytesOf, lifetimesIn } from './liveness.ts';
import { ModeMemory } from './memory.ts';
import { REGULARIZATION, type Objective } from './objective.ts';
import type { Companions } from './operations/operation.ts';
import type { OptimizerConfig } from './optimizers/optimizer.ts';
import type { StepEffects } from './optimizers/registers.ts';
import type { FixedMemory } from './plan.ts';
import { planRegularizationLoss } from './regularization.ts';
import { inSlot } from './slot.ts';
import { planUpdate } from './update.ts';
import { allocateView } from './view.ts';

export interface TrainingPlan {
  /** Gives everything its address. @param start  the first that is free @returns the one behind */
  place(start: number): number;
  /** Makes the memory ready, when something else has used it. */
  enter(): Program;
  /** @param effects  what is done behind the gradients */
  train(count: number, bytes: boolean, effects: StepEffects): Program;
  differentiate(count: number, bytes: boolean): Program;
}

/** So many bytes of packed weights are packed all at once, at the start of a step; more of them each just before it is used. */
const PACKED_AT_ONCE = 1 << 24;

/** A part of the program, and what must have been packed before it. */
interface Part {
  readonly prepare: readonly Instruction[];
  readonly run: (count: number) => readonly Instruction[];
}

export function planTraining(
  fixed: FixedMemory,
  objective: Objective,
  optimizer: OptimizerConfig,
): TrainingPlan {
  const { network, options, slot } = fixed;
  const companions: Companions = {
    examples: inSlot(slot.examples),
    targets: inSlot(slot.targets),
    targetSize: objective.targetSize,
  };
  const { seed = 0 } = options;
  const memory = new ModeMemory({ ...options, seed, training: true, zeros: fixed.zeros, companions });
  const { convert, stages, head, output } = planNodes(fixed, memory);
  const answer = planAnswer(fixed, memory, head, output);
  const dOutput = allocateView(memory, options.batch, [output.height, output.width, output.channels]);
  const loss = objective.plan({
    context: memory,
    predictions: output.address,
    fused: head !== undefined,
    answer: inSlot(slot.output),
    targets: companions.targets,
    weights: inSlot(slot.weights),
    dPredictions: dOutput.address,
    results: inSlot(slot.results),
  });
  const trained = new Set(network.weights.filter((each) => each.trained).map(({ name }) => name));
  const backward = planBackward(stages, { context: memory, dOutput, trained, gradients: fixed.gradients });
  const { regularize, beginSlow, accumulate, update, lookahead } = planUpdate(fixed, memory, optimizer);
  const penalty = planRegularizationLoss(fixed, memory, offsetBy(inSlot(slot.results), REGULARIZATION * 8));

  const forward: Part[] = stages.map(({ plan, forward: run }) => ({ prepare: plan.prepare, run }));
  const back = backward.map(backwardPart);
  const packed = [...forward, ...back].flatMap(({ prepare }) => prepare);
  const atOnce = packedBytes(packed) <= PACKED_AT_ONCE;

  const gradients = (count: number, bytes: boolean, between: readonly Instruction[] = []): Instruction[] =>
    settled([
      ...together([convert(count, bytes), ...(atOnce ? packed : [])]),
      ...schedule(forward, count, atOnce),
      ...between,
      ...loss(count),
      ...penalty,
      ...settled(schedule(back, count, atOnce)),
      ...regularize,
    ]);
  const answered = (count: number): readonly Instruction[] => [
    ...together(answer.prepare),
    ...answer.forward(count),
  ];
  const train = (count: number, bytes: boolean, effects: StepEffects): Instruction[] => [
    ...(effects.beginsSlow ? beginSlow : []),
    ...gradients(count, bytes, objective.needsAnswer ? answered(count) : []),
    ...(effects.updates ? update : accumulate),
    ...(effects.looksAhead ? lookahead : []),
  ];
  const differentiate = (count: number, bytes: boolean): Instruction[] =>
    gradients(count, bytes, answered(count));
  return {
    place: (start) =>
      memory.place([...differentiate(options.batch, true), ...accumulate, ...update], [], start),
    enter: () => memory.resolve(together(memory.clearAll())),
    train: (count, bytes, effects) => memory.resolve(train(count, bytes, effects)),
    differentiate: (count, bytes) => memory.resolve(differentiate(count, bytes)),
  };
}

/** Sums over shards are taken while the next operation's backward pass is under way. */
function backwardPart({ prepare = [], backward, finish }: BackwardStage): Part {
  return { prepare, run: (count) => [...backward(count), ...ahead(finish?.(count) ?? [])] };
}

function schedule(parts: readonly Part[], count: number, packed: boolean): Instruction[] {
  if (packed) return parts.flatMap(({ run }) => run(count));
  const busy = busyParts(parts, count);
  // Each part's weights are packed while the part before it is under way.
  return [
    ...together(busy[0]?.prepare ?? []),
    ...busy.flatMap(({ calls }, i) => [...ahead(busy[i + 1]?.prepare ?? []), ...calls]),
  ];
}

/** Parts that have something to run: behind others, such as a flatten, there is no barrier that what is packed could rely on. */
function busyParts(parts: readonly Part[], count: number) {
  const busy: { prepare: readonly Instruction[]; calls: readonly Instruction[] }[] = [];
  let waiting: readonly Instruction[] = [];
  for (const { prepare, run } of parts) {
    const calls = run(count);
    waiting = [...waiting, ...prepare];
    if (calls.length === 0) continue;
    busy.push({ prepare: waiting, calls });
    waiting = [];
  }
  return busy;
}

function packedBytes(packed: readonly Instruction[]): number {
  const buffers = [...lifetimesIn(packed).keys()].filter(({ kind }) => kind === 'shared');
  return buffers.reduce((sum, buffer) => sum + bytesOf(buffer, 1), 0);
}

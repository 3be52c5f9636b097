/** The programs that only go forward: prediction and evaluation. */
import { call } from '../engine/call.ts';
import { offsetBy, type Address } from '../engine/pointer.ts';
import { together, type Instruction, type Program } from '../engine/program.ts';
import { fuse } from './fusion.ts';
import type { Node } from './graph.ts';
import { ModeMemory } from './memory.ts';
import { graphOf, type Network } from './network.ts';
import { REGULARIZATION } from './objective.ts';
import { copyView } from './operations/copies.ts';
import type { ForwardPlan } from './operations/operation.ts';
import type { FixedMemory } from './plan.ts';
import { planRegularizationLoss } from './regularization.ts';
import { inSlot } from './slot.ts';
import { IMAGES } from './symbolic.ts';
import { ForwardMargins, planForward, type Stage } from './values.ts';
import { allocateView, compactLike, place, type View } from './view.ts';

export interface InferencePlan {
  /** Gives everything its address. @param start  the first that is free @returns the one behind */
  place(start: number): number;
  /** @param clear  whether something else uses the same memory */
  prepare(clear: boolean): Program;
  predict(count: number, bytes: boolean): Program;
  evaluate(count: number, bytes: boolean): Program;
}

export function planInference(fixed: FixedMemory): InferencePlan {
  const { options, slot } = fixed;
  const memory = new ModeMemory({ ...options, seed: options.seed ?? 0, training: false, zeros: fixed.zeros });
  const { convert, stages, head, output } = planNodes(fixed, memory);
  const answer = planAnswer(fixed, memory, head, output);
  const objective = options.objective?.plan({
    context: memory,
    predictions: output.address,
    fused: head !== undefined,
    answer: inSlot(slot.output),
    targets: inSlot(slot.targets),
    weights: inSlot(slot.weights),
    dPredictions: 0,
    results: inSlot(slot.results),
  });
  const penalty = options.objective
    ? planRegularizationLoss(fixed, memory, offsetBy(inSlot(slot.results), REGULARIZATION * 8))
    : [];
  const forward = (count: number, bytes: boolean): Instruction[] => [
    convert(count, bytes),
    ...stages.flatMap((stage) => stage.forward(count)),
  ];
  const prepare = preparation([...stages.map(({ plan }) => plan), answer]);
  const evaluate = (count: number): readonly Instruction[] => [
    ...(options.objective?.needsAnswer ? answer.forward(count) : []),
    ...(objective?.(count) ?? []),
    ...penalty,
  ];
  return {
    place: (start) => {
      const { batch } = options;
      const all = [...forward(batch, true), ...evaluate(batch), ...answer.forward(batch)];
      return memory.place(all, prepare, start);
    },
    prepare: (clear) => memory.resolve([...(clear ? together(memory.clearAll()) : []), ...prepare]),
    predict: (count, bytes) => memory.resolve([...forward(count, bytes), ...answer.forward(count)]),
    evaluate: (count, bytes) => memory.resolve([...forward(count, bytes), ...evaluate(count)]),
  };
}

/** The calls that pack the weights: what is folded into them first, and each as soon as that is done. */
function preparation(plans: readonly ForwardPlan[]): readonly Instruction[] {
  if (plans.every(({ fold = [] }) => fold.length === 0))
    return together(plans.flatMap(({ prepare }) => prepare));
  return plans.flatMap(({ fold = [], prepare }) => [...fold, ...together(prepare)]);
}

/** The operations that are run whatever for, and an activation at the end that the loss takes over. */
export interface PlannedNodes {
  /** Brings a batch from its slot, as bytes or as floats, into the layout of the first operations. */
  readonly convert: (count: number, bytes: boolean) => Instruction;
  readonly stages: readonly Stage[];
  readonly head: Node | undefined;
  /** What the stages put out. */
  readonly output: View;
}

export function planNodes(
  { network, options, slot, weights }: FixedMemory,
  memory: ModeMemory,
): PlannedNodes {
  const { nodes, head } = withoutHead(network, memory.training, options.objective?.fuses);
  const margins = new ForwardMargins(nodes, memory.training);
  const images = allocateView(memory, options.batch, network.inputShape, margins.of(IMAGES));
  const stages = planForward(nodes, memory, images, margins, weights);
  return {
    convert: (count, bytes) => convert(network, images, inSlot(slot.images), count, bytes),
    stages,
    head,
    output: stages.at(-1)?.output ?? images,
  };
}

/** A batch from its slot. Floats are taken as they are. */
function convert(
  { pixelScale }: Network,
  images: View,
  source: Address,
  count: number,
  bytes: boolean,
): Instruction {
  const rows = {
    source,
    height: images.height,
    length: images.width * images.channels,
    ...place('output', images),
  };
  const items = count * images.height;
  return bytes
    ? call('bytesToFloats', 'input', items, { ...rows, divisor: 255 / pixelScale })
    : call('copyFloats', 'input', items, rows);
}

function withoutHead(
  network: Network,
  training: boolean,
  fused: string | undefined,
): { readonly nodes: readonly Node[]; readonly head: Node | undefined } {
  const { nodes } = graphOf(network, training);
  const last = nodes.at(-1);
  const head = fused !== undefined && last?.operation.activation?.name === fused ? last : undefined;
  return { nodes: fuse(head ? nodes.slice(0, -1) : nodes, training), head };
}

/** Brings the network's output into the slot, through the activation at its end if the stages leave that out. */
export function planAnswer(
  { slot, weights }: FixedMemory,
  context: ModeMemory,
  head: Node | undefined,
  output: View,
): ForwardPlan {
  const target = compactLike(output, inSlot(slot.output));
  if (!head) return { prepare: [], forward: (count) => [copyView('output', output, target, count)] };
  const { operation } = head;
  return operation.plan({
    context,
    input: output,
    inputs: [output],
    output: target,
    weights: weights(operation),
  });
}

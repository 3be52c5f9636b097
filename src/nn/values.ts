/** What flows along the edges of a graph: where each operation puts its output, and with how many zeros around it. */
import type { Instruction } from '../engine/program.ts';
import { consumersOf, onlyConsumer, type Node } from './graph.ts';
import { copyReshaped, copyView } from './operations/copies.ts';
import type { Addresses, ForwardPlan, Operation, PlanContext } from './operations/operation.ts';
import { hasMargins, NO_MARGINS, size, widest, type Margins } from './shape.ts';
import { IMAGES } from './symbolic.ts';
import { allocateView, isCompact, reshapedView, type View } from './view.ts';

/** An operation's place in the plan. */
export interface Stage extends Node {
  readonly inputViews: readonly View[];
  /** What it writes itself; others may take a copy of it with margins. */
  readonly output: View;
  readonly plan: ForwardPlan;
  readonly forward: (count: number) => readonly Instruction[];
}

/** The most zeros that those who take each value want to read around it. */
export class ForwardMargins {
  readonly #wanted = new Map<string, Margins>();
  /** By the node's value: the value whose memory its output takes. */
  readonly #overwritten = new Map<string, string>();

  constructor(nodes: readonly Node[], training: boolean) {
    const consumers = consumersOf(nodes);
    const producers = new Map(nodes.map((node) => [node.value, node]));
    for (const node of nodes) {
      if (!node.operation.overwrites || (training && node.operation.keepsInput)) continue;
      const input = node.inputs.find((each) => mayBeOverwritten(each, node, producers, consumers, training));
      if (input !== undefined) this.#overwritten.set(node.value, input);
    }
    for (const { operation, inputs, value } of nodes.toReversed()) {
      for (const input of inputs) {
        const inherited = this.#overwritten.get(value) === input ? this.of(value) : NO_MARGINS;
        const own = operation.inputMargins ?? NO_MARGINS;
        this.#wanted.set(input, widest([this.of(input), own, inherited]));
      }
    }
  }

  of(value: string): Margins {
    return this.#wanted.get(value) ?? NO_MARGINS;
  }

  /** The value whose memory the output of a node takes, if it takes that of one. */
  overwrittenBy(value: string): string | undefined {
    return this.#overwritten.get(value);
  }
}

/** Whether a value is of no use to anybody once `node` has read it. */
function mayBeOverwritten(
  value: string,
  node: Node,
  producers: ReadonlyMap<string, Node>,
  consumers: ReadonlyMap<string, Node[]>,
  training: boolean,
): boolean {
  const producer = producers.get(value);
  if (!producer || onlyConsumer(consumers, value) !== node) return false;
  const { operation } = producer;
  if (size(operation.outputShape) !== size(node.operation.outputShape)) return false;
  if (operation.compact || operation.reshapes || (training && operation.keepsOutput)) return false;
  return true;
}

/** Each operation writes its output with the zeros around it that those who take it want to read. */
export function planForward(
  nodes: readonly Node[],
  context: PlanContext,
  images: View,
  margins: ForwardMargins,
  weights: (operation: Operation) => Addresses,
): Stage[] {
  const views = new Map([[IMAGES, images]]);
  return nodes.map((node) => {
    const inputs = node.inputs.map((input) => views.get(input)!);
    const overwritten = margins.overwrittenBy(node.value);
    const taken = overwritten === undefined ? undefined : views.get(overwritten);
    const { stage, view } = planStage(node, context, inputs, margins.of(node.value), weights, taken);
    views.set(node.value, view);
    return stage;
  });
}

/** @returns the stage, and the view that others take its value from */
function planStage(
  node: Node,
  context: PlanContext,
  inputs: readonly View[],
  margins: Margins,
  weights: (operation: Operation) => Addresses,
  taken: View | undefined,
): { readonly stage: Stage; readonly view: View } {
  const { operation } = node;
  const { name, outputShape, compact = false, reshapes = false } = operation;
  const label = `${name} forward`;
  if (reshapes) return planReshape(node, context, inputs[0]!, margins);
  const { views: inputViews, copies } = compact
    ? compacted(label, inputs, context)
    : { views: inputs, copies: [] };
  const output = taken ?? allocateView(context, context.batch, outputShape, compact ? NO_MARGINS : margins);
  const plan = operation.plan({
    context,
    input: inputViews[0]!,
    inputs: inputViews,
    output,
    weights: weights(operation),
  });
  const padded =
    compact && hasMargins(margins) ? allocateView(context, context.batch, outputShape, margins) : undefined;
  const forward = (count: number): readonly Instruction[] => [
    ...copies.map((copy) => copy(count)),
    ...plan.forward(count),
    ...(padded ? [copyView(label, output, padded, count)] : []),
  ];
  return { stage: { ...node, inputViews, output, plan, forward }, view: padded ?? output };
}

/** What only reshapes takes its input's memory where it can, and else copies it. */
function planReshape(
  node: Node,
  context: PlanContext,
  input: View,
  margins: Margins,
): { readonly stage: Stage; readonly view: View } {
  const { name, outputShape } = node.operation;
  const alias = isCompact(input) && !hasMargins(margins);
  const output = alias
    ? reshapedView(input, outputShape)
    : allocateView(context, context.batch, outputShape, isCompact(input) ? margins : NO_MARGINS);
  const padded =
    !alias && !isCompact(input) && hasMargins(margins)
      ? allocateView(context, context.batch, outputShape, margins)
      : undefined;
  const forward = (count: number): readonly Instruction[] => [
    ...(alias ? [] : [copyReshaped(`${name} forward`, input, output, count)]),
    ...(padded ? [copyView(`${name} forward`, output, padded, count)] : []),
  ];
  const plan: ForwardPlan = { prepare: [], forward };
  return { stage: { ...node, inputViews: [input], output, plan, forward }, view: padded ?? output };
}

/** Views without margins, copies where there are some. */
export function compacted(
  label: string,
  views: readonly View[],
  context: PlanContext,
): { readonly views: readonly View[]; readonly copies: readonly ((count: number) => Instruction)[] } {
  const copies: ((count: number) => Instruction)[] = [];
  const compact = views.map((view) => {
    if (isCompact(view)) return view;
    const copy = allocateView(context, context.batch, [view.height, view.width, view.channels]);
    copies.push((count) => copyView(label, view, copy, count));
    return copy;
  });
  return { views: compact, copies };
}

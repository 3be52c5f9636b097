/** The layers in the order in which they are computed: where each puts its output, and where each gradient goes. */
import type { Instruction } from '../engine/program.ts';
import { consumersOf, valuesWithGradient, type Node } from './graph.ts';
import type { Addresses, BackwardPlan, ForwardPlan, Layer, PlanContext } from './layers/layer.ts';
import { NO_MARGINS, widest, type Margins } from './shape.ts';
import { IMAGES } from './symbolic.ts';
import { allocateView, isCompact, reshapedView, type View } from './view.ts';

/** A layer's place in the plan. */
export interface Stage extends Node {
  readonly inputViews: readonly View[];
  readonly output: View;
  readonly forward: ForwardPlan;
}

export interface BackwardStage extends BackwardPlan {
  /**
   * What comes behind `backward`: sums where several layers take a value, and the gradient of what a layer computes before
   * its activation.
   */
  settle(count: number): readonly Instruction[];
}

/** Each layer writes its output with the zeros around it that those who take it want to read. */
export function planForward(
  nodes: readonly Node[],
  context: PlanContext,
  images: View,
  weights: (layer: Layer) => Addresses,
): Stage[] {
  const consumers = consumersOf(nodes);
  const views = new Map([[IMAGES, images]]);
  return nodes.map((node) => {
    const { layer, value } = node;
    const inputs = node.inputs.map((input) => views.get(input)!);
    const margins = marginsFor(consumers.get(value));
    const [input] = inputs;
    const alias = layer.reshapes && isCompact(input!) && !hasMargins(margins);
    const output = alias
      ? reshapedView(input!, layer.outputShape)
      : allocateView(context.arena, context.batch, layer.outputShape, margins);
    views.set(value, output);
    const forward: ForwardPlan =
      layer.reshapes && !alias
        ? { prepare: [], forward: (count) => [reshapeCopy(layer, 'forward', input!, output, count)] }
        : layer.planForward({ context, input: input!, inputs, output, weights: weights(layer) });
    return { ...node, inputViews: inputs, output, forward };
  });
}

/** The zeros that those who take a value want to read around it. */
export function marginsFor(consumers: readonly Node[] = []): Margins {
  return widest(consumers.map(({ layer }) => layer.inputMargins));
}

/** The gradient of a value while those who take it are gone through from the last to the first. */
interface Gradient {
  readonly view: View;
  written: boolean;
}

/** From the last layer to the first that needs a gradient. */
export function planBackward(
  stages: readonly Stage[],
  context: PlanContext,
  dLogits: View,
  weights: (layer: Layer) => Addresses,
  gradients: (layer: Layer) => Addresses,
): BackwardStage[] {
  const wanted = valuesWithGradient(stages);
  const consumers = consumersOf(stages);
  const producers = new Map(stages.map((stage) => [stage.value, stage]));
  const views = new Map([[stages.at(-1)?.value ?? '', { view: dLogits, written: true }]]);
  return stages
    .toReversed()
    .filter(({ value }) => wanted.has(value))
    .map((stage) => {
      const { layer, inputs, inputViews, output, forward } = stage;
      const dOutput = views.get(stage.value)!.view;
      const after: ((count: number) => Instruction)[] = [];
      let inputRelu = false;
      const dInputs = inputs.map((input) => {
        const producer = wanted.has(input) ? producers.get(input) : undefined;
        if (!producer) return undefined;
        const alone = consumers.get(input)!.length === 1;
        const relu = producer.layer.activation === 'relu';
        inputRelu = alone && relu;
        return alone
          ? planOnlyGradient(stage, producer, dOutput, context, views, after, relu && !layer.masksRelu)
          : planSharedGradient(
              stage,
              producer,
              context,
              views,
              after,
              relu,
              consumers.get(input)![0] === stage,
            );
      });
      const [input, dInput] = [inputViews[0]!, dInputs[0]];
      const plan =
        layer.reshapes && dInput
          ? planReshape(layer, dOutput, dInput)
          : layer.planBackward({
              context,
              input,
              inputs: inputViews,
              output,
              weights: weights(layer),
              gradients: gradients(layer),
              dOutput,
              dInput,
              dInputs,
              saved: forward.saved,
              inputRelu,
            });
      return { ...plan, settle: (count) => after.map((emit) => emit(count)) };
    });
}

/** The gradient of a value that one layer takes: it writes it, if it can to where it is wanted. */
function planOnlyGradient(
  { layer }: Stage,
  producer: Stage,
  dOutput: View,
  context: PlanContext,
  views: Map<string, Gradient>,
  after: ((count: number) => Instruction)[],
  relu: boolean,
): View {
  const shape = producer.layer.outputShape;
  const margins = producer.layer.gradientMargins;
  const fits = layer.writesMargins || !hasMargins(margins);
  const from =
    layer.reshapes && isCompact(dOutput)
      ? reshapedView(dOutput, shape)
      : allocateView(context.arena, context.batch, shape, fits ? margins : NO_MARGINS);
  const to = fits && from.address !== dOutput.address ? from : toMargins(from, margins, context, shape);
  if (relu || to !== from) after.push((count) => reluBackward(producer, from, to, relu, count));
  views.set(producer.value, { view: to, written: true });
  return from;
}

/** Memory that can be compact stays where it is; other memory is allocated with its margins. */
function toMargins(from: View, margins: Margins, context: PlanContext, shape: readonly number[]): View {
  return hasMargins(margins) ? allocateView(context.arena, context.batch, shape, margins) : from;
}

/** The gradient of a value that several layers take: the last of them writes it, the others add to it. */
function planSharedGradient(
  { layer }: Stage,
  producer: Stage,
  context: PlanContext,
  views: Map<string, Gradient>,
  after: ((count: number) => Instruction)[],
  relu: boolean,
  isFirst: boolean,
): View {
  const shape = producer.layer.outputShape;
  const margins = producer.layer.gradientMargins;
  let sum = views.get(producer.value);
  if (!sum) {
    sum = { view: allocateView(context.arena, context.batch, shape, margins), written: false };
    views.set(producer.value, sum);
  }
  const { view } = sum;
  const direct = !sum.written && (layer.writesMargins || !hasMargins(margins));
  const from = direct ? view : allocateView(context.arena, context.batch, shape);
  const adds = sum.written;
  if (!direct) {
    after.push((count) =>
      adds ? addInto(producer, from, view, count) : reluBackward(producer, from, view, false, count),
    );
  }
  sum.written = true;
  if (relu && isFirst) after.push((count) => reluBackward(producer, view, view, true, count));
  return from;
}

/** The gradient of a layer that only reshapes; nothing where the memory is the same. */
function planReshape(layer: Layer, dOutput: View, dInput: View): BackwardPlan {
  const same = dInput.address === dOutput.address;
  return {
    prepare: [],
    backward: (count) => (same ? [] : [reshapeCopy(layer, 'dInput', dOutput, dInput, count)]),
    finish: () => [],
  };
}

/** Copies values to memory of another shape; one of both sides is compact. */
function reshapeCopy({ name }: Layer, pass: string, from: View, to: View, count: number): Instruction {
  const view = isCompact(from) ? to : from;
  const rows = (of: View): readonly number[] =>
    of === view ? [of.address, of.image, of.row] : [of.address, of.image, view.width * view.channels * 4];
  return {
    label: `${name} ${pass}`,
    kernel: 'reluBackward',
    arguments: [...rows(from), ...rows(from), ...rows(to), view.height, view.width * view.channels, 0],
    items: count * view.height,
  };
}

export function reluBackward(
  { layer, output }: Stage,
  from: View,
  to: View,
  relu: boolean,
  count: number,
): Instruction {
  return {
    label: `${layer.name} dActivation`,
    kernel: 'reluBackward',
    arguments: [
      from.address,
      from.image,
      from.row,
      output.address,
      output.image,
      output.row,
      to.address,
      to.image,
      to.row,
      from.height,
      from.width * from.channels,
      relu ? 1 : 0,
    ],
    items: count * from.height,
  };
}

function addInto({ layer }: Stage, from: View, to: View, count: number): Instruction {
  return {
    label: `${layer.name} dSum`,
    kernel: 'addInto',
    arguments: [
      from.address,
      from.image,
      from.row,
      to.address,
      to.image,
      to.row,
      from.height,
      from.width * from.channels,
    ],
    items: count * from.height,
  };
}

function hasMargins({ top, left, bottom, right }: Margins): boolean {
  return top + left + bottom + right > 0;
}

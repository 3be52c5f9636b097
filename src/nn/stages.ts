/** The layers of a network one after the other: where each puts its output, and where each gradient goes. */
import type { Instruction } from '../engine/program.ts';
import type { Addresses, BackwardPlan, ForwardPlan, Layer, PlanContext } from './layers/layer.ts';
import type { Network } from './network.ts';
import { NO_MARGINS, type Margins } from './shape.ts';
import { allocateView, flattenView, unflattenView, type View } from './view.ts';

/** A layer's place in the plan. */
export interface Stage {
  readonly layer: Layer;
  readonly input: View;
  readonly output: View;
  readonly forward: ForwardPlan;
}

export interface BackwardStage extends BackwardPlan {
  /** Turns the gradient of the previous layer's output into that of what it computes before its activation. */
  activation(count: number): readonly Instruction[];
}

/** The layers as they are computed: a convolution and the pooling behind it may be one. */
export function fuseLayers(layers: readonly Layer[]): Layer[] {
  const fused: Layer[] = [];
  for (let i = 0; i < layers.length; i++) {
    const next = layers[i + 1];
    const both = next?.pools2x2 ? layers[i]!.withPooling?.(next) : undefined;
    fused.push(both ?? layers[i]!);
    if (both) i++;
  }
  return fused;
}

/** Each layer writes its output with the zeros around it that the next layer wants to read. */
export function planForward(
  network: Network,
  context: PlanContext,
  images: View,
  weights: (layer: Layer) => Addresses,
): Stage[] {
  const layers = fuseLayers(network.layers);
  let input = images;
  return layers.map((layer, i) => {
    const margins = layers[i + 1]?.inputMargins ?? NO_MARGINS;
    const output =
      layer.type === 'flatten'
        ? flattenView(input)
        : allocateView(context.arena, context.batch, layer.outputShape, margins);
    const forward = layer.planForward({ context, input, output, weights: weights(layer) });
    const stage = { layer, input, output, forward };
    input = output;
    return stage;
  });
}

/** From the last layer to the first that has weights. Before that one no gradient is of use. */
export function planBackward(
  stages: readonly Stage[],
  context: PlanContext,
  dLogits: View,
  weights: (layer: Layer) => Addresses,
  gradients: (layer: Layer) => Addresses,
): BackwardStage[] {
  const first = stages.findIndex(({ layer }) => layer.weights.length > 0);
  const plans: BackwardStage[] = [];
  let dOutput = dLogits;
  for (let i = stages.length - 1; i >= first && first >= 0; i--) {
    const { layer, input, output, forward } = stages[i]!;
    const before = i > first ? stages[i - 1]! : undefined;
    const wanted = before?.layer.gradientMargins ?? NO_MARGINS;
    const fits = layer.writesMargins || !hasMargins(wanted);
    let dInput: View | undefined;
    if (before) {
      dInput =
        layer.type === 'flatten'
          ? unflattenView(dOutput, input)
          : allocateView(context.arena, context.batch, before.layer.outputShape, fits ? wanted : NO_MARGINS);
    }
    const inputRelu = before?.layer.activation === 'relu';
    const plan = layer.planBackward({
      context,
      input,
      output,
      weights: weights(layer),
      gradients: gradients(layer),
      dOutput,
      dInput,
      saved: forward.saved,
      inputRelu,
    });
    let activation: BackwardStage['activation'] = () => [];
    if (before && dInput) {
      const from = dInput;
      const to = fits ? from : allocateView(context.arena, context.batch, before.layer.outputShape, wanted);
      const relu = inputRelu && !layer.masksRelu;
      if (relu || !fits) activation = (count) => [reluBackward(before, from, to, relu, count)];
      dOutput = to;
    }
    plans.push({ ...plan, activation });
  }
  return plans;
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

function hasMargins({ top, left, bottom, right }: Margins): boolean {
  return top + left + bottom + right > 0;
}

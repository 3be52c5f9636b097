import type { Addresses, Layer, PlanContext } from './layer.ts';

/** The same layer without its bias: its kernels add zeros, and what they sum up for it goes nowhere. */
export function withoutBias(layer: Layer): Layer {
  const bias = layer.weights.find(({ name }) => name === 'bias')!;
  const bytes = bias.shape[0]! * 4;
  const spare = (context: PlanContext, given: Addresses): Addresses => ({
    ...given,
    bias: context.arena.allocate(bytes),
  });
  const { withPooling } = layer;
  return {
    ...layer,
    weights: layer.weights.filter((weight) => weight !== bias),
    planForward: (plan) => layer.planForward({ ...plan, weights: spare(plan.context, plan.weights) }),
    planBackward: (plan) =>
      layer.planBackward({
        ...plan,
        weights: spare(plan.context, plan.weights),
        gradients: spare(plan.context, plan.gradients),
      }),
    ...(withPooling && {
      withPooling: (pooling) => {
        const both = withPooling(pooling);
        return both && withoutBias(both);
      },
    }),
  };
}

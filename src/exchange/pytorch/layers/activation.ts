/** Activations. */
import type { ActivationData, LeakyReLUData, ReLUData } from '../../../nn/layers/activation.ts';
import type { SoftmaxData } from '../../../nn/layers/softmax.ts';
import { OptionError } from '../../../errors.ts';
import { numeral } from './python.ts';
import type { TorchLayer } from './torchLayer.ts';

type Expression = (x: string) => string;

/** By the names that Keras has. */
const ACTIVATIONS: ReadonlyMap<string, Expression> = new Map<string, Expression>([
  ['relu', (x) => `F.relu(${x})`],
  ['relu6', (x) => `F.relu6(${x})`],
  ['leaky_relu', (x) => `F.leaky_relu(${x}, 0.2)`],
  ['elu', (x) => `F.elu(${x})`],
  ['selu', (x) => `F.selu(${x})`],
  ['gelu', (x) => `F.gelu(${x})`],
  ['gelu_approximate', (x) => `F.gelu(${x}, approximate="tanh")`],
  ['silu', (x) => `F.silu(${x})`],
  ['hard_silu', (x) => `F.hardswish(${x})`],
  ['sigmoid', (x) => `torch.sigmoid(${x})`],
  ['hard_sigmoid', (x) => `F.hardsigmoid(${x})`],
  ['tanh', (x) => `torch.tanh(${x})`],
  ['softplus', (x) => `F.softplus(${x})`],
  ['softmax', (x) => `F.softmax(${x}, dim=1)`],
]);

/** What an activation is in Python; undefined for the linear one. @throws OptionError if it is not known */
export function activationExpression(name: string): Expression | undefined {
  if (name === 'linear') return undefined;
  const found = ACTIVATIONS.get(name);
  if (found) return found;
  throw new OptionError(
    `The activation "${name}" cannot be written for PyTorch; there are linear, ${[...ACTIVATIONS.keys()].join(', ')}.`,
  );
}

export const activation: TorchLayer<ActivationData> = {
  order: 'keeps',
  steps: ({ activation: name }) => {
    const expression = activationExpression(name);
    return expression ? [expression] : [];
  },
};

export const softmax: TorchLayer<SoftmaxData> = {
  order: 'keeps',
  steps: () => [activationExpression('softmax')!],
};

export const leakyReLU: TorchLayer<LeakyReLUData> = {
  order: 'keeps',
  steps: ({ negativeSlope }) => [(x) => `F.leaky_relu(${x}, ${numeral(negativeSlope)})`],
};

export const reLU: TorchLayer<ReLUData> = {
  order: 'keeps',
  steps: ({ maxValue, negativeSlope, threshold }) => {
    if (threshold === 0 && maxValue === 6 && negativeSlope === 0) return [(x) => `F.relu6(${x})`];
    const below: Expression =
      threshold > 0
        ? (x) =>
            `torch.where(${x} >= ${numeral(threshold)}, ${x}, ${numeral(negativeSlope)} * (${x} - ${numeral(threshold)}))`
        : negativeSlope > 0
          ? (x) => `F.leaky_relu(${x}, ${numeral(negativeSlope)})`
          : (x) => `F.relu(${x})`;
    return maxValue === null ? [below] : [below, (x) => `${x}.clamp(max=${numeral(maxValue)})`];
  },
};

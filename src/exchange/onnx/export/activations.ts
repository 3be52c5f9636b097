/** Activations in ONNX' operators. */
import { OptionError } from '../../../errors.ts';
import type { Shape } from '../../../nn/shape.ts';
import type { Layout } from '../../../nn/shape.ts';
import { float, int, type Scope } from './graphWriter.ts';
import { channelAxis } from './value.ts';

/** What an activation is applied to. */
export interface Activated {
  readonly name: string;
  readonly layout: Layout;
  readonly shape: Shape;
}

type Write = (scope: Scope, input: Activated) => string;

const ACTIVATIONS: ReadonlyMap<string, Write> = new Map<string, Write>([
  ['linear', (_, { name }) => name],
  ['relu', (scope, { name }) => scope.add('Relu', [name])],
  ['relu6', (scope, { name }) => clipped(scope, name, 0, 6)],
  ['leaky_relu', (scope, { name }) => leaky(scope, name, 0.2)],
  ['elu', (scope, { name }) => scope.add('Elu', [name], { alpha: float(1) })],
  ['selu', (scope, { name }) => scope.add('Selu', [name])],
  ['gelu', gelu],
  ['gelu_approximate', geluApproximate],
  ['silu', (scope, { name }) => scope.add('Mul', [name, scope.within('sigmoid').add('Sigmoid', [name])])],
  ['hard_silu', (scope, { name }) => scope.add('HardSwish', [name])],
  ['sigmoid', (scope, { name }) => scope.add('Sigmoid', [name])],
  [
    'hard_sigmoid',
    (scope, { name }) => scope.add('HardSigmoid', [name], { alpha: float(1 / 6), beta: float(0.5) }),
  ],
  ['tanh', (scope, { name }) => scope.add('Tanh', [name])],
  ['softplus', (scope, { name }) => scope.add('Softplus', [name])],
  [
    'softmax',
    (scope, { name, layout, shape }) =>
      scope.add('Softmax', [name], { axis: int(channelAxis(layout, shape)) }),
  ],
]);

/**
 * An activation as operators; the last one has the name of the scope.
 * @param activation  as Keras spells it @returns the name of what it gives
 * @throws OptionError if there are no operators for it
 */
export function activated(scope: Scope, activation: string, input: Activated): string {
  const write = ACTIVATIONS.get(activation);
  if (write) return write(scope, input);
  const [layer] = scope.name.split('/');
  throw new OptionError(
    `Layer "${layer!}": the activation ${activation} cannot be exported to ONNX; there are ${[...ACTIVATIONS.keys()].join(', ')}.`,
  );
}

/** @param most  undefined if there is no bound above */
export function clipped(scope: Scope, input: string, least: number | undefined, most: number): string {
  const floor = least === undefined ? '' : scope.scalar('min', least);
  return scope.add('Clip', [input, floor, scope.scalar('max', most)]);
}

export function leaky(scope: Scope, input: string, slope: number): string {
  return scope.add('LeakyRelu', [input], { alpha: float(slope) });
}

/** x / 2 · (1 + erf(x / √2)), in a form that runtimes know and make one operator of. */
function gelu(scope: Scope, { name }: Activated): string {
  const half = scope.within('half').add('Mul', [name, scope.scalar('factor', 0.5)]);
  const inner = scope.within('divided').add('Div', [name, scope.scalar('root', Math.SQRT2)]);
  const erf = scope.within('erf').add('Erf', [inner]);
  const sum = scope.within('sum').add('Add', [erf, scope.scalar('one', 1)]);
  return scope.add('Mul', [half, sum]);
}

/** x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))) */
function geluApproximate(scope: Scope, { name }: Activated): string {
  const cube = scope.within('cube').add('Pow', [name, scope.scalar('three', 3)]);
  const cubic = scope.within('cubic').add('Mul', [cube, scope.scalar('factor', 0.044715)]);
  const inner = scope.within('inner').add('Add', [name, cubic]);
  const scaled = scope.within('scaled').add('Mul', [inner, scope.scalar('root', Math.sqrt(2 / Math.PI))]);
  const tanh = scope.within('tanh').add('Tanh', [scaled]);
  const sum = scope.within('sum').add('Add', [tanh, scope.scalar('one', 1)]);
  const half = scope.within('half').add('Mul', [name, scope.scalar('half/factor', 0.5)]);
  return scope.add('Mul', [half, sum]);
}

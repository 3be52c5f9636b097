/** Sums, differences and products of inputs whose shapes are broadcast: an extent of 1 is used again and again. */
import { call } from '../../engine/call.ts';
import { together, type Instruction } from '../../engine/program.ts';
import { size, type Shape } from '../shape.ts';
import { allocateView, place, type View } from '../view.ts';
import type { BackwardArguments, ForwardArguments, Operation } from './operation.ts';

/** The numbers by which `broadcastViews` knows them. */
const KINDS = { add: 0, subtract: 1, multiply: 2 } as const;
export type Elementwise = keyof typeof KINDS;

/**
 * The shape that shapes are broadcast to, aligned at their last axes as Keras does; undefined if two of them do not fit.
 */
export function broadcastShape(shapes: readonly Shape[]): Shape | undefined {
  const rank = Math.max(...shapes.map(({ length }) => length));
  const result = Array.from({ length: rank }, (_, i) =>
    Math.max(...shapes.map((shape) => shape[i - rank + shape.length] ?? 1)),
  );
  const fits = (extent: number, i: number, { length }: Shape): boolean =>
    extent === 1 || extent === result[i + rank - length];
  return shapes.every((shape) => shape.every((extent, i) => fits(extent, i, shape))) ? result : undefined;
}

/** One input after the other, from the first to the last. */
export function elementwise(name: string, kind: Elementwise, shapes: readonly Shape[]): Operation {
  const outputShape = broadcastShape(shapes)!;
  return {
    name,
    outputShape,
    keepsInput: kind === 'multiply',
    overwrites: true,
    plan: (plan) => {
      const results = resultsOf(plan, shapes);
      return {
        prepare: [],
        forward: (count) =>
          plan.inputs
            .slice(1)
            .map((input, i) =>
              broadcast(`${name} forward`, kind, results[i]!, input, results[i + 1]!, count),
            ),
        backward: (backward) => ({
          backward:
            kind === 'multiply'
              ? multiplyBackward(name, plan, results, backward)
              : addBackward(name, kind === 'add' ? 1 : -1, backward),
        }),
      };
    },
  };
}

/** What the first one, two, three… inputs come to. */
function resultsOf({ context, inputs, output }: ForwardArguments, shapes: readonly Shape[]): View[] {
  return inputs.map((input, i) => {
    if (i === 0) return input;
    if (i === inputs.length - 1) return output;
    return allocateView(context, context.batch, broadcastShape(shapes.slice(0, i + 1))!);
  });
}

/** Each input gets dOutput, summed up over the axes on which it has but one. @param sign  of all inputs but the first */
function addBackward(
  name: string,
  sign: 1 | -1,
  { dOutput, dInputs }: BackwardArguments,
): (count: number) => readonly Instruction[] {
  return (count) =>
    together(
      dInputs.flatMap((dInput, i) =>
        dInput ? [reduce(`${name} dInput`, dOutput, dInput, i === 0 ? 1 : sign, count)] : [],
      ),
    );
}

/** From the last product to the first: each factor gets what the other one was, times the gradient of both. */
function multiplyBackward(
  name: string,
  { context, inputs }: ForwardArguments,
  results: readonly View[],
  { dOutput, dInputs }: BackwardArguments,
): (count: number) => readonly Instruction[] {
  const label = `${name} dInput`;
  const steps: ((count: number) => readonly Instruction[])[] = [];
  let gradient = dOutput;
  for (let i = inputs.length - 1; i > 0; i--) {
    const [product, factor] = [gradient, dInputs[i]];
    const before = i === 1 ? dInputs[0] : likeImages(context, results[i - 1]!);
    steps.push((count) =>
      together([
        ...(factor ? [multiplied(label, product, results[i - 1]!, factor, count)] : []),
        ...(before ? [multiplied(label, product, inputs[i]!, before, count)] : []),
      ]),
    );
    if (before) gradient = before;
  }
  return (count) => steps.flatMap((step) => step(count));
}

function likeImages(
  context: ForwardArguments['context'],
  { height, width, channels }: Pick<View, 'height' | 'width' | 'channels'>,
): View {
  return allocateView(context, context.batch, [height, width, channels]);
}

function broadcast(
  label: string,
  kind: Elementwise,
  a: View,
  b: View,
  output: View,
  count: number,
): Instruction {
  const { height, width, channels } = output;
  return call('broadcastViews', label, count * height, {
    operation: KINDS[kind],
    ...operand('a', a),
    ...operand('b', b),
    ...place('output', output),
    height,
    width,
    channels,
  });
}

/** result = Σ dOutput · a over the axes on which the result has but one. */
function multiplied(label: string, dOutput: View, a: View, result: View, count: number): Instruction {
  if (sameExtents(dOutput, result)) return broadcast(label, 'multiply', dOutput, a, result, count);
  const { height, width, channels } = dOutput;
  return call('multiplyBackwardBroadcast', label, count, {
    ...place('dOutput', dOutput),
    ...operand('a', a),
    ...operand('dB', result),
    height,
    width,
    channels,
  });
}

/** result = factor · Σ dOutput over the axes on which the result has but one. */
function reduce(label: string, dOutput: View, result: View, factor: 1 | -1, count: number): Instruction {
  const { height, width, channels } = dOutput;
  if (sameExtents(dOutput, result)) return scaleView(label, dOutput, result, factor, count);
  return call('reduceBroadcast', label, count, {
    ...place('dOutput', dOutput),
    ...operand('result', result),
    factor,
    height,
    width,
    channels,
  });
}

/** to = factor · from */
export function scaleView(label: string, from: View, to: View, factor: number, count: number): Instruction {
  return call('scaleView', label, count * to.height, {
    ...place('input', from),
    ...place('output', to),
    height: to.height,
    length: to.width * to.channels,
    factor,
  });
}

function sameExtents(a: View, b: View): boolean {
  return size([a.height, a.width, a.channels]) === size([b.height, b.width, b.channels]);
}

/** A view as an operand: no step along an axis on which it has but one. */
function operand<P extends string>(prefix: P, view: View): Operand<P> {
  const { height, width, channels, row, pixel } = view;
  return {
    ...place(prefix, { ...view, row: height === 1 ? 0 : row }),
    [`${prefix}Pixel`]: width === 1 ? 0 : pixel,
    [`${prefix}Channel`]: channels === 1 ? 0 : 4,
  } as Operand<P>;
}

type Operand<P extends string> = ReturnType<typeof place<P>> &
  Readonly<Record<`${P}Pixel` | `${P}Channel`, number>>;

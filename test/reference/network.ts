/**
 * A network's forward pass, loss and backward pass in float64, and how far a float32 computation of the same may be
 * from it: each tensor carries a radius, which is the rounding of the step that made it (see tolerance.ts) plus what
 * that step makes of the radii of its inputs. Where a radius leaves open on which side of zero a ReLU is, or which
 * element a pooling takes, the gradient's radius covers both.
 */
import type { LayerSpec } from '../../src/nn/spec.ts';
import { IMAGES } from '../../src/nn/symbolic.ts';
import {
  backwardBias,
  conv2dBackwardFilter,
  conv2dBackwardInput,
  conv2dForward,
  type Conv2d,
} from './conv2d.ts';
import { denseBackwardInput, denseBackwardKernel, denseForward, type Dense } from './dense.ts';
import { maxPooling2dBackward, maxPooling2dForward, type MaxPooling2d } from './maxPooling2d.ts';
import { reluBackward, reluForward } from './relu.ts';
import { softmaxCrossEntropy } from './softmaxCrossEntropy.ts';
import { growth, magnitudes, sumTolerances } from './tolerance.ts';
import { eachTap, windows } from './windows.ts';

/** Float64 values and how far their float32 twins may be from each. */
export interface Tracked {
  readonly value: Float64Array;
  readonly radius: Float64Array;
}

/** A network's weights by name: "conv2d_1/kernel". */
export type Weights = ReadonlyMap<string, ArrayLike<number>>;

export interface Step {
  /** What the last layer gives before its softmax: [batch, classes]. */
  readonly logits: Tracked;
  /** The sum of the losses, one element. */
  readonly loss: Tracked;
  readonly correct: number;
  /** Of the mean loss, by the weights' names. */
  readonly gradients: ReadonlyMap<string, Tracked>;
}

/** One layer's share of a step; `backward` adds its weights' gradients to the map. */
interface Link {
  readonly output: Tracked;
  readonly shape: readonly number[];
  /** The gradient of each of its inputs. */
  backward(dOutput: Tracked, gradients: Map<string, Tracked>): readonly Tracked[];
}

/** An output, with its shape. */
interface Value {
  readonly output: Tracked;
  readonly shape: readonly number[];
}

/** The engine sums gradients over this many shards, so a sum over the batch may be rounded this many times more. */
const SHARDS = 16;

/**
 * @param specs   with names, as `buildNetwork` fills them in
 * @param images  [labels.length, ...inputShape]; taken to be exact
 */
export function trainingStep(
  specs: readonly LayerSpec[],
  weights: Weights,
  images: ArrayLike<number>,
  labels: ArrayLike<number>,
): Step {
  const values = new Map<string, Value>();
  const first: Value = { output: exact(images), shape: specs[0]!.inputShape! };
  const links = specs.map((spec, i) => {
    const names = spec.inputs ?? [specs[i - 1]?.name ?? IMAGES];
    const inputs = names.map((name) => values.get(name) ?? first);
    const link = forward(spec, weights, inputs, labels.length);
    values.set(spec.name!, link);
    return { name: spec.name!, names, link };
  });
  const { output: input, shape } = links.at(-1)!.link;
  const classes = shape[0]!;
  const { losses, probabilities, dLogits, correct } = softmaxCrossEntropy(classes, input.value, labels);
  // The derivative of log p by a logit is below 1 in magnitude and changes sign: the largest radius counts twice.
  const spread = (i: number): number => {
    const first = i - (i % classes);
    return 2 * Math.max(...input.radius.subarray(first, first + classes));
  };
  const gradients = new Map<string, Tracked>();
  const dValues = new Map<string, Tracked>();
  dValues.set(links.at(-1)!.name, {
    value: dLogits,
    radius: dLogits.map(
      (value, i) =>
        (probabilities[i]! * Math.expm1(spread(i))) / labels.length + growth(3) * Math.abs(value) + 2 ** -149,
    ),
  });
  for (const { name, names, link } of links.toReversed()) {
    const dInputs = link.backward(dValues.get(name)!, gradients);
    names.forEach((each, i) => {
      const known = dValues.get(each);
      dValues.set(each, known ? sumOf([known, dInputs[i]!]) : dInputs[i]!);
    });
  }
  const lossRadius = losses.reduce((sum, _, n) => sum + spread(n * classes), 0);
  const loss = losses.reduce((sum, value) => sum + value, 0);
  return {
    logits: input,
    loss: { value: Float64Array.of(loss), radius: Float64Array.of(lossRadius + 1e-14 * Math.abs(loss)) },
    correct,
    gradients,
  };
}

function forward(spec: LayerSpec, weights: Weights, inputs: readonly Value[], batch: number): Link {
  const { output: input, shape } = inputs[0]!;
  const weight = (name: string): Float64Array => Float64Array.from(weights.get(`${spec.name!}/${name}`)!);
  switch (spec.type) {
    case 'conv2d': {
      const conv = {
        ...windows(batch, shape, spec.kernelSize, spec.strides, spec.padding),
        channels: shape[2]!,
        filters: spec.filters,
      };
      const link = conv2d(spec.name!, conv, input, weight('kernel'), weight('bias'));
      return spec.activation === 'relu' ? withRelu(link) : link;
    }
    case 'maxPooling2d': {
      const geometry = windows(batch, shape, spec.poolSize, spec.strides, spec.padding);
      return maxPooling2d({ ...geometry, channels: shape[2]! }, input);
    }
    case 'flatten':
      return {
        output: input,
        shape: [shape.reduce((product, extent) => product * extent, 1)],
        backward: (dOutput) => [dOutput],
      };
    case 'dense': {
      const layer = { batch, inputs: shape[0]!, units: spec.units };
      const link = dense(spec.name!, layer, input, weight('kernel'), weight('bias'));
      return spec.activation === 'relu' ? withRelu(link) : link;
    }
    case 'reLU':
      return withRelu({ output: input, shape, backward: (dOutput) => [dOutput] });
    case 'add':
      return {
        output: sumOf(inputs.map(({ output }) => output)),
        shape,
        backward: (dOutput) => inputs.map(() => dOutput),
      };
    case 'subtract':
      return {
        output: sumOf([input, negative(inputs[1]!.output)]),
        shape,
        backward: (dOutput) => [dOutput, negative(dOutput)],
      };
    case 'concatenate':
      return concatenate(inputs);
    default:
      throw new Error(`there is no reference of ${spec.type}`);
  }
}

function conv2d(name: string, conv: Conv2d, input: Tracked, filter: Float64Array, bias: Float64Array): Link {
  const { batch, height, width, filters, channels, windowHeight, windowWidth } = conv;
  const noBias = new Float64Array(filters);
  const taps = windowHeight * windowWidth;
  const outputs = batch * height * width;
  const absolute = magnitudes(filter);
  return {
    shape: [height, width, filters],
    output: tracked(
      conv2dForward(conv, input.value, filter, bias),
      taps * channels + 1,
      conv2dForward(conv, reach(input), absolute, magnitudes(bias)),
      conv2dForward(conv, input.radius, absolute, noBias),
    ),
    backward: (dOutput, gradients) => {
      gradients.set(
        `${name}/kernel`,
        tracked(
          conv2dBackwardFilter(conv, input.value, dOutput.value),
          outputs + SHARDS,
          conv2dBackwardFilter(conv, reach(input), reach(dOutput)),
          conv2dBackwardFilter(conv, input.radius, reach(dOutput)),
          conv2dBackwardFilter(conv, magnitudes(input.value), dOutput.radius),
        ),
      );
      gradients.set(`${name}/bias`, trackedBias(filters, outputs, dOutput));
      return [
        tracked(
          conv2dBackwardInput(conv, filter, dOutput.value),
          taps * filters + 1,
          conv2dBackwardInput(conv, absolute, reach(dOutput)),
          conv2dBackwardInput(conv, absolute, dOutput.radius),
        ),
      ];
    },
  };
}

function dense(name: string, layer: Dense, input: Tracked, kernel: Float64Array, bias: Float64Array): Link {
  const { batch, inputs, units } = layer;
  const noBias = new Float64Array(units);
  const absolute = magnitudes(kernel);
  return {
    shape: [units],
    output: tracked(
      denseForward(layer, input.value, kernel, bias),
      inputs + 1,
      denseForward(layer, reach(input), absolute, magnitudes(bias)),
      denseForward(layer, input.radius, absolute, noBias),
    ),
    backward: (dOutput, gradients) => {
      gradients.set(
        `${name}/kernel`,
        tracked(
          denseBackwardKernel(layer, input.value, dOutput.value),
          batch + 1,
          denseBackwardKernel(layer, reach(input), reach(dOutput)),
          denseBackwardKernel(layer, input.radius, reach(dOutput)),
          denseBackwardKernel(layer, magnitudes(input.value), dOutput.radius),
        ),
      );
      gradients.set(`${name}/bias`, trackedBias(units, batch, dOutput));
      return [
        tracked(
          denseBackwardInput(layer, kernel, dOutput.value),
          units + 1,
          denseBackwardInput(layer, absolute, reach(dOutput)),
          denseBackwardInput(layer, absolute, dOutput.radius),
        ),
      ];
    },
  };
}

function trackedBias(channels: number, terms: number, dOutput: Tracked): Tracked {
  return tracked(
    backwardBias(channels, dOutput.value),
    terms + SHARDS,
    backwardBias(channels, reach(dOutput)),
    backwardBias(channels, dOutput.radius),
  );
}

function maxPooling2d(pooling: MaxPooling2d, input: Tracked): Link {
  const { height, width, channels: C } = pooling;
  const { output: value, winners } = maxPooling2dForward(pooling, input.value);
  const radius = new Float64Array(value.length);
  // What the largest of a window is at least, and how many elements of the window may be it.
  const floor = new Float64Array(value.length).fill(-Infinity);
  const candidates = new Int32Array(value.length);
  const eachElement = (visit: (to: number, from: number) => void): void => {
    eachTap(pooling, (output, _tap, pixel) => {
      for (let c = 0; c < C; c++) visit(output * C + c, pixel * C + c);
    });
  };
  const mayWin = (to: number, from: number): boolean =>
    winners[to] === from ||
    (input.value[from]! + input.radius[from]! >= floor[to]! &&
      input.radius[from]! + input.radius[winners[to]!]! > 0);
  eachElement((to, from) => {
    radius[to] = Math.max(radius[to]!, input.radius[from]!);
    floor[to] = Math.max(floor[to]!, input.value[from]! - input.radius[from]!);
  });
  eachElement((to, from) => {
    if (mayWin(to, from)) candidates[to]!++;
  });
  return {
    shape: [height, width, C],
    output: { value, radius },
    backward: (dOutput) => {
      const dInput = maxPooling2dBackward(pooling, winners, dOutput.value);
      const spread = new Float64Array(dInput.length);
      const terms = new Float64Array(dInput.length);
      eachElement((to, from) => {
        if (!mayWin(to, from)) return;
        spread[from]! += dOutput.radius[to]! + (candidates[to]! > 1 ? Math.abs(dOutput.value[to]!) : 0);
        terms[from]! += Math.abs(dOutput.value[to]!) + dOutput.radius[to]!;
      });
      // An element may win all windows that it is in.
      return [tracked(dInput, pooling.windowHeight * pooling.windowWidth, terms, spread)];
    },
  };
}

/** Of channels, side by side. */
function concatenate(inputs: readonly Value[]): Link {
  const channels = inputs.map(({ shape }) => shape.at(-1)!);
  const all = channels.reduce((sum, count) => sum + count, 0);
  const pixels = inputs[0]!.output.value.length / channels[0]!;
  const firsts = channels.map((_, i) => channels.slice(0, i).reduce((sum, count) => sum + count, 0));
  /** Visits each value of an input with its place in the whole. */
  const each = (i: number, visit: (own: number, whole: number) => void): void => {
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let c = 0; c < channels[i]!; c++) visit(pixel * channels[i]! + c, pixel * all + firsts[i]! + c);
    }
  };
  const output = exact(new Float64Array(pixels * all));
  inputs.forEach(({ output: { value, radius } }, i) => {
    each(i, (own, whole) => {
      output.value[whole] = value[own]!;
      output.radius[whole] = radius[own]!;
    });
  });
  return {
    output,
    shape: [...inputs[0]!.shape.slice(0, -1), all],
    backward: (dOutput) =>
      inputs.map((_, i) => {
        const dInput = exact(new Float64Array(pixels * channels[i]!));
        each(i, (own, whole) => {
          dInput.value[own] = dOutput.value[whole]!;
          dInput.radius[own] = dOutput.radius[whole]!;
        });
        return dInput;
      }),
  };
}

/** Each sum is rounded once less than it has terms. */
function sumOf(terms: readonly Tracked[]): Tracked {
  const sum = (of: (term: Tracked) => Float64Array): Float64Array => {
    const [first, ...others] = terms.map(of) as [Float64Array, ...Float64Array[]];
    return first.map((value, i) => others.reduce((total, other) => total + other[i]!, value));
  };
  return tracked(
    sum(({ value }) => value),
    terms.length - 1,
    sum(reach),
    sum(({ radius }) => radius),
  );
}

function negative({ value, radius }: Tracked): Tracked {
  return { value: value.map((each) => -each), radius };
}

function withRelu(link: Link): Link {
  const { value, radius } = link.output;
  const output = {
    value: reluForward(value),
    // What is surely below zero becomes exactly zero.
    radius: radius.map((r, i) => (value[i]! + r <= 0 ? 0 : r)),
  };
  return {
    shape: link.shape,
    output,
    backward: (dOutput, gradients) =>
      link.backward(
        {
          value: reluBackward(value, dOutput.value),
          radius: dOutput.radius.map((r, i) => {
            if (value[i]! + radius[i]! <= 0) return 0;
            return value[i]! - radius[i]! > 0 ? r : r + Math.abs(dOutput.value[i]!);
          }),
        },
        gradients,
      ),
  };
}

/** @param magnitude  the sum of the terms' absolute values  @param inherited  what the inputs' radii come to */
function tracked(
  value: Float64Array,
  roundings: number,
  magnitude: Float64Array,
  ...inherited: readonly Float64Array[]
): Tracked {
  const radius = sumTolerances(roundings, magnitude);
  for (const part of inherited) part.forEach((r, i) => (radius[i]! += r));
  return { value, radius };
}

function exact(values: ArrayLike<number>): Tracked {
  return { value: Float64Array.from(values), radius: new Float64Array(values.length) };
}

/** The largest magnitude that each value may have. */
function reach({ value, radius }: Tracked): Float64Array {
  return value.map((v, i) => Math.abs(v) + radius[i]!);
}

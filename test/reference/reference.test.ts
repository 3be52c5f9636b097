/** The twins must be right themselves: each backward pass is the derivative of its forward pass. */
import { describe, expect, it } from 'vitest';
import { buildNetwork } from '../../src/nn/network.ts';
import { conv2d, dense, flatten, maxPooling2d } from '../../src/nn/spec.ts';
import { size } from '../../src/nn/shape.ts';
import { randomStream, shuffle } from '../../src/random.ts';
import { adamStep } from './adam.ts';
import { backwardBias, conv2dBackwardFilter, conv2dBackwardInput, conv2dForward } from './conv2d.ts';
import { uniform } from './data.ts';
import { denseBackwardInput, denseBackwardKernel, denseForward } from './dense.ts';
import { maxPooling2dBackward, maxPooling2dForward } from './maxPooling2d.ts';
import { trainingStep } from './network.ts';
import { reluBackward, reluForward } from './relu.ts';
import { softmaxCrossEntropy } from './softmaxCrossEntropy.ts';
import { expectEqual, expectWithin, growth } from './tolerance.ts';
import { windows } from './windows.ts';

const data = (name: string, length: number): Float64Array => Float64Array.from(uniform(name, length));

/** (f(x + h) − f(x − h)) / 2h for each element of x. */
function centralDifferences(x: Float64Array, h: number, f: (x: Float64Array) => number): Float64Array {
  return x.map((value, i) => {
    const above = f(x.with(i, value + h));
    const below = f(x.with(i, value - h));
    return (above - below) / (2 * h);
  });
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

function expectDerivative(
  analytic: Float64Array,
  x: Float64Array,
  h: number,
  tolerance: number,
  f: (x: Float64Array) => number,
): void {
  const numeric = centralDifferences(x, h, f);
  expect(Math.max(...numeric.map(Math.abs))).toBeGreaterThan(0);
  expectWithin('derivative', analytic, numeric, new Float64Array(x.length).fill(tolerance));
}

const GEOMETRIES = [
  { input: [5, 4], window: [3, 3], strides: [1, 1], padding: 'valid' },
  { input: [5, 4], window: [3, 3], strides: [1, 1], padding: 'same' },
  { input: [5, 7], window: [3, 2], strides: [2, 3], padding: 'valid' },
  { input: [5, 7], window: [3, 2], strides: [2, 3], padding: 'same' },
  { input: [6, 5], window: [2, 4], strides: [2, 2], padding: 'same' },
  { input: [4, 5], window: [1, 1], strides: [3, 2], padding: 'same' },
] as const;

describe('windows', () => {
  it('lie as TensorFlow defines it', () => {
    // A stride of 2 over 5 with 3 taps: 3 windows, one zero on each side. Over 4: 2 windows, the zero behind.
    expect(windows(1, [5, 4], [3, 3], [2, 2], 'same')).toMatchObject({
      height: 3,
      width: 2,
      padTop: 1,
      padLeft: 0,
    });
    // Even windows have the odd zero behind.
    expect(windows(1, [5, 5], [2, 4], [1, 1], 'same')).toMatchObject({ padTop: 0, padLeft: 1 });
    expect(windows(1, [7, 8], [3, 3], [2, 3], 'valid')).toMatchObject({ height: 3, width: 2, padTop: 0 });
  });
});

describe('conv2d', () => {
  it('adds up by hand', () => {
    const conv = { ...windows(1, [2, 2], [2, 2], [1, 1], 'same'), channels: 1, filters: 1 };
    const output = conv2dForward(
      conv,
      Float64Array.of(1, 2, 3, 4),
      Float64Array.of(10, 20, 30, 40),
      Float64Array.of(0.5),
    );
    expect([...output]).toEqual([300.5, 2 * 10 + 4 * 30 + 0.5, 3 * 10 + 4 * 20 + 0.5, 40.5]);
  });

  // The convolution is linear in each argument, so that differences of any width are exact but for rounding.
  it.each(GEOMETRIES)('has the right gradients: $input $window $strides $padding', (g) => {
    const conv = { ...windows(2, g.input, g.window, g.strides, g.padding), channels: 2, filters: 3 };
    const input = data('input', 2 * size(g.input) * 2);
    const filter = data('filter', size(g.window) * 6);
    const bias = data('bias', 3);
    const dOutput = data('dOutput', 2 * conv.height * conv.width * 3);
    expectDerivative(conv2dBackwardInput(conv, filter, dOutput), input, 0.5, 1e-13, (x) =>
      dot(dOutput, conv2dForward(conv, x, filter, bias)),
    );
    expectDerivative(conv2dBackwardFilter(conv, input, dOutput), filter, 0.5, 1e-13, (x) =>
      dot(dOutput, conv2dForward(conv, input, x, bias)),
    );
    expectDerivative(backwardBias(3, dOutput), bias, 0.5, 1e-13, (x) =>
      dot(dOutput, conv2dForward(conv, input, filter, x)),
    );
  });
});

describe('dense', () => {
  it('has the right gradients', () => {
    const layer = { batch: 3, inputs: 5, units: 4 };
    const input = data('input', 15);
    const kernel = data('kernel', 20);
    const bias = data('bias', 4);
    const dOutput = data('dOutput', 12);
    expectDerivative(denseBackwardInput(layer, kernel, dOutput), input, 0.5, 1e-13, (x) =>
      dot(dOutput, denseForward(layer, x, kernel, bias)),
    );
    expectDerivative(denseBackwardKernel(layer, input, dOutput), kernel, 0.5, 1e-13, (x) =>
      dot(dOutput, denseForward(layer, input, x, bias)),
    );
    expectDerivative(backwardBias(4, dOutput), bias, 0.5, 1e-13, (x) =>
      dot(dOutput, denseForward(layer, input, kernel, x)),
    );
  });
});

describe('maxPooling2d', () => {
  it('clips its windows and prefers the first of equals', () => {
    const pooling = { ...windows(1, [3, 3], [2, 2], [2, 2], 'same'), channels: 1 };
    const { output, winners } = maxPooling2dForward(
      pooling,
      Float64Array.of(-1, -1, -5, -1, -1, -5, -7, -8, -9),
    );
    expect([...output]).toEqual([-1, -5, -7, -9]);
    expect([...winners]).toEqual([0, 2, 6, 8]);
  });

  it.each(GEOMETRIES)('has the right gradient: $input $window $strides $padding', (g) => {
    const pooling = { ...windows(2, g.input, g.window, g.strides, g.padding), channels: 2 };
    // A permutation has no ties, and no winner changes within ±1/4: the differences are exact.
    const order = Uint32Array.from({ length: 4 * size(g.input) }, (_, i) => i);
    shuffle(order, randomStream(1, 'pooling'));
    const input = Float64Array.from(order);
    const { output, winners } = maxPooling2dForward(pooling, input);
    const dOutput = data('dOutput', output.length);
    expectDerivative(maxPooling2dBackward(pooling, winners, dOutput), input, 0.25, 1e-11, (x) =>
      dot(dOutput, maxPooling2dForward(pooling, x).output),
    );
  });
});

describe('relu', () => {
  it('has the right gradient', () => {
    const input = Float64Array.of(-3, -1, 1, 2);
    const dOutput = data('dOutput', 4);
    expectDerivative(reluBackward(reluForward(input), dOutput), input, 0.5, 1e-15, (x) =>
      dot(dOutput, reluForward(x)),
    );
    expect([...reluBackward(Float64Array.of(0), Float64Array.of(1))]).toEqual([0]);
  });
});

describe('softmaxCrossEntropy', () => {
  it('has the right gradient', () => {
    const logits = data('logits', 20);
    const labels = [2, 0, 4, 4];
    const mean = (x: Float64Array): number =>
      softmaxCrossEntropy(5, x, labels).losses.reduce((sum, loss) => sum + loss, 0) / 4;
    expectDerivative(softmaxCrossEntropy(5, logits, labels).dLogits, logits, 1e-4, 1e-9, mean);
  });

  it('is right by hand', () => {
    const { losses, probabilities, correct } = softmaxCrossEntropy(
      2,
      Float64Array.of(Math.log(3), 0, 1, 1, 1, 1),
      [0, 0, 1],
    );
    expectWithin('losses', losses, [Math.log(4 / 3), Math.LN2, Math.LN2], [1e-15, 1e-15, 1e-15]);
    expectWithin('probabilities', probabilities.subarray(0, 2), [0.75, 0.25], [1e-15, 1e-15]);
    expect(correct).toBe(2);
  });
});

describe('adamStep', () => {
  const settings = { learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

  it('moves by about the learning rate at first, against the gradient', () => {
    // m = 0.1·g, v = 0.001·g², rate = 0.1·√0.001 / 0.1 = √0.001: the step is √0.001 · 0.1·g / (√0.001·|g| + ε).
    const zero = Float64Array.of(0, 0);
    const next = adamStep(
      { parameters: Float64Array.of(1, 1), m: zero, v: zero },
      Float64Array.of(2, -4),
      settings,
      1,
    );
    expectWithin('m', next.m, [0.2, -0.4], [1e-15, 1e-15]);
    expectWithin('v', next.v, [0.004, 0.016], [1e-15, 1e-15]);
    expectWithin('parameters', next.parameters, [0.9, 1.1], [1e-6, 1e-6]);
  });

  it('keeps going without a gradient, ever less', () => {
    const state = { parameters: Float64Array.of(0), m: Float64Array.of(1), v: Float64Array.of(1) };
    const next = adamStep(state, Float64Array.of(0), settings, 2);
    const rate = (0.1 * Math.sqrt(1 - 0.999 ** 2)) / (1 - 0.9 ** 2);
    expectWithin('parameters', next.parameters, [(-rate * 0.9) / (Math.sqrt(0.999) + 1e-7)], [1e-15]);
  });
});

describe('trainingStep', () => {
  const network = buildNetwork([
    conv2d({
      filters: 3,
      kernelSize: 3,
      strides: [1, 2],
      padding: 'same',
      activation: 'relu',
      inputShape: [6, 7, 2],
    }),
    maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
    conv2d({ filters: 4, kernelSize: 2 }),
    flatten(),
    dense({ units: 5, activation: 'relu' }),
    dense({ units: 3, activation: 'softmax' }),
  ]);
  const weights = new Map(
    network.weights.map(({ name, shape }) => [name, data(name, size(shape)).map((value) => value / 2)]),
  );
  const images = data('images', 3 * 84);
  const labels = [2, 0, 1];
  const { gradients, loss, logits } = trainingStep(network.specs, weights, images, labels);

  it.each(network.weights.map(({ name }) => name))('has the right gradient of %s', (name) => {
    // With h = 1e-5 the third derivative contributes 1e-10 and rounding 1e-11.
    expectDerivative(gradients.get(name)!.value, weights.get(name)!, 1e-5, 1e-8, (x) => {
      const changed = trainingStep(
        network.specs,
        new Map<string, Float64Array>(weights).set(name, x),
        images,
        labels,
      );
      return changed.loss.value[0]! / 3;
    });
  });

  it('has radii, and they are small enough to tell right from wrong', () => {
    expect(loss.radius[0]).toBeLessThan(1e-4 * loss.value[0]!);
    for (const { value, radius } of [logits, ...gradients.values()]) {
      expect(Math.min(...radius)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...radius)).toBeGreaterThan(0);
      expect(Math.max(...radius)).toBeLessThan(1e-3 * Math.max(...value.map(Math.abs)));
    }
  });
});

describe('tolerance', () => {
  it('is linear for few roundings and grows with the root of many', () => {
    expect(growth(1) / 2 ** -24).toBeCloseTo(1, 6);
    expect(growth(36) / 2 ** -24).toBeCloseTo(36, 3);
    expect(growth(3600) / 2 ** -24).toBeCloseTo(360, 3);
  });

  it('rejects what is beyond it, and every NaN', () => {
    expect(() => {
      expectWithin('x', [1, 2.5], [1, 2], [0, 0.4]);
    }).toThrow('x[1] is 2.5, expected 2 ± 0.4');
    expect(() => {
      expectWithin('x', [NaN], [NaN], [1]);
    }).toThrow('x[0] is NaN');
    expect(() => {
      expectWithin('x', [1], [1, 1], [1, 1]);
    }).toThrow('1 values, 2 expected');
    expectEqual('x', [0, -0], [-0, 0]);
  });
});

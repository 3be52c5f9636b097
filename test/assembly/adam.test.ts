/** Adam on every build, one step from given states against float64. */
import { describe, expect, it } from 'vitest';
import { adam, adamRate } from '../../src/nn/optimizers/adam.ts';
import { adamStep } from '../reference/adam.ts';
import { uniform } from '../reference/data.ts';
import { expectWithin, growth } from '../reference/tolerance.ts';
import { Bench, BUILDS, runShared, type Build } from './harness.ts';

const SMALLEST = 2 ** -149;

interface State {
  readonly parameters: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
}

const config = adam({ learningRate: 0.01 });

function run(build: Build, state: State, gradients: Float32Array, step: number, settings = config): State {
  const { length } = gradients;
  const bench = new Bench(1);
  const addresses = [
    bench.state(state.parameters),
    bench.input(gradients),
    bench.state(state.m),
    bench.state(state.v),
  ];
  const { beta1, beta2, epsilon } = settings;
  const rate = adamRate(settings, step);
  bench.start(build);
  const [parameters, m, v] = runShared(
    bench,
    [
      {
        label: 'adam',
        kernel: 'adam',
        arguments: [...addresses, 0, rate, 1, beta1, beta2, epsilon],
        items: length / 16,
      },
    ],
    () =>
      [addresses[0]!, addresses[2]!, addresses[3]!].map((address) => bench.floats(address, length).slice()),
  );
  return { parameters: parameters!, m: m!, v: v! };
}

function check(build: Build, state: State, gradients: Float32Array, step: number): State {
  const actual = run(build, state, gradients, step);
  const exact = (values: Float32Array): Float64Array => Float64Array.from(values);
  const expected = adamStep(
    { parameters: exact(state.parameters), m: exact(state.m), v: exact(state.v) },
    exact(gradients),
    { ...config, learningRate: 0.01 },
    step,
  );
  // Constants, products and sum are each rounded: 3 times for m, 4 for v, where the gradient is squared.
  const radiusM = expected.m.map(
    (_, i) => growth(3) * (0.9 * Math.abs(state.m[i]!) + 0.1 * Math.abs(gradients[i]!)) + 3 * SMALLEST,
  );
  const radiusV = expected.v.map((value) => growth(4) * value + 4 * SMALLEST);
  // The step inherits both, the root halves v's, and the rate, ε, √, +, · and ÷ are rounded.
  const rate = adamRate(config, step);
  const radius = expected.parameters.map((value, i) => {
    const root = Math.sqrt(expected.v[i]!);
    const rootRadius = root - Math.sqrt(Math.max(0, expected.v[i]! - radiusV[i]!));
    const size = Math.abs(rate * expected.m[i]!) / (root + config.epsilon);
    const relative = rootRadius / (root + config.epsilon) + growth(6);
    const stepRadius = (rate * radiusM[i]!) / (root + config.epsilon) + size * relative * 1.001;
    return stepRadius + growth(1) * (Math.abs(value) + stepRadius) + SMALLEST;
  });
  expectWithin('m', actual.m, expected.m, radiusM);
  expectWithin('v', actual.v, expected.v, radiusV);
  expectWithin('parameters', actual.parameters, expected.parameters, radius);
  return actual;
}

const zeros = (length: number): Float32Array => new Float32Array(length);

describe.each(BUILDS)('adam, %s', (build) => {
  it.each([16, 48, 272])('takes steps on %i values as float64 does', (length) => {
    let state: State = { parameters: uniform('parameters', length), m: zeros(length), v: zeros(length) };
    for (let step = 1; step <= 20; step++) {
      // Gradients of all magnitudes, from vanishing squares to exploding ones.
      const gradients = uniform(`gradients ${step}`, length).map(
        (value, i) => value * 10 ** ((((i * 7 + step) % 16) - 8) * 2),
      );
      state = check(build, state, gradients, step);
    }
  });

  it('goes on from any step', () => {
    const state = { parameters: uniform('p', 32), m: uniform('m', 32), v: uniform('v', 32, 0, 1) };
    for (const step of [1, 2, 1000, 1e6]) check(build, state, uniform('g', 32), step);
  });

  it('leaves what has neither gradient nor momentum as it is: the gaps between weights', () => {
    const parameters = uniform('p', 32);
    const state = run(build, { parameters, m: zeros(32), v: zeros(32) }, zeros(32), 1);
    expect(state).toEqual({ parameters, m: zeros(32), v: zeros(32) });
  });

  it('moves by about the learning rate whatever the size of a constant gradient', () => {
    const gradients = Float32Array.from({ length: 16 }, (_, i) => (i % 2 ? 1 : -1) * 10 ** (i / 2 - 3));
    const { parameters } = run(build, { parameters: zeros(16), m: zeros(16), v: zeros(16) }, gradients, 1);
    // √0.001·0.1·g / (√0.001·|g| + 1e-7): ε takes at most 1e-7 / (0.0316 · 0.001) = 0.3 %.
    parameters.forEach((value, i) => {
      expect(Math.sign(value)).toBe(i % 2 ? -1 : 1);
      expect(Math.abs(Math.abs(value) - 0.01)).toBeLessThan(4e-5);
    });
  });

  it('cannot divide by zero when the square of a gradient vanishes', () => {
    const state = run(build, { parameters: zeros(16), m: zeros(16), v: zeros(16) }, zeros(16).fill(1e-30), 1);
    expect(state.v).toEqual(zeros(16));
    // rate · 0.1 · 1e-30 / ε
    const expected = (adamRate(config, 1) * 0.1 * 1e-30) / 1e-7;
    for (const value of state.parameters) expect(Math.abs(value / -expected - 1)).toBeLessThan(1e-6);
  });

  it('does with β of 0 what is left: a step of the sign', () => {
    const settings = adam({ learningRate: 0.5, beta1: 0, beta2: 0, epsilon: 1e-20 });
    const state = { parameters: zeros(16), m: zeros(16).fill(9), v: zeros(16).fill(9) };
    const next = run(build, state, zeros(16).fill(-3), 1, settings);
    expect(next).toEqual({ parameters: zeros(16).fill(0.5), m: zeros(16).fill(-3), v: zeros(16).fill(9) });
  });
});

/** Activations and the softmax of rows, on every build, against float64. */
import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../src/engine/program.ts';
import { activationNamed } from '../../src/nn/activations/registry.ts';
import { OptionError } from '../../src/errors.ts';
import { NO_MARGINS } from '../../src/nn/shape.ts';
import * as twins from '../reference/activations.ts';
import type { ActivationTwin } from '../reference/activations.ts';
import { uniform } from '../reference/data.ts';
import { expectWithin, growth } from '../reference/tolerance.ts';
import { Bench, BUILDS, runShared, type Build } from './harness.ts';

/**
 * The bounds that vectorMath.ts and the composition of its functions give: how many ulp the result may be off, or else
 * how many 2^-24 times max(1, |x|) where terms cancel. The ulp of denormals is 2^-149.
 */
interface Bound {
  readonly ulp?: number;
  readonly absolute?: number;
}

interface Case {
  readonly name: string;
  readonly twin: ActivationTwin;
  readonly forward: Bound;
  readonly backward: Bound;
}

const EXACT: Bound = { ulp: 0.5 };
const CASES: readonly Case[] = [
  { name: 'relu', twin: twins.relu(Infinity, 0, 0), forward: EXACT, backward: EXACT },
  { name: 'relu6', twin: twins.relu(6, 0, 0), forward: EXACT, backward: EXACT },
  // The slope itself is rounded, and so is the difference.
  { name: 'leaky_relu', twin: twins.relu(Infinity, 0.2, 0), forward: { ulp: 2 }, backward: { ulp: 1 } },
  { name: 'relu(6, 0.1, 1)', twin: twins.relu(6, 0.1, 1), forward: { ulp: 2 }, backward: { ulp: 1 } },
  { name: 'elu', twin: twins.elu(1), forward: { ulp: 3 }, backward: { ulp: 2 } },
  { name: 'elu(0.3)', twin: twins.elu(0.3), forward: { ulp: 5 }, backward: { ulp: 4 } },
  { name: 'selu', twin: twins.selu, forward: { ulp: 5 }, backward: { ulp: 4 } },
  { name: 'gelu', twin: twins.gelu, forward: { absolute: 5 }, backward: { absolute: 6 } },
  {
    name: 'gelu_approximate',
    twin: twins.geluApproximate,
    forward: { absolute: 4 },
    backward: { absolute: 6 },
  },
  { name: 'silu', twin: twins.silu, forward: { absolute: 4 }, backward: { absolute: 4 } },
  { name: 'hard_silu', twin: twins.hardSilu, forward: { absolute: 3 }, backward: { absolute: 3 } },
  { name: 'sigmoid', twin: twins.sigmoidTwin, forward: { ulp: 5 }, backward: { ulp: 8 } },
  { name: 'hard_sigmoid', twin: twins.hardSigmoidTwin, forward: { absolute: 2 }, backward: EXACT },
  { name: 'tanh', twin: twins.tanh, forward: { ulp: 3 }, backward: { ulp: 8 } },
  { name: 'softplus', twin: twins.softplus, forward: { ulp: 4 }, backward: { ulp: 5 } },
  { name: 'linear', twin: twins.linear(0.5, -0.25), forward: EXACT, backward: EXACT },
];

const ulp = (value: number): number =>
  Math.abs(value) < 2 ** -126 ? 2 ** -149 : 2 ** (Math.floor(Math.log2(Math.abs(value))) - 23);

const call = (kernel: string, args: Instruction['arguments'], items: number): readonly Instruction[] => [
  { label: kernel, kernel, arguments: args, items },
];

/** Compares with f of each x, times d; what is infinite or no number must be so exactly. */
function expectNear(
  what: string,
  actual: Float32Array,
  x: Float32Array,
  f: (x: number) => number,
  { ulp: ulps = 0, absolute = 0 }: Bound,
  d?: Float32Array,
): void {
  for (let i = 0; i < x.length; i++) {
    const slope = f(x[i]!);
    const expected = d ? d[i]! * slope : slope;
    if (!Number.isFinite(Math.fround(expected))) {
      if (!Object.is(actual[i]!, Math.fround(expected))) {
        throw new Error(`${what} of ${x[i]} is ${actual[i]}, expected ${expected}`);
      }
      continue;
    }
    const factor = d ? Math.abs(d[i]!) : 1;
    // One more rounding for the product with d.
    const tolerance =
      ulps * Math.max(ulp(expected), factor * ulp(slope)) +
      (d ? ulp(expected) : 0) +
      absolute * 2 ** -24 * Math.max(1, Math.min(Math.abs(x[i]!), 200), Math.abs(slope)) * factor;
    const error = Math.abs(actual[i]! - expected);
    if (!(error <= tolerance)) {
      throw new Error(`${what} of ${x[i]} is ${actual[i]}, expected ${expected} ± ${tolerance}`);
    }
  }
}

const SPECIAL = [0, -0, Infinity, -Infinity, NaN, 1e-38, -1e-38, 1e-45, -1e-45, 88, -88, 89, -104, 200, -200];
const EDGES = [6, -3, 3, 1, -1, 0.625, 1.3125, 5.9999995, 3.4e38, -3.4e38];

const arguments3 = ({ parameters }: ActivationTwin): number[] => [...parameters];

/** One row of values, forward and then backward with gradients of 1. */
function sweep(build: Build, twin: ActivationTwin, x: Float32Array): readonly Float32Array[] {
  const bench = new Bench(1);
  const from = bench.input(x);
  const ones = bench.input(new Float32Array(x.length).fill(1));
  const to = bench.output(x.byteLength);
  const dInput = bench.output(x.byteLength);
  bench.start(build);
  const tail = [1, x.length, twin.kind, ...arguments3(twin)];
  const program = [
    ...call('activationForward', [from, 0, 0, to, 0, 0, ...tail], 1),
    ...call('activationBackward', [ones, 0, 0, from, 0, 0, dInput, 0, 0, ...tail], 1),
  ];
  bench.run(program, 1);
  return [bench.floats(to, x.length).slice(), bench.floats(dInput, x.length).slice()];
}

describe.each(BUILDS)('activationForward and activationBackward, %s', (build) => {
  const run = ({ name, twin, forward, backward }: Case, length: number, inPlace: boolean): void => {
    const batch = 2;
    const shape = [3, length, 1];
    const x = uniform(`${name} x`, batch * 3 * length, -8, 8);
    const d = uniform(`${name} d`, x.length);
    const bench = new Bench(batch);
    const saved = bench.inputView(batch, shape, { top: 1, left: 2, bottom: 1, right: 3 }, x);
    let input = saved;
    let output = bench.outputView(batch, batch, shape, { top: 1, left: 1, bottom: 0, right: 2 });
    let gradient = bench.inputView(batch, shape, NO_MARGINS, d);
    let dInput = bench.outputView(batch, batch, shape, { top: 2, left: 0, bottom: 0, right: 1 });
    if (inPlace) {
      output = input = { ...gradient, address: bench.state(x) };
      dInput = gradient = { ...gradient, address: bench.state(d) };
    }
    bench.start(build);
    const place = (view: typeof saved): number[] => [view.address, view.image, view.row];
    const tail = [3, length, twin.kind, ...arguments3(twin)];
    const program = [
      ...call('activationForward', [...place(input), ...place(output), ...tail], batch * 3),
      ...call(
        'activationBackward',
        [...place(gradient), ...place(saved), ...place(dInput), ...tail],
        batch * 3,
      ),
    ];
    const [y, dx] = runShared(bench, program, () => [bench.read(output, batch), bench.read(dInput, batch)]);
    expectNear('f', y!, x, twin.reference, forward);
    expectNear('gradient', dx!, x, twin.derivative, backward, d);
  };

  it.each(CASES)('$name: rows around a vector, padded and in place', (activation) => {
    for (const length of [1, 2, 3, 4, 5, 16, 17, 33]) {
      run(activation, length, false);
      run(activation, length, true);
    }
  });

  it.each(CASES)('$name: infinities, NaN, denormals and the edges', ({ twin, forward, backward }) => {
    const x = Float32Array.from([...SPECIAL, ...EDGES]);
    const [y, dx] = sweep(build, twin, x);
    expectNear('f', y!, x, twin.reference, forward);
    // What the gradient of NaN is matters to nobody where it is a mask.
    const numbers = x.filter((value) => !Number.isNaN(value));
    expectNear(
      'gradient',
      dx!.filter((_, i) => !Number.isNaN(x[i]!)),
      numbers,
      twin.derivative,
      backward,
    );
  });
});

describe('activations over all exponents', () => {
  const length = 1 << 20;
  const x = new Float32Array(length);
  const bits = new Uint32Array(x.buffer);
  // Half of them step through the bit patterns, half through [−110, 110] and [−10, 10].
  for (let i = 0; i < length / 2; i++) bits[i] = Math.imul(i, 8191);
  for (let i = length / 2; i < length; i++) x[i] = (i / length - 0.75) * (i % 2 ? 440 : 40);
  const numbers = x.filter((value) => !Number.isNaN(value));

  it.each(CASES)('$name stays within its bound', ({ twin, forward, backward }) => {
    const [y, dx] = sweep('simd', twin, numbers);
    expectNear('f', y!, numbers, twin.reference, forward);
    expectNear('gradient', dx!, numbers, twin.derivative, backward);
  });

  it.each(CASES)('$name has the same bits in every build', ({ twin }) => {
    const some = numbers.subarray(-65536).slice();
    const expected = sweep('simd', twin, some);
    for (const build of BUILDS) expect(sweep(build, twin, some)).toEqual(expected);
  });
});

describe.each(BUILDS)('softmaxRows and softmaxRowsBackward, %s', (build) => {
  const run = (classes: number, pad: number, inPlace: boolean, low: number, high: number): void => {
    const rows = 5;
    const pitch = classes + pad;
    const x = uniform('x', rows * pitch, low, high);
    const d = uniform('d', rows * pitch);
    const bench = new Bench(1);
    const from = inPlace ? bench.state(x) : bench.input(x);
    const to = inPlace ? from : bench.state(x);
    const gradient = inPlace ? bench.state(d) : bench.input(d);
    const dInput = inPlace ? gradient : bench.state(d);
    bench.start(build);
    const stride = pitch * 4;
    const program = [
      ...call('softmaxRows', [from, stride, to, stride, classes], rows),
      ...call('softmaxRowsBackward', [gradient, stride, to, stride, dInput, stride, classes], rows),
    ];
    const [y, dx] = runShared(bench, program, () => [
      bench.floats(to, x.length).slice(),
      bench.floats(dInput, x.length).slice(),
    ]);
    for (let row = 0; row < rows; row++) {
      const [begin, end] = [row * pitch, row * pitch + classes];
      const expected = twins.softmaxRow(x.subarray(begin, end));
      // The difference x − max is rounded, and its error multiplies e^x; then exp, the sum and the quotient.
      const error = 2 ** -24 * (high - low) + growth(8);
      expectWithin(
        'softmax',
        y!.subarray(begin, end),
        expected,
        expected.map((p) => p * error + 2 ** -148),
      );
      let mean = 0;
      expected.forEach((p, i) => (mean += p * d[begin + i]!));
      const gradients = expected.map((p, i) => p * (d[begin + i]! - mean));
      // |d| and |mean| are at most 1.
      const slack = expected.map((p) => 4 * p * (error + growth(3)) + 2 ** -148);
      expectWithin('dInput', dx!.subarray(begin, end), gradients, slack);
      expect(y!.subarray(end, begin + pitch)).toEqual(x.subarray(end, begin + pitch));
      expect(dx!.subarray(end, begin + pitch)).toEqual(d.subarray(end, begin + pitch));
    }
  };

  it.each([1, 2, 3, 4, 5, 10, 16, 17, 33, 100])('%i classes', (classes) => {
    run(classes, 0, false, -3, 3);
    run(classes, 3, true, -3, 3);
    run(classes, 3, false, -200, 200);
  });
});

describe('activationNamed', () => {
  it('knows Keras names, aliases and camel case', () => {
    expect(activationNamed('leaky_relu')).toEqual({
      name: 'leaky_relu',
      kind: 0,
      parameters: [Infinity, 0.2, 0],
      fromOutput: true,
    });
    expect(activationNamed('leakyRelu')).toBe(activationNamed('leaky_relu'));
    expect(activationNamed('LeakyRelu')).toBe(activationNamed('leaky_relu'));
    expect(activationNamed('hardSwish')).toBe(activationNamed('hard_silu'));
    expect(activationNamed('swish')).toBe(activationNamed('silu'));
    expect(activationNamed('ReLU')).toBe(activationNamed('relu'));
    expect(activationNamed('softmax').kind).toBe('softmax');
  });

  it('names the nearest of an unknown one', () => {
    expect(() => activationNamed('sigmod')).toThrow(OptionError);
    expect(() => activationNamed('sigmod')).toThrow('did you mean "sigmoid"');
  });
});

/** The optimizers besides plain Adam (see adam.test.ts) on every build, over several steps, against float64. */
import { describe, expect, it } from 'vitest';
import type { Argument } from '../../src/engine/program.ts';
import { uniform } from '../reference/data.ts';
import { amsgradStep, decayed, lionStep, rmspropStep, sgdStep } from '../reference/optimizers.ts';
import { Rounded } from '../reference/rounded.ts';
import { expectWithin } from '../reference/tolerance.ts';
import { Bench, BUILDS, runShared, type Build } from './harness.ts';

const LENGTHS = [16, 48, 272];
const STEPS = 6;

/** How many values at the end belong to no weight: parameters, gradients and states are zero there, and must remain so. */
const GAP = 5;

interface Call {
  /** The states as they are before the first step, the parameters first. */
  readonly states: readonly Float32Array[];
  /** One set a step. */
  readonly gradients: readonly Float32Array[];
  readonly kernel: string;
  readonly arguments: (states: readonly number[], gradients: number, step: number) => readonly Argument[];
}

/** Takes all the steps in one program. @returns the states after the last one */
function run(
  build: Build,
  { states, gradients, kernel, arguments: argumentsOf }: Call,
): readonly Float32Array[] {
  const bench = new Bench(1);
  const { length } = gradients[0]!;
  const addresses = states.map((values) => bench.state(values));
  const program = gradients.map((values, i) => ({
    label: kernel,
    kernel,
    arguments: argumentsOf(addresses, bench.input(values), i + 1),
    items: length / 16,
  }));
  bench.start(build);
  return runShared(bench, program, () => addresses.map((address) => bench.floats(address, length).slice()));
}

/** @param ends  for each value, the states as they should be after the last step */
function compare(
  names: readonly string[],
  actual: readonly Float32Array[],
  ends: readonly (readonly Rounded[])[],
): void {
  names.forEach((name, i) => {
    const expected = ends.map((end) => end[i]!);
    expectWithin(
      name,
      actual[i]!,
      expected.map(({ value }) => value),
      expected.map(({ radius }) => radius),
    );
    // Tolerances mean something: almost all of them are far below the values.
    const loose = expected.filter(({ value, radius }) => !(radius <= 1e-3 * Math.abs(value)));
    expect(loose.length).toBeLessThanOrEqual(GAP + expected.length / 16);
    expect(actual[i]!.slice(-GAP)).toEqual(new Float32Array(GAP));
  });
}

/** Goes through all the steps with each value by itself. */
function follow<S>(
  length: number,
  start: (i: number) => S,
  gradients: readonly Float32Array[],
  step: (state: S, gradient: Rounded, number: number) => S,
): S[] {
  return Array.from({ length }, (_, i) =>
    gradients.reduce((state, values, n) => step(state, Rounded.exact(values[i]!), n + 1), start(i)),
  );
}

function values(name: string, length: number, low = -1, high = 1): Float32Array {
  return uniform(name, length, low, high).fill(0, length - GAP);
}

/** Different at each step, and of different sizes from value to value. */
function gradientsOf(length: number): Float32Array[] {
  return Array.from({ length: STEPS }, (_, step) =>
    values(`gradients ${step}`, length).map((value, i) => value * 10 ** ((i % 7) - 3)),
  );
}

const zeros = (length: number): Float32Array => new Float32Array(length);
const at = (array: Float32Array, i: number): Rounded => Rounded.exact(array[i]!);

describe.each(BUILDS)('sgd, %s', (build) => {
  const cases = [
    { momentum: 0, nesterov: false },
    { momentum: 0.9, nesterov: false },
    { momentum: 0.85, nesterov: true },
  ];
  it.each(cases.flatMap((each) => LENGTHS.map((length) => ({ ...each, length }))))(
    'takes steps as float64 does: $momentum, $nesterov, $length values',
    ({ momentum, nesterov, length }) => {
      const states = [values('parameters', length), values('velocities', length)];
      const gradients = gradientsOf(length);
      const rateAt = (step: number): number => 0.1 / step;
      const actual = run(build, {
        states,
        gradients,
        kernel: 'sgd',
        arguments: ([parameters, velocities], g, step) => [
          ...[parameters!, g, momentum === 0 ? 0 : velocities!],
          ...[rateAt(step), 0.3, momentum, nesterov ? 1 : 0],
        ],
      });
      const ends = follow(
        length,
        (i) => ({ parameter: at(states[0]!, i), velocity: at(states[1]!, i) }),
        gradients,
        (state, gradient, step) => sgdStep(state, gradient, { rate: rateAt(step) * 0.3, momentum, nesterov }),
      );
      compare(
        ['parameters', 'velocities'],
        actual,
        ends.map(({ parameter, velocity }) => [parameter, velocity]),
      );
    },
  );
});

describe.each(BUILDS)('adam with the largest second moment, %s', (build) => {
  const settings = { beta1: 0.8, beta2: 0.6, epsilon: 1e-7 };

  it.each(LENGTHS)('takes steps on %i values as float64 does', (length) => {
    const states = [
      values('parameters', length),
      values('m', length),
      values('v', length, 0, 1),
      zeros(length),
    ];
    const gradients = gradientsOf(length);
    const rateAt = (step: number): number => 0.01 * step;
    const actual = run(build, {
      states,
      gradients,
      kernel: 'adam',
      arguments: ([parameters, m, v, vHat], g, step) => [
        ...[parameters!, g, m!, v!, vHat!, rateAt(step), 0.5],
        ...[settings.beta1, settings.beta2, settings.epsilon],
      ],
    });
    const ends = follow(
      length,
      (i) => ({
        parameter: at(states[0]!, i),
        m: at(states[1]!, i),
        v: at(states[2]!, i),
        vHat: Rounded.exact(0),
      }),
      gradients,
      (state, gradient, step) => amsgradStep(state, gradient, { ...settings, rate: rateAt(step) * 0.5 }),
    );
    compare(
      ['parameters', 'm', 'v', 'vHat'],
      actual,
      ends.map(({ parameter, m, v, vHat }) => [parameter, m, v, vHat]),
    );
    // Some second moments have become smaller since: otherwise this would be plain Adam.
    expect(actual[3]!.some((largest, i) => largest > actual[2]![i]!)).toBe(true);
  });

  it('shows gradients that are not numbers', () => {
    const states = [zeros(16), zeros(16), zeros(16), zeros(16).fill(1)];
    const [parameters, , v, vHat] = run(build, {
      states,
      gradients: [zeros(16).fill(NaN)],
      kernel: 'adam',
      arguments: ([p, m, second, largest], g) => [p!, g, m!, second!, largest!, 0.1, 1, 0.9, 0.999, 1e-7],
    });
    for (const state of [parameters!, v!, vHat!]) expect(state.every(Number.isNaN)).toBe(true);
  });
});

describe.each(BUILDS)('rmsprop, %s', (build) => {
  const cases = [
    { momentum: 0, centered: false },
    { momentum: 0.5, centered: false },
    { momentum: 0, centered: true },
    { momentum: 0.9, centered: true },
  ];
  it.each(cases.flatMap((each) => LENGTHS.map((length) => ({ ...each, length }))))(
    'takes steps as float64 does: momentum $momentum, centered $centered, $length values',
    ({ momentum, centered, length }) => {
      const states = [
        values('parameters', length),
        values('velocities', length, 0.1, 1),
        values('momentums', length),
        values('averages', length, -0.2, 0.2),
      ];
      const gradients = gradientsOf(length);
      const settings = { rho: 0.999, momentum, epsilon: 1e-3, centered };
      const rateAt = (step: number): number => 0.01 / step;
      const actual = run(build, {
        states,
        gradients,
        kernel: 'rmsprop',
        arguments: ([parameters, velocities, momentums, averages], g, step) => [
          ...[parameters!, g, velocities!, momentum > 0 ? momentums! : 0, centered ? averages! : 0],
          ...[rateAt(step), 0.7, settings.rho, momentum, settings.epsilon],
        ],
      });
      const ends = follow(
        length,
        (i) => ({
          parameter: at(states[0]!, i),
          velocity: at(states[1]!, i),
          momentum: at(states[2]!, i),
          average: at(states[3]!, i),
        }),
        gradients,
        (state, gradient, step) => rmspropStep(state, gradient, { ...settings, rate: rateAt(step) * 0.7 }),
      );
      compare(
        ['parameters', 'velocities', 'momentums', 'averages'],
        actual,
        ends.map((end) => [end.parameter, end.velocity, end.momentum, end.average]),
      );
    },
  );

  it('takes no root of a negative number where the gradient has been the same all the time', () => {
    const states = [zeros(32), zeros(32), zeros(32)];
    const constant = Float32Array.from({ length: 32 }, (_, i) => 1000 + i * 7.3);
    const [parameters] = run(build, {
      states,
      gradients: new Array<Float32Array>(200).fill(constant),
      kernel: 'rmsprop',
      arguments: ([p, velocities, averages], g) => [p!, g, velocities!, 0, averages!, 0.001, 1, 0.9, 0, 1e-7],
    });
    expect(parameters!.every((value) => Number.isFinite(value) && value < 0)).toBe(true);
  });
});

describe.each(BUILDS)('lion, %s', (build) => {
  const settings = { beta1: 0.9, beta2: 0.999 };
  const call = (states: readonly Float32Array[], gradients: readonly Float32Array[]): Call => ({
    states,
    gradients,
    kernel: 'lion',
    arguments: ([parameters, momentums], g, step) => [
      ...[parameters!, g, momentums!, 0.01 / step, 0.9],
      ...[settings.beta1, settings.beta2],
    ],
  });

  it.each(LENGTHS)('takes steps on %i values as float64 does', (length) => {
    const states = [values('parameters', length), values('momentums', length, -0.1, 0.1)];
    const gradients = gradientsOf(length);
    const ends = follow(
      length,
      (i) => ({ parameter: at(states[0]!, i), momentum: at(states[1]!, i) }),
      gradients,
      (state, gradient, step) => lionStep(state, gradient, { ...settings, rate: (0.01 / step) * 0.9 }),
    );
    compare(
      ['parameters', 'momentums'],
      run(build, call(states, gradients)),
      ends.map(({ parameter, momentum }) => [parameter, momentum]),
    );
  });

  it('stands still where the direction is zero, and shows what is not a number', () => {
    const gradients = zeros(16);
    gradients.set([3, -3, 1e-30, NaN, Infinity]);
    const momentums = zeros(16);
    momentums.set([-1, 1]);
    // 0.75 · −1 + 0.25 · 3 is zero, without rounding.
    const exact: Call = {
      ...call([zeros(16), momentums], [gradients]),
      arguments: ([p, m], g) => [p!, g, m!, 0.5, 1, 0.75, 0.5],
    };
    const [parameters] = run(build, exact);
    expect([...parameters!.slice(0, 6)]).toEqual([0, 0, -0.5, NaN, -0.5, 0]);
  });
});

describe.each(BUILDS)('decayWeights, %s', (build) => {
  it.each(LENGTHS)('takes from %i weights their share', (length) => {
    const parameters = values('parameters', length, -10, 10);
    const bench = new Bench(1);
    const address = bench.state(parameters);
    const decay = { label: 'decay', kernel: 'decayWeights', items: length / 16 };
    bench.start(build);
    const [actual] = runShared(
      bench,
      [
        { ...decay, arguments: [address, 0.004, 0.001] },
        { ...decay, arguments: [address, 0.1, 0.3] },
      ],
      () => [bench.floats(address, length).slice()],
    );
    const ends = Array.from(parameters, (value) => [
      decayed(decayed(Rounded.exact(value), 0.004, 0.001), 0.1, 0.3),
    ]);
    compare(['parameters'], [actual!], ends);
  });
});

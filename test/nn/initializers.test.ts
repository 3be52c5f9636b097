import { describe, expect, it } from 'vitest';
import { FormatError, OptionError } from '../../src/errors.ts';
import { constant, ones, zeros } from '../../src/nn/initializers/constant.ts';
import { identity } from '../../src/nn/initializers/identity.ts';
import type { InitializerConfig } from '../../src/nn/initializers/initializer.ts';
import * as named from '../../src/nn/initializers/namedScalings.ts';
import { orthogonal, orthonormalize } from '../../src/nn/initializers/orthogonal.ts';
import { randomNormal, randomUniform, truncatedNormal } from '../../src/nn/initializers/random.ts';
import {
  fillWeights,
  initializerOfKeras,
  initializerOption,
  INITIALIZERS,
} from '../../src/nn/initializers/registry.ts';
import { varianceScaling } from '../../src/nn/initializers/varianceScaling.ts';
import { size } from '../../src/nn/shape.ts';
import { randomStream } from '../../src/random.ts';

const FANS = { fanIn: 50, fanOut: 150 };

function filled(
  config: InitializerConfig,
  shape: readonly number[],
  seed = 1,
  name = 'kernel',
): Float32Array {
  const values = new Float32Array(size(shape)).fill(NaN);
  fillWeights(config, { name, shape, ...FANS }, values, seed);
  return values;
}

/** Mean, standard deviation and kurtosis, and the largest distance from the mean in deviations. */
function moments(values: Float32Array) {
  const { length } = values;
  const mean = values.reduce((sum, value) => sum + value, 0) / length;
  const central = (power: number): number =>
    values.reduce((sum, value) => sum + (value - mean) ** power, 0) / length;
  const stddev = Math.sqrt(central(2));
  const furthest = values.reduce((most, value) => Math.max(most, Math.abs(value - mean)), 0);
  return { mean, stddev, skewness: central(3) / stddev ** 3, kurtosis: central(4) / stddev ** 4, furthest };
}

const COUNT = 40_000;

/** Kurtosis, and where the distribution ends in its standard deviations. */
const UNIFORM = { kurtosis: 1.8, end: Math.sqrt(3) };
const NORMAL = { kurtosis: 3, end: Infinity };
/** Cut at ±2: with a = 2φ(2)·2/(2Φ(2) − 1), the variance is 1 − a and the fourth moment 3·(1 − a) − 4a. */
const cut = (4 * 0.05399096651318806) / 0.9544997361036416;
const TRUNCATED = { kurtosis: (3 * (1 - cut) - 4 * cut) / (1 - cut) ** 2, end: 2 / Math.sqrt(1 - cut) };

describe('distributions', () => {
  it.each([
    ['glorotUniform', named.glorotUniform(), 0, Math.sqrt(1 / 100), UNIFORM],
    ['glorotNormal', named.glorotNormal(), 0, Math.sqrt(1 / 100), TRUNCATED],
    ['heUniform', named.heUniform(), 0, Math.sqrt(2 / 50), UNIFORM],
    ['heNormal', named.heNormal(), 0, Math.sqrt(2 / 50), TRUNCATED],
    ['lecunUniform', named.lecunUniform(), 0, Math.sqrt(1 / 50), UNIFORM],
    ['lecunNormal', named.lecunNormal(), 0, Math.sqrt(1 / 50), TRUNCATED],
    ['randomNormal', randomNormal(), 0, 0.05, NORMAL],
    ['randomNormal, moved', randomNormal({ mean: 3, stddev: 0.5 }), 3, 0.5, NORMAL],
    ['truncatedNormal', truncatedNormal({ mean: -1 }), -1, 0.05 * Math.sqrt(1 - cut), TRUNCATED],
    ['randomUniform', randomUniform(), 0, 0.05 / Math.sqrt(3), UNIFORM],
    ['randomUniform, moved', randomUniform({ minval: 1, maxval: 3 }), 2, 1 / Math.sqrt(3), UNIFORM],
    ['fanOut', varianceScaling({ scale: 3, mode: 'fanOut' }), 0, Math.sqrt(3 / 150), TRUNCATED],
    ['untruncated', varianceScaling({ distribution: 'untruncated_normal' }), 0, Math.sqrt(1 / 50), NORMAL],
  ] as const)('%s has the moments that it should', (_, config, mean, stddev, { kurtosis, end }) => {
    const found = moments(filled(config, [200, COUNT / 200]));
    // Five standard deviations of each estimate; those of a normal distribution are the largest.
    expect(Math.abs(found.mean - mean)).toBeLessThan((5 * stddev) / Math.sqrt(COUNT));
    expect(Math.abs(found.stddev / stddev - 1)).toBeLessThan(5 / Math.sqrt(2 * COUNT));
    expect(Math.abs(found.skewness)).toBeLessThan(5 * Math.sqrt(6 / COUNT));
    expect(Math.abs(found.kurtosis - kurtosis)).toBeLessThan(5 * Math.sqrt(24 / COUNT));
    const furthest = Math.max(Math.abs(mean - found.mean) + end * stddev * (1 + 1e-6), 0);
    expect(found.furthest).toBeLessThanOrEqual(furthest);
    expect(found.furthest).toBeGreaterThan((end === Infinity ? 3 : 0.98 * end) * stddev);
  });

  it('takes a fan below 1 for 1', () => {
    const values = new Float32Array(1000);
    fillWeights(named.heUniform(), { name: 'k', shape: [1000], fanIn: 0.25, fanOut: 1 }, values, 1);
    expect(Math.max(...values)).toBeLessThanOrEqual(Math.sqrt(6));
  });
});

describe('glorotUniform', () => {
  it('draws what it has always drawn', () => {
    const values = new Float32Array(90);
    const weight = { name: 'conv2d/kernel', shape: [3, 2, 3, 5], fanIn: 18, fanOut: 30 };
    fillWeights(named.glorotUniform(), weight, values, 7);
    const random = randomStream(7, 'initialisation/conv2d/kernel');
    const limit = Math.sqrt(6 / 48);
    expect([...values]).toEqual(Array.from(values, () => Math.fround((2 * random.uniform() - 1) * limit)));
    expect([...values.subarray(0, 4)]).toEqual([
      -0.11771171540021896, 0.3345920741558075, -0.045944008976221085, -0.30153006315231323,
    ]);
  });

  it('has the same formula for all fans', () => {
    for (let fanIn = 1; fanIn < 60; fanIn++) {
      const values = new Float32Array(3);
      fillWeights(named.glorotUniform(), { name: 'k', shape: [3], fanIn, fanOut: 17 }, values, 1);
      const random = randomStream(1, 'initialisation/k');
      const limit = Math.sqrt(6 / (fanIn + 17));
      expect([...values]).toEqual(Array.from(values, () => Math.fround((2 * random.uniform() - 1) * limit)));
    }
  });
});

describe('constants', () => {
  it('fill every value', () => {
    expect([...filled(zeros(), [3])]).toEqual([0, 0, 0]);
    expect([...filled(ones(), [3])]).toEqual([1, 1, 1]);
    expect([...filled(constant({ value: -2.5 }), [2])]).toEqual([-2.5, -2.5]);
    expect([...filled(constant(), [1])]).toEqual([0]);
  });
});

describe('orthogonal', () => {
  it.each([
    [[7, 7], 1],
    [[1, 1], 1],
    [[40, 13], 1],
    [[13, 40], 2],
    [[3, 3, 5, 8], 0.5],
    [[1, 1, 5, 64], 1],
  ])('of %j has orthogonal rows or columns of length %d', (shape, gain) => {
    const values = filled(orthogonal({ gain }), shape);
    const columns = shape.at(-1)!;
    const rows = values.length / columns;
    const at = (i: number, j: number): number => values[rows < columns ? i * columns + j : j * columns + i]!;
    const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
    for (let a = 0; a < count; a++) {
      for (let b = 0; b <= a; b++) {
        let dot = 0;
        for (let i = 0; i < length; i++) dot += at(a, i) * at(b, i);
        // Each value is rounded to float32; the lengths of both vectors are `gain`.
        expect(Math.abs(dot - (a === b ? gain * gain : 0))).toBeLessThan(2 * gain * gain * 2 ** -24);
      }
    }
  });

  it('is so to the last bits of float64, even of vectors that nearly depend on each other', () => {
    // Columns of the Hilbert matrix, whose condition number is 5e8 for six of them.
    const vectors = Array.from({ length: 6 }, (_, j) =>
      Float64Array.from({ length: 7 }, (_, i) => 1 / (i + j + 1)),
    );
    orthonormalize(vectors);
    vectors.forEach((a, i) => {
      vectors.forEach((b, j) => {
        const dot = a.reduce((sum, value, k) => sum + value * b[k]!, 0);
        expect(Math.abs(dot - (i === j ? 1 : 0))).toBeLessThan(2e-15);
      });
    });
  });

  it('is as likely one way as the other', () => {
    // The first value of a rotation has mean 0: the sign is that of the drawn numbers, not of the method.
    let positive = 0;
    for (let seed = 0; seed < 400; seed++) if (filled(orthogonal(), [3, 3], seed)[8]! > 0) positive++;
    expect(Math.abs(positive - 200)).toBeLessThan(50);
  });

  it('refuses vectors, and says which', () => {
    expect(() => filled(orthogonal(), [5], 1, 'dense/bias')).toThrow(
      'dense/bias: orthogonal needs at least two dimensions, not [5]; take another initializer.',
    );
  });
});

describe('identity', () => {
  it('is the identity matrix for dense layers, also where it is not square', () => {
    expect([...filled(identity(), [2, 3])]).toEqual([1, 0, 0, 0, 1, 0]);
    expect([...filled(identity({ gain: 2 }), [3, 2])]).toEqual([2, 0, 0, 2, 0, 0]);
  });

  it('passes channels through at the centre tap of a filter', () => {
    for (const shape of [
      [3, 3, 2, 4],
      [5, 3, 4, 2],
      [2, 4, 3, 3],
      [1, 1, 3, 5],
    ] as const) {
      const [height, width, inputs, outputs] = shape;
      const values = filled(identity(), shape);
      const centre = [Math.floor((height - 1) / 2), Math.floor((width - 1) / 2)];
      let i = 0;
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          for (let c = 0; c < inputs; c++)
            for (let k = 0; k < outputs; k++) {
              expect(values[i++]).toBe(y === centre[0] && x === centre[1] && c === k ? 1 : 0);
            }
    }
  });

  it('refuses other shapes', () => {
    expect(() => filled(identity(), [5])).toThrow(OptionError);
  });
});

describe('seeds', () => {
  const drawn = (config: InitializerConfig, seed: number, name: string): string =>
    filled(config, [4], seed, name).join();
  it('are the model’s and the weight’s name, unless the initializer has its own', () => {
    const plain = named.heNormal();
    expect(drawn(plain, 1, 'a')).toBe(drawn(plain, 1, 'a'));
    expect(drawn(plain, 1, 'a')).not.toBe(drawn(plain, 2, 'a'));
    expect(drawn(plain, 1, 'a')).not.toBe(drawn(plain, 1, 'b'));
    const own = named.heNormal({ seed: 1 });
    expect(drawn(own, 5, 'a')).toBe(drawn(plain, 1, 'a'));
    expect(drawn(own, 5, 'a')).not.toBe(drawn(own, 5, 'b'));
  });
});

describe('initializerOption', () => {
  it('knows names as Keras spells them, its aliases too', () => {
    for (const name of ['heNormal', 'he_normal', 'HeNormal']) {
      expect(initializerOption(name)).toEqual({ name: 'heNormal' });
    }
    expect(initializerOption('uniform')).toEqual({ name: 'randomUniform', minval: -0.05, maxval: 0.05 });
    expect(initializerOption('zero')).toEqual(zeros());
    expect(INITIALIZERS).toHaveLength(15);
  });

  it('completes settings, and gives back complete ones', () => {
    for (const name of INITIALIZERS) {
      const config = initializerOption(name);
      expect(config.name).toBe(name);
      expect(initializerOption(JSON.parse(JSON.stringify(config)))).toEqual(config);
    }
    expect(initializerOption({ name: 'truncated_normal', seed: 3 })).toEqual({
      name: 'truncatedNormal',
      seed: 3,
      mean: 0,
      stddev: 0.05,
    });
  });

  it.each([
    ['he_norml', 'There is no initializer "he_norml"; did you mean "heNormal"?'],
    ['abracadabra', /^There is no initializer "abracadabra"; there are glorotUniform, .*, identity\.$/],
    [5, 'An initializer must be a name or an object with one, not 5.'],
    [{ seed: 1 }, /^There is no initializer undefined; there are/],
    [{ name: 'heNormal', sed: 1 }, 'heNormal has no option "sed". Did you mean "seed"?'],
    [{ name: 'heNormal', seed: 1.5 }, 'heNormal: seed must be a whole number, not 1.5.'],
    [{ name: 'constant', value: NaN }, 'constant: value must be a number, not NaN.'],
    [{ name: 'randomNormal', stddev: -1 }, 'randomNormal: stddev must be a number of at least 0, not -1.'],
    [{ name: 'randomUniform', minval: 1 }, 'randomUniform: minval, 1, is above maxval, 0.05.'],
    [{ name: 'varianceScaling', scale: 0 }, 'varianceScaling: scale must be a number above 0, not 0.'],
    [
      { name: 'varianceScaling', mode: 'fan' },
      'varianceScaling: mode must be fanIn or fanOut or fanAvg, not "fan".',
    ],
    [{ name: 'zeros', value: 1 }, /^zeros has no option "value"/],
  ])('refuses %j', (value, message) => {
    expect(() => initializerOption(value)).toThrow(message);
    expect(() => initializerOption(value)).toThrow(OptionError);
  });
});

describe('initializerOfKeras', () => {
  const keras = (className: string, config: object): unknown => {
    return { module: 'keras.initializers', class_name: className, config, registered_name: null };
  };
  it.each([
    [keras('GlorotUniform', { seed: null, input_axes: null, output_axes: null }), named.glorotUniform()],
    [keras('Zeros', {}), zeros()],
    [keras('Constant', { value: 0.5 }), constant({ value: 0.5 })],
    [
      keras('RandomUniform', { seed: 5, minval: -1, maxval: 1 }),
      randomUniform({ seed: 5, minval: -1, maxval: 1 }),
    ],
    [
      keras('VarianceScaling', { seed: null, scale: 2, mode: 'fan_avg', distribution: 'truncated_normal' }),
      varianceScaling({ scale: 2, mode: 'fanAvg' }),
    ],
    [keras('HeNormal', { seed: keras('SeedGenerator', { seed: 1337 }) }), named.heNormal()],
    [keras('Orthogonal', { seed: null, gain: 2 }), orthogonal({ gain: 2 })],
    [keras('Identity', { gain: 1 }), identity()],
    ['lecun_uniform', named.lecunUniform()],
  ])('reads %j', (json, config) => {
    expect(initializerOfKeras(json)).toEqual(config);
  });

  it.each([
    [keras('STFT', { side: 'real' }), /^Keras' initializer STFT: There is no initializer "STFT"/],
    [
      keras('HeNormal', { input_axes: [0] }),
      /^Keras' initializer HeNormal: heNormal has no option "inputAxes"/,
    ],
    [null, "Keras' initializer must be an object with class_name and config, or a name, not null."],
    [{ class_name: 'Zeros', config: [] }, /must be an object with class_name and config/],
  ])('refuses %j', (json, message) => {
    expect(() => initializerOfKeras(json)).toThrow(message);
    expect(() => initializerOfKeras(json)).toThrow(FormatError);
  });
});

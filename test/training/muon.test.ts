/** Muon, held to a reference in float64: kernels with more inputs than outputs, with fewer, and of sizes that fill no tile. */
import { afterEach, describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { muon, type MuonConfig } from '../../src/nn/optimizers/muon.ts';
import { sgd } from '../../src/nn/optimizers/sgd.ts';
import { batchNormalization } from '../../src/nn/layers/batchNormalization.ts';
import { depthwiseConv2d } from '../../src/nn/layers/depthwiseConv2d.ts';
import { conv2d, dense, flatten, maxPooling2d } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import type { Model } from '../../src/training/model.ts';
import { muonStep } from '../reference/muon.ts';
import { brightestChannel } from './smallModel.ts';

const models: Model[] = [];
afterEach(async () => {
  await Promise.all(models.splice(0).map((model) => model.dispose()));
});

/** Inputs × outputs: tall 27 × 7, wide 7 × 18, tall 72 × 5, and 45 × 3. */
const LAYERS = [
  conv2d({ name: 'tall', filters: 7, kernelSize: 3, inputShape: [6, 6, 3], activation: 'tanh' }),
  conv2d({ name: 'wide', filters: 18, kernelSize: 1, activation: 'tanh' }),
  depthwiseConv2d({ name: 'depthwise', kernelSize: 1 }),
  batchNormalization({ name: 'norm' }),
  maxPooling2d({ name: 'pool' }),
  flatten({ name: 'flatten' }),
  dense({ name: 'long', units: 5, activation: 'tanh' }),
  dense({ name: 'head', units: 3, activation: 'softmax' }),
];
const MATRICES = { 'tall/kernel': [27, 7], 'wide/kernel': [7, 18], 'long/kernel': [72, 5] } as const;
const { x, y } = brightestChannel(24);

function compiled(options: Parameters<typeof muon>[0], engine: object = { tier: 'simd', threads: 1 }): Model {
  const model = sequential(LAYERS, { seed: 3, ...engine });
  models.push(model);
  model.compile({ optimizer: muon({ exclude: ['head'], ...options }), loss: 'categoricalCrossentropy' });
  return model;
}

const float64 = (model: Model): Map<string, Float64Array> =>
  new Map([...model.getWeights()].map(([name, { data }]) => [name, Float64Array.from(data)]));

const largest = (values: Iterable<number>): number => Math.max(...Array.from(values, Math.abs));

/** What the learning rate of a matrix is multiplied by. */
function adjusted(config: MuonConfig, inputs: number, outputs: number): number {
  if (config.adjustLearningRate === 'none') return 1;
  return config.adjustLearningRate === 'original'
    ? Math.sqrt(Math.max(1, outputs / inputs))
    : 0.2 * Math.sqrt(Math.max(outputs, inputs));
}

describe('muon', () => {
  it.each([
    [{}],
    [{ tier: 'relaxed' }],
    [{ nesterov: false, nsSteps: 1 }],
    [{ normalizeWeights: true, adjustLearningRate: 'none', nsSteps: 3 }],
    [{ adjustLearningRate: 'matchRmsAdamw', momentum: 0, nsCoefficients: [1.5, -0.5, 0], epsilon: 0.01 }],
  ] as const)(
    'changes matrices as its formulas say: %o',
    async ({ tier, ...options }: object & { tier?: string }) => {
      const config = muon({ exclude: ['head'], learningRate: 0.25, ...options });
      const model = compiled({ learningRate: 0.25, ...options }, { tier: tier ?? 'simd', threads: 2 });
      let momenta = new Map<string, Float64Array>(
        Object.entries(MATRICES).map(([name, [rows, columns]]) => [name, new Float64Array(rows * columns)]),
      );
      // Each iteration makes what was rounded before it larger, by the polynomial's slope at most.
      const [a, b, c] = config.nsCoefficients;
      const slope = Math.abs(a) + 3 * Math.abs(b) + 5 * Math.abs(c);
      const tolerance = 72 * 2 ** -24 * Math.min(slope ** config.nsSteps, 1e4);
      for (let step = 0; step < 3; step++) {
        const { gradients } = await model.computeGradients(x, y);
        const before = float64(model);
        await model.trainOnBatch(x, y);
        const after = float64(model);
        const next: typeof momenta = new Map();
        for (const [name, [rows, columns]] of Object.entries(MATRICES)) {
          const expected = muonStep(
            { parameters: before.get(name)!, momentum: momenta.get(name)! },
            Float64Array.from(gradients.get(name)!.data),
            rows,
            columns,
            {
              ...config,
              rate: 0.25 * adjusted(config, rows, columns),
              steps: config.nsSteps,
              coefficients: config.nsCoefficients,
              norm: config.normalizeWeights ? Math.sqrt(columns) : undefined,
            },
          );
          next.set(name, expected.momentum);
          const moved = largest(after.get(name)!.map((value, i) => value - before.get(name)![i]!));
          const off = largest(after.get(name)!.map((value, i) => value - expected.parameters[i]!));
          expect(moved).toBeGreaterThan(0.01);
          expect(off).toBeLessThan(tolerance);
          const kept = model.getOptimizerVariables().get(`${name}/momentum`)!.data;
          expect(largest(kept.map((value, i) => value - expected.momentum[i]!))).toBeLessThan(1e-6);
        }
        momenta = next;
      }
    },
  );

  it('leaves all that are no matrices, and what is excluded, to gradient descent', async () => {
    const options = { learningRate: 0.125, learningRateMultipliers: { '*/bias': 2 } };
    const ours = compiled({ ...options, sgdMomentum: 0.75 });
    const others = compiled({});
    others.compile({
      optimizer: sgd({ ...options, momentum: 0.75, nesterov: true }),
      loss: 'categoricalCrossentropy',
    });
    await ours.trainOnBatch(x, y);
    await others.trainOnBatch(x, y);
    for (const [name, { data }] of ours.getWeights()) {
      const same = !(name in MATRICES);
      expect([name, data.every((value, i) => value === others.getWeights().get(name)!.data[i])]).toEqual([
        name,
        same,
      ]);
    }
  });

  it('makes matrices orthogonal', async () => {
    const model = compiled({
      learningRate: 1,
      nsSteps: 5,
      nsCoefficients: [1.875, -1.25, 0.375],
      momentum: 0,
    });
    const before = float64(model).get('wide/kernel')!;
    // Three images more or less alike have a gradient of few singular values; all the images here have seven.
    await model.trainOnBatch(x, y);
    const step = float64(model)
      .get('wide/kernel')!
      .map((value, i) => (before[i]! - value) / Math.sqrt(18 / 7));
    const norm = Math.hypot(...step);
    expect(norm).toBeGreaterThan(1);
    expect(norm).toBeLessThanOrEqual(Math.sqrt(7) * 1.001);
  });

  it.each([1, 2, 5])('has the same bits with %i threads', async (threads) => {
    const [one, more] = [compiled({}), compiled({}, { tier: 'simd', threads })];
    for (const model of [one, more]) for (let step = 0; step < 2; step++) await model.trainOnBatch(x, y);
    expect([...more.getWeights()]).toEqual([...one.getWeights()]);
  });

  it('takes gradients that are all zero', async () => {
    const model = compiled({ normalizeWeights: true });
    const before = [...model.getWeights()];
    await model.trainOnBatch(x, y, { sampleWeight: new Float32Array(24) });
    for (const [, { data }] of model.getWeights()) expect(data.every(Number.isFinite)).toBe(true);
    expect(before.length).toBeGreaterThan(0);
  });

  it.each([
    [{ momentum: 1 }, 'momentum must be at least 0 and below 1, not 1.'],
    [{ sgdMomentum: -1 }, 'sgdMomentum must be at least 0 and below 1, not -1.'],
    [{ nsSteps: 0 }, 'muon: nsSteps must be a whole number of at least 1, not 0.'],
    [{ nsCoefficients: [1, 2] }, 'muon: nsCoefficients must be three numbers, not [1,2].'],
    [
      { adjustLearningRate: 'x' },
      'muon: adjustLearningRate must be original or matchRmsAdamw or none, not "x".',
    ],
    [
      { exclude: 'head' },
      'muon: exclude must be a list of names of layers or weights, such as ["logits"], not "head".',
    ],
    [{ epsilon: 0 }, 'epsilon must be a number above 0, not 0.'],
  ])('refuses %o', (options, message) => {
    const configure = (): unknown => muon(options as object);
    expect(configure).toThrow(OptionError);
    expect(configure).toThrow(message);
  });
});

/** The recipes' plans, held to the figures that are known of them (Jordan 2024, arXiv 2404.00498, and its code). */
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { NETWORKS } from '../../src/networks/registry.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { lookaheadDecay, looksAhead } from '../../src/nn/optimizers/lookahead.ts';
import { muonDefinition, type MuonConfig } from '../../src/nn/optimizers/muon.ts';
import type { SgdConfig } from '../../src/nn/optimizers/sgd.ts';
import { weightSettings } from '../../src/nn/optimizers/weightSettings.ts';
import { rateAt } from '../../src/nn/schedules/registry.ts';
import { randomStream } from '../../src/random.ts';
import { presentName } from '../../src/recipes/earlierNames.ts';
import { recipe, RECIPES } from '../../src/recipes/registry.ts';
import type { RecipePlan } from '../../src/recipes/recipe.ts';
import { whiteningKernel } from '../../src/recipes/whitening.ts';
import { sequential } from '../../src/training/factories.ts';
import type { Model } from '../../src/training/model.ts';

const CIFAR10 = { inputShape: [32, 32, 3], classes: 10, images: 50000 };
/** What the recipe's learning rate is shared out over, for the sum of a batch's losses. */
const K = 1024 * (1 + 1 / (1 - 0.85));

const optimizerOf = (plan: RecipePlan): SgdConfig => plan.compile.optimizer as SgdConfig;
const specsOf = (plan: RecipePlan): Readonly<Record<string, unknown>>[] =>
  plan.layers as unknown as Readonly<Record<string, unknown>>[];

describe('the recipes', () => {
  it('are found by name, and a slip is seen', () => {
    expect(RECIPES.map(({ name }) => name)).toEqual([
      'tutorial',
      'airbench94',
      'airbench94-sgd',
      'airbench95',
    ]);
    for (const each of RECIPES) {
      expect(recipe(each.name)).toBe(each);
      expect(NETWORKS.map(({ name }) => name)).toContain(each.network);
      expect(each.views.reduce((sum, { weight }) => sum + weight, 0)).toBe(1);
      buildNetwork(each.layers(CIFAR10));
    }
    expect(() => recipe('airbensh94')).toThrow('There is no recipe "airbensh94"; did you mean "airbench94"?');
    expect(() => recipe('x')).toThrow('there are tutorial, airbench94, airbench94-sgd and airbench95.');
  });

  it.each([
    [{ images: 0 }, 'airbench94: images must be'],
    [{ epochs: 1.5 }, 'airbench94: epochs must be'],
    [{ batchSize: -1 }, 'airbench94: batchSize must be'],
    [{ validationSplit: 1 }, 'airbench94: validationSplit must be'],
    [{ images: 1, validationSplit: 0.5 }, 'leaves no image to train on'],
    [{ epoch: 2 }, 'airbench94 has no option "epoch"'],
    [{ inputShape: [24, 32, 3] }, 'airbench94 needs images of at least 25×25, not 24×32'],
    [{ images: 999 }, 'airbench94 trains on whole batches only, and 999 images do not fill one of 1000'],
  ])('refuse %o', (wrong, message) => {
    const make = (): unknown => recipe('airbench94').plan({ ...CIFAR10, ...wrong });
    expect(make).toThrow(OptionError);
    expect(make).toThrow(message);
  });

  it.each([
    ['airbench94', { name: 'sgd' }, 'airbench94-sgd'],
    ['airbench94', { name: 'muon' }, 'airbench94'],
    ['airbench94', undefined, 'airbench94'],
    ['airbench95', { name: 'sgd' }, 'airbench95'],
    [undefined, { name: 'sgd' }, undefined],
  ])('%o of a training with %o is %o today', (name, optimizer, expected) => {
    expect(presentName(name, optimizer)).toBe(expected);
  });

  it('take images that are just large enough', () => {
    const { outputShape } = buildNetwork(
      recipe('airbench94').layers({ inputShape: [25, 25, 1], classes: 7 }),
    );
    expect(outputShape).toEqual([7]);
  });
});

describe.each([
  ['airbench94-sgd', 10, 118.1],
  ['airbench95', 15, undefined],
] as const)('%s', (name, epochs, millionMultiplyAdds) => {
  const plan = recipe(name).plan(CIFAR10);
  const steps = 48 * epochs;

  it('goes through whole batches of all images', () => {
    expect(plan.fit).toMatchObject({
      epochs,
      batchSize: 1024,
      validationSplit: 0,
      dropRemainder: true,
      augment: [
        { type: 'randomFlip', mode: 'horizontal', alternate: true },
        { type: 'randomTranslation', wholePixels: true, fillMode: 'mirror', heightFactor: [-2 / 32, 2 / 32] },
      ],
    });
    expect(optimizerOf(plan).learningRate).toMatchObject({ steps });
    expect(optimizerOf(plan).lookahead!.rampSteps).toBe(steps);
    const tuned = recipe(name).plan({ ...CIFAR10, validationSplit: 0.1, epochs: 2 });
    expect(optimizerOf(tuned).learningRate).toMatchObject({ steps: 43 * 2 });
    expect(tuned.fit).toMatchObject({ epochs: 2, validationSplit: 0.1 });
  });

  it('has the learning rate of the sum over a batch, begins with a fifth of it, and ends with 7 %', () => {
    const { learningRate, momentum, nesterov } = optimizerOf(plan);
    const peak = (11.5 / K) * 1024;
    const rates = Array.from({ length: steps }, (_, step) => rateAt(learningRate, step) / peak);
    const top = rates.indexOf(Math.max(...rates));
    expect([momentum, nesterov]).toEqual([0.85, true]);
    expect(rates[0]).toBeCloseTo(0.2, 12);
    expect(rates[top]).toBeCloseTo(1, 2);
    expect(Math.abs(top - 0.23 * steps)).toBeLessThanOrEqual(1.5);
    expect(rates.at(-1)).toBeCloseTo(0.07, 12);
    // Straight lines: each step is as long as the one before it.
    const change = (step: number): number => rates[step + 1]! - rates[step]!;
    expect(change(1)).toBeCloseTo(change(top - 3), 12);
    expect(change(top + 2)).toBeCloseTo(change(steps - 3), 12);
  });

  it('has shifts that go 64 times as fast, filters that stay, and the same decay for all', () => {
    const optimizer = optimizerOf(plan);
    const factor = (weight: string): number => weightSettings(optimizer, weight).multiplier;
    expect(factor('whiten/kernel')).toBe(0);
    expect(factor('whiten/bias')).toBe(1);
    expect(factor('block1_conv1/kernel')).toBe(1);
    expect(factor('block3_bn2/beta')).toBe(64);
    expect(optimizer.weightDecay).toBeNull();
    // The gradient of l2·w² is 2·l2·w: times the peak of its group, all lose 0.0153·1024/k of themselves in a step.
    const peak = rateAt(optimizer.learningRate, Math.round(0.23 * steps) - 1);
    const shares = specsOf(plan).flatMap((spec) =>
      ['kernel', 'bias', 'beta'].flatMap((weight) => {
        const regularizer = spec[`${weight}Regularizer`] as { l2: number } | undefined;
        return regularizer ? [2 * regularizer.l2 * peak * factor(`${String(spec.name)}/${weight}`)] : [];
      }),
    );
    expect(shares).toHaveLength(1 + 6 + 6 + 1);
    for (const share of shares) expect(share / ((0.0153 * 1024) / K)).toBeCloseTo(1, 2);
  });

  it('counts learning rate and decay by images, whatever the batch', () => {
    const half = recipe(name).plan({ ...CIFAR10, batchSize: 512 });
    const most = (config: SgdConfig): number =>
      (config.learningRate as unknown as { maxLearningRate: number }).maxLearningRate;
    expect(most(optimizerOf(half))).toBe(most(optimizerOf(plan)) / 2);
    expect(half.layers).toEqual(plan.layers);
  });

  it('looks ahead every five steps, more and more', () => {
    const { lookahead } = optimizerOf(plan);
    const drawn = Array.from({ length: 10 }, (_, step) => looksAhead(optimizerOf(plan), step));
    expect(drawn.flatMap((is, step) => (is ? [step] : []))).toEqual([4, 9]);
    expect(lookaheadDecay(lookahead, steps / 2 - 1)).toBeCloseTo(0.95 ** 5 / 8, 12);
    expect(lookaheadDecay(lookahead, steps - 1)).toBeCloseTo(0.95 ** 5, 12);
  });

  it('smooths labels by a fifth', () => {
    expect(plan.compile.loss).toMatchObject({ name: 'categoricalCrossentropy', labelSmoothing: 0.2 });
  });

  it('has the network that is known', () => {
    const network = buildNetwork(plan.layers);
    const shapes = network.layers
      .filter(({ type }) => type === 'conv2d' || type === 'maxPooling2d')
      .map(({ outputShape }) => outputShape[0]);
    expect(shapes).toEqual([31, 31, 15, 15, 15, 7, 7, 7, 3, 3, 1]);
    for (const spec of specsOf(plan).filter(({ type }) => type === 'batchNormalization'))
      expect(spec).toMatchObject({ momentum: 0.6, epsilon: 1e-12, scale: false });
    expect(specsOf(plan).find(({ type }) => type === 'rescaling')).toMatchObject({ scale: 1 / 9 });
    if (millionMultiplyAdds === undefined) return;
    const convolutions = network.layers.filter(({ type }) => type === 'conv2d' || type === 'dense');
    const multiplyAdds = convolutions.reduce((sum, { weights, outputShape }) => {
      const { shape } = weights.find((weight) => weight.name.endsWith('kernel'))!;
      const pixels = outputShape.slice(0, -1).reduce((a, b) => a * b, 1);
      return sum + pixels * shape.reduce((a, b) => a * b);
    }, 0);
    expect(multiplyAdds / 1e6).toBeCloseTo(millionMultiplyAdds, 1);
  });
});

describe('airbench94', () => {
  const plan = recipe('airbench94').plan(CIFAR10);
  const optimizer = plan.compile.optimizer as MuonConfig;
  const taken = (name: string): boolean => muonDefinition.matrices!.takes(optimizer, name);

  it('goes through batches of 1,000, with a rate that falls in a line to nothing', () => {
    // Images and labels are changed as in the paper's, which is held to its figures above.
    const { fit, compile } = recipe('airbench94-sgd').plan(CIFAR10);
    expect(plan.fit).toEqual({ ...fit, epochs: 8, batchSize: 1000 });
    expect(plan.compile.loss).toEqual(compile.loss);
    const rates = [0, 200, 399, 400].map((step) => rateAt(optimizer.learningRate, step));
    expect(rates.map((rate) => rate / 0.12)).toEqual([1, 0.5, expect.closeTo(1 / 400, 12), 0]);
  });

  it('makes the momentum of the 3×3 filters orthogonal, by three steps, and keeps their norm', () => {
    const { momentum, nesterov, nsSteps, normalizeWeights, adjustLearningRate } = optimizer;
    expect({ momentum, nesterov, nsSteps, normalizeWeights, adjustLearningRate }).toEqual({
      ...{ momentum: 0.8, nesterov: true, nsSteps: 3, normalizeWeights: true, adjustLearningRate: 'none' },
    });
    const kernels = specsOf(plan).flatMap(({ type, name }) =>
      type === 'conv2d' || type === 'dense' ? [`${String(name)}/kernel`] : [],
    );
    expect(kernels.filter(taken)).toEqual(
      [1, 2, 3].flatMap((block) => [1, 2].map((each) => `block${block}_conv${each}/kernel`)),
    );
  });

  it('has the author’s rates and decay for all else, which he has for the sum of a batch of 2,000', () => {
    const double = recipe('airbench94').plan({ ...CIFAR10, batchSize: 2000 });
    const rates = (of: RecipePlan, weight: string): number => {
      const { optimizer: each } = of.compile;
      return rateAt(each.learningRate, 0) * weightSettings(each, weight).multiplier;
    };
    const weights = ['whiten/kernel', 'whiten/bias', 'block2_bn1/beta', 'logits/kernel'];
    const sums = [0, 0.053, 0.053, 0.67];
    for (const of of [plan, double])
      expect(weights.map((weight) => rates(of, weight) / of.fit.batchSize)).toEqual(
        sums.map((rate) => expect.closeTo(rate, 12) as number),
      );
    expect(optimizer.sgdMomentum).toBe(0.85);
    const penalty = (name: string, weight: string): number =>
      (specsOf(double).find((spec) => spec.name === name)![`${weight}Regularizer`] as { l2: number }).l2;
    for (const [name, weight] of [
      ['whiten', 'bias'],
      ['block1_bn2', 'beta'],
      ['logits', 'kernel'],
    ] as const)
      expect(2 * penalty(name, weight) * rates(double, `${name}/${weight}`)).toBeCloseTo(2e-6 * 2000, 12);
    expect(specsOf(plan).filter(({ kernelRegularizer }) => kernelRegularizer)).toHaveLength(1);
    expect(specsOf(plan).find(({ type }) => type === 'rescaling')).toMatchObject({ scale: 1 / 256 });
  });

  it('goes as far, image by image, as the author does with batches of 2,000, a rate of 0.24 and a momentum of 0.6', () => {
    const { momentum, learningRate } = optimizer;
    const first = rateAt(learningRate, 0);
    expect(first / 1000).toBeCloseTo(0.24 / 2000, 12);
    // Momentum adds up as many images: 1 ÷ (1 − m) steps of a batch.
    expect(1000 / (1 - momentum)).toBeCloseTo(2000 / (1 - 0.6), 6);
    for (const spec of specsOf(plan).filter(({ type }) => type === 'batchNormalization'))
      expect((spec.momentum as number) ** 2).toBeCloseTo(0.6, 2);
  });

  it('begins with biases of the first layer within 1 ÷ √12, and weights of a deviation of 1 in the last', () => {
    const weights = sequential(plan.layers, { seed: 1 }).getWeights();
    const biases = weights.get('whiten/bias')!.data;
    const most = Math.max(...biases.map(Math.abs));
    expect(most).toBeLessThanOrEqual(1 / Math.sqrt(12));
    // That the largest of 24 is so small happens once in 2^48 times.
    expect(most).toBeGreaterThan(1 / Math.sqrt(12) / 4);
    const { data } = weights.get('logits/kernel')!;
    expect(data).toHaveLength(2560);
    const squares = data.reduce((sum, weight) => sum + weight * weight, 0);
    // Six times the deviation of a mean of 2,560 squares, whose own is √0.8.
    expect(Math.abs(squares / 2560 - 1)).toBeLessThan(6 * Math.sqrt(0.8 / 2560));
  });
});

describe('a plan', () => {
  const images = 24;
  const stream = randomStream(3, 'images');
  const train = {
    images: Uint8Array.from({ length: images * 32 * 32 * 3 }, () => stream.below(256)),
    labels: Uint8Array.from({ length: images }, (_, i) => i % 4),
    count: images,
    height: 32,
    width: 32,
    channels: 3,
    classNames: ['a', 'b', 'c', 'd'],
  };
  const task = { inputShape: [32, 32, 3], classes: 4, images, batchSize: 8 };
  const biasOf = (model: Model): Float32Array => model.getWeights().get('whiten/bias')!.data;
  const whitened = (model: Model): Float32Array => model.getWeights().get('whiten/kernel')!.data;

  it('takes mean, deviation and filters from the images that are trained on', async () => {
    const plan = recipe('airbench94').plan({ ...task, validationSplit: 0.5 });
    const model = sequential(plan.layers);
    await plan.prepare(model, train);
    const size = 32 * 32 * 3;
    const half = train.images.subarray(0, 12 * size);
    const [first] = model.network.specs as unknown as [{ mean: number[]; variance: number[] }];
    const reds = half.filter((_, i) => i % 3 === 0);
    expect(first.mean[0]).toBeCloseTo(reds.reduce((a, b) => a + b) / reds.length / 255, 10);
    const moments = { mean: first.mean, variance: first.variance };
    const { data } = whiteningKernel({ ...train, images: half, count: 12 }, moments, 2);
    expect(whitened(model)).toEqual(data);
  });

  it.each(['airbench94', 'airbench94-sgd'])(
    'trains the first bias of %s for three epochs only, and its filters never',
    async (name) => {
      const plan = recipe(name).plan({ ...task, epochs: 5 });
      const model = sequential(plan.layers, { tier: 'simd', threads: 2 });
      model.compile(plan.compile);
      await plan.prepare(model, train);
      const filters = whitened(model);
      const biases: Float32Array[] = [];
      const onEpochEnd = (): void => {
        expect(model.getLayer('whiten').trainable).toBe(biases.length < 3);
      };
      await model.fit(train.images, train.labels, {
        ...plan.fit,
        callbacks: [
          plan.callbacks(model),
          { onEpochEnd, onCheckpoint: () => void biases.push(biasOf(model)) },
        ],
      });
      const moved = biases.slice(1).map((bias, i) => bias.some((value, at) => value !== biases[i]![at]));
      expect(moved).toEqual([true, true, false, false]);
      // Drawn to what they are, they are rounded now and then.
      whitened(model).forEach((value, i) => {
        expect(Math.abs(value - filters[i]!)).toBeLessThanOrEqual(2 ** -22 * Math.abs(filters[i]!));
      });
      await model.dispose();
    },
  );
});

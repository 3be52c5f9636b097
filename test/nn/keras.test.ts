/** Networks as Keras writes them, against what Keras computes for them in float64. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { availableTiers, type Tier } from '../../src/engine/tier.ts';
import { FormatError } from '../../src/errors.ts';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import { specsOfKerasConfig } from '../../src/nn/kerasConfig.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import type { OptimizerConfig } from '../../src/nn/optimizers/optimizer.ts';
import { sgd } from '../../src/nn/optimizers/sgd.ts';
import { importTensors, tensorsIn, type Tensor } from '../../src/nn/parameters.ts';
import { Session } from '../../src/nn/session.ts';
import { size } from '../../src/nn/shape.ts';

const folder = new URL('../fixtures/keras/', import.meta.url);
const cases = readdirSync(folder, { withFileTypes: true }).flatMap((each) =>
  each.isDirectory() ? [each.name] : [],
);

interface Golden {
  readonly model: unknown;
  readonly steps: number;
  readonly batch: number;
  readonly optimizer: OptimizerConfig;
  readonly init: ReadonlyMap<string, Tensor>;
  readonly x: Float32Array;
  readonly y: Uint8Array;
  readonly expected: ReadonlyMap<string, Float64Array>;
}

interface CaseJson {
  readonly steps: number;
  readonly batch: number;
  readonly optimizer: { readonly class_name: string; readonly config: Readonly<Record<string, number>> };
}

function load(name: string): Golden {
  const path = (file: string): URL => new URL(`${name}/${file}`, folder);
  const json = (file: string): unknown => JSON.parse(readFileSync(path(file), 'utf8'));
  const tensors = (file: string) =>
    decodeSafetensors(readFileSync(path(`${file}.safetensors`)), file).tensors;
  const { steps, batch, optimizer } = json('case.json') as CaseJson;
  const batches = tensors('batches');
  return {
    model: json('model.json'),
    steps,
    batch,
    optimizer: optimizerOf(optimizer),
    init: new Map(
      [...tensors('init')].map(([key, { shape, data }]) => [key, { shape, data: data as Float32Array }]),
    ),
    x: batches.get('x')!.data as Float32Array,
    y: Uint8Array.from(batches.get('y')!.data as BigInt64Array, Number),
    expected: new Map([...tensors('expected')].map(([key, { data }]) => [key, data as Float64Array])),
  };
}

function optimizerOf({ class_name: name, config }: CaseJson['optimizer']): OptimizerConfig {
  const learningRate = config.learning_rate!;
  if (name === 'SGD')
    return sgd({ learningRate, momentum: config.momentum!, nesterov: Boolean(config.nesterov) });
  return adam({ learningRate, beta1: config.beta_1!, beta2: config.beta_2!, epsilon: config.epsilon! });
}

const largest = (values: Iterable<number>): number => {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
};

const difference = (a: Float32Array, b: Float64Array): number => {
  expect(a.length).toBe(b.length);
  return largest(a.map((value, i) => value - b[i]!));
};

const distance = (a: ArrayLike<number>, b: Float64Array): number =>
  Math.sqrt(b.reduce((sum, value, i) => sum + (a[i]! - value) ** 2, 0));

async function run(golden: Golden, tier: Tier, threads: number) {
  const network = buildNetwork(specsOfKerasConfig(golden.model));
  const { batch, steps, optimizer } = golden;
  const session = await Session.create(network, { tier, threads, batch, optimizer });
  session.writeParameters(importTensors(network, golden.init, 'init'));
  const length = batch * size(network.inputShape);
  const fill = (step: number) => (images: Float32Array, labels: Uint8Array) => {
    images.set(golden.x.subarray(step * length, (step + 1) * length));
    labels.set(golden.y.subarray(step * batch, (step + 1) * batch));
  };
  const before = await session.predict(batch, 'float32', fill(0));
  const losses: number[] = [];
  let gradients = new Map<string, Tensor>();
  for (let step = 0; step < steps; step++) {
    const { loss } = await session.train(batch, 'float32', fill(step));
    losses.push(loss / batch);
    if (step === 0) gradients = tensorsIn(network, session.readGradients());
  }
  const after = await session.predict(batch, 'float32', fill(0));
  const weights = tensorsIn(network, session.readParameters());
  await session.dispose();
  return { before, losses, gradients, after, weights };
}

describe.each(cases)('the case %s', (name) => {
  const golden = load(name);
  const expected = (key: string): Float64Array => golden.expected.get(key)!;
  const named = (prefix: string): string[] =>
    [...golden.expected.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  const steepest = Math.max(...named('gradient/').map((key) => largest(expected(`gradient/${key}`))));
  /** Whether a gradient is zero by mathematics, as of a bias in front of a batch normalization. */
  const vanishes = (key: string): boolean =>
    golden.expected.has(`gradient/${key}`) && largest(expected(`gradient/${key}`)) < 1e-9 * steepest;

  describe.each(availableTiers())('on %s', (tier) => {
    const outcome = run(golden, tier, 0);

    it('predicts as Keras does, before and after', async () => {
      const { before, after } = await outcome;
      expect(difference(before, expected('predict_before'))).toBeLessThan(2e-6);
      expect(difference(after, expected('predict_after'))).toBeLessThan(name === 'residual' ? 2e-5 : 2e-6);
    });

    it('has the loss of every step', async () => {
      const { losses } = await outcome;
      losses.forEach((loss, step) => {
        expect(Math.abs(loss / expected('losses')[step]! - 1), `step ${step}`).toBeLessThan(2e-6);
      });
    });

    it('has the gradient of every weight', async () => {
      const { gradients } = await outcome;
      for (const key of named('gradient/')) {
        const scale = vanishes(key) ? steepest : largest(expected(`gradient/${key}`));
        const off = difference(gradients.get(key)!.data, expected(`gradient/${key}`)) / scale;
        expect(off, key).toBeLessThan(2e-5);
      }
    });

    it('has the weights and the running statistics at the end', async () => {
      const { weights } = await outcome;
      expect([...weights.keys()].sort()).toEqual(named('after/').sort());
      for (const [key, { data }] of weights) {
        const reference = expected(`after/${key}`);
        const travelled = distance(golden.init.get(key)!.data, reference);
        if (travelled === 0) expect(data, key).toEqual(golden.init.get(key)!.data);
        else if (!vanishes(key)) expect(distance(data, reference) / travelled, key).toBeLessThan(5e-4);
      }
    });

    it('has the same bits in threads', async () => {
      const [alone, two, three] = await Promise.all([outcome, run(golden, tier, 2), run(golden, tier, 3)]);
      for (const other of [two, three]) expect(other).toEqual(alone);
    });
  });
});

describe('specsOfKerasConfig', () => {
  const layer = (class_name: string, config: object, from?: string) => ({
    class_name,
    config,
    inbound_nodes: from === undefined ? [] : [{ args: [{ config: { keras_history: [from, 0, 0] } }] }],
  });
  const functional = (...layers: readonly object[]) => ({
    class_name: 'Functional',
    config: { layers: [layer('InputLayer', { name: 'in', batch_shape: [null, 8, 8, 3] }), ...layers] },
  });
  const conv = { name: 'c', filters: 4, kernel_size: [3, 3] };

  it('reads a sequence too', () => {
    const sequence = {
      class_name: 'Sequential',
      config: {
        layers: [
          layer('InputLayer', { name: 'in', batch_shape: [null, 8, 8, 3] }),
          layer('Conv2D', conv),
          layer('Flatten', { name: 'f' }),
        ],
      },
    };
    expect(buildNetwork(specsOfKerasConfig(sequence)).layers.map(({ outputShape }) => outputShape)).toEqual([
      [6, 6, 4],
      [144],
    ]);
  });

  it.each([
    [7, 'The model of the Keras model is no object.'],
    [{ config: {} }, 'The Keras model has no list of layers.'],
    [functional(layer('Conv3D', { name: 'c' }, 'in')), 'The Keras layer "c" (Conv3D) is not supported.'],
    [
      functional(layer('Conv2D', { ...conv, groups: 2 }, 'in')),
      'The Keras layer "c" (Conv2D): groups 2 is not supported.',
    ],
    [
      functional(layer('Conv2D', { ...conv, activation: 'mish' }, 'in')),
      'The Keras layer "c" (Conv2D): conv2d: there is no activation "mish"',
    ],
    [
      functional(layer('BatchNormalization', { name: 'b', axis: 1 }, 'in')),
      'The Keras layer "b" (BatchNormalization): axis 1 is not supported, only the last.',
    ],
  ])('names what is not supported: %j', (json, message) => {
    expect(() => specsOfKerasConfig(json)).toThrow(FormatError);
    expect(() => specsOfKerasConfig(json)).toThrow(message);
  });
});

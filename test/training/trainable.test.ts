/** Layers that are frozen: they stay as they are, cost no gradients, and are trained again from an epoch on. */
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { batchNormalization } from '../../src/nn/layers/batchNormalization.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import type { OptimizerConfig } from '../../src/nn/optimizers/optimizer.ts';
import { sgd } from '../../src/nn/optimizers/sgd.ts';
import { planNetwork } from '../../src/nn/plan.ts';
import { conv2d, dense, flatten, withSettings } from '../../src/nn/spec.ts';
import { tutorialNetwork } from '../../src/networks/tutorial.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/training/checkpointFile.ts';
import { modelFromJSON, sequential } from '../../src/training/factories.ts';
import type { Callbacks } from '../../src/training/callbacks.ts';
import { decodeModel, encodeModel } from '../../src/training/modelFile.ts';
import type { Model } from '../../src/training/model.ts';
import { classification } from '../nn/classification.ts';
import { UPDATE } from '../../src/nn/optimizers/registers.ts';
import { brightestChannel, smallModel } from './smallModel.ts';

const { x, y } = brightestChannel(40);

function namesOfFrozen({ network }: Model): string[] {
  return network.layers.filter(({ trainable }) => !trainable).map(({ name }) => name);
}

describe('setTrainable', () => {
  it('freezes the layers that a pattern names, and nothing else', async () => {
    const model = smallModel();
    model.setTrainable('conv2d', false);
    const before = model.getWeights();
    await model.fit(x, y, { epochs: 2 });
    const after = model.getWeights();
    const changed = [...before.keys()].filter(
      (name) => String(before.get(name)!.data) !== String(after.get(name)!.data),
    );
    expect(changed).toEqual(['dense/kernel', 'dense/bias']);
    expect([...model.getOptimizerVariables().keys()].some((name) => name.startsWith('conv2d'))).toBe(false);
    await model.dispose();
  });

  it.each([
    ['conv2d*', ['conv2d', 'conv2d_1', 'conv2d_2']],
    ['conv2d', ['conv2d']],
    ['conv2d_?', ['conv2d_1', 'conv2d_2']],
    ['dense , max*', ['max_pooling2d', 'max_pooling2d_1', 'dense']],
    ['*', tutorialNetwork().map((_, i) => buildNetwork(tutorialNetwork()).layers[i]!.name)],
  ])('takes the pattern %s', (pattern, names) => {
    const model = sequential(tutorialNetwork());
    model.setTrainable(pattern, false);
    expect(namesOfFrozen(model)).toEqual(names);
    model.setTrainable(pattern, true);
    expect(namesOfFrozen(model)).toEqual([]);
    expect(JSON.stringify(model.toJSON())).toBe(JSON.stringify(sequential(tutorialNetwork()).toJSON()));
  });

  it.each(['cnov*', 'conv2d,', 'conv2d.*', 'CONV2D', '', '.*'])(
    'refuses %j, listing the names',
    (pattern) => {
      const model = smallModel();
      expect(() => {
        model.setTrainable(pattern, false);
      }).toThrow(/^No layer is named like ".*": there are conv2d, max_pooling2d, flatten, dense\.$/);
      expect(namesOfFrozen(model)).toEqual([]);
    },
  );

  it('is in the file, and is the same as being made so', () => {
    const model = smallModel();
    model.setTrainable('conv*', false);
    const read = decodeModel(encodeModel(model));
    expect(namesOfFrozen(read)).toEqual(['conv2d']);
    expect(read.getLayer('conv2d').trainable).toBe(false);
    expect(read.getLayer('dense').trainable).toBe(true);
  });

  it('is refused in the middle of a training', async () => {
    const model = smallModel();
    const refused: unknown[] = [];
    const attempt = (): void => {
      try {
        model.setTrainable('conv*', false);
      } catch (error) {
        refused.push(error);
      }
    };
    await model.fit(x, y, { callbacks: { onBatchEnd: attempt, onEpochEnd: attempt } });
    expect(refused).toHaveLength(3);
    expect(refused.every((error) => error instanceof OptionError)).toBe(true);
    expect(String(refused[0])).toContain('call setTrainable before it, or in onEpochBegin');
    attempt();
    expect(refused).toHaveLength(3);
    await model.dispose();
  });

  it('has the optimizer forget what it knew of a layer, whose average begins with its weights', async () => {
    const model = smallModel();
    const optimizer = adam({ useEma: true });
    model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
    await model.fit(x, y, { epochs: 2 });
    model.setTrainable('conv*', false);
    model.setTrainable('conv*', true);
    const weights = model.getWeights();
    for (const [name, { data }] of model.getOptimizerVariables()) {
      const of = name.slice(0, name.lastIndexOf('/'));
      const begins = name.endsWith('average')
        ? String(data) === String(weights.get(of)!.data)
        : data.every((value) => value === 0);
      if (name.startsWith('conv2d/')) expect([name, begins]).toEqual([name, true]);
      else if (!name.endsWith('average')) expect([name, begins]).toEqual([name, false]);
    }
    await model.dispose();
  });
});

describe('what is frozen', () => {
  const labels = (frozen: readonly string[]): string[] => {
    const layers = tutorialNetwork();
    const names = buildNetwork(layers).layers.map(({ name }) => name);
    const network = buildNetwork(
      layers.map((spec, i) => (frozen.includes(names[i]!) ? withSettings(spec, { trainable: false }) : spec)),
    );
    const objective = classification(network);
    const plan = planNetwork(network, {
      start: 1024,
      batch: 4,
      threads: 1,
      slots: 1,
      objective,
      optimizer: adam(),
    });
    return [...new Set(plan.train(4, true, UPDATE).map(({ label }) => label))];
  };
  const backward = (frozen: readonly string[]): string[] =>
    labels(frozen).filter((label) => / d[A-Z]/.test(label));

  it('has no gradient computed for its weights, nor for anything below the lowest layer that is trained', () => {
    const all = backward([]);
    expect(all.filter((label) => label.startsWith('conv2d'))).not.toEqual([]);
    const below = backward(['conv2d', 'conv2d_1', 'conv2d_2']);
    expect(below.filter((label) => !label.startsWith('dense'))).toEqual([]);
    expect(below.some((label) => label.startsWith('dense dInput'))).toBe(false);
    // Trained below and above: the gradient goes through, but not into its weights.
    const between = backward(['conv2d_1']);
    expect(between.filter((label) => label.startsWith('conv2d_1'))).toEqual(
      all.filter((label) => label.startsWith('conv2d_1') && !/dFilter|dBias|dWeight/.test(label)),
    );
    expect(between.some((label) => label.startsWith('conv2d_1 '))).toBe(true);
    expect(between.some((label) => label.startsWith('conv2d dFilter'))).toBe(true);
  });
});

describe('a training that unfreezes', () => {
  const options = { epochs: 4, batchSize: 8, validationSplit: 0.2 };
  const optimizers: Readonly<Record<string, OptimizerConfig>> = {
    adam: adam(),
    'averaged weights': sgd({ learningRate: 0.05, momentum: 0.9, useEma: true, emaMomentum: 0.9 }),
    'gradients of several batches': adam({ gradientAccumulationSteps: 3 }),
  };

  function model(optimizer: OptimizerConfig, json?: object): Model {
    const layers = [
      conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 3] }),
      batchNormalization(),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ];
    const made = json
      ? modelFromJSON(json, { seed: 3, threads: 2 })
      : sequential(layers, { seed: 3, threads: 2 });
    made.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    return made;
  }
  const unfreezing = (of: Model): Callbacks => ({
    onEpochBegin: (epoch) => {
      if (epoch === 2) of.setTrainable('*', true);
    },
  });

  it.each(Object.entries(optimizers))('goes on to the same bits from anywhere: %s', async (_, optimizer) => {
    const whole = model(optimizer);
    whole.setTrainable('conv*,batch*', false);
    const files: Uint8Array[] = [];
    const epochBegins: unknown[] = [];
    const watching: Callbacks = {
      onEpochBegin: () => void epochBegins.push(whole.getWeights().get('conv2d/kernel')!.data.join()),
      onCheckpoint: async () => void files.push(await encodeCheckpoint(whole.checkpoint())),
    };
    const callbacks = [unfreezing(whole), watching];
    const history = await whole.fit(x, y, { ...options, checkpointEvery: { steps: 1 }, callbacks });
    // Frozen for two epochs, and trained in the third.
    expect(new Set(epochBegins.slice(0, 3)).size).toBe(1);
    expect(new Set(epochBegins).size).toBe(2);
    expect(files.length).toBeGreaterThan(8);
    for (const file of files) {
      const checkpoint = await decodeCheckpoint(file);
      const again = model(optimizer, checkpoint.network);
      const result = await again.fit(x, y, {
        ...options,
        resumeFrom: checkpoint,
        callbacks: unfreezing(again),
      });
      expect(result).toEqual(history);
      expect(again.getWeights()).toEqual(whole.getWeights());
      expect(again.getOptimizerVariables()).toEqual(whole.getOptimizerVariables());
      await again.dispose();
    }
    await whole.dispose();
  });

  it('may be named by multipliers of the learning rate', async () => {
    const optimizer = sgd({ learningRate: 0.1, learningRateMultipliers: { conv2d: 0.5 } });
    const frozen = model(optimizer);
    frozen.setTrainable('conv2d', false);
    frozen.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
    await frozen.trainOnBatch(x, y);
    await frozen.dispose();
  });

  it('says so where the checkpoint trains other layers than the model', async () => {
    const frozen = model(adam());
    frozen.setTrainable('conv*', false);
    await frozen.fit(x, y, options);
    const resumeFrom = frozen.checkpoint();
    const other = model(adam());
    await expect(other.fit(x, y, { ...options, resumeFrom })).rejects.toThrow(
      'of other layers that are trained: it has no conv2d/kernel/momentum',
    );
    await Promise.all([frozen.dispose(), other.dispose()]);
  });
});

/** `train` that goes on from trained models, freezes layers, normalizes images and weighs classes. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeModel, encodeModel } from '../../src/training/modelFile.ts';
import type { Model } from '../../src/training/model.ts';
import {
  cifar10Folder,
  jsonLines,
  simdnet,
  temporaryFolder,
  type Result,
  type RunOptions,
} from './simdnet.ts';

/** Milliseconds for several processes, one after the other, on a machine that has other things to do. */
const SEVERAL = 240_000;

let data: string;
let cwd: string;
/** Short and with few images; a network of few weights. */
let small: string[];

/** For other classes than the images of the tests have. */
const network = (classes: number, pooled = true): object => ({
  layers: [
    { type: 'conv2d', filters: 4, kernelSize: 3, strides: 2, activation: 'relu', inputShape: [32, 32, 3] },
    { type: 'batchNormalization' },
    { type: 'conv2d', filters: 8, kernelSize: 3, strides: 2, activation: 'relu' },
    { type: pooled ? 'globalAveragePooling2d' : 'flatten' },
    { type: 'dense', units: classes, activation: 'softmax' },
  ],
});

beforeAll(async () => {
  data = await cifar10Folder(100, 32);
  cwd = await temporaryFolder();
  small = ['train', '--data-dir', data, '--batch-size', '16', '--threads', '2', '--tier', 'simd'];
  await writeFile(join(cwd, 'network.json'), JSON.stringify(network(10)));
  const { code } = await run('--network', 'network.json', '--epochs', '2', '--out', 'first', '--normalize');
  expect(code).toBe(0);
});

const run = (...more: string[]): Promise<Result> => simdnet([...small, ...more], { cwd });

async function modelOf(folder: string): Promise<Model> {
  return decodeModel(await readFile(join(cwd, folder, 'model.safetensors')), folder);
}

async function recordOf(folder: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(cwd, folder, 'run.json'), 'utf8')) as Record<string, unknown>;
}

function weightsOf(model: Model): Record<string, string> {
  return Object.fromEntries([...model.getWeights()].map(([name, { data }]) => [name, data.join()]));
}

describe.concurrent('train --from', () => {
  it('keeps how pictures are brought into shape where the images are none', async () => {
    const bytes = await readFile(join(cwd, 'first', 'model.safetensors'));
    const model = decodeModel(bytes, 'first', { imageFit: 'fit', pixelScale: 255 });
    await writeFile(join(cwd, 'of-pictures.safetensors'), encodeModel(model));
    const { code } = await run('--from', 'of-pictures.safetensors', '--epochs', '1', '--out', 'kept-fit');
    const { imageFit, network } = await modelOf('kept-fit');
    expect([code, imageFit, network.pixelScale]).toEqual([0, 'fit', 255]);
  });

  it('goes on from a run, a model or a checkpoint with all its weights', async () => {
    const checkpoints = await readdir(join(cwd, 'first', 'checkpoints'));
    const last = join('first', 'checkpoints', checkpoints.sort().at(-1)!);
    const froms = ['first', join('first', 'model.safetensors'), last];
    const models = await Promise.all(
      froms.map(async (from, i) => {
        const out = `from-${i}`;
        // So slow that what it begins with is what it ends with, but for the running statistics.
        const slow = ['--optimizer', 'sgd', '--learning-rate', '1e-30', '--epochs', '1'];
        const { code, stdout, stderr } = await run('--from', from, '--out', out, ...slow);
        expect([code, stderr]).toEqual([0, '']);
        expect(stdout).toContain(`Going on from ${join(cwd, i === 0 ? froms[1]! : from)}`);
        return modelOf(out);
      }),
    );
    const before = weightsOf(await modelOf('first'));
    for (const model of models) {
      const after = weightsOf(model);
      for (const name of Object.keys(before)) {
        if (!name.includes('moving')) expect([name, after[name]]).toEqual([name, before[name]]);
      }
      expect(model.classNames?.[0]).toBe('airplane');
    }
  });

  it(
    'makes the last layer anew for another number of classes, drawn from the seed, and says so',
    { timeout: SEVERAL },
    async () => {
      await writeFile(join(cwd, 'seven.json'), JSON.stringify(network(7)));
      const { sequential } = await import('../../src/training/factories.ts');
      const { layersOfJson } = await import('../../src/training/modelJson.ts');
      const { encodeModel } = await import('../../src/training/modelFile.ts');
      const seven = sequential(layersOfJson(network(7), 'seven'), {
        seed: 5,
        classNames: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
      });
      await writeFile(join(cwd, 'seven.safetensors'), encodeModel(seven));
      const slow = ['--optimizer', 'sgd', '--learning-rate', '1e-30', '--epochs', '1', '--seed', '9'];
      const { code, stdout } = await run('--from', 'seven.safetensors', '--out', 'ten', ...slow);
      expect(code).toBe(0);
      expect(stdout).toContain('  Made anew for 10 classes, since it told 7 classes apart: dense\n');
      expect(await recordOf('ten')).toMatchObject({
        options: { from: join(cwd, 'seven.safetensors'), network: null },
        from: {
          model: join(cwd, 'seven.safetensors'),
          classNames: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
          madeAnew: ['dense'],
        },
      });
      const [trained, drawn] = [
        weightsOf(await modelOf('ten')),
        weightsOf(sequential(layersOfJson(network(10), 'ten'), { seed: 9 })),
      ];
      expect(trained['dense/kernel']).toBe(drawn['dense/kernel']);
      expect(trained['conv2d/kernel']).toBe(weightsOf(seven)['conv2d/kernel']);
      const json = await run('--from', 'seven.safetensors', '--out', 'ten-json', '--json', ...slow);
      expect(jsonLines(json.stdout).find(({ event }) => event === 'start')).toMatchObject({
        from: 'seven.safetensors',
        madeAnew: ['dense'],
      });
      // The file is needed no more, but by what begins anew.
      const again = await simdnet(['train', '--resume', 'ten', '--epochs', '2'], { cwd });
      expect(again.code).toBe(0);
      expect(await recordOf('ten')).toMatchObject({ from: { madeAnew: ['dense'] }, epochsCompleted: 2 });
      const repeated = await simdnet(['rerun', 'ten', '--out', 'ten-again'], { cwd });
      expect(repeated).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('The same bytes') as string,
      });
      expect((await simdnet(['runs', '.'], { cwd })).stdout).toContain('seven.safetensors');
    },
  );

  it('takes images of another size where the network pools over all of them', async () => {
    const shapes = ['train', '--dataset', 'shapes', '--train-limit', '64', '--epochs', '1', '--threads', '1'];
    const { sequential } = await import('../../src/training/factories.ts');
    const { layersOfJson } = await import('../../src/training/modelJson.ts');
    const { encodeModel } = await import('../../src/training/modelFile.ts');
    const larger = (pooled: boolean): Uint8Array => {
      const json = structuredClone(network(10, pooled)) as { layers: { inputShape?: number[] }[] };
      json.layers[0]!.inputShape = [48, 40, 3];
      return encodeModel(sequential(layersOfJson(json, 'larger')));
    };
    await writeFile(join(cwd, 'pooled.safetensors'), larger(true));
    await writeFile(join(cwd, 'flat.safetensors'), larger(false));
    const pooled = await simdnet([...shapes, '--from', 'pooled.safetensors', '--out', 'pooled'], { cwd });
    expect(pooled.code).toBe(0);
    const flat = await simdnet([...shapes, '--from', 'flat.safetensors', '--out', 'flat'], { cwd });
    expect(flat).toMatchObject({ code: 2 });
    expect(flat.stderr).toContain(
      'flat.safetensors takes 48×40×3 images, but those of shapes are 32×32×3: "dense/kernel" is for one size',
    );
    expect(await readdir(cwd)).not.toContain('flat');
  });

  it('keeps the mean and the deviation of the model', async () => {
    expect((await run('--from', 'first', '--out', 'kept', '--epochs', '1')).code).toBe(0);
    const [before, after] = [await modelOf('first'), await modelOf('kept')];
    expect(after.network.specs[0]).toEqual(before.network.specs[0]);
    expect(before.network.specs[0]).toMatchObject({ type: 'normalization' });
  });

  it.each<[string[], number, string]>([
    [
      ['--from', 'first', '--network', 'lenet'],
      2,
      'A network is for the weights of PyTorch in safetensors, but first/model.safetensors has one itself',
    ],
    [['--from', 'first', '--network', 'tutorial'], 2, 'first/model.safetensors has one itself: leave it out'],
    [['--from', 'first', '--dropout', '0.2'], 2, '--dropout: the model of --from'],
    [['--from', 'first', '--init', 'x'], 2, '--init: the model of --from'],
    [
      ['--from', 'first', '--normalize'],
      2,
      '--normalize: the model of --from has its own mean and deviation',
    ],
    [['--from', 'first', '--out', 'first'], 2, '--out: first has the model of --from, which would be lost'],
    [['--from', 'nothing'], 1, 'cannot read nothing'],
    [['--from', '.'], 1, '. has no model.safetensors'],
    [['--from', 'network.json'], 1, 'network.json'],
  ])('refuses %j', async (more, code, message) => {
    const result = await run('--epochs', '1', ...more);
    expect([result.code, result.stderr]).toEqual([code, expect.stringContaining(message)]);
  });
});

describe.concurrent('train --normalize', () => {
  it('puts the mean and the deviation of the training images into the model', async () => {
    const { normalization } = await import('../../src/nn/layers/normalization.ts');
    const { channelMoments } = await import('../../src/nn/layers/normalization.ts');
    const { readCifar10Train } = await import('../../src/data/cifar10.ts');
    const { images } = await readCifar10Train(data);
    const moments = channelMoments(images.subarray(0, 80 * 3072), 3);
    const [first] = (await modelOf('first')).network.specs;
    expect(first).toMatchObject({ ...normalization({ ...moments }), inputShape: [32, 32, 3] });
  });

  it('goes in front of a network that is no chain, and of the tutorial’s', async () => {
    for (const name of ['resnet18', 'tutorial']) {
      const { networkPreset } = await import('../../src/networks/registry.ts');
      const { normalized } = await import('../../src/training/normalizing.ts');
      const { buildNetwork } = await import('../../src/nn/network.ts');
      const plain = networkPreset(name, { inputShape: [32, 32, 3], classes: 10, dropout: 0 });
      const [before, after] = [buildNetwork(plain), buildNetwork(normalized(plain))];
      expect(after.layers[0]!.type).toBe('normalization');
      expect(after.weights).toEqual(before.weights);
      expect(after.inputs.flat().filter((input) => input === 'images')).toHaveLength(1);
    }
  });

  it('refuses a network that does so itself', async () => {
    await writeFile(
      join(cwd, 'own.json'),
      JSON.stringify({
        layers: [
          { type: 'normalization', mean: 0.5, variance: 0.1, inputShape: [32, 32, 3] },
          { type: 'flatten' },
          { type: 'dense', units: 10, activation: 'softmax' },
        ],
      }),
    );
    const { code, stderr } = await run('--network', 'own.json', '--normalize');
    expect([code, stderr]).toEqual([2, expect.stringContaining('has a normalization of its own')]);
  });
});

/** What makes a run kill itself in the middle of writing a file. */
function killAt(operation: number): RunOptions {
  return {
    nodeOptions: ['--import', new URL('../chaos/faults.mjs', import.meta.url).href],
    env: { CHAOS_FAULT: JSON.stringify({ kind: 'kill', at: operation, half: true }) },
  };
}

describe.concurrent('train --freeze', () => {
  const frozen = ['--from', 'first', '--freeze', 'conv*,batch*', '--unfreeze-after', '2', '--epochs', '4'];
  let undisturbed: Result;
  beforeAll(async () => {
    undisturbed = await run(...frozen, '--out', 'undisturbed');
  });

  it('leaves the weights as they are until it is told to', async () => {
    const forGood = await run(
      '--from',
      'first',
      '--freeze',
      'conv*, batch*',
      '--epochs',
      '2',
      '--out',
      'frozen',
    );
    expect(forGood.code).toBe(0);
    expect(forGood.stdout).toContain('\nFrozen: conv2d, batch_normalization, conv2d_1\n');
    const [before, after] = [weightsOf(await modelOf('first')), weightsOf(await modelOf('frozen'))];
    const same = Object.keys(before).filter((name) => before[name] === after[name]);
    expect(same).toEqual(Object.keys(before).filter((name) => !name.startsWith('dense')));
    // What is frozen in a file need not stay so.
    const thawed = await run('--from', 'frozen', '--epochs', '1', '--out', 'thawed');
    expect(thawed.stdout).not.toContain('Frozen');
    expect(weightsOf(await modelOf('thawed'))['conv2d/kernel']).not.toBe(after['conv2d/kernel']);
  });

  it('trains them too from an epoch on', async () => {
    expect(undisturbed.code).toBe(0);
    expect(undisturbed.stdout).toContain(
      'Frozen until epoch 2 is over: conv2d, batch_normalization, conv2d_1',
    );
    expect(undisturbed.stdout).toMatch(/Epoch 2\/4 .*\nFrom here on all layers are trained\.\nEpoch 3\/4/);
    const before = weightsOf(await modelOf('first'))['conv2d/kernel'];
    expect(weightsOf(await modelOf('undisturbed'))['conv2d/kernel']).not.toBe(before);
  });

  it.each([
    [30, 1],
    [60, 2],
    [90, 3],
    [130, 4],
  ])('goes on to the same bits after a kill at file operation %i, in epoch %i', async (operation, epoch) => {
    const out = `killed-${operation}`;
    const args = [...small, ...frozen, '--checkpoint-every', '2 steps', '--out', out];
    const { code } = await simdnet(args, { cwd, ...killAt(operation) });
    expect(code).toBe(null);
    const resumed = await simdnet(['train', '--resume', out, '--threads', '1'], { cwd });
    expect([resumed.code, resumed.stderr]).toEqual([0, '']);
    expect(resumed.stdout).toMatch(new RegExp(`^Going on with ${out} in epoch ${epoch}`));
    for (const name of ['model.safetensors', 'history.csv']) {
      const [expected, found] = await Promise.all(
        ['undisturbed', out].map((folder) => readFile(join(cwd, folder, name))),
      );
      expect([name, found!.equals(expected!)]).toEqual([name, true]);
    }
  });

  it.each([
    ['--unfreeze-after', '1'],
    ['--freeze', 'conv*'],
    ['--from', 'elsewhere'],
  ])('refuses another %s when it goes on', async (...more) => {
    const { code, stderr } = await simdnet(['train', '--resume', 'undisturbed', ...more], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining('it goes on as it began: leave it out')]);
  });

  it.each([
    [['--freeze', 'cnov*'], '--freeze: No layer is named like "cnov*": there are conv2d, max_pooling2d'],
    [['--freeze', 'conv*,dens'], '--freeze: No layer is named like "dens"'],
    [['--freeze', '*'], '--freeze * leaves nothing to train of conv2d, conv2d_1, conv2d_2, dense, dense_1.'],
    [['--unfreeze-after', '1'], '--unfreeze-after is for layers that are frozen'],
    [
      ['--freeze', 'conv*', '--unfreeze-after', '2', '--epochs', '2'],
      'leaves no epoch of 2 for what is frozen: make it smaller, or give more --epochs',
    ],
    [['--freeze', 'conv*', '--unfreeze-after', '0'], '--unfreeze-after must be a whole number of at least 1'],
  ])('refuses %j', async (more, message) => {
    const { code, stderr } = await run(...more);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe.concurrent('train --class-weight', () => {
  const short = ['--network', 'network.json', '--epochs', '1'];

  it('balances, as scikit-learn does', async () => {
    const { code, stdout } = await run(...short, '--class-weight', 'balanced', '--out', 'balanced');
    expect(code).toBe(0);
    expect(stdout).toContain('\nClass weights: airplane 1, ');
    const { readCifar10Train } = await import('../../src/data/cifar10.ts');
    const { labels, classNames } = await readCifar10Train(data);
    const counts = classNames.map((_, of) => labels.subarray(0, 80).filter((label) => label === of).length);
    const { classWeights, options } = await recordOf('balanced');
    expect(options).toMatchObject({ classWeight: 'balanced' });
    expect(classWeights).toEqual(Object.fromEntries(counts.map((of, i) => [classNames[i], 80 / (10 * of)])));
  });

  it(
    'takes weights by index, by name and from files, which all come to the same, and to something else',
    { timeout: SEVERAL },
    async () => {
      await writeFile(join(cwd, 'weights.json'), '{"airplane": 2.5, "truck": 0.25}');
      await writeFile(join(cwd, 'weights.yaml'), 'airplane: 2.5\n9: 0.25\n');
      const given = ['0:2.5,9:0.25', 'weights.yaml', 'weights.json'];
      const models: Record<string, string>[] = [];
      for (const [i, weights] of given.entries()) {
        const out = `weighed-${i}`;
        expect((await run(...short, '--class-weight', weights, '--out', out)).code).toBe(0);
        models.push(weightsOf(await modelOf(out)));
        expect(await recordOf(out)).toMatchObject({ classWeights: { airplane: 2.5, truck: 0.25 } });
      }
      for (const model of models) expect(model).toEqual(models[0]);
      expect((await run(...short, '--out', 'unweighed')).code).toBe(0);
      expect(weightsOf(await modelOf('unweighed'))).not.toEqual(models[0]);
      // The run has the weights in the place of the file.
      await writeFile(join(cwd, 'weights.json'), '{"airplane": 7}');
      const repeated = await simdnet(['rerun', 'weighed-2', '--out', 'weighed-again'], { cwd });
      expect([repeated.code, repeated.stderr]).toEqual([0, '']);
      const resumed = await simdnet(['train', '--resume', 'weighed-0', '--class-weight', '0:1'], { cwd });
      expect([resumed.code, resumed.stderr]).toEqual([
        2,
        expect.stringContaining('--class-weight: weighed-0 was trained with {"0":2.5,"9":0.25}'),
      ]);
    },
  );

  it.each([
    ['even', 2, '--class-weight must be balanced, weights such as 0:1,1:3'],
    ['0:-1', 2, '--class-weight must be balanced'],
    ['0:1,0:2', 2, '--class-weight has a weight for 0 twice'],
    ['{"0":"a"}', 2, '--class-weight: the weight of 0 must be a number of at least 0, not "a"'],
    ['{"0":', 2, '--class-weight: '],
    ['airplan:2', 2, '--class-weight: there is no class airplan. Did you mean airplane?'],
    [
      Array.from({ length: 10 }, (_, i) => `${i}:0`).join(),
      2,
      '--class-weight: no image to train on would count',
    ],
    ['10:2', 2, '--class-weight: there is no class 10. There are airplane'],
    ['nowhere.json', 1, 'cannot read nowhere.json'],
  ])('refuses %s', async (weights, code, message) => {
    const result = await run(...short, '--class-weight', weights, '--out', `refused-${weights.length}`);
    expect([result.code, result.stderr]).toEqual([code, expect.stringContaining(message)]);
  });
});

describe.concurrent('what was saved in between', () => {
  it('can be evaluated and predicted with', async () => {
    const folder = join('first', 'checkpoints');
    const [name] = await readdir(join(cwd, folder));
    const args = ['--model', join(folder, name!), '--data-dir', data];
    expect((await simdnet(['evaluate', ...args], { cwd })).code).toBe(0);
    expect((await simdnet(['predict', ...args], { cwd })).code).toBe(0);
    expect((await simdnet(['summary', '--model', join(folder, name!)], { cwd })).code).toBe(0);
  });
});

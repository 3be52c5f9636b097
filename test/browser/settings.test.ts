import { describe, expect, it } from 'vitest';
import { stepOperations } from '../../bench/work.ts';
import {
  networkChoices,
  networkOf,
  summarizeNetwork,
  trainingOperations,
} from '../../src/browser/network.ts';
import { recipeChoices } from '../../src/browser/recipes.ts';
import {
  AUGMENTATIONS,
  defaultTexts,
  readSettings,
  usualTexts,
  type Limits,
  type Texts,
} from '../../src/browser/settings.ts';
import { splitCounts, stepsAnEpoch } from '../../src/browser/split.ts';
import { AUGMENTATIONS as WORDS } from '../../src/training/augmentationWords.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { tutorialNetwork } from '../../src/networks/tutorial.ts';

const limits: Limits = { dataset: 'shapes', ownPictures: false, trainImages: 5000, cores: 4 };
const read = (change: Partial<Texts>, given: Partial<Limits> = {}) =>
  readSettings({ ...defaultTexts(limits), ...change }, { ...limits, ...given });

describe('the settings', () => {
  it('are those of the command line by default', () => {
    expect(read({}).settings).toEqual({
      network: 'tutorial',
      trained: 'all',
      filters: [32, 64, 64],
      units: 64,
      learningRate: 0.001,
      epochs: 15,
      batchSize: 64,
      seed: 0,
      threads: 4,
      tier: 'auto',
      images: undefined,
      optimizer: 'adam',
      momentum: 0.9,
      weightDecay: undefined,
      schedule: 'constant',
      dropout: 0,
      labelSmoothing: 0,
      augment: '',
      imageSize: undefined,
    });
  });

  it('are read as people write them', () => {
    const { settings } = read({ learningRate: ' 1e-3 ', images: '200', tier: 'simd', filters2: '8' });
    expect(settings).toMatchObject({ learningRate: 0.001, images: 200, tier: 'simd', filters: [32, 8, 64] });
  });

  it.each<[keyof Texts, string, RegExp]>([
    ['filters1', '0', /whole number from 1 to 512/],
    ['filters3', '', /whole number from 1 to 512/],
    ['units', '1.5', /whole number from 1 to 4,096/],
    ['epochs', '0x10', /whole number from 1 to 1,000/],
    ['batchSize', '5001', /whole number from 1 to 5,000/],
    ['seed', '-1', /whole number from 0/],
    ['threads', '5', /whole number from 1 to 4/],
    ['learningRate', '0', /above 0, such as/],
    ['learningRate', 'fast', /above 0, such as/],
    ['images', '9', /whole number from 10 to 5,000/],
    ['dropout', '1', /from 0 to below 1/],
    ['labelSmoothing', '-0.1', /from 0 to below 1/],
    ['weightDecay', '-1', /of at least 0.*or nothing/],
  ])('say what is wrong with %s = "%s"', (field, text, message) => {
    const { settings, problems } = read({ [field]: text });
    expect(settings).toBeUndefined();
    expect(Object.keys(problems!)).toEqual([field]);
    expect(problems![field]).toMatch(message);
  });

  it('ask nothing that does not apply', () => {
    expect(read({ momentum: 'x' }).settings?.momentum).toBe(0.9);
    expect(Object.keys(read({ momentum: 'x', optimizer: 'sgd' }).problems!)).toEqual(['momentum']);
    expect(read({ network: 'resnet18', units: '', filters2: 'x' }).settings).toMatchObject({
      network: 'resnet18',
      units: 64,
      filters: [32, 64, 64],
    });
  });

  it('have an image size where there are own pictures, of which all are taken, in batches of any size', () => {
    const own = { dataset: 'pictures', ownPictures: true, trainImages: 12 } as const;
    expect(read({ imageSize: 'x' }).settings?.imageSize).toBeUndefined();
    expect(read({ imageSize: 'x' }, own).problems).toEqual({ imageSize: 'A whole number from 8 to 256.' });
    expect(read({ imageSize: '24', images: '5' }, own).settings).toMatchObject({
      imageSize: 24,
      images: undefined,
      batchSize: 64,
    });
  });

  it('suggest more of few own pictures, and nothing for other images', () => {
    expect(usualTexts({ dataset: 'shapes', trainImages: 50 })).toEqual({});
    expect(usualTexts({ dataset: 'pictures', trainImages: 50 })).toEqual({
      augment: 'flip,shift',
      batchSize: '16',
      epochs: '20',
    });
    expect(usualTexts({ dataset: 'pictures', trainImages: 5000 })).toEqual({ augment: 'flip,shift' });
  });

  it('suggest of a recipe what is its own', () => {
    const own = { ...limits, recipes: recipeChoices() };
    expect(usualTexts(own, { recipe: 'airbench95' })).toEqual({ epochs: '15', batchSize: '1024' });
    expect(usualTexts({ ...own, dataset: 'pictures', trainImages: 50 }, { recipe: 'airbench94' })).toEqual({
      augment: 'flip,shift',
      epochs: '8',
      batchSize: '1000',
    });
    expect(usualTexts(own)).toEqual({});
  });

  describe('of a loaded model', () => {
    const loaded = { name: 'model.onnx', inputShape: [224, 224, 3] };

    it('suggest small steps, unless only its last layer is trained, and few of large images', () => {
      const shapes = { ...limits, loaded };
      expect(usualTexts(shapes, { network: 'loaded', trained: 'all' })).toEqual({
        batchSize: '16',
        learningRate: '0.0001',
      });
      expect(usualTexts(shapes, { network: 'loaded', trained: 'last' })).toEqual({ batchSize: '16' });
      expect(usualTexts(shapes, { network: 'lenet', trained: 'all' })).toEqual({});
      const small = { ...shapes, loaded: { ...loaded, inputShape: [32, 32, 3] } };
      expect(usualTexts(small, { network: 'loaded', trained: 'last' })).toEqual({});
    });

    it('have own pictures become what it takes, and ask for nothing that it has itself', () => {
      const own = { loaded, ownPictures: true };
      expect(read({ network: 'loaded', trained: 'last' }, own).settings).toMatchObject({
        network: 'loaded',
        trained: 'last',
        imageSize: 224,
      });
      expect(read({ network: 'loaded', imageSize: '96' }, own).settings?.imageSize).toBe(96);
      expect(read({ network: 'lenet' }, own).settings?.imageSize).toBeUndefined();
      const wide = { ...own, loaded: { ...loaded, inputShape: [32, 64, 3] } };
      expect(read({ network: 'loaded' }, wide).settings?.imageSize).toBeUndefined();
      expect(read({ network: 'loaded', dropout: 'x', units: 'x' }, own).settings).toMatchObject({
        dropout: 0,
      });
      expect(read({ network: 'lenet', trained: 'last' }, own).settings?.trained).toBe('all');
    });
  });

  it('ask beside a recipe only for what it leaves open', () => {
    const recipes = recipeChoices();
    expect(recipes.map(({ name }) => name)).toEqual(['airbench94', 'airbench94-sgd', 'airbench95']);
    const beside = { recipe: 'airbench94', network: 'x', units: 'x', dropout: 'x', learningRate: 'x' };
    expect(read(beside, { recipes }).settings).toMatchObject({
      recipe: 'airbench94',
      network: 'tutorial',
      units: 64,
      learningRate: 0.001,
    });
    expect(
      Object.keys(read({ ...beside, epochs: '0', seed: 'x', images: '1' }, { recipes }).problems!),
    ).toEqual(['epochs', 'seed', 'images']);
    expect(read({ recipe: 'other' }, { recipes }).settings!.recipe).toBeUndefined();
  });

  it('know the changes to images that the command line knows', () => {
    expect(AUGMENTATIONS).toEqual(WORDS);
  });

  it('name the problem of every field', () => {
    expect(Object.keys(read({ epochs: 'x', units: 'y' }).problems!).sort()).toEqual(['epochs', 'units']);
  });
});

describe('the images of a training', () => {
  const counts = { trainCount: 100, testIsValidation: false };
  const recipe = { validationSplit: 0, dropRemainder: true };

  it('are in part to validate with, if a recipe does not take them all', () => {
    expect(splitCounts(counts, undefined, undefined)).toEqual({ taken: 100, trained: 80 });
    expect(splitCounts(counts, 50, undefined)).toEqual({ taken: 50, trained: 40 });
    expect(splitCounts(counts, 50, recipe)).toEqual({ taken: 50, trained: 50 });
    expect(splitCounts(counts, undefined, { validationSplit: 0.1 })).toEqual({ taken: 100, trained: 90 });
    expect(splitCounts({ ...counts, validationCount: 20 }, 200, undefined).trained).toBe(100);
  });

  it('are never those to test with', () => {
    expect(splitCounts({ ...counts, testIsValidation: true }, undefined, recipe).trained).toBe(80);
  });

  it('make as many steps as there are batches', () => {
    expect(stepsAnEpoch(counts, { images: undefined, batchSize: 32 }, undefined)).toBe(3);
    expect(stepsAnEpoch(counts, { images: 70, batchSize: 32 }, recipe)).toBe(2);
  });
});

describe('the network', () => {
  const defaults = read({}).settings!;

  it('is the tutorial’s by default', () => {
    expect(networkOf(defaults, 10)).toEqual(tutorialNetwork());
  });

  it('has the sizes that were chosen', () => {
    const { layers, parameters } = summarizeNetwork(
      networkOf({ ...defaults, filters: [4, 6, 8], units: 10 }, 3),
    );
    expect(layers.map(({ outputShape }) => outputShape.at(-1))).toEqual([4, 4, 6, 6, 8, 512, 10, 3]);
    expect(parameters).toBe(layers.reduce((sum, layer) => sum + layer.parameters, 0));
    expect(layers[0]).toEqual({
      name: 'conv2d',
      description: '4 filters of 3×3, ReLU',
      outputShape: [32, 32, 4],
      parameters: 112,
      from: [-1],
    });
  });

  it('is any preset, with what each layer takes', () => {
    const { layers, inputShape } = summarizeNetwork(
      networkOf({ ...defaults, network: 'resnet18', dropout: 0.1 }, 7, [24, 20, 3]),
    );
    expect(inputShape).toEqual([24, 20, 3]);
    expect(layers.at(-1)!.outputShape).toEqual([7]);
    expect(layers.map(({ description }) => description)).toContain('drops 10 % in training');
    const row = layers.findIndex(({ name }) => name === 'stage1_block1_add');
    expect(layers[row]!.from.map((source) => layers[source]!.name)).toEqual([
      'stage1_block1_2_bn',
      'stem_relu',
    ]);
  });

  it('has a description of every preset', () => {
    for (const { name, description } of networkChoices()) {
      expect(description.length).toBeGreaterThan(10);
      expect(networkOf({ ...defaults, network: name }, 10).length).toBeGreaterThan(3);
    }
  });

  it('takes as many operations as the benchmark counts', () => {
    const network = buildNetwork(networkOf(defaults, 10));
    expect(trainingOperations(network)).toBe(stepOperations(network, 1));
  });
});

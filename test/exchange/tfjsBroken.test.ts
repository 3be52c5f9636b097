/** tfjs models that do not fit together. */
import { describe, expect, it } from 'vitest';
import { DataError, FormatError } from '../../src/errors.ts';
import { exportTfjs } from '../../src/exchange/tfjs/export.ts';
import { importTfjs } from '../../src/exchange/tfjs/import.ts';
import { configureLoss } from '../../src/nn/losses/registry.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { conv2d, dense, flatten } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import { sourceOf, type TfjsJson } from './tfjsProgram.ts';

const model = sequential([
  conv2d({ filters: 2, kernelSize: 2, inputShape: [3, 3, 1] }),
  flatten(),
  dense({ units: 2 }),
]);
const weights = model.getWeights();
const variables = new Map(
  [...weights].flatMap(([name, tensor]) =>
    ['momentum', 'velocity'].map((kind) => [`${name}/${kind}`, tensor] as const),
  ),
);
const training = { optimizer: adam(), iterations: 2, variables, loss: configureLoss('meanSquaredError') };
const files = exportTfjs({ network: model.network, weights, training });

interface Layer {
  class_name: string;
  config: Record<string, unknown>;
}

/** Its parts: what the manifest says of each weight, and its layers. */
function read(change: (weights: TfjsJson['weightsManifest'][0]['weights'], layers: Layer[]) => void) {
  const json = JSON.parse(files[0]!.content as string) as TfjsJson;
  const { layers } = json.modelTopology.config as { layers: Layer[] };
  change(json.weightsManifest[0]!.weights, layers);
  return importTfjs(sourceOf([{ name: 'some.json', content: JSON.stringify(json) }, ...files.slice(1)]));
}

describe('a tfjs model', () => {
  it('is read as it is', async () => {
    const { weights: found, optimizer } = await read(() => undefined);
    expect([...found.keys()]).toEqual([...weights.keys()]);
    expect([...optimizer!.variables.keys()].sort()).toEqual([...variables.keys()].sort());
  });

  it.each<[string, Parameters<typeof read>[0], string]>([
    [
      'a weight of no layer',
      ([first]) => (first!.name = 'other/kernel'),
      'no layer has a weight "other/kernel"',
    ],
    ['a weight of no name', ([first]) => (first!.name = '/'), 'no layer has a weight "/"'],
    ['a weight twice', ([first, second]) => (second!.name = first!.name), 'is there twice'],
    [
      'another shape',
      ([first]) => (first!.shape = [2, 2, 2, 1]),
      'the weight "conv2d/kernel" is [2, 2, 2, 1], but',
    ],
    ['a weight too few', ([first]) => (first!.group = 'optimizer'), 'it has no weight "conv2d/kernel"'],
    [
      'an optimizer that keeps less',
      (all) => delete all.at(-1)!.group,
      'no layer has a weight "dense/bias/v"',
    ],
    [
      'an unknown layer',
      (_all, layers) => (layers[2]!.class_name = 'PReLU'),
      'The Keras layer "flatten" (PReLU) is not supported. Build the model without it',
    ],
    ['options out of range', (_all, layers) => (layers[3]!.config.units = -1), 'units must be'],
    [
      'layers that do not fit',
      (_all, layers) => (layers[1]!.config.kernel_size = [9, 9]),
      'some.json: Layer "conv2d"',
    ],
    ['no layers', (_all, layers) => layers.splice(0), 'must have a list of 1 to'],
  ])('is refused with %s', async (_name, change, message) => {
    const reading = read(change);
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow('some.json');
    await expect(reading).rejects.toThrow(message);
  });

  it('hands on that a shard is missing', async () => {
    const source = { ...sourceOf(files), file: () => Promise.reject(new DataError('there is no shard')) };
    await expect(importTfjs(source)).rejects.toThrow('there is no shard');
  });
});

/** Models of other programs as models: which format, what comes along, and what is refused. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { exportModel } from '../../src/exchange/exportModel.ts';
import { EXCHANGE_FORMATS, formatOf } from '../../src/exchange/format.ts';
import { importModel } from '../../src/exchange/importModel.ts';
import { channelsFirst, channelsLast } from '../../src/exchange/layout.ts';
import { exportTfjs } from '../../src/exchange/tfjs/export.ts';
import { openModel } from '../../src/exchange/openModel.ts';
import { pixelScaleOf } from '../../src/exchange/pixelScale.ts';
import { decodeModel, encodeModel } from '../../src/training/modelFile.ts';
import { encodeCheckpoint } from '../../src/training/checkpointFile.ts';
import { decodeZip, encodeZip } from '../../src/formats/zip.ts';
import { normalization } from '../../src/nn/layers/normalization.ts';
import { randomFlip } from '../../src/nn/layers/randomFlip.ts';
import { rescaling } from '../../src/nn/layers/rescaling.ts';
import { configureOptimizer } from '../../src/nn/optimizers/registry.ts';
import { conv2d, dense, flatten, parseLayerSpec, type LayerSpec } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import type { Model } from '../../src/training/model.ts';
import { largestDifference } from './values.ts';

const fixture = (name: string): Promise<Buffer> =>
  readFile(new URL(`../fixtures/exchange/${name}`, import.meta.url));

const small = (): Model =>
  sequential(
    [
      conv2d({ filters: 2, kernelSize: 3, inputShape: [5, 5, 3] }),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
    { tier: 'simd', threads: 1, seed: 1, classNames: ['a', 'b', 'c'] },
  );

const images = Float32Array.from({ length: 4 * 75 }, (_, i) => Math.sin(i));

async function trained(): Promise<Model> {
  const model = small();
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  await model.fit(images, Uint8Array.of(0, 1, 2, 0), { batchSize: 2, epochs: 2 });
  return model;
}

/** What goes out and comes in again. */
async function again(model: Model, format: 'onnx' | 'keras' | 'tfjs'): Promise<Model> {
  const files = await exportModel(model, { format, name: 'it' });
  const bytes = (content: Uint8Array | string): Uint8Array =>
    typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return importModel(bytes(files[0]!.content), {
    tier: 'simd',
    threads: 1,
    seed: 1,
    fileName: files[0]!.name,
    readFile: (name) => Promise.resolve(bytes(files.find((file) => file.name === name)!.content)),
  });
}

describe('importModel', () => {
  it('takes bytes of both kinds, and nothing else', async () => {
    const file = await fixture('plain.onnx');
    const options = { tier: 'simd', threads: 1 } as const;
    const model = await importModel(Uint8Array.from(file).buffer, options);
    expect(model.getWeights()).toEqual((await importModel(file, options)).getWeights());
    const wrong = importModel as (given: unknown) => Promise<Model>;
    await expect(wrong('plain.onnx')).rejects.toThrow(
      'importModel takes the bytes of a file, a Uint8Array or an ArrayBuffer, not the text "plain.onnx": loadModel takes a path.',
    );
    await expect(wrong(undefined)).rejects.toThrow(OptionError);
  });
});

describe('the format', () => {
  it.each([
    ['mobile.onnx', 'onnx'],
    ['functional.keras', 'keras'],
    ['functional.h5', 'h5'],
    ['plain.torch.safetensors', 'pytorch'],
  ])('of %s is %s, whatever it is called', async (name, format) => {
    const bytes = await fixture(name);
    expect([formatOf(bytes, name), formatOf(bytes, 'The model')]).toEqual([format, format]);
  });

  it.each([8, 0x7b])('of safetensors is that, even if its header has %i bytes', (length) => {
    const bytes = new Uint8Array(8 + length);
    bytes[0] = length;
    bytes[8] = 0x7b;
    expect(formatOf(bytes, 'The model')).toBe('pytorch');
  });

  it('of what looks like nothing is that of its name', () => {
    expect(formatOf(new Uint8Array(3), 'A.ONNX')).toBe('onnx');
    expect(() => formatOf(new Uint8Array(3), 'a.bin')).toThrow(/^a\.bin looks like no model: .*onnx.*keras/);
  });

  it('must be one that there is', async () => {
    await expect(importModel(new Uint8Array(3), { format: 'caffe' as 'onnx' })).rejects.toThrow(
      `must be one of ${Object.keys(EXCHANGE_FORMATS).join(', ')}, not "caffe"`,
    );
  });
});

it('takes layers for the weights of PyTorch as functions make them, or as JSON has them', async () => {
  const bytes = await fixture('plain.torch.safetensors');
  const { layers } = JSON.parse(String(await fixture('plain.network.json'))) as { layers: LayerSpec[] };
  const made = layers.map((each) => parseLayerSpec(each));
  const [a, b] = await Promise.all([made, layers].map((network) => importModel(bytes, { network })));
  expect(a!.toJSON()).toEqual(b!.toJSON());
  expect(a!.getWeights()).toEqual(b!.getWeights());
  await expect(importModel(bytes, { network: 'vgg' as unknown as LayerSpec[] })).rejects.toThrow(
    new OptionError('importModel: network must be a list of layers, not "vgg".'),
  );
});

describe('a model that goes out and comes in', () => {
  it.each(['onnx', 'keras', 'tfjs'] as const)('through %s gives the same', async (format) => {
    const model = await trained();
    const back = await again(model, format);
    expect(back.getWeights()).toEqual(model.getWeights());
    expect((await back.predict(images)).data).toEqual((await model.predict(images)).data);
    if (format !== 'keras') expect(back.classNames).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['onnx', 255, conv2d({ filters: 2, kernelSize: 3, inputShape: [5, 5, 3] })],
    ['tfjs', 255, conv2d({ filters: 2, kernelSize: 3, inputShape: [5, 5, 3] })],
    ['onnx', 1, rescaling({ scale: 1 / 255, inputShape: [5, 5, 3] })],
    ['tfjs', 1, rescaling({ scale: 1 / 255, inputShape: [5, 5, 3] })],
  ] as const)(
    'through %s is given pixels up to %d, whatever its layers look like',
    async (format, pixelScale, first) => {
      const model = sequential([first, flatten()], { tier: 'simd', threads: 1, seed: 1, pixelScale });
      expect((await again(model, format)).network.pixelScale).toBe(pixelScale);
    },
  );

  it.each([[4, 4, 3] as const, [3, 8, 8] as const])(
    'through onnx has its images lie as before, also where no layer says how: [%d, %d, %d]',
    async (...inputShape) => {
      const layers = [flatten({ inputShape }), dense({ units: 2 })];
      const model = sequential(layers, { tier: 'simd', threads: 1, seed: 1 });
      const back = await again(model, 'onnx');
      expect([back.layout, ...back.network.inputShape]).toEqual(['nhwc', ...inputShape]);
      expect(back.getWeights()).toEqual(model.getWeights());
    },
  );

  it.each([
    [1, '; of bytes, divide by 255.'],
    [255, '; from 0 to 255, as bytes are.'],
  ] as const)('to PyTorch, says what pixels up to %d are', async (pixelScale, text) => {
    const layers = [conv2d({ filters: 2, kernelSize: 3, inputShape: [5, 5, 3] })];
    const model = sequential(layers, { tier: 'simd', threads: 1, seed: 1, pixelScale });
    const [file] = await exportModel(model, { format: 'pytorch' });
    expect(file!.content).toContain(`Images are float32, [batch, 3, 5, 5]${text}\n`);
  });

  it.each(['keras', 'tfjs'] as const)('through %s begins its training there', async (format) => {
    const model = small();
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    const back = await again(model, format);
    expect(back.compiled!.optimizer).toMatchObject({ name: 'adam', learningRate: 0.001 });
    expect(back.iterations).toBe(0);
    for (const each of [model, back]) await each.trainOnBatch(images, Uint8Array.of(0, 1, 2, 0));
    const [one, other] = [model, back].map((each) => each.getWeights().get('dense/kernel')!.data);
    expect(largestDifference(one!, other!)).toBeLessThan(1e-6);
  });

  it.each(['keras', 'tfjs'] as const)('through %s is trained as if it had stayed', async (format) => {
    const model = await trained();
    const back = await again(model, format);
    expect(back.iterations).toBe(4);
    expect(back.getOptimizerVariables()).toEqual(model.getOptimizerVariables());
    const labels = Uint8Array.of(0, 1, 2, 0);
    await model.trainOnBatch(images, labels);
    await back.trainOnBatch(images, labels);
    const [one, other] = [model, back].map((each) => each.getWeights().get('dense/kernel')!.data);
    one!.forEach((value, i) => {
      expect(other![i]).toBeCloseTo(value, 6);
    });
    expect(back.iterations).toBe(5);
  });
});

describe('the loss', () => {
  it.each([
    ['functional.keras', 'categoricalCrossentropy'],
    ['functional.h5', 'categoricalCrossentropy'],
    ['nested.keras', 'meanSquaredError'],
    ['nested.h5', 'meanSquaredError'],
  ])('of %s is %s', async (fileName, name) => {
    const model = await importModel(await fixture(fileName), { fileName });
    expect(model.compiled!.loss.name).toBe(name);
  });

  /** A file of one output whose training had another loss. */
  async function fileWith(loss: unknown): Promise<Uint8Array> {
    const model = sequential([flatten({ inputShape: [2, 2, 1] }), dense({ units: 1 })], { threads: 1 });
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    await model.fit(new Float32Array(8), new Float32Array(2), { epochs: 1 });
    const files = decodeZip(
      (await exportModel(model, { format: 'keras' }))[0]!.content as Uint8Array,
      'model.keras',
    );
    const config = JSON.parse(new TextDecoder().decode(files.get('config.json'))) as {
      compile_config: { loss: unknown };
    };
    if (loss !== undefined) config.compile_config.loss = loss;
    return encodeZip(new Map([...files, ['config.json', new TextEncoder().encode(JSON.stringify(config))]]));
  }

  const ofKeras2 = (reduction: string, fn: string) => ({
    class_name: 'MeanAbsoluteError',
    config: { reduction, name: 'mean_absolute_error', fn },
  });

  it.each([
    [undefined, 'meanSquaredError'],
    ['mae', 'meanAbsoluteError'],
    [['mae'], 'meanAbsoluteError'],
    [{ dense: 'mae' }, 'meanAbsoluteError'],
    [ofKeras2('auto', 'mean_absolute_error'), 'meanAbsoluteError'],
    [{ module: 'builtins', class_name: 'function', config: 'huber' }, 'huber'],
  ])('%j of one output is %s', async (loss, name) => {
    const model = await importModel(await fileWith(loss), { fileName: 'one.keras' });
    expect(model.compiled!.loss.name).toBe(name);
    expect(model.iterations).toBe(1);
  });

  it.each([
    'poisson',
    'sparse_categorical_crossentropy',
    ['mae', 'mae'],
    ofKeras2('sum', 'mean_absolute_error'),
    null,
  ])('%j leaves the model without its training', async (loss) => {
    const model = await importModel(await fileWith(loss), { fileName: 'one.keras' });
    expect(model.compiled).toBeUndefined();
  });
});

it('is not compiled if that is not wanted', async () => {
  const bytes = await fixture('functional.keras');
  expect((await importModel(bytes)).compiled).toBeDefined();
  expect((await importModel(bytes, { compile: false })).compiled).toBeUndefined();
  expect((await openModel(bytes, { compile: false })).compiled).toBeUndefined();
});

describe('an optimizer', () => {
  it('goes on from a state that it is given', async () => {
    const model = await trained();
    const other = small();
    other.setWeights(model.getWeights());
    other.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    other.setOptimizerVariables(model.getOptimizerVariables(), model.iterations);
    for (const each of [model, other]) await each.trainOnBatch(images, Uint8Array.of(0, 1, 2, 0));
    expect(other.getWeights()).toEqual(model.getWeights());
  });

  it('that keeps less than it should is refused with its file', async () => {
    const model = await trained();
    const training = { optimizer: configureOptimizer('adam'), iterations: 3, variables: new Map() };
    const [file, shard] = exportTfjs({ network: model.network, weights: model.getWeights(), training });
    const readFile = () => Promise.resolve(shard!.content as Uint8Array);
    const bytes = new TextEncoder().encode(file!.content as string);
    await expect(importModel(bytes, { fileName: 'a.json', readFile })).rejects.toThrow(
      /^a\.json is of another optimizer, .* it has no conv2d\/kernel\/momentum\.$/,
    );
  });

  it('refuses what is not its own', async () => {
    const model = await trained();
    const variables = model.getOptimizerVariables();
    expect(() => {
      small().setOptimizerVariables(variables, 4);
    }).toThrow('before setOptimizerVariables');
    const other = small();
    other.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    expect(() => {
      other.setOptimizerVariables(variables, 4, 'It');
    }).toThrow(/^It is of another optimizer, .* it has conv2d\/kernel\/momentum\.$/);
    expect(() => {
      other.setOptimizerVariables(new Map(), -1);
    }).toThrow('iterations must be a whole number of at least 0, not -1');
  });
});

describe('images', () => {
  it('are put in the other order, and back', () => {
    const tensor = { shape: [2, 3, 4, 5], data: Float32Array.from({ length: 120 }, (_, i) => i) };
    const last = channelsLast(tensor);
    expect(last.shape).toEqual([2, 4, 5, 3]);
    expect([...last.data.slice(0, 4)]).toEqual([0, 20, 40, 1]);
    expect(channelsFirst(last)).toEqual(tensor);
  });

  it.each([
    [255, rescaling({ scale: 1 / 255 })],
    [255, rescaling({ scale: 1 / 127.5, offset: -1 })],
    [255, normalization({ mean: [124, 117, 104], variance: 3400 })],
    [undefined, rescaling({ scale: 2, offset: -1 })],
    [undefined, normalization({ mean: 0.5, variance: 0.25 })],
    [undefined, flatten()],
  ])('are given in 0…%s to networks that begin so', (scale, layer) => {
    expect(pixelScaleOf([layer])).toBe(scale);
  });

  it('are looked for behind layers that move them about', () => {
    const layers = [randomFlip({ inputShape: [4, 4, 3] }), rescaling({ scale: 1 / 255 }), flatten()];
    expect(pixelScaleOf(layers)).toBe(255);
    expect(pixelScaleOf([layers[0]!, conv2d({ filters: 1, kernelSize: 1 }), layers[1]!])).toBeUndefined();
  });

  it('of bytes come to such a network as they are', async () => {
    const model = await importModel(await fixture('functional.keras'), { tier: 'simd', threads: 1 });
    expect(model.network.pixelScale).toBe(255);
    const bytes = Uint8Array.from({ length: 768 }, (_, i) => (i * 37) % 256);
    expect((await model.predict(bytes)).data).toEqual((await model.predict(Float32Array.from(bytes))).data);
  });
});

describe('openModel', () => {
  it('takes models of simdnet, and checkpoints', async () => {
    const model = await trained();
    for (const bytes of [encodeModel(model), await encodeCheckpoint(model.checkpoint())])
      expect((await openModel(bytes, {})).getWeights()).toEqual(model.getWeights());
  });

  it('keeps the layout that a model came in', async () => {
    const model = await openModel(await fixture('mobile.onnx'), {});
    expect(model.layout).toBe('nchw');
    expect(decodeModel(encodeModel(model)).layout).toBe('nchw');
    expect((await openModel(await encodeCheckpoint(model.checkpoint()), {})).layout).toBe('nchw');
    expect(small().layout).toBe('nhwc');
  });

  it('says what weights of PyTorch need', async () => {
    const bytes = await fixture('plain.torch.safetensors');
    await expect(openModel(bytes, { fileName: 'w.safetensors' })).rejects.toThrow(
      /^w\.safetensors has the weights of a PyTorch model, not its layers/,
    );
  });
});

describe('files beside a model', () => {
  const asking = (path: string, readFile?: () => Promise<Uint8Array>): Promise<Model> =>
    importModel(
      new TextEncoder().encode(
        JSON.stringify({
          modelTopology: {
            class_name: 'Sequential',
            config: [{ class_name: 'Flatten', config: { name: 'f', batch_input_shape: [null, 2, 2, 1] } }],
          },
          weightsManifest: [{ paths: [path], weights: [] }],
        }),
      ),
      { format: 'tfjs', fileName: 'model.json', ...(readFile && { readFile }) },
    );

  it.each(['../secret', '/etc/passwd', 'a/../../b', 'C:\\x', 'https://example.org/x'])(
    'are not %s',
    async (path) => {
      const readAny = (): Promise<Uint8Array> => Promise.reject(new Error('It was read.'));
      await expect(asking(path, readAny)).rejects.toThrow(/model\.json/);
      await expect(asking(path, readAny)).rejects.not.toThrow('It was read.');
    },
  );

  it('need somebody who reads them', async () => {
    await expect(asking('a.bin')).rejects.toThrow('give importModel the option readFile');
  });
});

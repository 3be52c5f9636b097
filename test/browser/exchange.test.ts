/** Files of other programs in browsers: in, used, trained, and out again, to the same bits as in Node. */
import { readFile } from 'node:fs/promises';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { channelsLast } from '../../src/exchange/layout.ts';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import * as portable from '../../src/portable.ts';
import { chapter, read } from '../docs/document.ts';
import { predictInTfjs, saveFromTfjs, startTfjs } from '../exchange/tfjsProgram.ts';
import { haveSameBits, imagesFor, largestDifference } from '../exchange/values.ts';
import { describeInBrowsers, describeInChromium, launchChromium, openPage } from './chromium.ts';
import { openSimdnet, serveBundles, SINGLE_FILE, STREAMING } from './simdnetPage.ts';
import type { StaticServer } from './staticServer.ts';

/** A model of another program, and what it computes there. As plain data, for pages. */
interface Given {
  /** Their bytes by name; the model is the first. */
  readonly files: readonly (readonly [name: string, bytes: readonly number[]])[];
  readonly images: readonly number[];
  readonly outputs: readonly number[];
}

interface Seen {
  readonly outputs: readonly number[];
  /** Before a step, and after it. */
  readonly losses: readonly number[];
  /** What is computed after the step, and by the same model when it has been to ONNX and back. */
  readonly trained: readonly number[];
  readonly back: readonly number[];
  /** Whether weights are the same, bit by bit, and what comes back is of the same class. */
  readonly sameBits: boolean;
  readonly sameClass: boolean;
}

const fixture = async (name: string): Promise<Buffer> =>
  readFile(new URL(`../fixtures/exchange/${name}`, import.meta.url));

async function fromFixture(name: string, expected: string): Promise<Given> {
  const { tensors } = decodeSafetensors(await fixture(expected), expected);
  const [input, output] = ['input', 'output'].map((key) => tensors.get(key)!);
  const data = input!.data as Float32Array;
  const images = name.endsWith('.onnx') ? channelsLast({ shape: input!.shape, data }).data : data;
  return {
    files: [[name, [...(await fixture(name))]]],
    images: [...images],
    outputs: [...(output!.data as Float32Array)],
  };
}

/** Written by tfjs itself. */
async function fromTfjs(): Promise<Given> {
  await startTfjs('cpu');
  const model = sequential({
    layers: [
      layers.conv2d({ filters: 3, kernelSize: 3, activation: 'elu', inputShape: [6, 5, 2] }),
      layers.depthwiseConv2d({ kernelSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  const images = imagesFor({ inputShape: [6, 5, 2] }, 4);
  const files = await saveFromTfjs(model);
  return {
    files: files.map(({ name, content }) => [name, [...Buffer.from(content as string)]]),
    images: [...images],
    outputs: [...(await predictInTfjs(model, images, [6, 5, 2]))],
  };
}

/** Self-contained, to be run in a page or here. */
async function used({ files, images }: Given): Promise<Seen> {
  const { exportModel, importModel } = simdnet;
  const options = { tier: 'simd', threads: 1 } as const;
  const contents = new Map(files.map(([name, bytes]) => [name, Uint8Array.from(bytes)]));
  const [fileName] = files[0]!;
  const model = await importModel(contents.get(fileName)!, {
    ...options,
    fileName,
    readFile: (name) => Promise.resolve(contents.get(name)!),
  });
  const x = Float32Array.from(images);
  const predicted = async (by: typeof model): Promise<number[]> => [...(await by.predict(x)).data];
  const outputs = await predicted(model);
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  const targets = new Float32Array(outputs.length);
  const { loss: before } = await model.trainOnBatch(x, targets);
  const { loss: after } = await model.testOnBatch(x, targets);

  const [file] = await exportModel(model, { format: 'onnx', name: 'again' });
  const again = await importModel(file!.content as Uint8Array, { ...options, fileName: file!.name });
  const weights = again.getWeights();
  const sameBits = [...model.getWeights()].every(([name, { data }]) => {
    const others = new Uint32Array(weights.get(name)!.data.buffer);
    return new Uint32Array(data.buffer).every((bits, i) => bits === others[i]);
  });
  const seen = {
    outputs,
    losses: [before, after],
    sameBits,
    sameClass: again.constructor === model.constructor,
  };
  const [trained, back] = [await predicted(model), await predicted(again)];
  await Promise.all([model.dispose(), again.dispose()]);
  return { ...seen, trained, back };
}

interface Thrown {
  readonly text: string;
  /** Those of the page's own classes that it and its causes are of. */
  readonly classes: readonly (readonly string[])[];
}

/** What wrong files and options come to. Self-contained, to be run in a page or here. */
async function thrown(): Promise<readonly Thrown[]> {
  const { DataError, EngineError, FormatError, OptionError, SimdnetError } = simdnet;
  const { conv2d, exportModel, importModel, sequential: chain } = simdnet;
  const classes = Object.entries({ DataError, EngineError, FormatError, OptionError, SimdnetError });
  const model = chain([conv2d({ filters: 1, kernelSize: 1, inputShape: [2, 2, 1] })], { threads: 1 });
  const zip = Uint8Array.of(0x50, 0x4b, 3, 4, 0);
  const tfjs = (units: number): Uint8Array => {
    const layers = [
      { class_name: 'Flatten', config: { name: 'f', batch_input_shape: [null, 2, 2, 1] } },
      { class_name: 'Dense', config: { name: 'd', units } },
    ];
    const json = {
      modelTopology: { class_name: 'Sequential', config: layers },
      weightsManifest: [{ paths: ['a.bin'], weights: [] }],
    };
    return new TextEncoder().encode(JSON.stringify(json));
  };
  const calls: readonly (() => Promise<unknown>)[] = [
    () => importModel(new Uint8Array(9), { fileName: 'a.txt' }),
    () => importModel(zip, { fileName: 'a.keras' }),
    () => importModel(tfjs(-1), { fileName: 'a.json' }),
    () => importModel(tfjs(1), { fileName: 'a.json' }),
    () => importModel(tfjs(1), { readFile: () => Promise.reject(new RangeError('It was asked.')) }),
    () => importModel(zip, { threads: -1 }),
    () => importModel(zip, { format: 'caffe' as 'onnx' }),
    () => exportModel(model, { format: 'h5' }),
  ];
  const all: Thrown[] = [];
  for (const call of calls) {
    const error: unknown = await call().then(
      () => 'nothing',
      (caught: unknown) => caught,
    );
    const chained: Error[] = [];
    for (let each = error; each instanceof Error; each = each.cause) chained.push(each);
    all.push({
      text: String(error),
      classes: chained.map((each) => classes.filter(([, one]) => each instanceof one).map(([name]) => name)),
    });
  }
  return all;
}

/** Does the same as pages in a worker. */
const WORKER = `
  import * as simdnet from '/simdnet.js';
  globalThis.simdnet = simdnet;
  ${used.toString()}
  onmessage = async ({ data }) => postMessage(await used(data).catch(String));
  postMessage('ready');`;

describeInBrowsers('files of other programs', ({ launch }) => {
  let browser: Browser;
  let server: StaticServer;
  const models: Record<string, Given> = {};

  beforeAll(async () => {
    browser = await launch();
    server = await serveBundles({ files: { '/worker.js': WORKER } });
    globalThis.simdnet = portable;
    models.ONNX = await fromFixture('residual.onnx', 'residual.onnx.safetensors');
    models.Keras = await fromFixture('functional.keras', 'functional.keras.safetensors');
    models.tfjs = await fromTfjs();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const fetched = (page: Page): Promise<number> =>
    page.evaluate(() => {
      const resources = performance.getEntriesByType('resource');
      return resources.filter(({ name }) => name.endsWith('/exchange.js')).length;
    });

  it.each([
    [SINGLE_FILE, 'ONNX'],
    [SINGLE_FILE, 'Keras'],
    [SINGLE_FILE, 'tfjs'],
    [STREAMING, 'tfjs'],
  ])('come in, are trained, and go out: with %s, those of %s', async (module, name) => {
    const given = models[name]!;
    const page = await openSimdnet(browser, server, module);
    expect(await fetched(page)).toBe(0);
    const seen = await page.evaluate(used, given);
    expect(await fetched(page)).toBe(1);
    expect(largestDifference(seen.outputs, given.outputs)).toBeLessThan(2e-6);
    expect(seen).toMatchObject({ sameBits: true, sameClass: true });
    expect(seen.losses[1]).toBeLessThan(seen.losses[0]!);
    expect(seen.back).toEqual(seen.trained);
    expect(seen.trained).not.toEqual(seen.outputs);
    expect(seen).toEqual(await used(given));
  });

  describe.each([SINGLE_FILE, STREAMING])('with %s', (module) => {
    it('that are wrong give errors that the page knows, and so do options', async () => {
      const page = await openSimdnet(browser, server, module);
      const inPage = await page.evaluate(thrown);
      expect(inPage).toEqual(await thrown());
      expect(inPage.map(({ classes }) => classes[0]![0] ?? 'none')).toEqual([
        ...['FormatError', 'FormatError', 'FormatError', 'DataError', 'none'],
        ...['OptionError', 'OptionError', 'OptionError'],
      ]);
      // A layer's option was refused, and that was said of the file.
      expect(inPage[2]!.classes.length).toBeGreaterThan(1);
    });

    it('need what reads them, and say where it belongs', async () => {
      const without = await serveBundles({ missing: ['/exchange.js'] });
      onTestFinished(() => without.close());
      const page = await openSimdnet(browser, without, module);
      const [{ text, classes }] = (await page.evaluate(thrown)) as [Thrown];
      expect(text).toMatch(/^EngineError: exchange\.js cannot be loaded: is it where dist\/browser has it\?/);
      expect(classes[0]).toEqual(['EngineError', 'SimdnetError']);
    });
  });

  it('come into a worker too', async () => {
    const page = await openPage(browser, `${server.url}/empty.html`);
    const seen = await page.evaluate(
      (given) =>
        new Promise((resolve, reject) => {
          const worker = new Worker('/worker.js', { type: 'module' });
          worker.onerror = reject;
          worker.onmessage = ({ data }: MessageEvent<unknown>) => {
            if (data === 'ready') worker.postMessage(given);
            else resolve(data);
          };
        }),
      models.tfjs!,
    );
    expect(seen).toEqual(await used(models.tfjs!));
  });
});

describeInChromium('the example of docs/exchange.md', () => {
  it('makes ONNX of a file of Keras, and says what is wrong with others', async () => {
    const [, html] = /```html\n([\s\S]*?)```/.exec(chapter(read('docs/exchange.md'), '## In a browser'))!;
    const server = await serveBundles({ files: { '/example.html': `<!doctype html>${html!}` } });
    onTestFinished(() => server.close());
    const browser = await launchChromium();
    onTestFinished(() => browser.close());
    const page = await openPage(browser, `${server.url}/example.html`);
    const keras = await fixture('functional.keras');
    const choose = (name: string, buffer: Buffer): Promise<void> =>
      page.setInputFiles('input', { name, mimeType: '', buffer });

    const [download] = await Promise.all([page.waitForEvent('download'), choose('functional.keras', keras)]);
    expect(download.suggestedFilename()).toBe('mine.onnx');
    const made = await portable.importModel(await readFile(await download.path()), { threads: 1 });
    const model = await portable.importModel(keras, { threads: 1 });
    expect(haveSameBits(made.getWeights(), model.getWeights())).toBe(true);

    const [dialog] = await Promise.all([
      page.waitForEvent('dialog'),
      choose('model.keras', keras.subarray(0, 50)),
    ]);
    expect(dialog.message()).toContain('model.keras: not a usable zip file');
    await dialog.dismiss();
  });
});

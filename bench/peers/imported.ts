/** A model that another program trained, run by each: the MobileNetV2 of nsfwjs, 224×224, an image at a time. */
import * as tf from '@tensorflow/tfjs-core';
import * as onnxNode from 'onnxruntime-node';
import * as onnxWeb from 'onnxruntime-web';
import { loadIntoTfjs, sourceOf, startTfjs } from '../../test/exchange/tfjsProgram.ts';
import { nsfwjsFiles } from '../../test/exchange/nsfwjsFiles.ts';
import { channelsFirst } from '../../src/exchange/layout.ts';
import { exportOnnx } from '../../src/exchange/onnx/export/exportOnnx.ts';
import { importTfjs } from '../../src/exchange/tfjs/import.ts';
import type { LayerSpec } from '../../src/nn/spec.ts';
import type { Tier } from '../../src/engine/tier.ts';
import { randomStream } from '../../src/random.ts';
import { sequential } from '../../src/training/factories.ts';
import { progress } from '../command.ts';
import { threadCounts, threadText } from '../environment.ts';
import { measure, type Contender, type Effort, type Measurement } from '../measure.ts';
import { figure, spread, type Table } from '../report.ts';
import { quartiles, ratio } from '../statistics.ts';
import { measuredTiers } from '../tiers.ts';
import { checkProbabilities } from './peer.ts';

const SHAPE = [224, 224, 3] as const;

/** Images of one run. */
const IMAGES = 4;

type Predict = (image: Float32Array) => Promise<Float32Array>;

interface Runner {
  readonly name: string;
  readonly threads: number;
  readonly predict: Predict;
  readonly close: () => Promise<unknown>;
}

export interface ImportedRates {
  readonly measurements: readonly Measurement[];
}

/** Runs it everywhere, in turn. @throws Error if one of them computes something else */
export async function measureImported(effort: Effort): Promise<ImportedRates> {
  const files = nsfwjsFiles('mobilenet_v2', 1);
  const images = Array.from({ length: IMAGES }, (_, i) => noise(i));
  const contenders: Contender[] = [];
  let expected: Float32Array | undefined;
  const runners = [...ours(), ...onnx(), tfjsWasm(files)];
  const open: Runner[] = [];
  try {
    for (const start of runners) {
      const runner = await start();
      open.push(runner);
      const who = `${runner.name}, ${threadText(runner.threads)}`;
      progress(`${who}: opens, and is compared`);
      const found = await runner.predict(images[0]!);
      expected ??= found;
      checkProbabilities(who, [found], [expected]);
      const run = async (): Promise<void> => {
        for (const image of images) await runner.predict(image);
      };
      contenders.push({ name: who, images: IMAGES, run });
    }
    return { measurements: await measure(contenders, effort) };
  } finally {
    for (const { close } of open) await close();
  }

  function ours(): (() => Promise<Runner>)[] {
    return measuredTiers().flatMap((tier) => threadCounts().map((threads) => () => simdnet(tier, threads)));
  }

  async function simdnet(tier: Tier, threads: number): Promise<Runner> {
    const { layers, weights } = await importTfjs(sourceOf(files));
    const model = sequential(layers as LayerSpec[], { tier, threads });
    model.setWeights(weights);
    const predict: Predict = async (image) => (await model.predict(image)).data;
    return { name: `simdnet ${tier}`, threads, predict, close: () => model.dispose() };
  }

  function onnx(): (() => Promise<Runner>)[] {
    const counts = threadCounts();
    return [
      // In one process it runs in one number of threads only.
      () => session('onnxruntime-web', counts.at(-1)!),
      ...counts.map((threads) => () => session('onnxruntime-node', threads)),
    ];
  }

  async function session(name: 'onnxruntime-web' | 'onnxruntime-node', threads: number): Promise<Runner> {
    const { layers, weights } = await importTfjs(sourceOf(files));
    const { network } = sequential(layers as LayerSpec[]);
    const [file] = exportOnnx({ network, weights }, 'it', { layout: 'nchw' });
    const isWeb = name === 'onnxruntime-web';
    const runtime = (isWeb ? onnxWeb : onnxNode) as typeof onnxNode;
    if (isWeb) onnxWeb.env.wasm.numThreads = threads;
    const made = await runtime.InferenceSession.create(file!.content as Uint8Array, {
      graphOptimizationLevel: 'all',
      executionProviders: [isWeb ? 'wasm' : 'cpu'],
      ...(!isWeb && { intraOpNumThreads: threads }),
    });
    const predict: Predict = async (image) => {
      const { shape, data } = channelsFirst({ shape: [1, ...SHAPE], data: image });
      const { output } = await made.run({ input: new runtime.Tensor('float32', data, [...shape]) });
      return output!.data as Float32Array;
    };
    return { name, threads, predict, close: () => made.release() };
  }
}

function tfjsWasm(files: ReturnType<typeof nsfwjsFiles>): () => Promise<Runner> {
  return async () => {
    await startTfjs('wasm');
    const model = await loadIntoTfjs(files);
    const predict: Predict = async (image) => {
      const input = tf.tensor(image, [1, ...SHAPE]);
      const output = model.predict(input) as tf.Tensor;
      const data = (await output.data()) as Float32Array;
      tf.dispose([input, output]);
      return data;
    };
    const close = (): Promise<void> => {
      model.dispose();
      return Promise.resolve();
    };
    return { name: 'tfjs wasm', threads: 1, predict, close };
  };
}

function noise(seed: number): Float32Array {
  const random = randomStream(seed + 1, 'imported');
  return Float32Array.from({ length: SHAPE[0] * SHAPE[1] * SHAPE[2] }, () => random.uniform());
}

/** Each beside the fastest of simdnet with as many threads. */
export function importedTable({ measurements }: ImportedRates): Table {
  const own = measurements.filter(({ name }) => name.startsWith('simdnet'));
  const threadsOf = (name: string): string => name.slice(name.indexOf(',') + 2);
  const median = ({ rates }: Measurement): number => quartiles(rates).median;
  return {
    title: 'an imported MobileNetV2, 224×224, batch 1',
    columns: ['who', 'images/s (quartiles)', 'fastest simdnet ÷'],
    rows: measurements
      .toSorted((a, b) => median(b) - median(a))
      .map((each) => {
        const beside = own.filter(({ name }) => threadsOf(name) === threadsOf(each.name));
        const [best] = beside.toSorted((a, b) => median(b) - median(a));
        return [
          each.name,
          spread(quartiles(each.rates)),
          best ? figure(ratio(best.rates, each.rates).median) : '',
        ];
      }),
  };
}

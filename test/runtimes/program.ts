/**
 * What is trained in every runtime: the network of all layer types by all optimizers, with schedules, weight decay, clipping and
 * averaged weights; and beside it what the host computes alone: initial weights and the embedded images. It gets the library
 * handed in and imports nothing, so that it runs wherever the library does.
 */
import type * as portable from '../../src/portable.ts';

type Library = typeof portable;

export interface Task {
  /** The network to train, whose input is [12, 11, 3] and whose output are 5 classes: the layers of its JSON. */
  readonly layers: readonly object[];
  /** Networks whose initial weights count. */
  readonly initial: readonly (readonly object[])[];
  readonly threads: number;
}

/** What must be the same everywhere: SHA-256 in hexadecimal, and doubles as the 16 digits of their bits. */
export interface Bits {
  readonly images: string;
  readonly initialWeights: string;
  /** The learning rate of every step, before it becomes a float32. */
  readonly learningRates: readonly string[];
  /** Of model.safetensors after each optimizer's training. */
  readonly weights: readonly string[];
  readonly optimizerVariables: readonly string[];
  readonly predictions: readonly string[];
  /** Losses and metrics, of the epochs and of the evaluations behind them. */
  readonly history: readonly string[];
}

export interface Outcome {
  readonly bits: Bits;
  readonly threads: number;
  /** Why there are fewer threads than there should be, if so. */
  readonly reason?: string;
}

const [HEIGHT, WIDTH, CLASSES] = [12, 11, 5];
const EPOCHS = 2;
const BATCH = 9;
const COUNT = 80;
/** 64 are trained with, 16 validate. */
const STEPS = EPOCHS * Math.ceil(64 / BATCH);

export async function run(simdnet: Library, { layers, initial, threads }: Task): Promise<Outcome> {
  const { train } = simdnet.generateShapes({ seed: 7, trainCount: COUNT, testCount: 1 });
  const [x, y] = [thumbnails(train.images), train.labels.map((label) => label % CLASSES)];
  const model = simdnet.modelFromJSON({ layers }, { tier: 'simd', threads, seed: 11 });
  const weights: string[] = [];
  const optimizerVariables: string[] = [];
  const predictions: string[] = [];
  const numbers: number[] = [];
  const rates: number[] = [];
  const onBatchBegin = (): void => void rates.push(model.learningRate);
  let used = 0;
  for (const optimizer of optimizers(simdnet)) {
    model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    const { history } = await model.fit(x, y, {
      epochs: EPOCHS,
      batchSize: BATCH,
      validationSplit: 0.2,
      callbacks: { onBatchBegin },
    });
    used = model.engine!.threads;
    optimizerVariables.push(await hashOfVariables(model.getOptimizerVariables()));
    weights.push(await sha256([simdnet.encodeModel(model)]));
    const { data } = await model.predict(x, { batchSize: BATCH });
    if (!data.every((p) => p >= 0 && p <= 1))
      throw new Error(`After ${optimizer.name} there are no probabilities.`);
    predictions.push(await sha256([data]));
    const evaluation = await model.evaluate(x, y, { batchSize: BATCH });
    for (const key of Object.keys(history).sort()) numbers.push(...history[key as 'loss']!);
    numbers.push(evaluation.loss, evaluation.accuracy!);
  }
  await model.dispose();
  const fresh = initial.map((each) => simdnet.modelFromJSON({ layers: each }, { seed: 3 }));
  const bits = {
    images: await sha256([train.images, train.labels]),
    initialWeights: await sha256(fresh.map((each) => simdnet.encodeModel(each))),
    learningRates: rates.map(hexOfDouble),
    weights,
    optimizerVariables,
    predictions,
    history: numbers.map(hexOfDouble),
  };
  const { reason } = await simdnet.engine.info();
  return { bits, threads: used, ...(used < threads && { reason: reason ?? 'the library does not say why' }) };
}

/** Every optimizer with another schedule, and among them all that optimizers have in common. */
function optimizers(simdnet: Library) {
  const { cosineDecay, exponentialDecay, oneCycle, polynomialDecay } = simdnet;
  const cosine = { initialLearningRate: 1e-4, warmupTarget: 4e-3, warmupSteps: 5, decaySteps: STEPS - 5 };
  const exponential = { initialLearningRate: 0.02, decayRate: 0.83, decaySteps: 7 };
  const polynomial = { initialLearningRate: 2e-3, decaySteps: STEPS, power: 1.7 };
  return [
    simdnet.adamw({
      learningRate: cosineDecay(cosine),
      weightDecay: 0.01,
      globalClipnorm: 1,
      useEma: true,
      emaMomentum: 0.9,
    }),
    simdnet.sgd({
      learningRate: exponentialDecay(exponential),
      momentum: 0.9,
      nesterov: true,
      clipnorm: 0.5,
      weightDecay: 1e-3,
    }),
    simdnet.rmsprop({
      learningRate: polynomialDecay(polynomial),
      momentum: 0.5,
      centered: true,
      clipvalue: 0.1,
    }),
    simdnet.lion({
      learningRate: oneCycle({ maxLearningRate: 1e-3, steps: STEPS }),
      gradientAccumulationSteps: 2,
    }),
    simdnet.muon({ learningRate: 0.05, momentum: 0.8, normalizeWeights: true, sgdMomentum: 0.5 }),
    simdnet.adam({ learningRate: 1e-3, amsgrad: true, learningRateMultipliers: { '*/bias': 1.3 } }),
  ];
}

/** Every other pixel of the middle of each image. */
function thumbnails(images: Uint8Array): Uint8Array {
  const result = new Uint8Array(COUNT * HEIGHT * WIDTH * 3);
  for (let i = 0; i < result.length; i++) {
    const pixel = Math.floor(i / 3);
    const column = 5 + 2 * (pixel % WIDTH);
    const row = 4 + 2 * (Math.floor(pixel / WIDTH) % HEIGHT);
    const image = Math.floor(pixel / (WIDTH * HEIGHT));
    result[i] = images[((image * 32 + row) * 32 + column) * 3 + (i % 3)]!;
  }
  return result;
}

function hashOfVariables(variables: ReadonlyMap<string, portable.Tensor>): Promise<string> {
  const text = new TextEncoder();
  return sha256([...variables].flatMap(([name, { data }]) => [text.encode(name), data]));
}

async function sha256(parts: readonly (Uint8Array | Float32Array)[]): Promise<string> {
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let end = 0;
  for (const { buffer, byteOffset, byteLength } of parts) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), end);
    end += byteLength;
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function hexOfDouble(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}

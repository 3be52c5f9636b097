import { cores } from '#platform';
import { TIERS, type Tier } from '../engine/tier.ts';
import { FormatError, OptionError } from '../errors.ts';
import { specsOfKerasConfig } from '../nn/kerasConfig.ts';
import { CONVOLUTION_CHOICES } from '../nn/layers/convolutionAlgorithm.ts';
import { assignNames, buildNetwork, type Network } from '../nn/network.ts';
import type { OptimizerConfig } from '../nn/optimizers/optimizer.ts';
import { configureOptimizer } from '../nn/optimizers/registry.ts';
import { refuseUnknown } from '../nn/layers/options.ts';
import { importTensors, initializeParameters, tensorsIn, type Tensor } from '../nn/parameters.ts';
import { Session, type OptimizerState } from '../nn/session.ts';
import { size } from '../nn/shape.ts';
import type { LayerSpec } from '../nn/spec.ts';
import { layersBetween, type SymbolicTensor } from '../nn/symbolic.ts';
import {
  examples,
  images,
  sliceExamples,
  type Examples,
  type ImageData,
  type LabelData,
  type Loss,
} from './examples.ts';
import { predictInto, runEvaluation, runTraining } from './fit.ts';
import type { History } from './history.ts';
import {
  oneOf,
  wholeNumber,
  type CompileOptions,
  type EngineInfo,
  type EvaluateOptions,
  type Evaluation,
  type FitOptions,
  type SequentialOptions,
} from './options.ts';
import { summarize } from './summary.ts';

interface Compiled {
  readonly optimizer: OptimizerConfig;
  readonly loss: Loss;
  readonly metrics: readonly string[];
}

const FIT_OPTIONS: readonly string[] = [
  'epochs',
  'batchSize',
  'validationSplit',
  'validationData',
  'shuffle',
  'callbacks',
  'signal',
];

/** Up to so many images are not worth starting threads for. */
const INLINE_IMAGES = 16;

/** Builds a model. @throws OptionError if the layers do not fit each other, or an option is out of range */
export function sequential(layers: readonly LayerSpec[], options: SequentialOptions = {}): Sequential {
  return new Sequential(layers, options);
}

/** What a model of layers applied to each other goes from and to. */
export interface ModelOptions extends SequentialOptions {
  /** The images: what {@link input} gave. */
  inputs: SymbolicTensor;
  /** The output of the last layer. */
  outputs: SymbolicTensor;
}

/**
 * Builds a model of layers that were applied to each other.
 * @throws OptionError if the layers do not fit each other, there is more than one input or output, or an option is out of
 *   range
 */
export function model({ inputs, outputs, ...options }: ModelOptions): Sequential {
  for (const [name, given] of Object.entries({ inputs, outputs })) {
    if (Array.isArray(given)) {
      throw new OptionError(`model: ${name} must be one tensor: a model has one input and one output.`);
    }
  }
  const [first, ...others] = layersBetween(inputs, outputs, assignNames);
  if (!first) throw new OptionError('model: there is no layer between inputs and outputs.');
  return new Sequential(
    [{ ...first, inputShape: inputs.shape! } as LayerSpec, ...(others as LayerSpec[])],
    options,
  );
}

/**
 * A model from Keras' own JSON of one, parsed: what `model.to_json()` gives in Python. Its weights are fresh; those of Keras
 * fit into `setWeights` by their paths, such as "conv2d_1/kernel".
 * @throws FormatError naming the layer or the setting that is not supported
 */
export function fromKerasConfig(json: unknown, options: SequentialOptions = {}): Sequential {
  const specs = specsOfKerasConfig(json);
  try {
    return new Sequential(specs as LayerSpec[], options);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new FormatError(`The Keras model cannot be built. ${error.message}`, { cause: error });
  }
}

/** A network with its weights. */
export class Sequential {
  readonly network: Network;
  readonly seed: number;
  readonly classNames: readonly string[] | undefined;
  readonly #tier: Tier | 'auto';
  readonly #threads: number;
  #compiled: Compiled | undefined;
  #session: Session | undefined;
  /** The parameters while no session has them; drawn when they are first needed. */
  #parameters: Float32Array | undefined;
  #optimizerState: OptimizerState | undefined;
  /** How many epochs it has been trained for since it was compiled. */
  #epochs = 0;
  #fitting = false;
  /** Evaluations and predictions that are under way. */
  readonly #running = new Set<Promise<unknown>>();
  /** Sessions are created and given up one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(layers: readonly LayerSpec[], options: SequentialOptions) {
    refuseUnknown('A model', options, ['seed', 'tier', 'convolution', 'threads', 'classNames']);
    const { seed = 0, tier = 'auto', convolution = 'auto', threads = cores(), classNames } = options;
    if (!Number.isSafeInteger(seed)) throw new OptionError(`The seed must be a whole number, not ${seed}.`);
    oneOf('tier', tier, ['auto', ...TIERS]);
    oneOf('convolution', convolution, CONVOLUTION_CHOICES);
    wholeNumber('threads', threads);
    this.network = buildNetwork(layers, convolution);
    const outputs = size(this.network.layers.at(-1)!.outputShape);
    if (classNames && classNames.length !== outputs) {
      throw new OptionError(
        `There are ${classNames.length} class names, but the network has ${outputs} outputs.`,
      );
    }
    this.seed = seed;
    this.classNames = classNames;
    this.#tier = tier;
    this.#threads = threads;
  }

  /**
   * Says how to train. The optimiser starts afresh.
   * @throws OptionError if the network does not end in a softmax over at most 256 classes, or while it is trained
   */
  compile(options: CompileOptions): void {
    refuseUnknown('compile', options, ['optimizer', 'loss', 'metrics']);
    const { optimizer, loss, metrics = [] } = options;
    this.#mustBeIdle('compile');
    this.#mustClassify();
    for (const metric of metrics as readonly string[]) {
      if (metric !== 'accuracy') throw new OptionError(`There is no metric "${metric}"; there is accuracy.`);
    }
    if (!['categoricalCrossentropy', 'sparseCategoricalCrossentropy'].includes(loss)) {
      throw new OptionError(
        `There is no loss "${loss as string}"; there are categoricalCrossentropy and sparseCategoricalCrossentropy.`,
      );
    }
    const configured = configureOptimizer(optimizer);
    void this.#retire();
    this.#optimizerState = undefined;
    this.#epochs = 0;
    this.#compiled = { optimizer: configured, loss, metrics };
  }

  /**
   * Trains. The thread that calls it only feeds the engine's threads.
   * @param x  images, [count, height, width, channels]
   * @param y  labels, [count]
   * @throws OptionError for unfitting data or options, or while it is trained; TrainingError if the loss diverges;
   *   EngineError
   */
  async fit(x: ImageData, y: LabelData, options: FitOptions = {}): Promise<History> {
    refuseUnknown('fit', options, FIT_OPTIONS);
    const { epochs = 1, batchSize = 32, validationSplit = 0, validationData } = options;
    const compiled = this.#mustBeCompiled('fit');
    this.#mustBeIdle('fit');
    wholeNumber('epochs', epochs);
    wholeNumber('batchSize', batchSize);
    if (!(validationSplit >= 0 && validationSplit < 1)) {
      throw new OptionError(`validationSplit must be at least 0 and below 1, not ${validationSplit}.`);
    }
    const all = examples(this.network, x, y, compiled.loss);
    // Keras' rules: validationData overrides validationSplit, and the training part is rounded down.
    const split = validationData ? all.count : Math.floor(all.count * (1 - validationSplit));
    if (split === 0)
      throw new OptionError(`A validationSplit of ${validationSplit} leaves no image to train on.`);
    let validation: Examples | undefined =
      split < all.count ? sliceExamples(all, split, all.count) : undefined;
    if (validationData) validation = examples(this.network, ...validationData, compiled.loss);
    this.#fitting = true;
    try {
      const session = await this.#ensure(Math.min(batchSize, split), true);
      const history = await runTraining(session, sliceExamples(all, 0, split), validation, {
        epochs,
        epochsBefore: this.#epochs,
        batchSize: Math.min(batchSize, split),
        shuffle: options.shuffle ?? true,
        seed: this.seed,
        learningRate: compiled.optimizer.learningRate,
        withAccuracy: compiled.metrics.includes('accuracy'),
        callbacks: options.callbacks ?? {},
        signal: options.signal,
      });
      this.#epochs += history.epoch.length;
      return history;
    } finally {
      this.#fitting = false;
    }
  }

  /**
   * The mean loss and the accuracy on a set.
   * @throws OptionError for unfitting data or options, EngineError
   */
  async evaluate(x: ImageData, y: LabelData, options: EvaluateOptions = {}): Promise<Evaluation> {
    refuseUnknown('evaluate', options, ['batchSize', 'onBatchEnd']);
    const { batchSize = 32, onBatchEnd } = options;
    wholeNumber('batchSize', batchSize);
    this.#mustClassify();
    const set = examples(this.network, x, y, this.#compiled?.loss ?? 'categoricalCrossentropy');
    const session = await this.#ensure(Math.min(batchSize, set.count), false, set.count);
    const evaluation = runEvaluation(session, set, {
      batchSize: Math.min(batchSize, session.batch),
      callbacks: onBatchEnd ? { onValidationBatchEnd: onBatchEnd } : {},
      signal: undefined,
    });
    const { loss, accuracy } = await this.#track(evaluation);
    return { loss, accuracy, count: set.count };
  }

  /**
   * What the network makes of images: probabilities if it ends in a softmax. [count, outputs]
   * @throws OptionError for unfitting data or options, EngineError
   */
  async predict(x: ImageData, options: { batchSize?: number } = {}): Promise<Tensor> {
    refuseUnknown('predict', options, ['batchSize']);
    const { batchSize = 32 } = options;
    wholeNumber('batchSize', batchSize);
    const given = images(this.network, x);
    const shape = this.network.layers.at(-1)!.outputShape;
    const data = new Float32Array(given.count * size(shape));
    if (given.count === 0) return { shape: [0, ...shape], data };
    const session = await this.#ensure(Math.min(batchSize, given.count), false, given.count);
    await this.#track(predictInto(session, given, Math.min(batchSize, session.batch), data));
    return { shape: [given.count, ...shape], data };
  }

  /** Prints the layers, their output shapes and parameters, as Keras does. @param print console.log by default */
  summary(print: (text: string) => void = console.log): void {
    print(summarize(this.network));
  }

  /** Copies of the weights by name, such as "conv2d_1/kernel". Only between trainings, not during one. */
  getWeights(): Map<string, Tensor> {
    return tensorsIn(this.network, this.#session?.readParameters() ?? this.#ownParameters().slice());
  }

  /** Takes weights by name. @throws FormatError if one is missing, superfluous, of the wrong shape or not finite */
  setWeights(weights: ReadonlyMap<string, Tensor>, source = 'The given map'): void {
    this.#parameters = importTensors(this.network, weights, source);
    this.#session?.writeParameters(this.#parameters);
  }

  /** Where the model runs, once it has run. */
  get engine(): EngineInfo | undefined {
    const session = this.#session;
    return session && { tier: session.tier, threads: session.threads, arenaBytes: session.arenaBytes };
  }

  /** Ends the threads and frees the engine's memory. The weights stay, and the model can be used again. */
  async dispose(): Promise<void> {
    // A session that is just being created would otherwise outlive this.
    const retired = this.#turn.then(() => this.#retire());
    this.#turn = retired.catch(() => undefined);
    await retired;
  }

  #mustClassify(): void {
    const last = this.network.layers.at(-1)!;
    if (last.activation !== 'softmax') {
      throw new OptionError(
        `To train or evaluate, the last layer must be dense({ …, activation: 'softmax' }).`,
      );
    }
    if (size(last.outputShape) > 256) throw new OptionError('There can be at most 256 classes.');
  }

  #mustBeCompiled(method: string): Compiled {
    if (!this.#compiled) {
      throw new OptionError(
        `Call compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' }) before ${method}.`,
      );
    }
    return this.#compiled;
  }

  #mustBeIdle(method: string): void {
    if (this.#fitting)
      throw new OptionError(`A training is under way: wait for it before you call ${method}.`);
  }

  /** Keeps the session that `work` runs in alive until it is done. */
  async #track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  /** A session that can do what is asked, if possible the one there is. */
  #ensure(batch: number, trains: boolean, count = Infinity): Promise<Session> {
    const session = this.#turn.then(() => this.#obtain(batch, trains, count));
    this.#turn = session.catch(() => undefined);
    return session;
  }

  async #obtain(batch: number, trains: boolean, count: number): Promise<Session> {
    const current = this.#session;
    const inline = !trains && count <= INLINE_IMAGES;
    const fits = trains ? current?.trains && current.batch === batch : inline || !current?.inline;
    if (current && fits) return current;
    await this.#retire();
    const session = await Session.create(this.network, {
      tier: this.#tier,
      threads: inline ? 0 : this.#threads,
      batch,
      ...(trains && { optimizer: this.#mustBeCompiled('fit').optimizer }),
    });
    session.writeParameters(this.#ownParameters());
    if (trains && this.#optimizerState) session.writeOptimizerState(this.#optimizerState);
    this.#session = session;
    return session;
  }

  #ownParameters(): Float32Array {
    return (this.#parameters ??= initializeParameters(this.network, this.seed));
  }

  /** Takes everything back from the session, and ends it. */
  async #retire(): Promise<void> {
    const session = this.#session;
    if (!session) return;
    this.#parameters = session.readParameters();
    if (session.trains) this.#optimizerState = session.readOptimizerState();
    this.#session = undefined;
    await Promise.allSettled(this.#running);
    await session.dispose();
  }
}

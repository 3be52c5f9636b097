import { cores } from '#platform';
import { TIERS } from '../engine/tier.ts';
import { OptionError } from '../errors.ts';
import { refuseUnknown } from '../nn/layers/options.ts';
import type { Layer } from '../nn/layers/layer.ts';
import { buildNetwork, type Network } from '../nn/network.ts';
import { CONVOLUTION_CHOICES } from '../nn/operations/convolutionAlgorithm.ts';
import { importTensors, tensorsIn, type Tensor } from '../nn/parameters.ts';
import { learningRateOption, rateAt, type LearningRate } from '../nn/schedules/registry.ts';
import type { BatchTarget, Pixels, Session } from '../nn/session.ts';
import { size } from '../nn/shape.ts';
import type { LayerSpec } from '../nn/spec.ts';
import { variablesOf } from '../nn/update.ts';
import { nearest } from '../suggest.ts';
import { fromExamples, GeneratedBatches, isGenerator, type BatchGenerator } from './batchSource.ts';
import { allOf, type Callbacks } from './callbacks.ts';
import {
  alike,
  copyExamples,
  copyImages,
  examples,
  images,
  sliceExamples,
  type Examples,
  type ImageData,
  type Images,
  type WeightOptions,
} from './examples.ts';
import { runEvaluation, runTraining } from './fit.ts';
import type { History } from './history.ts';
import { compiled, usualObjectives, type Compiled, type Objectives } from './objectives.ts';
import {
  FIT_OPTIONS,
  oneOf,
  wholeNumber,
  type CompileOptions,
  type EngineInfo,
  type EvaluateOptions,
  type Evaluation,
  type FitOptions,
  type SequentialOptions,
} from './options.ts';
import { SessionKeeper } from './sessionKeeper.ts';
import { summarize } from './summary.ts';
import type { TargetData } from './targets.ts';
import { logsOf } from './totals.ts';
import { epochLines } from './verbose.ts';

/** What a training step computes before it changes the weights. */
export interface Gradients {
  readonly loss: number;
  /** What the network puts out in training, [count, outputs]. */
  readonly output: Tensor;
  /** Of the weights that are trained, by name. */
  readonly gradients: Map<string, Tensor>;
}

/** A network with its weights. */
export class Model {
  readonly network: Network;
  readonly seed: number;
  readonly classNames: readonly string[] | undefined;
  /** Set by callbacks: ends the training after the steps that are under way. */
  stopTraining = false;
  readonly #keeper: SessionKeeper;
  #compiled: Compiled | undefined;
  #usual: Objectives | undefined;
  /** In the place of the optimizer's, once somebody has set it. */
  #learningRate: LearningRate | undefined;
  /** How many epochs it has been trained for since it was compiled. */
  #epochs = 0;
  #fitting = false;

  /** @throws OptionError if the layers do not fit each other, or an option is out of range */
  constructor(layers: readonly LayerSpec[], options: SequentialOptions = {}) {
    refuseUnknown('A model', options, ['seed', 'tier', 'convolution', 'threads', 'classNames']);
    const { seed = 0, tier = 'auto', convolution = 'auto', threads = cores(), classNames } = options;
    if (!Number.isSafeInteger(seed)) throw new OptionError(`The seed must be a whole number, not ${seed}.`);
    oneOf('tier', tier, ['auto', ...TIERS]);
    oneOf('convolution', convolution, CONVOLUTION_CHOICES);
    wholeNumber('threads', threads);
    this.network = buildNetwork(layers, convolution);
    const outputs = size(this.network.outputShape);
    if (classNames && classNames.length !== outputs) {
      throw new OptionError(
        `There are ${classNames.length} class names, but the network has ${outputs} outputs.`,
      );
    }
    this.seed = seed;
    this.classNames = classNames;
    this.#keeper = new SessionKeeper(this.network, { tier, threads, seed });
  }

  /**
   * Says how to train. The optimiser starts afresh.
   * @throws OptionError for what is not known or does not fit the network, or while it is trained
   */
  compile(options: CompileOptions): void {
    const next = compiled(this.network, options);
    this.#mustBeIdle('compile');
    this.#keeper.forgetOptimizer();
    this.#learningRate = undefined;
    this.#epochs = 0;
    this.#compiled = next;
  }

  /**
   * Trains. The thread that calls it only feeds the engine's threads.
   * @param x  images, [count, height, width, channels]; or what makes batches
   * @param y  class indices, [count], or numbers, [count, outputs]; nothing for batches that are made
   * @throws OptionError for unfitting data or options, or while it is trained; TrainingError if the loss diverges;
   *   EngineError
   */
  async fit(x: ImageData | BatchGenerator, y?: TargetData, options: FitOptions = {}): Promise<History> {
    refuseUnknown('fit', options, FIT_OPTIONS);
    const { epochs = 1, initialEpoch = 0, batchSize = 32, stepsPerEpoch, validationSplit = 0 } = options;
    this.#mustBeCompiled('fit');
    this.#mustBeIdle('fit');
    wholeNumber('epochs', epochs);
    wholeNumber('initialEpoch', initialEpoch, 0);
    wholeNumber('batchSize', batchSize);
    if (stepsPerEpoch !== undefined) wholeNumber('stepsPerEpoch', stepsPerEpoch);
    if (!(validationSplit >= 0 && validationSplit < 1)) {
      throw new OptionError(`validationSplit must be at least 0 and below 1, not ${validationSplit}.`);
    }
    return isGenerator(x) ? this.#fitGenerated(x, options) : this.#fitExamples(x, y, options);
  }

  async #fitExamples(x: ImageData, y: TargetData | undefined, options: FitOptions): Promise<History> {
    if (y === undefined) throw new OptionError('fit needs y: what the images are to be told as.');
    const { validationSplit = 0, validationData, shuffle = true, stepsPerEpoch } = options;
    const all = this.#examples(x, y, options);
    // Keras' rules: validationData overrides validationSplit, and the training part is rounded down.
    const split = validationData ? all.count : Math.floor(all.count * (1 - validationSplit));
    if (split === 0)
      throw new OptionError(`A validationSplit of ${validationSplit} leaves no image to train on.`);
    const held = validationData
      ? this.#validation(validationData)
      : split < all.count
        ? sliceExamples(all, split, all.count)
        : undefined;
    const [train, validation] = alike(this.network, sliceExamples(all, 0, split), ...(held ? [held] : []));
    const batchSize = Math.min(options.batchSize ?? 32, split);
    const source = fromExamples(train!, {
      batchSize,
      shuffle,
      seed: this.seed,
      epochsBefore: this.#epochs - (options.initialEpoch ?? 0),
      stepsPerEpoch,
    });
    return this.#train(source, train!, validation, batchSize, options);
  }

  async #fitGenerated(generator: BatchGenerator, options: FitOptions): Promise<History> {
    if (options.validationSplit) {
      throw new OptionError('validationSplit needs examples that are all there; use validationData.');
    }
    const { classWeight, validationData } = options;
    const source = new GeneratedBatches(generator, options.stepsPerEpoch, ({ x, y, sampleWeight }) =>
      this.#examples(x, y, {
        ...(sampleWeight && { sampleWeight }),
        ...(classWeight && { classWeight }),
      }),
    );
    const first = await source.first();
    const validation = validationData && this.#validation(validationData);
    return this.#train(source, first, validation, Math.max(options.batchSize ?? 32, first.count), options);
  }

  /** @param like  examples of the kind that the source has */
  async #train(
    source: Parameters<typeof runTraining>[1],
    like: Examples,
    validation: Examples | undefined,
    batchSize: number,
    options: FitOptions,
  ): Promise<History> {
    const { epochs = 1, initialEpoch = 0, callbacks = [], verbose = 0, signal } = options;
    const given = Array.isArray(callbacks) ? (callbacks as readonly Callbacks[]) : [callbacks as Callbacks];
    const all = allOf(verbose === 0 ? given : [...given, epochLines(epochs)]);
    const compiledNow = this.#mustBeCompiled('fit');
    const objective = compiledNow.objectives.for(like);
    this.#fitting = true;
    this.stopTraining = false;
    try {
      const session = await this.#trainingSession(like, batchSize);
      all.setModel(this);
      const history = await runTraining(session, source, validation, {
        objective,
        initialEpoch,
        epochs,
        batchSize,
        callbacks: all,
        signal,
        stopped: () => this.stopTraining,
        learningRate: () => this.learningRate,
      });
      this.#epochs += history.epoch.length;
      // As in Keras, the averaged weights take the place of the last ones.
      if (compiledNow.optimizer.useEma) session.takeAverages();
      return history;
    } finally {
      this.#fitting = false;
    }
  }

  /**
   * Takes one step on a batch.
   * @returns the loss before the step and the metrics, by their names
   * @throws OptionError, EngineError
   */
  async trainOnBatch(
    x: ImageData,
    y: TargetData,
    options: WeightOptions = {},
  ): Promise<Record<string, number>> {
    const { session, set, objective } = await this.#onBatch('trainOnBatch', x, y, options);
    const results = await session.train(set.count, set.pixels, filler(set));
    await session.fetch();
    return logsOf(objective, results);
  }

  /** The loss and the metrics of a batch. @throws OptionError, EngineError */
  async testOnBatch(
    x: ImageData,
    y: TargetData,
    options: WeightOptions = {},
  ): Promise<Record<string, number>> {
    const { count: _, ...logs } = await this.evaluate(x, y, {
      ...options,
      batchSize: Number.MAX_SAFE_INTEGER,
    });
    return logs;
  }

  /** What the network makes of a batch. [count, outputs] @throws OptionError, EngineError */
  async predictOnBatch(x: ImageData): Promise<Tensor> {
    return this.predict(x, { batchSize: Number.MAX_SAFE_INTEGER });
  }

  /**
   * What a training step on a batch would compute before it changes the weights. The model stays as it is.
   * @throws OptionError, EngineError
   */
  async computeGradients(x: ImageData, y: TargetData, options: WeightOptions = {}): Promise<Gradients> {
    const { session, set, objective } = await this.#onBatch('computeGradients', x, y, options);
    const before = session.readParameters();
    const results = await session.differentiate(set.count, set.pixels, filler(set));
    await session.fetch();
    const trained = new Set(this.network.weights.filter((each) => each.trained).map(({ name }) => name));
    const all = tensorsIn(this.network, session.readGradients());
    // Moving means have moved.
    session.writeParameters(before);
    return {
      loss: logsOf(objective, results).loss,
      output: { shape: [set.count, ...this.network.outputShape], data: results.output },
      gradients: new Map([...all].filter(([name]) => trained.has(name))),
    };
  }

  /**
   * The mean loss and the metrics on a set. A classifier need not be compiled.
   * @throws OptionError for unfitting data or options, EngineError
   */
  async evaluate(x: ImageData, y: TargetData, options: EvaluateOptions = {}): Promise<Evaluation> {
    refuseUnknown('evaluate', options, ['batchSize', 'onBatchEnd', 'sampleWeight', 'classWeight']);
    const { batchSize = 32, onBatchEnd } = options;
    wholeNumber('batchSize', batchSize);
    const set = this.#examples(x, y, options);
    const objective = this.#objectives().for(set);
    const { count } = set;
    const session = await this.#keeper.obtain({ batch: Math.min(batchSize, count), count, objective });
    const evaluation = runEvaluation(session, set, {
      objective,
      batchSize: Math.min(batchSize, session.batch),
      callbacks: onBatchEnd ? { onValidationBatchEnd: onBatchEnd } : {},
      signal: undefined,
    });
    const { seen: _, total: __, ...logs } = await this.#keeper.track(evaluation);
    return { ...logs, count } as Evaluation;
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
    const { count } = given;
    const shape = [count, ...this.network.outputShape];
    const data = new Float32Array(size(shape));
    if (count === 0) return { shape, data };
    const session = await this.#keeper.obtain({ batch: Math.min(batchSize, count), count });
    await this.#keeper.track(predictInto(session, given, Math.min(batchSize, session.batch), data));
    return { shape, data };
  }

  /**
   * Prints the layers, their output shapes and parameters, as Keras does.
   * @param print  console.log by default
   * @param width  how many characters there are on a line; no limit by default
   */
  summary(print: (text: string) => void = console.log, width = Infinity): void {
    print(summarize(this.network, width));
  }

  /** The layer of a name. @throws OptionError if there is none */
  getLayer(name: string): Layer {
    const { layers } = this.network;
    const found = layers.find((layer) => layer.name === name);
    if (found) return found;
    const names = layers.map((layer) => layer.name);
    const meant = nearest(name, names);
    throw new OptionError(
      `There is no layer "${name}"; ${meant ? `did you mean "${meant}"?` : `there are ${names.join(', ')}.`}`,
    );
  }

  /** Copies of the weights by name, such as "conv2d_1/kernel". Only between trainings, not during one. */
  getWeights(): Map<string, Tensor> {
    return tensorsIn(this.network, this.#keeper.readParameters());
  }

  /** Takes weights by name. @throws FormatError if one is missing, superfluous, of the wrong shape or not finite */
  setWeights(weights: ReadonlyMap<string, Tensor>, source = 'The given map'): void {
    this.#keeper.writeParameters(importTensors(this.network, weights, source));
  }

  /**
   * Copies of what the optimizer keeps for each weight that is trained, by the weight's name and its own: such as
   * "conv2d/kernel/momentum". Empty before the first training.
   */
  getOptimizerVariables(): Map<string, Tensor> {
    const { variables } = this.#keeper.readOptimizerState() ?? { variables: [] };
    const names = this.#compiled ? variablesOf(this.#compiled.optimizer) : [];
    const trained = this.network.weights.filter((each) => each.trained).map(({ name }) => name);
    return new Map(
      variables.flatMap((block, i) => {
        const tensors = tensorsIn(this.network, block);
        return trained.map((name): [string, Tensor] => [`${name}/${names[i]!}`, tensors.get(name)!]);
      }),
    );
  }

  /** How far the next step goes. @throws OptionError if the model has not been compiled */
  get learningRate(): number {
    const { optimizer } = this.#mustBeCompiled('learningRate');
    const steps = this.#keeper.current?.steps ?? 0;
    return rateAt(this.#learningRate ?? optimizer.learningRate, steps);
  }

  /** Sets it for the steps that have not been asked for yet. @throws OptionError if it is not above 0 */
  set learningRate(rate: number) {
    this.#mustBeCompiled('learningRate');
    this.#learningRate = learningRateOption(rate);
    if (this.#keeper.current?.trains) this.#keeper.current.setLearningRate(this.#learningRate);
  }

  /** Where the model runs, once it has run. */
  get engine(): EngineInfo | undefined {
    const session = this.#keeper.current;
    return session && { tier: session.tier, threads: session.threads, arenaBytes: session.arenaBytes };
  }

  /** Ends the threads and frees the engine's memory. The weights stay, and the model can be used again. */
  async dispose(): Promise<void> {
    await this.#keeper.dispose();
  }

  async #onBatch(
    method: string,
    x: ImageData,
    y: TargetData,
    options: WeightOptions,
  ): Promise<{ session: Session; set: Examples; objective: ReturnType<Objectives['for']> }> {
    refuseUnknown(method, options, ['sampleWeight', 'classWeight']);
    this.#mustBeIdle(method);
    const { objectives } = this.#mustBeCompiled(method);
    const set = this.#examples(x, y, options);
    const session = await this.#trainingSession(set, set.count);
    return { session, set, objective: objectives.for(set) };
  }

  async #trainingSession(like: Examples, batch: number): Promise<Session> {
    const { optimizer, objectives } = this.#mustBeCompiled('fit');
    const session = await this.#keeper.obtain({
      batch,
      count: Infinity,
      objective: objectives.for(like),
      optimizer,
    });
    if (this.#learningRate !== undefined) session.setLearningRate(this.#learningRate);
    return session;
  }

  #examples(x: ImageData, y: TargetData, { sampleWeight, classWeight }: WeightOptions): Examples {
    return examples(this.network, x, y, this.#objectives().loss, {
      ...(sampleWeight && { sampleWeight }),
      ...(classWeight && { classWeight }),
    });
  }

  #validation([x, y, sampleWeight]: NonNullable<FitOptions['validationData']>): Examples {
    return this.#examples(x, y, sampleWeight ? { sampleWeight } : {});
  }

  #objectives(): Objectives {
    return this.#compiled?.objectives ?? (this.#usual ??= usualObjectives(this.network));
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
}

function filler(set: Examples): (target: BatchTarget<Pixels>) => void {
  return (target) => {
    copyExamples(set, target, 0, set.count);
  };
}

/** Predicts batch by batch. @param data  receives [count, outputs] */
async function predictInto(session: Session, given: Images, step: number, data: Float32Array): Promise<void> {
  const outputs = data.length / given.count;
  for (let begin = 0; begin < given.count; begin += step) {
    const count = Math.min(step, given.count - begin);
    const output = await session.predict(count, given.pixels, (batch) => {
      copyImages(given, batch.images, begin, count);
    });
    data.set(output, begin * outputs);
  }
}

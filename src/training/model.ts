import { cores } from '#platform';
import type { Fit } from '../data/fitPicture.ts';
import { OptionError } from '../errors.ts';
import { refuseUnknown } from '../nn/layers/options.ts';
import { namesLike } from '../nn/layerPattern.ts';
import type { Layer } from '../nn/layers/layer.ts';
import { channelMoments, type ChannelMoments } from '../nn/layers/normalization.ts';
import { buildNetwork, type Network } from '../nn/network.ts';
import type { ConvolutionChoice } from '../nn/operations/convolutionAlgorithm.ts';
import { importTensors, tensorsIn, trainedNames, type Tensor } from '../nn/parameters.ts';
import { size, type Layout } from '../nn/shape.ts';
import { withSettings, type LayerSpec } from '../nn/spec.ts';
import { IMAGES } from '../nn/symbolic.ts';
import { namesKeptFor } from '../nn/update.ts';
import { nearest } from '../suggest.ts';
import type { Checkpoint } from './checkpoint.ts';
import { runEvaluation, runPrediction } from './evaluation.ts';
import { examples, images, kindOf, ofKind, type Examples, type ImageData } from './examples.ts';
import type { BatchGenerator } from './generatedBatches.ts';
import type { EpochLogs, History } from './history.ts';
import {
  checkClassNames,
  checkModelOptions,
  wholeNumber,
  type CompileOptions,
  type EngineInfo,
  type EvaluateOptions,
  type Evaluation,
  type FitOptions,
  type SequentialOptions,
} from './options.ts';
import { networkJson } from './modelJson.ts';
import type { CompiledOptions } from './objectives.ts';
import { SessionKeeper } from './sessionKeeper.ts';
import type { StoredImages } from '../data/storedImages.ts';
import { summarize } from './summary.ts';
import type { TargetData } from './targets.ts';
import { meansOf } from './totals.ts';
import { Trainer, type TrainingBatch } from './trainer.ts';
import { WEIGHT_OPTIONS, type WeightOptions } from './weights.ts';

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
  readonly seed: number;
  readonly classNames: readonly string[] | undefined;
  readonly imageFit: Fit | undefined;
  /** How images lay in the program that it is from. */
  readonly layout: Layout;
  /** Set by callbacks: ends the training after the steps that are under way. */
  stopTraining = false;
  readonly #convolution: ConvolutionChoice;
  readonly #keeper: SessionKeeper;
  readonly #trainer: Trainer;

  /** @throws OptionError if the layers do not fit each other, or an option is out of range */
  constructor(layers: readonly LayerSpec[], options: SequentialOptions = {}) {
    checkModelOptions(options);
    const {
      seed = 0,
      tier = 'auto',
      convolution = 'auto',
      threads = cores(),
      classNames,
      imageFit,
      layout = 'nhwc',
      pixelScale = 1,
    } = options;
    const network = buildNetwork(layers, convolution, pixelScale);
    checkClassNames(classNames, network.outputShape);
    this.seed = seed;
    this.classNames = classNames;
    this.imageFit = imageFit;
    this.layout = layout;
    this.#convolution = convolution;
    this.#keeper = new SessionKeeper(network, { tier, threads, seed });
    this.#trainer = new Trainer(this.#keeper, seed);
  }

  get network(): Network {
    return this.#keeper.network;
  }

  /**
   * Says how to train. The optimiser starts afresh.
   * @throws OptionError for what is not known or does not fit the network, or while it is trained
   */
  compile(options: CompileOptions): void {
    this.#trainer.compile(options);
  }

  /**
   * Trains. The thread that calls it only feeds the engine's threads.
   * @param x  images, [count, height, width, channels], in memory or where they are read from; or what makes batches
   * @param y  class indices, [count], or numbers, [count, outputs]; nothing for batches that are made
   * @throws OptionError for unfitting data or options, or while it is trained; TrainingError if the loss diverges;
   *   EngineError if a thread fails: the model then has the weights, and the optimizer what it keeps, of the last epoch whose
   *   steps were all taken, or of before the training, and can be used and trained again
   */
  async fit(
    x: ImageData | StoredImages | BatchGenerator,
    y?: TargetData,
    options: FitOptions = {},
  ): Promise<History> {
    return this.#trainer.fit(this, x, y, options);
  }

  /**
   * Takes one step on a batch.
   * @returns the loss before the step and the metrics, by their names
   * @throws OptionError; EngineError if a thread fails: the model then is as it was after this or an earlier step, at most a
   *   hundred times as long ago as it takes to copy it
   */
  async trainOnBatch(
    x: ImageData | StoredImages,
    y: TargetData,
    options: WeightOptions = {},
  ): Promise<EpochLogs> {
    return this.#trainer.onBatch('trainOnBatch', x, y, options, async ({ session, set, fill, objective }) => {
      const results = await session.train(set.count, set.pixels, fill);
      await session.fetch(true);
      return meansOf(objective, results);
    });
  }

  /** The loss and the metrics of a batch. @throws OptionError, EngineError */
  async testOnBatch(
    x: ImageData | StoredImages,
    y: TargetData,
    options: WeightOptions = {},
  ): Promise<EpochLogs> {
    refuseUnknown('testOnBatch', options, WEIGHT_OPTIONS);
    const set = examples(this.network, x, y, this.#trainer.objectives.loss, { ...options, keepRows: true });
    return this.#evaluate('testOnBatch', set, set.count);
  }

  /** What the network makes of a batch. [count, outputs] @throws OptionError, EngineError */
  async predictOnBatch(x: ImageData | StoredImages): Promise<Tensor> {
    return this.predict(x, { batchSize: Number.MAX_SAFE_INTEGER });
  }

  /**
   * What a training step on a batch would compute before it changes the weights. The model stays as it is.
   * @throws OptionError, EngineError
   */
  async computeGradients(
    x: ImageData | StoredImages,
    y: TargetData,
    options: WeightOptions = {},
  ): Promise<Gradients> {
    const use = async ({ session, set, fill, objective }: TrainingBatch): Promise<Gradients> => {
      const before = session.readParameters();
      const results = await session.differentiate(set.count, set.pixels, fill);
      const all = tensorsIn(this.network, await session.readGradients());
      // Moving means have moved.
      session.writeParameters(before);
      return {
        loss: meansOf(objective, results).loss,
        output: { shape: [set.count, ...this.network.outputShape], data: results.output },
        gradients: new Map(trainedNames(this.network).map((name) => [name, all.get(name)!])),
      };
    };
    return this.#trainer.onBatch('computeGradients', x, y, options, use);
  }

  /**
   * The mean loss and the metrics on a set. A classifier need not be compiled.
   * @throws OptionError for unfitting data or options, EngineError
   */
  async evaluate(
    x: ImageData | StoredImages,
    y: TargetData,
    options: EvaluateOptions = {},
  ): Promise<Evaluation> {
    refuseUnknown('evaluate', options, ['batchSize', 'onBatchEnd', ...WEIGHT_OPTIONS]);
    const { batchSize = 32, onBatchEnd, ...weights } = options;
    wholeNumber('batchSize', batchSize);
    const set = examples(this.network, x, y, this.#trainer.objectives.loss, weights);
    return { ...(await this.#evaluate('evaluate', set, batchSize, onBatchEnd)), count: set.count };
  }

  async #evaluate(
    method: string,
    given: Examples,
    batchSize: number,
    onBatchEnd?: EvaluateOptions['onBatchEnd'],
  ): Promise<EpochLogs> {
    // A session that trains is needed for that, and knows one kind of examples.
    const kind = this.#trainer.kind ?? kindOf(given);
    const set = ofKind(this.network, given, kind, method, 'the training that is under way');
    const objective = this.#trainer.objectives.for(kind);
    const { count } = set;
    const session = await this.#keeper.obtain({ batch: Math.min(batchSize, count), count, objective });
    const evaluation = runEvaluation(session, set, {
      objective,
      batchSize: Math.min(batchSize, session.batch),
      callbacks: onBatchEnd ? { onValidationBatchEnd: onBatchEnd } : {},
    });
    return this.#keeper.track(evaluation);
  }

  /**
   * What the network makes of images: probabilities if it ends in a softmax. [count, outputs]
   * @throws OptionError for unfitting data or options, EngineError
   */
  async predict(x: ImageData | StoredImages, options: { batchSize?: number } = {}): Promise<Tensor> {
    refuseUnknown('predict', options, ['batchSize']);
    const { batchSize = 32 } = options;
    wholeNumber('batchSize', batchSize);
    const given = images(this.network, x);
    const { count } = given;
    const { outputShape } = this.network;
    const shape = [count, ...outputShape];
    if (count === 0) return { shape, data: new Float32Array(0) };
    const session = await this.#keeper.obtain({ batch: Math.min(batchSize, count), count });
    const step = Math.min(batchSize, session.batch);
    return { shape, data: await this.#keeper.track(runPrediction(session, given, step, size(outputShape))) };
  }

  /**
   * Prints the layers, their output shapes and parameters, as Keras does.
   * @param print  console.log by default
   * @param width  how many characters there are on a line; no limit by default
   */
  summary(print: (text: string) => void = console.log, width = Infinity): void {
    print(summarize(this.network, width));
  }

  /** The network as plain data, which `modelFromJSON` makes a model of again. */
  toJSON(): object {
    return networkJson(this.network, this.layout);
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

  /**
   * Says whether training changes the weights of layers, as `trainable` does when they are made. Between trainings, or in the
   * callback `onEpochBegin`. What the optimizer knows of a layer is forgotten while it is not trained; there is no need to compile.
   * @param pattern  names of layers, such as "conv2d*, dense": see docs/transfer-learning.md
   * @throws OptionError if no layer is named so, or in the middle of a training
   */
  setTrainable(pattern: string, trainable: boolean): void {
    const { specs, layers } = this.network;
    const chosen = namesLike(
      pattern,
      layers.map(({ name }) => name),
    );
    this.#rebuild(
      'setTrainable',
      // JSON leaves out what is usual.
      specs.map((spec) =>
        chosen.has(spec.name!) ? withSettings(spec, { trainable: trainable ? undefined : false }) : spec,
      ),
    );
  }

  /**
   * Gives the normalization that takes the images the mean and the variance of these, or those that are given, as Keras' `adapt`.
   * Between trainings.
   * @throws OptionError if there is no such layer, or the images do not fit
   */
  adapt(x: ImageData | ChannelMoments): void {
    const { specs, inputs, inputShape, pixelScale } = this.network;
    const first = specs.findIndex(({ type }, i) => type === 'normalization' && inputs[i]![0] === IMAGES);
    if (first < 0)
      throw new OptionError('adapt: no normalization takes the images; put one in front of all layers.');
    const given = 'mean' in x ? undefined : (images(this.network, x).data as ImageData);
    const moments = given ? channelMoments(given, inputShape[2], pixelScale) : (x as ChannelMoments);
    this.#rebuild(
      'adapt',
      specs.map((spec, i) => (i === first ? { ...spec, ...moments } : spec)),
    );
  }

  #rebuild(method: string, specs: readonly LayerSpec[]): void {
    this.#trainer.change(method, buildNetwork(specs, this.#convolution, this.network.pixelScale));
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
    const { variables, steps } = this.#keeper.readOptimizerState() ?? { variables: [], steps: 0 };
    if (steps === 0) return new Map();
    const names = this.#trainer.variableNames;
    return new Map(
      variables.flatMap((block, i) => {
        const tensors = tensorsIn(this.network, block);
        const kept = namesKeptFor(this.network, names[i]!);
        return kept.map((name): [string, Tensor] => [`${name}/${names[i]!}`, tensors.get(name)!]);
      }),
    );
  }

  /**
   * Has the optimizer go on from where it, or one like it in another program, was: what {@link getOptimizerVariables} gave, and how
   * many steps it had taken. Between trainings, behind `compile`.
   * @param source  for messages
   * @throws OptionError if the model has not been compiled, or while it is trained; FormatError if one is missing, superfluous or of the
   *   wrong shape
   */
  setOptimizerVariables(
    variables: ReadonlyMap<string, Tensor>,
    iterations: number,
    source = 'The given map',
  ): void {
    wholeNumber('iterations', iterations, 0);
    this.#trainer.takeOptimizerState(variables, iterations, source);
  }

  /** How it is trained, if it has been compiled. */
  get compiled(): CompiledOptions | undefined {
    return this.#trainer.settings;
  }

  /** How many steps the optimizer has taken: since the model was compiled, or in all if it goes on from a state. */
  get iterations(): number {
    return this.#trainer.iterations;
  }

  /**
   * All that the training needs to go on to the same bits: for `fit({ resumeFrom })`, in this process or in another.
   * @throws OptionError in the middle of a training, but for the callback `onCheckpoint`
   */
  checkpoint(): Checkpoint {
    const state = this.#trainer.checkpoint();
    return {
      ...state,
      network: this.toJSON(),
      classNames: this.classNames ?? null,
      imageFit: this.imageFit ?? null,
      weights: this.getWeights(),
      optimizer: this.getOptimizerVariables(),
    };
  }

  /**
   * Goes on from where a model of the same layers, compiled in the same way, was when a checkpoint was taken of it: with its weights, and with
   * what its optimizer knew. Between trainings, behind `compile`. To finish the training that the checkpoint is of, give it to `fit`.
   * @param source  for messages
   * @throws OptionError while it is trained; FormatError if the checkpoint does not fit, and then nothing of it is taken
   */
  restore(checkpoint: Checkpoint, source = 'The checkpoint'): void {
    this.#trainer.restore(checkpoint, source);
  }

  /** How far the next step goes. @throws OptionError if the model has not been compiled */
  get learningRate(): number {
    return this.#trainer.learningRate;
  }

  /** Sets it for the steps that have not been asked for yet. @throws OptionError if it is not above 0 */
  set learningRate(rate: number) {
    this.#trainer.learningRate = rate;
  }

  /** Whether the learning rate follows a schedule, which setting it would end. */
  get followsSchedule(): boolean {
    return this.#trainer.followsSchedule;
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
}

/** The part of a model that learns: what it was compiled with, and how far it has come. */
import { EngineError, OptionError } from '../errors.ts';
import { augmented } from '../nn/augmented.ts';
import { refuseUnknown } from '../nn/layers/options.ts';
import type { Spec } from '../nn/layers/definition.ts';
import type { Network } from '../nn/network.ts';
import type { OptimizerConfig } from '../nn/optimizers/optimizer.ts';
import { learningRateOption, rateAt, type LearningRate } from '../nn/schedules/registry.ts';
import { importSome, importTensors, tensorsIn, type Tensor } from '../nn/parameters.ts';
import type { Session } from '../nn/session.ts';
import { namesKeptFor, variablesOf } from '../nn/update.ts';
import { Cadence } from './cadence.ts';
import { allOf, listOfCallbacks, type Callbacks } from './callbacks.ts';
import { restoreStates, statesOf } from './callbacks/states.ts';
import { mustKeep, resumedAt, type BatchOrder, type Checkpoint, type TrainingState } from './checkpoint.ts';
import {
  batchOf,
  examples,
  ofKind,
  toldApart,
  trainingKind,
  type ExampleKind,
  type Examples,
  type ImageData,
  type LoadedBatch,
} from './examples.ts';
import { mustHaveMetrics, runTraining, type FitSettings } from './fit.ts';
import type { BatchGenerator } from './generatedBatches.ts';
import type { History } from './history.ts';
import type { Model } from './model.ts';
import {
  compiled,
  usualObjectives,
  type Compiled,
  type CompiledOptions,
  type Objectives,
} from './objectives.ts';
import { checkFitOptions, FIT_DEFAULTS, type CompileOptions, type FitOptions } from './options.ts';
import { beginning, type Position } from './position.ts';
import { prepareFit, type PreparedFit } from './preparation.ts';
import type { SessionKeeper } from './sessionKeeper.ts';
import type { StoredImages } from '../data/storedImages.ts';
import type { TargetData } from './targets.ts';
import { epochLines } from './verbose.ts';
import { WEIGHT_OPTIONS, type WeightOptions } from './weights.ts';

/** A batch in front of the session that is to train on it. */
export interface TrainingBatch {
  readonly session: Session;
  readonly set: Examples;
  readonly fill: LoadedBatch['fill'];
  readonly objective: ReturnType<Objectives['for']>;
}

interface Augmented {
  /** What it stands in front of. */
  readonly base: Network;
  readonly network: Network;
  readonly augment: string;
}

type Settings = FitOptions & Required<Pick<FitOptions, keyof typeof FIT_DEFAULTS>>;

export class Trainer {
  readonly #keeper: SessionKeeper;
  readonly #seed: number;
  #compiled: Compiled | undefined;
  #usual: Objectives | undefined;
  /** In the place of the optimizer's, once somebody has set it. */
  #learningRate: LearningRate | undefined;
  /** How many epochs it has been trained for since it was compiled. */
  #epochs = 0;
  #busy = false;
  /** Whether nothing is under way in the middle of a training. */
  #settled = false;
  /** Whether the next epoch of a training is about to begin. */
  #betweenEpochs = false;
  /** Where the last training stands, or this one stood when all was settled last. */
  #training: TrainingState | undefined;
  #callbacks: readonly Callbacks[] = [];
  #kind: ExampleKind | undefined;
  /** What is trained, if images are changed in front of the network; and how they are, as JSON. */
  #augmented: Augmented | undefined;

  constructor(keeper: SessionKeeper, seed: number) {
    this.#keeper = keeper;
    this.#seed = seed;
  }

  get #network(): Network {
    return this.#keeper.network;
  }

  /** On what kind of examples it trains at the moment. */
  get kind(): ExampleKind | undefined {
    return this.#kind;
  }

  /** Loss and metrics; those that are usual for such a network, if it has not been compiled. @throws OptionError */
  get objectives(): Objectives {
    return this.#compiled?.objectives ?? (this.#usual ??= usualObjectives(this.#network));
  }

  /** @throws OptionError for what is not known or does not fit the network, or while it is trained */
  compile(options: CompileOptions): void {
    const next = compiled(this.#network, options);
    this.#mustBeIdle('compile');
    this.#keeper.forgetOptimizer();
    this.#learningRate = undefined;
    this.#epochs = 0;
    this.#training = undefined;
    this.#callbacks = [];
    this.#compiled = next;
  }

  /**
   * Takes another network with the same weights. Of those that are trained from now on, the optimizer knows nothing.
   * @throws OptionError while it is trained, but for `onEpochBegin`
   */
  change(method: string, network: Network): void {
    if (this.#busy && !this.#betweenEpochs) {
      throw new OptionError(`A training is under way: call ${method} before it, or in onEpochBegin.`);
    }
    const earlier = this.#network;
    this.#keeper.network = network;
    const state = this.#keeper.readOptimizerState();
    if (!state?.steps) return;
    const parameters = tensorsIn(network, this.#keeper.readParameters());
    state.variables.forEach((block, i) => {
      const variable = this.variableNames[i]!;
      const before = new Set(namesKeptFor(earlier, variable));
      const tensors = tensorsIn(network, block);
      for (const name of namesKeptFor(network, variable)) {
        if (before.has(name)) continue;
        const { data } = tensors.get(name)!;
        // An average begins with the weight itself.
        if (variable === 'average' || variable === 'slow') data.set(parameters.get(name)!.data);
        else data.fill(0);
      }
    });
    this.#keeper.writeOptimizerState(state);
  }

  /** @throws OptionError, TrainingError, EngineError; FormatError for a checkpoint that does not fit */
  async fit(
    model: Model,
    x: ImageData | StoredImages | BatchGenerator,
    y: TargetData | undefined,
    options: FitOptions,
  ): Promise<History> {
    checkFitOptions(options);
    const { objectives, optimizer } = this.#mustBeCompiled('fit');
    const { initialEpoch, resumeFrom } = { ...FIT_DEFAULTS, ...options };
    this.#mustBeIdle('fit');
    const epochsBefore = resumeFrom
      ? (resumeFrom.training?.epochsBefore ?? 0)
      : Math.max(this.#epochs - initialEpoch, 0);
    const firstEpoch = resumeFrom?.training?.position.epoch ?? initialEpoch;
    const { network, augment } = this.#behind([options.augment ?? []].flat());
    const context = {
      network,
      loss: objectives.loss,
      seed: this.#seed,
      epochsBefore,
      firstEpoch,
    };
    const prepared = prepareFit(context, x, y, options);
    const { disposals } = this.#keeper;
    return this.#alone('fit', async () => {
      const ready = await prepared;
      // A generator may have taken its time.
      if (this.#keeper.disposals > disposals) throw new EngineError('The model has been disposed of.');
      const state = {
        order: orderOf(options),
        optimizer: JSON.stringify({ ...optimizer, learningRate: undefined }),
        loss: JSON.stringify(objectives.loss),
        augment,
        data: await ready.data,
        epochsBefore,
      };
      const position = resumeFrom
        ? resumedAt(resumeFrom, { ...state, seed: this.#seed })
        : beginning(initialEpoch);
      mustHaveMetrics(position, objectives.for(ready.kind), ready.validation !== undefined);
      if (resumeFrom) this.#takeBack(resumeFrom, 'resumeFrom: the checkpoint');
      this.#training = { ...state, position };
      const history = await this.#train(model, network, ready, position, options);
      this.#epochs = epochsBefore + (history.epoch.at(-1) ?? initialEpoch - 1) + 1;
      return history;
    });
  }

  async #train(
    model: Model,
    network: Network,
    { source, kind, validation, batchSize }: PreparedFit,
    start: Position,
    options: FitOptions,
  ): Promise<History> {
    const {
      epochs,
      verbose,
      callbacks = [],
      signal,
      checkpointEvery,
      resumeFrom,
    }: Settings = {
      ...FIT_DEFAULTS,
      ...options,
    };
    const { objectives, optimizer } = this.#mustBeCompiled('fit');
    const given = listOfCallbacks(callbacks);
    const all = allOf(verbose === 0 ? given : [...given, epochLines(epochs)]);
    model.stopTraining = false;
    const augment = [options.augment ?? []].flat();
    const session = await this.#session(kind, batchSize, network);
    all.setModel(model);
    this.#callbacks = given;
    const cadence = new Cadence(checkpointEvery);
    const { disposals } = this.#keeper;
    return runTraining(session, source, validation, {
      objective: objectives.for(kind),
      start,
      epochs,
      batchSize,
      callbacks: {
        ...all,
        onTrainBegin: async (metrics) => {
          await all.onTrainBegin(metrics);
          if (resumeFrom) restoreStates(given, resumeFrom.callbacks);
        },
        onEpochBegin: async (epoch) => {
          this.#betweenEpochs = true;
          try {
            await all.onEpochBegin(epoch);
          } finally {
            this.#betweenEpochs = false;
          }
        },
      },
      renewed: (current) => {
        const next = this.#behind(augment).network;
        if (current.network === next) return current;
        if (this.#keeper.disposals > disposals) throw new EngineError('The model has been disposed of.');
        return this.#session(kind, batchSize, next);
      },
      signal,
      stopped: () => model.stopTraining,
      pauses: () => cadence.isDue(this.#keeper.steps),
      onPosition: async (position) => {
        this.#training = { ...this.#training!, position };
        cadence.restart();
        this.#settled = true;
        try {
          await all.onCheckpoint();
        } finally {
          this.#settled = false;
        }
      },
      averaged: averagedBy(optimizer),
      learningRate: () => this.learningRate,
    });
  }

  /**
   * All that the training needs to go on.
   * @throws OptionError in the middle of a training, but for `onCheckpoint`
   */
  checkpoint(): Omit<Checkpoint, 'network' | 'classNames' | 'imageFit' | 'weights' | 'optimizer'> {
    if (this.#busy && !this.#settled) {
      throw new OptionError('A training is under way: take checkpoints in the callback onCheckpoint.');
    }
    return {
      seed: this.#seed,
      tier: this.#keeper.current?.tier ?? null,
      steps: this.#keeper.steps,
      learningRate: typeof this.#learningRate === 'number' ? this.#learningRate : null,
      compiled: this.settings ?? null,
      training: this.#training ?? null,
      callbacks: statesOf(this.#callbacks),
    };
  }

  /** Takes back what a checkpoint has, all or nothing. @throws FormatError if it does not fit */
  #takeBack(checkpoint: Checkpoint, source: string): void {
    const { weights, optimizer, steps, learningRate } = checkpoint;
    // The weights first: if they are not in the file, there shall be no memory taken for what the optimizer keeps of them.
    const parameters = importTensors(this.#network, weights, source);
    const variables = this.#variablesFrom(optimizer, steps, source);
    this.#keeper.writeParameters(parameters);
    this.#keeper.writeOptimizerState({ variables, steps });
    this.#learningRate = learningRate ?? undefined;
  }

  /**
   * Goes on from where the model was that a checkpoint is of.
   * @throws OptionError while it is trained; FormatError if it does not fit, and then nothing is taken
   */
  restore(checkpoint: Checkpoint, source: string): void {
    this.#mustBeIdle('restore');
    this.#takeBack(checkpoint, source);
    const { training } = checkpoint;
    this.#epochs = training ? training.epochsBefore + training.position.epoch : 0;
  }

  /**
   * Has the optimizer go on from another one's state.
   * @throws OptionError if there is no optimizer, or while it is trained; FormatError if it is no state of such a one
   */
  takeOptimizerState(given: ReadonlyMap<string, Tensor>, iterations: number, source: string): void {
    const { optimizer } = this.#mustBeCompiled('setOptimizerVariables');
    this.#mustBeIdle('setOptimizerVariables');
    const steps = iterations * batchesPerStep(optimizer);
    const variables = this.#variablesFrom(given, steps, source);
    this.#keeper.writeOptimizerState({ variables, steps });
  }

  /** What the optimizer keeps, as the engine has it. @throws FormatError if something is missing, superfluous or of another shape */
  #variablesFrom(given: ReadonlyMap<string, Tensor>, steps: number, source: string): Float32Array[] {
    // Before the first step the optimizer keeps nothing but zeros.
    const kept = this.variableNames.map((name) => ({
      name,
      weights: steps === 0 ? [] : namesKeptFor(this.#network, name),
    }));
    mustKeep(
      given,
      kept.flatMap(({ name, weights }) => weights.map((weight) => `${weight}/${name}`)),
      source,
    );
    return kept.map(({ name, weights }) => {
      const tensors = new Map(weights.map((weight) => [weight, given.get(`${weight}/${name}`)!]));
      return importSome(this.#network, tensors, source);
    });
  }

  /** Does something with one batch, for which nothing else of its kind may be under way. @throws OptionError, EngineError */
  async onBatch<T>(
    method: string,
    x: ImageData | StoredImages,
    y: TargetData,
    options: WeightOptions,
    use: (batch: TrainingBatch) => Promise<T>,
  ): Promise<T> {
    refuseUnknown(method, options, WEIGHT_OPTIONS);
    const { objectives } = this.#mustBeCompiled(method);
    // Of batches one after the other, some may have one-hot rows by chance.
    const set = examples(this.#network, x, y, objectives.loss, { ...options, keepRows: true });
    const kind = trainingKind(this.#network, set);
    const batch = ofKind(this.#network, set, kind, 'y', method);
    const { load, fill } = toldApart(batchOf(batch, 0, set.count), this.#keeper.steps, (i) => i);
    return this.#alone(method, async () => {
      await load?.();
      const session = await this.#session(kind, set.count);
      return use({ session, set, fill, objective: objectives.for(kind) });
    });
  }

  /** How far the next step goes. @throws OptionError if the model has not been compiled */
  get learningRate(): number {
    const { optimizer } = this.#mustBeCompiled('learningRate');
    return rateAt(this.#learningRate ?? optimizer.learningRate, this.#keeper.steps);
  }

  set learningRate(rate: number) {
    this.#mustBeCompiled('learningRate');
    this.#learningRate = learningRateOption(rate);
    if (this.#keeper.current?.trains) this.#keeper.current.setLearningRate(this.#learningRate);
  }

  /** Whether the learning rate changes by itself. */
  get followsSchedule(): boolean {
    return typeof (this.#learningRate ?? this.#compiled?.optimizer.learningRate ?? 0) !== 'number';
  }

  /** How it was told to learn. */
  get settings(): CompiledOptions | undefined {
    if (!this.#compiled) return undefined;
    const { optimizer, objectives } = this.#compiled;
    return { optimizer, loss: objectives.loss, metrics: objectives.metrics };
  }

  /** How many steps the optimizer has taken. */
  get iterations(): number {
    if (!this.#compiled) return 0;
    return Math.floor(this.#keeper.steps / batchesPerStep(this.#compiled.optimizer));
  }

  /** The names of what the optimizer keeps for each weight. */
  get variableNames(): readonly string[] {
    return this.#compiled ? variablesOf(this.#compiled.optimizer) : [];
  }

  /** The network behind layers that change its images: the same one for the same layers, so that a session can be kept. */
  #behind(specs: readonly Spec[]): Augmented {
    const augment = JSON.stringify(specs);
    const base = this.#network;
    if (augment === this.#augmented?.augment && base === this.#augmented.base) return this.#augmented;
    const network = specs.length > 0 ? augmented(base, specs) : base;
    return (this.#augmented = { base, network, augment });
  }

  /** @param network  that of a `fit`, which has the memory that it needs; otherwise larger batches are as good */
  async #session(kind: ExampleKind, batch: number, network?: Network): Promise<Session> {
    const { optimizer, objectives } = this.#mustBeCompiled('fit');
    const objective = objectives.for(kind);
    this.#kind = kind;
    const session = await this.#keeper.obtain({
      batch,
      count: Infinity,
      objective,
      optimizer,
      larger: !network,
      ...(network && { network }),
    });
    if (this.#learningRate !== undefined) session.setLearningRate(this.#learningRate);
    return session;
  }

  async #alone<T>(method: string, work: () => Promise<T>): Promise<T> {
    this.#mustBeIdle(method);
    this.#busy = true;
    try {
      return await work();
    } finally {
      this.#busy = false;
      this.#kind = undefined;
    }
  }

  #mustBeIdle(method: string): void {
    if (!this.#busy) return;
    throw new OptionError(`A training is under way: wait for it before you call ${method}.`);
  }

  #mustBeCompiled(method: string): Compiled {
    if (this.#compiled) return this.#compiled;
    throw new OptionError(
      `Call compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' }) before ${method}.`,
    );
  }
}

/** The average that takes the place of the weights when a training ends. */
function averagedBy({ useEma, lookahead }: OptimizerConfig): FitSettings['averaged'] {
  if (useEma) return { variable: 'average', fromStep: 1 };
  return lookahead ? { variable: 'slow', fromStep: lookahead.steps } : undefined;
}

/** Batches whose gradients make one step. */
function batchesPerStep({ gradientAccumulationSteps }: OptimizerConfig): number {
  return gradientAccumulationSteps ?? 1;
}

function orderOf(options: FitOptions): BatchOrder {
  const {
    batchSize,
    shuffle,
    stepsPerEpoch = 0,
    dropRemainder,
    validationSplit,
  } = { ...FIT_DEFAULTS, ...options };
  return { batchSize, shuffle, stepsPerEpoch, dropRemainder, validationSplit };
}

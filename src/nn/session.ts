import type { Program } from '../engine/program.ts';
import { floats, type Region, type Runner } from '../engine/runner.ts';
import { possibleThreads, startRunner } from '../engine/start.ts';
import type { Tier } from '../engine/tier.ts';
import type { Network } from './network.ts';
import type { Objective } from './objective.ts';
import type { OptimizerConfig } from './optimizers/optimizer.ts';
import { effectsOf } from './optimizers/registers.ts';
import { optimizerDefinition } from './optimizers/registry.ts';
import { ParameterMemory } from './parameterMemory.ts';
import { parameterLayout, PARAMETERS, rangesOf, VARIABLES } from './parameters.ts';
import { planNetwork, type Plan } from './plan.ts';
import type { LearningRate } from './schedules/registry.ts';
import { size } from './shape.ts';
import { Slots, type FillBatch, type Pixels } from './slots.ts';
import { namesKeptFor, variablesOf, type AverageName } from './update.ts';

export type { BatchTarget, FillBatch, PixelArray, Pixels } from './slots.ts';

export interface SessionOptions {
  readonly tier: Tier | 'auto';
  /** How many threads to run in, as far as possible; 0 for the calling thread itself, without start-up cost. */
  readonly threads: number;
  /** The most images in a batch. */
  readonly batch: number;
  /** What random streams start from; 0 by default. */
  readonly seed?: number;
  /** With it, the session can evaluate. */
  readonly objective?: Objective;
  /** With it and an objective, the session can train. */
  readonly optimizer?: OptimizerConfig;
}

/** What one batch came to. */
export interface BatchResults {
  /** What the objective sums up: see {@link Objective.results}. */
  readonly sums: Float64Array;
  readonly count: number;
}

/** What training computes before it changes the weights. */
export interface Differentiated extends BatchResults {
  /** [count, outputs] */
  readonly output: Float32Array;
}

/** What the optimizer knows besides the parameters. */
export interface OptimizerState {
  /** What it keeps for each parameter, in the order of its definition, each laid out like the parameters. */
  readonly variables: readonly Float32Array[];
  /** How many steps have been taken. */
  readonly steps: number;
}

/** How many batches may be under way: enough for the threads never to wait for the thread that feeds them. */
const SLOTS = 3;

/** The address below which the engine keeps what it needs itself; see memoryStart in assembly/index.ts. */
const START = 2048;

/** The plan of a session: what it will do, and the memory for it. Nothing is started. */
export function planSession(network: Network, options: SessionOptions): Plan {
  const inline = options.threads === 0;
  return planNetwork(network, {
    start: START,
    batch: options.batch,
    threads: inline ? 1 : possibleThreads(options.threads),
    slots: inline ? 1 : SLOTS,
    seed: options.seed ?? 0,
    objective: options.objective,
    optimizer: options.optimizer,
  });
}

/** A network in engine memory, ready to run. Calls are queued and carried out in order. */
export class Session {
  readonly batch: number;
  readonly tier: Tier;
  readonly threads: number;
  /** The size of everything in engine memory, in bytes. */
  readonly arenaBytes: number;
  readonly trains: boolean;
  /** True if it runs in the calling thread. */
  readonly inline: boolean;
  readonly network: Network;
  readonly #plan: Plan;
  readonly #runner: Runner;
  readonly #objective: Objective | undefined;
  #optimizer: OptimizerConfig | undefined;
  readonly #programs = new Map<string, number>();
  readonly #slots: Slots;
  readonly #blocks: ParameterMemory;
  /** How many blocks the optimizer keeps. */
  readonly #variables: number;
  /** Whether the weights are packed for inference, and whether the memory is as training left it. */
  #prepared = false;
  #training = false;
  #steps = 0;
  /** What #steps was when the blocks were last fetched. */
  #fetchedSteps = 0;
  /** When they are worth fetching again, in milliseconds. */
  #fetchDue = 0;

  private constructor(network: Network, plan: Plan, runner: Runner, options: SessionOptions) {
    this.network = network;
    this.#plan = plan;
    this.#runner = runner;
    this.#objective = options.objective;
    this.#optimizer = options.optimizer;
    const { optimizer } = options;
    this.#variables = optimizer ? variablesOf(optimizer).length : 0;
    this.#blocks = new ParameterMemory(runner, plan, VARIABLES + this.#variables);
    this.#slots = new Slots(runner, plan, network, options.objective);
    this.batch = options.batch;
    this.tier = runner.tier;
    this.threads = runner.threads;
    this.arenaBytes = plan.arena.bytes;
    this.trains = options.optimizer !== undefined;
    this.inline = options.threads === 0;
  }

  /**
   * Plans the memory, loads the engine and starts the threads.
   * @param spent  the memory of a session that has been disposed of
   * @throws EngineError if the tier is not supported here or memory does not suffice
   */
  static async create(
    network: Network,
    options: SessionOptions,
    spent?: WebAssembly.Memory,
  ): Promise<Session> {
    const plan = planSession(network, options);
    const inline = options.threads === 0;
    const runner = await startRunner(options.tier, inline, plan.arena, plan, spent);
    try {
      return new Session(network, plan, runner, options);
    } catch (error) {
      await runner.dispose();
      throw error;
    }
  }

  /** Takes the parameters, laid out by parameters.ts. */
  writeParameters(block: Float32Array): void {
    this.#blocks.write(PARAMETERS, block);
    this.#prepared = false;
  }

  /**
   * A copy of the parameters, laid out by parameters.ts. Only meaningful when nothing is under way; as they were when last fetched,
   * if the engine has failed.
   */
  readParameters(): Float32Array {
    return this.#blocks.read(PARAMETERS);
  }

  /** A copy of the last batch's gradients, laid out like the parameters. @throws EngineError if the engine fails */
  readGradients(): Promise<Float32Array> {
    return this.#blocks.readGradients();
  }

  /** Makes averages of the weights the weights. Only when nothing is under way, and all has been fetched. */
  takeAverages(variable: AverageName): void {
    const parameters = this.readParameters();
    const averages = this.#blocks.read(VARIABLES + variablesOf(this.#optimizer!).indexOf(variable));
    const averaged = new Set(namesKeptFor(this.network, variable));
    for (const { offset, bytes, weight } of rangesOf(this.network, parameterLayout(this.network))) {
      if (!averaged.has(weight.name)) continue;
      const [begin, end] = [offset / 4, (offset + bytes) / 4];
      parameters.set(averages.subarray(begin, end), begin);
    }
    this.writeParameters(parameters);
  }

  /** How many batches it has been trained on. */
  get steps(): number {
    return this.#steps;
  }

  /** Has further steps taken at another rate. */
  setLearningRate(learningRate: LearningRate): void {
    this.#optimizer = { ...this.#optimizer!, learningRate };
  }

  writeOptimizerState({ variables, steps }: OptimizerState): void {
    variables.forEach((values, i) => {
      this.#blocks.write(VARIABLES + i, values);
    });
    this.#steps = steps;
    this.#fetchedSteps = steps;
  }

  readOptimizerState(): OptimizerState {
    const steps = this.#blocks.live ? this.#steps : this.#fetchedSteps;
    const variables = Array.from({ length: this.#variables }, (_, i) => this.#blocks.read(VARIABLES + i));
    return { variables, steps };
  }

  /** True once a thread has failed, or they have been ended: nothing can be run any more. */
  get failed(): boolean {
    return !!this.#runner.failure;
  }

  /**
   * Waits for what is under way, and makes what training has changed readable, also after a failure of the engine.
   * @param sparing  whether it may be left out for some steps, to take a hundredth of the time, where only a failure needs it
   * @throws EngineError if the engine fails
   */
  async fetch(sparing = false): Promise<void> {
    const begin = performance.now();
    if (sparing && this.#blocks.live && begin < this.#fetchDue) return;
    const steps = this.#steps;
    await this.#blocks.fetch();
    this.#fetchedSteps = steps;
    this.#fetchDue = 101 * performance.now() - 100 * begin;
  }

  /**
   * Takes one optimiser step on a batch.
   * @throws EngineError if the engine fails
   */
  async train<T extends Pixels>(count: number, pixels: T, fill: FillBatch<T>): Promise<BatchResults> {
    const optimizer = this.#optimizer!;
    const step = this.#steps++;
    const registers = { ...optimizerDefinition(optimizer).registers(optimizer, step), step };
    const effects = effectsOf(optimizer, step);
    return this.#slots.use(count, pixels, fill, async (slot, bytes) => {
      this.#enterTraining(slot);
      const key = `train ${count} ${bytes} ${Object.values(effects).join()}`;
      const program = this.#program(key, () => this.#plan.train(count, bytes, effects));
      const run = this.#runner.run(program, { ...registers, slot }, this.#results(slot));
      return { sums: doubles(await run), count };
    });
  }

  /**
   * What a training step computes before it changes the weights, whose gradients can be read afterwards. States, such as running
   * means, change as in training.
   * @throws EngineError if the engine fails
   */
  async differentiate<T extends Pixels>(
    count: number,
    pixels: T,
    fill: FillBatch<T>,
  ): Promise<Differentiated> {
    return this.#slots.use(count, pixels, fill, async (slot, bytes) => {
      this.#enterTraining(slot);
      const key = `differentiate ${count} ${bytes}`;
      const program = this.#program(key, () => this.#plan.differentiate(count, bytes));
      const registers = { slot, step: this.#steps };
      const sums = doubles(await this.#runner.run(program, registers, this.#results(slot)));
      const output = floats(await this.#runner.read(this.#output(slot, count))).slice();
      return { sums, output, count };
    });
  }

  /** The loss and the metrics of a batch. @throws EngineError if the engine fails */
  async evaluate<T extends Pixels>(count: number, pixels: T, fill: FillBatch<T>): Promise<BatchResults> {
    return this.#slots.use(count, pixels, fill, async (slot, bytes) => {
      this.#prepare(slot);
      const program = this.#program(`evaluate ${count} ${bytes}`, () => this.#plan.evaluate(count, bytes));
      return { sums: doubles(await this.#runner.run(program, { slot }, this.#results(slot))), count };
    });
  }

  /** What the network makes of a batch: [count, outputs]. @throws EngineError if the engine fails */
  async predict<T extends Pixels>(count: number, pixels: T, fill: FillBatch<T>): Promise<Float32Array> {
    return this.#slots.use(count, pixels, fill, async (slot, bytes) => {
      this.#prepare(slot);
      const program = this.#program(`predict ${count} ${bytes}`, () => this.#plan.predict(count, bytes));
      const result = await this.#runner.run(program, { slot }, this.#output(slot, count));
      return new Float32Array(result.buffer);
    });
  }

  /** The engine's memory, where the calling thread can reach it. */
  get memory(): WebAssembly.Memory | undefined {
    return this.#runner.memory;
  }

  /** Ends the threads; what is under way is given up. */
  async dispose(): Promise<void> {
    await this.#runner.dispose();
  }

  /** Makes the memory ready for training, if something else has used it. */
  #enterTraining(slot: number): void {
    this.#prepared = false;
    if (this.#training) return;
    this.#training = true;
    const program = this.#program('enter training', () => this.#plan.enterTraining());
    // A failure will also be that of the run which follows.
    this.#runner.run(program, { slot }).catch(() => undefined);
  }

  /** Packs the weights if they have changed since they last were. */
  #prepare(slot: number): void {
    if (this.#prepared) return;
    this.#prepared = true;
    this.#training = false;
    const program = this.#program('prepare', () => this.#plan.prepare());
    // A failure will also be that of the run which follows.
    this.#runner.run(program, { slot }).catch(() => undefined);
  }

  /** The number of a program, which is written when it is first needed. */
  #program(key: string, write: () => Program): number {
    let program = this.#programs.get(key);
    if (program === undefined) {
      program = this.#runner.define(write());
      this.#programs.set(key, program);
    }
    return program;
  }

  #results(slot: number): Region {
    return { address: slot + this.#plan.slot.results, bytes: 8 * (this.#objective?.results ?? 0) };
  }

  #output(slot: number, count: number): Region {
    return { address: slot + this.#plan.slot.output, bytes: count * size(this.network.outputShape) * 4 };
  }
}

function doubles({ buffer }: Uint8Array<ArrayBuffer>): Float64Array {
  return new Float64Array(buffer);
}

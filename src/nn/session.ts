import type { Program } from '../engine/program.ts';
import type { Region, Runner } from '../engine/runner.ts';
import { possibleThreads, startRunner } from '../engine/start.ts';
import type { Tier } from '../engine/tier.ts';
import type { Network } from './network.ts';
import type { OptimizerConfig } from './optimizers/optimizer.ts';
import { optimizerDefinition } from './optimizers/registry.ts';
import { GRADIENTS, PARAMETERS, ParameterMemory, VARIABLES } from './parameterMemory.ts';
import { planNetwork, type Plan } from './plan.ts';
import { size } from './shape.ts';

export interface SessionOptions {
  readonly tier: Tier | 'auto';
  /** How many threads to run in, as far as possible; 0 for the calling thread itself, without start-up cost. */
  readonly threads: number;
  /** The most images in a batch. */
  readonly batch: number;
  /** With it, the session can train. */
  readonly optimizer?: OptimizerConfig;
}

/** What one batch came to. */
export interface BatchMetrics {
  /** The sum of the images' losses. */
  readonly loss: number;
  /** How many predictions are right. */
  readonly correct: number;
  readonly count: number;
}

/** Bytes 0…255, which the engine scales to 0…1, or floats taken as they are. */
export type Pixels = 'uint8' | 'float32';
export type PixelArray<T extends Pixels> = T extends 'uint8' ? Uint8Array : Float32Array;

/** Writes a batch into engine memory: [count, height, width, channels] pixels and [count] class indices. */
export type FillBatch<T extends Pixels> = (images: PixelArray<T>, labels: Uint8Array) => void;

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
  readonly #network: Network;
  readonly #plan: Plan;
  readonly #runner: Runner;
  readonly #optimizer: OptimizerConfig | undefined;
  readonly #programs = new Map<string, number>();
  readonly #slots: { readonly address: number; free: Promise<unknown> }[];
  #nextSlot = 0;
  readonly #blocks: ParameterMemory;
  /** How many blocks the optimizer keeps. */
  readonly #variables: number;
  #prepared = false;
  #steps = 0;
  /** What #steps was when the blocks were last fetched. */
  #fetchedSteps = 0;

  private constructor(network: Network, plan: Plan, runner: Runner, options: SessionOptions) {
    this.#network = network;
    this.#plan = plan;
    this.#runner = runner;
    this.#optimizer = options.optimizer;
    const { optimizer } = options;
    this.#variables = optimizer ? optimizerDefinition(optimizer).variables(optimizer).length : 0;
    this.#blocks = new ParameterMemory(runner, plan, optimizer ? VARIABLES + this.#variables : 1);
    this.#slots = plan.slots.map((address) => ({ address, free: Promise.resolve() }));
    this.batch = options.batch;
    this.tier = runner.tier;
    this.threads = runner.threads;
    this.arenaBytes = plan.arena.bytes;
    this.trains = options.optimizer !== undefined;
    this.inline = options.threads === 0;
  }

  /**
   * Plans the memory, loads the engine and starts the threads.
   * @throws EngineError if the tier is not supported here or memory does not suffice
   */
  static async create(network: Network, options: SessionOptions): Promise<Session> {
    const inline = options.threads === 0;
    const plan = planNetwork(network, {
      start: START,
      batch: options.batch,
      threads: inline ? 1 : possibleThreads(options.threads),
      slots: inline ? 1 : SLOTS,
      optimizer: options.optimizer,
    });
    const runner = await startRunner(options.tier, inline, plan.arena, plan);
    return new Session(network, plan, runner, options);
  }

  /** Takes the parameters, laid out by parameters.ts. */
  writeParameters(block: Float32Array): void {
    this.#blocks.write(PARAMETERS, block);
    this.#prepared = false;
  }

  /** A copy of the parameters, laid out by parameters.ts. Only meaningful when nothing is under way. */
  readParameters(): Float32Array {
    return this.#blocks.read(PARAMETERS);
  }

  /** A copy of the last batch's gradients, laid out like the parameters. */
  readGradients(): Float32Array {
    return this.#blocks.read(GRADIENTS);
  }

  writeOptimizerState({ variables, steps }: OptimizerState): void {
    variables.forEach((values, i) => {
      this.#blocks.write(VARIABLES + i, values);
    });
    this.#steps = steps;
    this.#fetchedSteps = steps;
  }

  readOptimizerState(): OptimizerState {
    const steps = this.#runner.memory ? this.#steps : this.#fetchedSteps;
    const variables = Array.from({ length: this.#variables }, (_, i) => this.#blocks.read(VARIABLES + i));
    return { variables, steps };
  }

  /**
   * Waits for what is under way, and makes what training has changed readable.
   * @throws EngineError if the engine fails
   */
  async fetch(): Promise<void> {
    const steps = this.#steps;
    await this.#blocks.fetch();
    this.#fetchedSteps = steps;
  }

  /**
   * Takes one optimiser step on a batch.
   * @throws EngineError if the engine fails
   */
  async train<T extends Pixels>(count: number, pixels: T, fill: FillBatch<T>): Promise<BatchMetrics> {
    const optimizer = this.#optimizer!;
    const rate = optimizerDefinition(optimizer).rate(optimizer, ++this.#steps);
    return this.#onSlot(count, pixels, fill, async (slot, bytes) => {
      this.#prepared = false;
      const program = this.#program(`train ${count} ${bytes}`, () => this.#plan.train(count, bytes));
      return metrics(await this.#runner.run(program, { slot, rate }, this.#metrics(slot)), count);
    });
  }

  /** The loss and the accuracy of a batch. @throws EngineError if the engine fails */
  async evaluate<T extends Pixels>(count: number, pixels: T, fill: FillBatch<T>): Promise<BatchMetrics> {
    return this.#onSlot(count, pixels, fill, async (slot, bytes) => {
      this.#prepare(slot);
      const program = this.#program(`evaluate ${count} ${bytes}`, () => this.#plan.evaluate(count, bytes));
      return metrics(await this.#runner.run(program, { slot, rate: 0 }, this.#metrics(slot)), count);
    });
  }

  /** What the network makes of a batch: [count, outputs]. @throws EngineError if the engine fails */
  async predict<T extends Pixels>(count: number, pixels: T, fill: FillBatch<T>): Promise<Float32Array> {
    const outputs = size(this.#network.layers.at(-1)!.outputShape);
    return this.#onSlot(count, pixels, fill, async (slot, bytes) => {
      this.#prepare(slot);
      const program = this.#program(`predict ${count} ${bytes}`, () => this.#plan.predict(count, bytes));
      const region = { address: slot + this.#plan.slot.output, bytes: count * outputs * 4 };
      return new Float32Array((await this.#runner.run(program, { slot, rate: 0 }, region)).buffer);
    });
  }

  /** Ends the threads; what is under way is given up. */
  async dispose(): Promise<void> {
    await this.#runner.dispose();
  }

  /** Waits for the next slot, fills it, and keeps it until `use` has finished with it. */
  async #onSlot<T extends Pixels, R>(
    count: number,
    pixels: T,
    fill: FillBatch<T>,
    use: (slot: number, bytes: boolean) => Promise<R>,
  ): Promise<R> {
    const slot = this.#slots[this.#nextSlot]!;
    this.#nextSlot = (this.#nextSlot + 1) % this.#slots.length;
    const previous = slot.free;
    const result = (async () => {
      await previous;
      const length = count * size(this.#network.inputShape);
      const bytes = pixels === 'uint8';
      this.#runner.write(
        [
          { address: slot.address + this.#plan.slot.images, bytes: bytes ? length : length * 4 },
          { address: slot.address + this.#plan.slot.labels, bytes: count * 4 },
        ],
        (part, labels) => {
          const images = bytes ? part : new Float32Array(part.buffer, part.byteOffset, length);
          const classes = new Uint8Array(count);
          fill(images as PixelArray<T>, classes);
          new Int32Array(labels.buffer, labels.byteOffset, count).set(classes);
        },
      );
      return use(slot.address, bytes);
    })();
    slot.free = result.catch(() => undefined);
    return result;
  }

  /** Packs the weights if they have changed since they last were. */
  #prepare(slot: number): void {
    if (this.#prepared) return;
    this.#prepared = true;
    const program = this.#program('prepare', () => this.#plan.prepare());
    // A failure will also be that of the run which follows.
    this.#runner.run(program, { slot, rate: 0 }).catch(() => undefined);
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

  #metrics(slot: number): Region {
    return { address: slot + this.#plan.slot.metrics, bytes: 16 };
  }
}

/** @param bytes  two f64: the sum of the losses, and how many predictions are right */
function metrics({ buffer }: Uint8Array<ArrayBuffer>, count: number): BatchMetrics {
  const [loss, correct] = new Float64Array(buffer);
  return { loss: loss!, correct: correct!, count };
}

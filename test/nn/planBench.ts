/** A plan run by hand, in memory that can be spoilt: what nobody has written is NaN, as far as a program may not rely on it. */
import { createHash } from 'node:crypto';
import { align } from '../../src/engine/arena.ts';
import { runProgram, type Kernels, type Program, type Registers } from '../../src/engine/program.ts';
import { sharingBytes } from '../../src/engine/sharing.ts';
import type { Network } from '../../src/nn/network.ts';
import type { Objective } from '../../src/nn/objective.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { optimizerDefinition } from '../../src/nn/optimizers/registry.ts';
import { planNetwork, type Plan } from '../../src/nn/plan.ts';
import { size } from '../../src/nn/shape.ts';
import { betweenBarriers, instantiate, inTurn } from '../assembly/harness.ts';
import { UPDATE } from '../../src/nn/optimizers/registers.ts';

const OPTIMIZER = adam({ learningRate: 0.01 });

export class PlanBench {
  readonly plan: Plan;
  readonly #network: Network;
  readonly #objective: Objective;
  readonly #memory: WebAssembly.Memory;
  readonly #kernels: Kernels;
  readonly #threads: number;
  #steps = 0;

  /** @param threads  how many take turns: between two barriers each does all of its part, every other time the last first */
  constructor(network: Network, objective: Objective, batch: number, threads: number) {
    this.#network = network;
    this.#objective = objective;
    this.#threads = threads;
    this.plan = planNetwork(network, {
      start: 2048,
      batch,
      threads,
      slots: 1,
      objective,
      optimizer: OPTIMIZER,
    });
    this.#memory = this.plan.arena.createMemory(false);
    this.#kernels = instantiate('simd', this.#memory);
  }

  /** Writes NaN to everything that training and inference use by turns. */
  spoil(): void {
    const { counters, threads, arena } = this.plan;
    const start = align(counters + sharingBytes(threads));
    new Uint8Array(this.#memory.buffer, start, arena.bytes - start).fill(0xff);
  }

  write(parameters: Float32Array, images: ArrayLike<number>, classes: ArrayLike<number>): void {
    const { slots, slot } = this.plan;
    this.floats(this.plan.parameters, parameters.length).set(parameters);
    this.floats(slots[0]! + slot.images, images.length).set(images);
    new Int32Array(this.#memory.buffer, slots[0]! + slot.targets, classes.length).set(classes);
  }

  enterTraining(): void {
    this.#run(this.plan.enterTraining());
  }

  /** The sums, and a hash of the parameters. */
  train(count: number): (number | string)[] {
    this.#run(
      this.plan.train(count, false, UPDATE),
      optimizerDefinition(OPTIMIZER).registers(OPTIMIZER, this.#steps++),
    );
    const parameters = this.floats(this.plan.parameters, this.plan.parameterBytes / 4);
    if (!parameters.every(Number.isFinite)) throw new Error('a parameter is not finite');
    return [...this.#sums(), createHash('sha256').update(parameters).digest('hex')];
  }

  prepare(): void {
    this.#run(this.plan.prepare());
  }

  /** The sums, and then what the network puts out. */
  evaluate(count: number): number[] {
    this.#run(this.plan.evaluate(count, false));
    const sums = this.#sums();
    this.#run(this.plan.predict(count, false));
    const { slots, slot } = this.plan;
    return [...sums, ...this.floats(slots[0]! + slot.output, count * size(this.#network.outputShape))];
  }

  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length);
  }

  #sums(): number[] {
    const { slots, slot } = this.plan;
    return [...new Float64Array(this.#memory.buffer, slots[0]! + slot.results, this.#objective.results)];
  }

  #run(program: Program, registers: Registers = {}): void {
    const all = { ...registers, slot: this.plan.slots[0]! };
    betweenBarriers(program).forEach((group, i) => {
      // One at a time: nobody waits at a barrier.
      const calls = group.map((each) => ({ ...each, independent: true }));
      for (let j = 0; j < this.#threads; j++) {
        const thread = i % 2 ? this.#threads - 1 - j : j;
        runProgram(this.#kernels, calls, all, inTurn(thread, this.#threads));
      }
    });
  }
}

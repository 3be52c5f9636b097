import type { Region, Runner } from '../engine/runner.ts';
import type { Plan } from './plan.ts';

/** Parameters are block 0, gradients 1, and what the optimizer keeps follows. */
export const PARAMETERS = 0;
export const GRADIENTS = 1;
export const VARIABLES = 2;

/**
 * The parameters, their gradients and what the optimizer keeps, in engine memory. They can be read at once, wherever that memory
 * is: where it is out of reach, they are kept as they were when last written or fetched.
 */
export class ParameterMemory {
  readonly #runner: Runner;
  readonly #plan: Plan;
  /** All blocks, one after the other, if the engine's memory is out of reach. */
  #copy: Float32Array<ArrayBuffer>;
  readonly #bytes: number;

  /** @param count  how many blocks there are: the parameters alone, unless it is for training */
  constructor(runner: Runner, plan: Plan, count: number) {
    this.#runner = runner;
    this.#plan = plan;
    this.#bytes = count * plan.parameterBytes;
    this.#copy = new Float32Array(runner.memory ? 0 : this.#bytes / 4);
  }

  /** Takes the values of a block, or of its beginning. */
  write(block: number, values: Float32Array): void {
    const offset = this.#offset(block);
    this.#runner.write(
      [{ address: this.#plan.parameters + offset, bytes: values.byteLength }],
      ({ buffer, byteOffset }) => {
        new Float32Array(buffer, byteOffset, values.length).set(values);
      },
    );
    if (!this.#runner.memory) this.#copy.set(values, offset / 4);
  }

  /** A copy of a block. Only meaningful when nothing is under way, and all has been fetched. */
  read(block: number): Float32Array {
    const { memory } = this.#runner;
    const offset = this.#offset(block);
    const length = this.#plan.parameterBytes / 4;
    const values = memory
      ? new Float32Array(memory.buffer, this.#plan.parameters + offset, length)
      : this.#copy.subarray(offset / 4, offset / 4 + length);
    return values.slice();
  }

  /** Makes what the engine has changed readable. @throws EngineError if the engine fails */
  async fetch(): Promise<void> {
    if (this.#runner.memory) return;
    const all: Region = { address: this.#plan.parameters, bytes: this.#bytes };
    this.#copy = new Float32Array((await this.#runner.read(all)).buffer);
  }

  #offset(block: number): number {
    return block * this.#plan.parameterBytes;
  }
}

import { floats, type Region, type Runner } from '../engine/runner.ts';
import { GRADIENTS } from './parameters.ts';
import type { Plan } from './plan.ts';

/**
 * The parameters, their gradients and what the optimizer keeps, in engine memory. The first and the last can be read at once,
 * wherever that memory is: where it is out of reach, or the engine has failed in the middle of a step, they are as they were when
 * last written or fetched.
 */
export class ParameterMemory {
  readonly #runner: Runner;
  readonly #plan: Plan;
  /** The parameters and what the optimizer keeps, one block after the other, as last written or fetched. */
  readonly #copy: Float32Array<ArrayBuffer>;

  /** @param count  how many blocks there are besides the gradients: the parameters alone, unless it is for training */
  constructor(runner: Runner, plan: Plan, count: number) {
    this.#runner = runner;
    this.#plan = plan;
    this.#copy = new Float32Array((count * plan.parameterBytes) / 4);
  }

  /** Whether what is read is what there is in engine memory at the moment. */
  get live(): boolean {
    return !!this.#runner.memory && !this.#runner.failure;
  }

  /** Takes the values of a block, or of its beginning. */
  write(block: number, values: Float32Array): void {
    const { address } = this.#region(block);
    this.#runner.write([{ address, bytes: values.byteLength }], (bytes) => {
      floats(bytes).set(values);
    });
    this.#copy.set(values, (address - this.#plan.parameters) / 4);
  }

  /** A copy of a block that is not the gradients. Only meaningful when nothing is under way, and all has been fetched. */
  read(block: number): Float32Array {
    const { address, bytes } = this.#region(block);
    const [buffer, start] = this.live
      ? [this.#runner.memory!.buffer, address]
      : [this.#copy.buffer, address - this.#plan.parameters];
    return new Float32Array(buffer, start, bytes / 4).slice();
  }

  /** A copy of the gradients. @throws EngineError if the engine fails */
  async readGradients(): Promise<Float32Array> {
    return floats(await this.#runner.read(this.#region(GRADIENTS))).slice();
  }

  /** Keeps what the engine has changed. @throws EngineError if the engine fails */
  async fetch(): Promise<void> {
    const all: Region = { address: this.#plan.parameters, bytes: this.#copy.byteLength };
    this.#copy.set(floats(await this.#runner.read(all)));
  }

  #region(block: number): Region {
    const { parameters, parameterBytes: bytes } = this.#plan;
    return { address: parameters + block * bytes, bytes };
  }
}

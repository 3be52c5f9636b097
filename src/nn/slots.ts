/** The places in engine memory that batches go through: while one is computed, the next is filled. */
import { floats, type Runner } from '../engine/runner.ts';
import type { Network } from './network.ts';
import type { Objective } from './objective.ts';
import type { Plan } from './plan.ts';
import { size } from './shape.ts';

/** Bytes 0…255, which the engine scales to 0…1, or floats taken as they are. */
export type Pixels = 'uint8' | 'float32';
export type PixelArray<T extends Pixels> = T extends 'uint8' ? Uint8Array : Float32Array;

/** Where the host writes a batch. */
export interface BatchTarget<T extends Pixels> {
  /** [count, height, width, channels] */
  readonly images: PixelArray<T>;
  /** Class indices [count · rows], where the objective has classes for targets; else empty. */
  readonly classes: Int32Array;
  /** Values [count, outputs], where it has values; else empty. */
  readonly values: Float32Array;
  /** What each image counts, [count]. */
  readonly weights: Float32Array;
  /** [count, 2]: which example each image is, and how often it has been seen before. */
  readonly examples: Uint32Array;
}

/** Writes a batch into engine memory. */
export type FillBatch<T extends Pixels> = (target: BatchTarget<T>) => void;

interface Slot {
  readonly address: number;
  /** When what it was last used for is through. */
  free: Promise<unknown>;
}

export class Slots {
  readonly #runner: Runner;
  readonly #layout: Plan['slot'];
  readonly #network: Network;
  readonly #objective: Objective | undefined;
  readonly #slots: readonly Slot[];
  #next = 0;

  constructor(runner: Runner, plan: Plan, network: Network, objective: Objective | undefined) {
    this.#runner = runner;
    this.#layout = plan.slot;
    this.#network = network;
    this.#objective = objective;
    this.#slots = plan.slots.map((address) => ({ address, free: Promise.resolve() }));
  }

  /** Waits for the next slot, fills it, and keeps it until `use` has finished with it. */
  async use<T extends Pixels, R>(
    count: number,
    pixels: T,
    fill: FillBatch<T>,
    use: (slot: number, bytes: boolean) => Promise<R>,
  ): Promise<R> {
    const slot = this.#slots[this.#next]!;
    this.#next = (this.#next + 1) % this.#slots.length;
    const previous = slot.free;
    const result = (async () => {
      await previous;
      this.#fill(count, pixels, slot.address, fill);
      return use(slot.address, pixels === 'uint8');
    })();
    slot.free = result.catch(() => undefined);
    return result;
  }

  #fill<T extends Pixels>(count: number, pixels: T, slot: number, fill: FillBatch<T>): void {
    const length = count * size(this.#network.inputShape);
    const bytes = pixels === 'uint8';
    const { layout: targets, targetSize = 0 } = this.#objective ?? {};
    this.#runner.write(
      [
        { address: slot + this.#layout.images, bytes: bytes ? length : length * 4 },
        { address: slot + this.#layout.targets, bytes: count * targetSize * 4 },
        { address: slot + this.#layout.weights, bytes: count * 4 },
        { address: slot + this.#layout.examples, bytes: count * 8 },
      ],
      (images, target, weights, examples) => {
        fill({
          images: (bytes ? images : floats(images)) as PixelArray<T>,
          classes:
            targets === 'classes'
              ? new Int32Array(target.buffer, target.byteOffset, count * targetSize)
              : new Int32Array(0),
          values: targets === 'values' ? floats(target) : new Float32Array(0),
          weights: floats(weights),
          examples: new Uint32Array(examples.buffer, examples.byteOffset, count * 2),
        });
      },
    );
  }
}

/** Memory for one mode of a network, training or inference: asked for piece by piece, placed when all is known. */
import { call } from '../engine/call.ts';
import { offsetBy, VirtualBuffer, type Pointer } from '../engine/pointer.ts';
import type { Argument, Instruction, Program } from '../engine/program.ts';
import { buffersOf, layOut, lifetimesIn, sharing } from './liveness.ts';
import type { Companions, PlanContext } from './operations/operation.ts';
import { hasMargins } from './shape.ts';
import type { View } from './view.ts';

export interface ModeOptions {
  readonly training: boolean;
  readonly batch: number;
  readonly threads: number;
  readonly seed: number;
  /** Memory that is always zero, and grows with what is asked for. */
  readonly zeros: ZeroMemory;
  readonly companions?: Companions;
}

/** Memory that is always zero: nobody writes to it. */
export class ZeroMemory {
  #bytes = 0;
  readonly #buffers: VirtualBuffer[] = [];

  pointer(bytes: number): Pointer {
    this.#bytes = Math.max(this.#bytes, bytes);
    const buffer = new VirtualBuffer(0);
    this.#buffers.push(buffer);
    return { buffer, offset: 0 };
  }

  get bytes(): number {
    return this.#bytes;
  }

  place(address: number): void {
    for (const buffer of this.#buffers) buffer.address = address;
  }
}

export class ModeMemory implements PlanContext {
  readonly training: boolean;
  readonly batch: number;
  readonly seed: number;
  readonly companions?: Companions;
  readonly #threads: number;
  readonly #zeros: ZeroMemory;
  /** What is to be zero around images. */
  readonly #padded = new Map<VirtualBuffer, Omit<View, 'address'>>();
  /** Those whose margins others write into. */
  #dirty: ReadonlySet<VirtualBuffer> = new Set();

  constructor({ training, batch, threads, seed, zeros, companions }: ModeOptions) {
    this.training = training;
    this.batch = batch;
    this.seed = seed;
    if (companions) this.companions = companions;
    this.#threads = threads;
    this.#zeros = zeros;
  }

  allocate(bytes: number, view?: Omit<View, 'address'>): Pointer {
    const buffer = new VirtualBuffer(bytes);
    if (view && hasMargins(view.margins)) this.#padded.set(buffer, view);
    return { buffer, offset: 0 };
  }

  scratch(bytes: number): Pointer {
    return { buffer: new VirtualBuffer(bytes, 'thread'), offset: 0 };
  }

  zeros(bytes: number): Pointer {
    return this.#zeros.pointer(bytes);
  }

  /**
   * Gives everything its address.
   * @param program  what will be run, all of it
   * @param lasting  what is run once before, and whose results stay
   * @param start    the first address that is free
   * @returns the address behind it all
   */
  place(program: readonly Instruction[], lasting: readonly Instruction[], start: number): number {
    const lifetimes = lifetimesIn(program, lasting);
    const end = layOut(lifetimes, start, this.#threads);
    const shared = sharing([...lifetimes.keys()], this.#threads);
    this.#dirty = new Set([...this.#padded.keys()].filter((buffer) => shared.has(buffer)));
    return end;
  }

  /** Clears the margins that only this mode's own images lie between: when another mode has used the memory. */
  clearAll(): Instruction[] {
    return [...this.#padded.keys()]
      .filter((buffer) => buffer.address !== undefined && !this.#dirty.has(buffer))
      .map((buffer) => this.#clear(buffer));
  }

  /** The program with all its addresses, and with margins cleared where others have used their memory. */
  resolve(program: readonly Instruction[]): Program {
    const seen = new Set<VirtualBuffer>();
    return program.flatMap((instruction) => {
      const born = buffersOf(instruction).filter((buffer) => this.#dirty.has(buffer) && !seen.has(buffer));
      for (const buffer of born) seen.add(buffer);
      const clears = [...new Set(born)].map((buffer) => ({ ...this.#clear(buffer), independent: true }));
      return [...clears, instruction].map((each) => ({
        ...each,
        arguments: each.arguments.map((argument) => resolveArgument(argument, each.label)),
      }));
    });
  }

  #clear(buffer: VirtualBuffer): Instruction {
    const { image, row, pixel, height, width, channels, margins } = this.#padded.get(buffer)!;
    const { top, left, bottom, right } = margins;
    return call('clearMargins', 'margins', this.batch, {
      view: offsetBy({ buffer, offset: 0 }, top * row + left * pixel),
      viewImage: image,
      viewRow: row,
      top,
      left,
      bottom,
      right,
      height,
      width,
      channels,
    });
  }
}

/** The number, or what is filled in at run time. @throws Error for a buffer that has no address */
function resolveArgument(argument: Argument | Pointer, label: string): Argument {
  if (typeof argument !== 'object' || !('buffer' in argument)) return argument;
  const { buffer, offset } = argument;
  if (buffer.address === undefined) throw new Error(`A buffer of "${label}" has not been placed.`);
  const address = buffer.address + offset;
  if (buffer.kind === 'slot') return { base: 'slot', offset: address };
  return buffer.kind === 'thread' ? { first: address, stride: Math.ceil(buffer.bytes / 64) * 64 } : address;
}

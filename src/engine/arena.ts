import { EngineError } from '../errors.ts';

/** Everything is aligned to a cache line, so that no two threads ever write to the same one. */
export const ALIGNMENT = 64;

/** Bytes in a page of WebAssembly memory. */
const PAGE = 65536;

/** The largest memory a module with 32-bit addresses can have. */
const LIMIT = 65536 * PAGE;

/** Lays memory out: addresses are handed out once, upwards, before the memory is created, and never taken back. */
export class Arena {
  #next: number;

  constructor(start: number) {
    this.#next = align(start);
  }

  /** The address of the next `bytes` bytes, which will be zero at first. */
  allocate(bytes: number): number {
    const address = this.#next;
    this.#next = align(address + bytes);
    return address;
  }

  /** How much has been handed out, in bytes, from address 0 on. */
  get bytes(): number {
    return this.#next;
  }

  /**
   * The memory that holds it all, and is zero.
   * @param spent  one that nobody uses any more, to be used again if its size suits: it may be long until an engine frees it
   * @throws EngineError if it is larger than 4 GiB or than this machine has left
   */
  createMemory(shared: boolean, spent?: WebAssembly.Memory): WebAssembly.Memory {
    const size = spent?.buffer.byteLength ?? 0;
    const suits = size >= this.#next && size <= 2 * align(this.#next, PAGE);
    if (!spent || !suits || shared !== isShared(spent)) return createMemory(this.#next, shared);
    new Uint8Array(spent.buffer).fill(0);
    return spent;
  }
}

/**
 * A memory of a size in bytes, rounded up to whole pages.
 * @throws EngineError if it is larger than 4 GiB or than this machine has left
 */
export function createMemory(bytes: number, shared: boolean): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE);
  const size = `${Math.ceil(bytes / (1 << 20))} MiB`;
  if (bytes > LIMIT) {
    throw new EngineError(
      `The network needs ${size}, more than the 4 GiB of WebAssembly: use a smaller batch.`,
    );
  }
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  } catch (cause) {
    throw new EngineError(`There is no memory left for the network's ${size}: use a smaller batch.`, {
      cause,
    });
  }
}

function isShared({ buffer }: WebAssembly.Memory): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer;
}

/** Rounds a number of bytes up to whole cache lines, or other units. */
export function align(bytes: number, unit = ALIGNMENT): number {
  return Math.ceil(bytes / unit) * unit;
}

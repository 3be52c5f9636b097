import { afterEach, describe, expect, it, vi } from 'vitest';
import { align, ALIGNMENT, Arena, createMemory } from '../../src/engine/arena.ts';
import { EngineError } from '../../src/errors.ts';

describe('align', () => {
  it('rounds up to cache lines', () => {
    expect(ALIGNMENT).toBe(64);
    expect([0, 1, 63, 64, 65, 2 ** 32 - 1].map((bytes) => align(bytes))).toEqual([
      0,
      64,
      64,
      64,
      128,
      2 ** 32,
    ]);
    expect(align(1, 65536)).toBe(65536);
  });
});

describe('Arena', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('hands out aligned addresses, upwards and without overlap', () => {
    const arena = new Arena(1000);
    let end = 1000;
    for (const bytes of [1, 64, 0, 65, 100_000]) {
      const address = arena.allocate(bytes);
      expect(address % 64).toBe(0);
      expect(address).toBeGreaterThanOrEqual(end);
      end = address + bytes;
    }
    expect(arena.bytes).toBe(Math.ceil(end / 64) * 64);
  });

  it('starts where it is told to, on a cache line', () => {
    expect(new Arena(1024).allocate(1)).toBe(1024);
    expect(new Arena(1025).allocate(1)).toBe(1088);
  });

  it.each([false, true])('creates memory for all of it, zero at first; shared: %s', (shared) => {
    const arena = new Arena(0);
    arena.allocate(65536);
    arena.allocate(1);
    const memory = arena.createMemory(shared);
    expect(memory.buffer.byteLength).toBe(2 * 65536);
    expect(memory.buffer instanceof SharedArrayBuffer).toBe(shared);
    expect(new Uint8Array(memory.buffer).every((byte) => byte === 0)).toBe(true);
    // It is all there will ever be: an address beyond is an error.
    expect(() => memory.grow(1)).toThrow(RangeError);
  });

  it('takes memory that nobody uses any more, if it is of the kind and not far too large, and makes it zero', () => {
    const arena = new Arena(0);
    arena.allocate(65536);
    const spent = (bytes: number, shared: boolean): WebAssembly.Memory => {
      const memory = createMemory(bytes, shared);
      new Uint8Array(memory.buffer).fill(1);
      return memory;
    };
    for (const shared of [false, true]) {
      const same = spent(65536, shared);
      const larger = spent(2 * 65536, shared);
      expect(arena.createMemory(shared, same)).toBe(same);
      expect(arena.createMemory(shared, larger)).toBe(larger);
      expect(new Uint8Array(larger.buffer).every((byte) => byte === 0)).toBe(true);
      const other = spent(65536, !shared);
      expect(arena.createMemory(shared, other)).not.toBe(other);
      const vast = spent(3 * 65536, shared);
      expect(arena.createMemory(shared, vast)).not.toBe(vast);
    }
    arena.allocate(1);
    const small = spent(65536, false);
    expect(arena.createMemory(false, small)).not.toBe(small);
  });

  it('counts beyond 2^31 and refuses more than 4 GiB', () => {
    const arena = new Arena(0);
    arena.allocate(3 * 2 ** 30);
    expect(arena.allocate(2 ** 30)).toBe(3 * 2 ** 30);
    arena.allocate(1);
    const create = (): unknown => arena.createMemory(false);
    expect(create).toThrow(EngineError);
    expect(create).toThrow(
      'The network needs 4097 MiB, more than the 4 GiB of WebAssembly: use a smaller batch.',
    );
  });

  it('says so when the machine has no memory left', () => {
    const arena = new Arena(0);
    arena.allocate(5 * 2 ** 20);
    const cause = new RangeError('could not allocate memory');
    vi.spyOn(WebAssembly, 'Memory').mockImplementation(function () {
      throw cause;
    });
    let error: unknown;
    try {
      arena.createMemory(true);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({
      message: "There is no memory left for the network's 5 MiB: use a smaller batch.",
      cause,
    });
  });
});

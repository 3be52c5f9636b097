/**
 * A place to run kernels in, on any build, that notices every byte written where none should be.
 *
 * Memory starts out as NaNs: a kernel that reads what nobody has written gives NaN. What kernels may write to is known
 * range by range, with room in between, and everything else must be the same after a run.
 */
import { readFileSync } from 'node:fs';
import { enableRelaxedSimd, enableWideVectors } from '#platform';
import { align, Arena } from '../../src/engine/arena.ts';
import {
  runProgram,
  type Argument,
  type Call,
  type Instruction,
  type Kernels,
  type Member,
  type Program,
} from '../../src/engine/program.ts';
import { all, piecesOf, type Share } from '../../src/engine/sharing.ts';
import type { PlanContext } from '../../src/nn/operations/operation.ts';
import { size, type Margins, type Shape } from '../../src/nn/shape.ts';
import { allocateView, type View } from '../../src/nn/view.ts';

export const BUILDS = ['simd', 'relaxed', 'turbo', 'debug'] as const;
export type Build = (typeof BUILDS)[number];

enableRelaxedSimd();
enableWideVectors();
const modules = new Map<string, WebAssembly.Module>();

/** One build of the engine, compiled once. */
export function engineModule(name: string): WebAssembly.Module {
  let module = modules.get(name);
  if (!module) {
    module = new WebAssembly.Module(readFileSync(new URL(`../../dist/wasm/${name}.wasm`, import.meta.url)));
    modules.set(name, module);
  }
  return module;
}

export function instantiate(name: string, memory: WebAssembly.Memory): Kernels {
  const abort = (): never => {
    throw new Error('an assertion of the engine failed');
  };
  const instance = new WebAssembly.Instance(engineModule(name), { env: { memory, abort } });
  return instance.exports as unknown as Kernels;
}

/** [begin, end) in bytes. */
type Range = readonly [begin: number, end: number];

const GUARD = 128;

/** The size of a memory that has a view at its very end. */
const PAGES = 16;
const PAGE = 65536;

/** Leaves room around what it hands out, so that a write outside is noticed. */
class GuardedArena extends Arena {
  readonly regions: Range[] = [];

  override allocate(bytes: number): number {
    super.allocate(GUARD);
    const address = super.allocate(bytes);
    this.regions.push([address, address + bytes]);
    return address;
  }
}

/** A view whose address is known. */
export interface PlacedView extends View {
  readonly address: number;
}

export class Bench {
  readonly arena = new GuardedArena(8192);
  #scratchBytes = 0;
  /** For planning operations, as for training: what they allocate, they may write. */
  readonly context: PlanContext;
  readonly #fixed = new Set<Range>();
  readonly #writable: Range[] = [];
  readonly #setup: (() => void)[] = [];
  #memory!: WebAssembly.Memory;
  #start!: Uint8Array;
  #kernels!: Kernels;
  #scratch = 0;
  #last: number | undefined;

  constructor(batch: number) {
    this.context = {
      training: true,
      batch,
      seed: 0,
      allocate: (bytes) => this.arena.allocate(bytes),
      scratch: (bytes) => {
        this.#scratchBytes = Math.max(this.#scratchBytes, bytes);
        return 'scratch';
      },
      zeros: (bytes) => this.input(new Uint8Array(bytes)),
    };
  }

  /** A view that is only read. */
  inputView(batch: number, shape: Shape, margins: Margins, values: ArrayLike<number>): PlacedView {
    const view = this.#view(batch, shape, margins);
    this.#fill(view, batch, values);
    return view;
  }

  /**
   * A view that is only read and ends `behind` bytes before memory does: whoever reads beyond these traps. At most one.
   */
  lastView(batch: number, shape: Shape, margins: Margins, values: ArrayLike<number>, behind = 0): PlacedView {
    const view = placedView(new Arena(0), batch, shape, margins);
    const start = PAGES * PAGE - behind - batch * view.image;
    const moved = { ...view, address: start + view.address };
    this.#last = start;
    this.#setup.push(() => this.bytes(start, batch * view.image).fill(0));
    this.#fill(moved, batch, values);
    return moved;
  }

  #fill(view: PlacedView, batch: number, values: ArrayLike<number>): void {
    this.#setup.push(() => {
      let i = 0;
      for (const row of this.#rows(view, batch)) for (let j = 0; j < row.length; j++) row[j] = values[i++]!;
      if (i !== values.length) throw new Error(`${values.length} values for a view of ${i}`);
    });
  }

  /** A view whose first `count` images are to be written. */
  outputView(batch: number, count: number, shape: Shape, margins: Margins): PlacedView {
    const view = this.#view(batch, shape, margins);
    this.#setup.push(() => {
      for (const row of this.#rows(view, batch)) row.fill(NaN);
      for (const row of this.#rows(view, count)) {
        this.#writable.push([row.byteOffset, row.byteOffset + row.byteLength]);
      }
    });
    return view;
  }

  /** Memory that is only read. */
  input(values: ArrayLike<number> & ArrayBufferView): number {
    const address = this.arena.allocate(values.byteLength);
    this.#fixed.add(this.arena.regions.at(-1)!);
    this.#setup.push(() => {
      this.bytes(address, values.byteLength).set(
        new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      );
    });
    return address;
  }

  /** Memory that is to be written. */
  output(bytes: number): number {
    return this.arena.allocate(bytes);
  }

  /** Memory that starts with given values and may be written. */
  state(values: Float32Array): number {
    const address = this.arena.allocate(values.byteLength);
    this.#setup.push(() => {
      this.floats(address, values.length).set(values);
    });
    return address;
  }

  /** A block of weights or gradients laid out as parameters.ts does; the gaps in it are zero and must remain so. */
  block(shapes: readonly Shape[], values?: readonly Float32Array[]): number[] {
    const bytes = shapes.map((shape) => align(size(shape) * 4));
    const start = this.arena.allocate(bytes.reduce((sum, length) => sum + length, 0));
    const region = this.arena.regions.at(-1)!;
    this.#fixed.add(region);
    let next = start;
    const addresses = bytes.map((length) => (next += length) - length);
    this.#setup.push(() => {
      this.bytes(start, region[1] - start).fill(0);
      shapes.forEach((shape, i) => {
        const address = addresses[i]!;
        if (values) this.floats(address, size(shape)).set(values[i]!);
        else this.#writable.push([address, address + size(shape) * 4]);
      });
    });
    return addresses;
  }

  /** Creates the memory, when all is planned. */
  start(build: Build): void {
    this.#scratch = this.arena.allocate(this.#scratchBytes);
    this.arena.allocate(0);
    if (this.#last === undefined) {
      this.#memory = this.arena.createMemory(false);
    } else {
      if (this.arena.bytes > this.#last) throw new Error('there is no room for the last view');
      this.#memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
    }
    new Uint8Array(this.#memory.buffer).fill(0xff);
    this.#kernels = instantiate(build, this.#memory);
    this.#writable.push(...this.arena.regions.filter((region) => !this.#fixed.has(region)));
    for (const setUp of this.#setup) setUp();
    this.#start = new Uint8Array(this.#memory.buffer).slice();
  }

  /**
   * Runs a program from the initial state, shared out among `threads` that run one after the other: between two
   * barriers each does all of its part before the next, every other time the last thread first.
   * @throws Error if anything has been written outside of what may be
   */
  run(program: readonly Instruction[], threads: number, rate = 0): void {
    new Uint8Array(this.#memory.buffer).set(this.#start);
    const scratch = this.bytes(this.#scratch, this.#scratchBytes);
    const registers = { slot: 0, rate, scratch: this.#scratch };
    let reverse = false;
    for (const group of betweenBarriers(placed(program))) {
      for (let i = 0; i < threads; i++) {
        scratch.fill(0xff);
        runProgram(this.#kernels, group, registers, inTurn(reverse ? threads - 1 - i : i, threads));
      }
      reverse = !reverse;
    }
    this.#expectUntouched();
  }

  /** The first `count` images of a view, compact. */
  read(view: PlacedView, count: number): Float32Array {
    const values = new Float32Array(count * view.height * view.width * view.channels);
    let i = 0;
    for (const row of this.#rows(view, count)) {
      values.set(row, i);
      i += row.length;
    }
    return values;
  }

  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length);
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, length);
  }

  doubles(address: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, address, length);
  }

  integers(address: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, address, length);
  }

  #view(batch: number, shape: Shape, margins: Margins): PlacedView {
    const view = placedView(this.arena, batch, shape, margins);
    const [begin, end] = this.arena.regions.at(-1)!;
    this.#fixed.add(this.arena.regions.at(-1)!);
    this.#setup.push(() => this.bytes(begin, end - begin).fill(0));
    return view;
  }

  *#rows(view: PlacedView, batch: number): Generator<Float32Array> {
    for (let n = 0; n < batch; n++) {
      for (let y = 0; y < view.height; y++) {
        yield this.floats(view.address + n * view.image + y * view.row, view.width * view.channels);
      }
    }
  }

  #expectUntouched(): void {
    const now = Buffer.from(this.#memory.buffer);
    const before = Buffer.from(this.#start.buffer);
    let at = 0;
    const ranges = this.#writable.toSorted(([a], [b]) => a - b);
    for (const [begin, end] of [...ranges, [now.length, now.length] as const]) {
      if (begin > at && now.compare(before, at, begin, at, begin) !== 0) {
        let first = at;
        while (now[first] === before[first]) first++;
        throw new Error(`byte ${first}, which nobody may write to, has changed`);
      }
      at = end;
    }
  }
}

function placedView(arena: Arena, batch: number, shape: Shape, margins: Margins): PlacedView {
  const view = allocateView(arena, batch, shape, margins);
  if (typeof view.address !== 'number') throw new Error('an arena hands out addresses');
  return { ...view, address: view.address };
}

/** @throws Error if an address is not known: the bench hands out numbers only */
function placed(program: readonly Instruction[]): Program {
  return program.map((instruction) => ({
    ...instruction,
    arguments: instruction.arguments.map((argument): Argument => {
      if (typeof argument !== 'object' || !('buffer' in argument)) return argument;
      throw new Error(`an address of ${instruction.kernel} is not known`);
    }),
  }));
}

/**
 * A thread of a team whose threads run one after the other: each takes all pieces of its own range, every other thread from the last on.
 * One that is alone takes all at once.
 */
export function inTurn(thread: number, threads: number): Member {
  const share: Share = (items, grain, work) => {
    const edges = piecesOf(items, grain, thread, threads);
    const pieces = edges.slice(1).map((end, i) => [edges[i]!, end] as const);
    for (const piece of thread % 2 === 0 ? pieces : pieces.reverse()) work(...piece);
  };
  return { thread, threads, barrier: 0, share: threads === 1 ? all : share };
}

/** A program cut where all threads wait for each other. */
export function betweenBarriers(program: Program): Program[] {
  const groups: Call<Argument>[][] = [[]];
  program.forEach((instruction, i) => {
    groups.at(-1)!.push(instruction);
    if (!instruction.independent && i < program.length - 1) groups.push([]);
  });
  return groups;
}

/** How many threads every program is shared out among: the results must have the same bits. */
const TEAMS = [1, 3, 7];

/** Runs a program once for each team size. @returns what `read` reads, which must always be the same */
export function runShared(
  bench: Bench,
  program: readonly Instruction[],
  read: () => readonly Float32Array[],
): readonly Float32Array[] {
  let first: readonly Float32Array[] | undefined;
  for (const threads of TEAMS) {
    bench.run(program, threads);
    const results = read();
    first ??= results;
    results.forEach((result, i) => {
      if (Buffer.from(result.buffer).compare(Buffer.from(first![i]!.buffer)) !== 0) {
        throw new Error(`result ${i} of ${threads} threads differs from that of one`);
      }
    });
  }
  return first!;
}

export interface LayerResult {
  readonly output: Float32Array;
  readonly dInput: Float32Array;
  /** Empty for a layer without weights. */
  readonly dKernel: Float32Array;
  readonly dBias: Float32Array;
}

/** What `compute` gives, computed once for each key: the builds share their references. */
export function memoize<T>(compute: () => T): () => T {
  let value: { readonly of: T } | undefined;
  return () => (value ??= { of: compute() }).of;
}

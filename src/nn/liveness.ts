/**
 * From virtual buffers to addresses: what is dead is used again. How long a buffer lives is read from the program itself,
 * from the first call that is given it to the last. Placed by size, the largest first, each into the lowest gap that is
 * free as long as it lives (as google/XNNPACK's memory planner does).
 */
import { align } from '../engine/arena.ts';
import type { VirtualBuffer } from '../engine/pointer.ts';
import type { Instruction } from '../engine/program.ts';

/** When a buffer is in use, in calls that run between the same two barriers; both inclusive. */
export interface Lifetime {
  first: number;
  last: number;
}

export type Lifetimes = Map<VirtualBuffer, Lifetime>;

/** The buffers that a call is given. */
export function buffersOf({ arguments: values }: Instruction): VirtualBuffer[] {
  return values.flatMap((value) =>
    typeof value === 'object' && 'buffer' in value && value.buffer.kind !== 'slot' ? [value.buffer] : [],
  );
}

/**
 * The lifetimes of the buffers in a program that have no address yet. Calls without a barrier in between run at the same time.
 * @param lasting  the calls whose results are still needed when the program is run again: they come first
 */
export function lifetimesIn(
  program: readonly Instruction[],
  lasting: readonly Instruction[] = [],
): Lifetimes {
  const lifetimes: Lifetimes = new Map();
  const early = new Set(lasting.flatMap(buffersOf));
  let time = 0;
  const use = (instruction: Instruction, isLasting: boolean): void => {
    for (const buffer of buffersOf(instruction)) {
      if (buffer.address !== undefined) continue;
      const known = lifetimes.get(buffer);
      const last = !isLasting && early.has(buffer) ? Infinity : time;
      if (known) known.last = Math.max(known.last, last);
      else lifetimes.set(buffer, { first: time, last });
    }
    if (!instruction.independent) time++;
  };
  for (const instruction of lasting) use(instruction, true);
  for (const instruction of program) use(instruction, false);
  return lifetimes;
}

/** Bytes that a buffer takes. @param threads  as many have memory of their own */
export function bytesOf({ bytes, kind }: VirtualBuffer, threads: number): number {
  return align(bytes) * (kind === 'thread' ? threads : 1);
}

/**
 * Gives every buffer its address.
 * @param start  the first address that is free
 * @returns the address behind them all
 */
export function layOut(lifetimes: Lifetimes, start: number, threads: number): number {
  const placed: { readonly begin: number; readonly end: number; readonly lifetime: Lifetime }[] = [];
  const order = [...lifetimes].map(([buffer, lifetime], i) => ({
    buffer,
    lifetime,
    i,
    bytes: bytesOf(buffer, threads),
  }));
  order.sort((a, b) => b.bytes - a.bytes || a.i - b.i);
  let end = start;
  for (const { buffer, lifetime, bytes } of order) {
    let address = start;
    for (const other of placed) {
      if (other.lifetime.first > lifetime.last || other.lifetime.last < lifetime.first) continue;
      if (other.begin >= address + bytes) break;
      address = Math.max(address, other.end);
    }
    buffer.address = address;
    const entry = { begin: address, end: address + bytes, lifetime };
    const at = placed.findIndex(({ begin }) => begin > address);
    placed.splice(at < 0 ? placed.length : at, 0, entry);
    end = Math.max(end, entry.end);
  }
  return end;
}

/** The buffers that share memory with others, in the given set. */
export function sharing(buffers: readonly VirtualBuffer[], threads: number): Set<VirtualBuffer> {
  const sorted = buffers.toSorted((a, b) => a.address! - b.address!);
  const shared = new Set<VirtualBuffer>();
  let furthest: { readonly buffer: VirtualBuffer; readonly end: number } | undefined;
  for (const buffer of sorted) {
    if (furthest && buffer.address! < furthest.end) shared.add(buffer).add(furthest.buffer);
    const end = buffer.address! + bytesOf(buffer, threads);
    if (!furthest || end > furthest.end) furthest = { buffer, end };
  }
  return shared;
}

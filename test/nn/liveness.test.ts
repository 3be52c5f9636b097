/** How long buffers live, read from programs, and where they are placed: never two that live at once in one place. */
import { describe, expect, it, vi } from 'vitest';
import { ALIGNMENT, align } from '../../src/engine/arena.ts';
import { VirtualBuffer } from '../../src/engine/pointer.ts';
import type { Instruction } from '../../src/engine/program.ts';
import { bytesOf, layOut, lifetimesIn, sharing, type Lifetimes } from '../../src/nn/liveness.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { planNetwork } from '../../src/nn/plan.ts';
import { randomStream } from '../../src/random.ts';
import { classification } from './classification.ts';
import { chain, networks } from './networks.ts';

interface LaidOut {
  readonly lifetimes: Lifetimes;
  readonly start: number;
  readonly end: number;
  readonly threads: number;
}

const laidOut: LaidOut[] = [];

vi.mock('../../src/nn/liveness.ts', async (importOriginal) => {
  const actual = await importOriginal<typeof import('../../src/nn/liveness.ts')>();
  return {
    ...actual,
    layOut: (lifetimes: Lifetimes, start: number, threads: number) => {
      const end = actual.layOut(lifetimes, start, threads);
      laidOut.push({ lifetimes, start, end, threads });
      return end;
    },
  };
});

/** A call that is given buffers, with a barrier behind it. */
function using(...buffers: readonly (VirtualBuffer | undefined)[]): Instruction {
  const given = buffers.flatMap((buffer) => (buffer ? [{ buffer, offset: 8 }] : []));
  return { label: 'x', kernel: 'x', arguments: [7, 'step', ...given], items: 1 };
}

const ahead = (instruction: Instruction): Instruction => ({ ...instruction, independent: true });

function expectNoOverlap({ lifetimes, start, end, threads }: LaidOut): void {
  const all = [...lifetimes];
  all.forEach(([a, lifeA], i) => {
    expect(a.address! % ALIGNMENT).toBe(0);
    expect(a.address).toBeGreaterThanOrEqual(start);
    expect(a.address! + bytesOf(a, threads)).toBeLessThanOrEqual(end);
    for (const [b, lifeB] of all.slice(i + 1)) {
      if (lifeA.last < lifeB.first || lifeB.last < lifeA.first) continue;
      const apart =
        a.address! + bytesOf(a, threads) <= b.address! || b.address! + bytesOf(b, threads) <= a.address!;
      if (!apart)
        throw new Error(`${a.bytes} bytes at ${a.address} and ${b.bytes} at ${b.address} live at once`);
    }
  });
}

/** The most bytes that live at once: no plan can do with fewer. */
function peak({ lifetimes, threads }: LaidOut): number {
  const times = [...lifetimes.values()].map(({ first }) => first);
  return Math.max(
    ...times.map((time) =>
      [...lifetimes].reduce(
        (sum, [buffer, { first, last }]) =>
          first <= time && time <= last ? sum + bytesOf(buffer, threads) : sum,
        0,
      ),
    ),
  );
}

const buffers = (count: number): VirtualBuffer[] =>
  Array.from({ length: count }, () => new VirtualBuffer(64));

describe('lifetimesIn', () => {
  it('counts from the first to the last call that is given a buffer', () => {
    const [a, b, c] = buffers(3);
    const lifetimes = lifetimesIn([using(a), using(a, b), using(c), using(b)]);
    expect([...lifetimes]).toEqual([
      [a, { first: 0, last: 1 }],
      [b, { first: 1, last: 3 }],
      [c, { first: 2, last: 2 }],
    ]);
  });

  it('takes calls without a barrier in between for one', () => {
    const [a, b, c, d] = buffers(4);
    const lifetimes = lifetimesIn([ahead(using(a)), ahead(using(b)), using(c), using(a, d)]);
    expect(lifetimes.get(a!)).toEqual({ first: 0, last: 1 });
    expect(lifetimes.get(b!)).toEqual({ first: 0, last: 0 });
    expect(lifetimes.get(c!)).toEqual({ first: 0, last: 0 });
    expect(lifetimes.get(d!)).toEqual({ first: 1, last: 1 });
  });

  it('keeps the results of what is run once before, and only those that are taken', () => {
    const [folded, packed, x] = buffers(3);
    const lasting = [using(folded), using(folded, packed)];
    const lifetimes = lifetimesIn([using(x), using(x, packed), using(x)], lasting);
    expect(lifetimes.get(folded!)).toEqual({ first: 0, last: 1 });
    expect(lifetimes.get(packed!)).toEqual({ first: 1, last: Infinity });
    expect(lifetimes.get(x!)).toEqual({ first: 2, last: 4 });
  });

  it('leaves out what has an address, and what is in a slot', () => {
    const known = new VirtualBuffer(64, 'shared', 128);
    const slot = new VirtualBuffer(0, 'slot', 0);
    expect(lifetimesIn([using(known, slot)]).size).toBe(0);
  });
});

describe('layOut', () => {
  it('uses again what is dead, and counts the memory of each thread', () => {
    const large = new VirtualBuffer(1000);
    const scratch = new VirtualBuffer(100, 'thread');
    const small = new VirtualBuffer(10);
    const program = [using(large), using(scratch), using(small, large)];
    const end = layOut(lifetimesIn(program), 4096, 3);
    expect(large.address).toBe(4096);
    expect(scratch.address).toBe(4096 + align(1000));
    expect(small.address).toBe(4096 + align(1000));
    expect(end).toBe(4096 + align(1000) + 3 * align(100));
    expect(sharing([large, scratch, small], 3)).toEqual(new Set([scratch, small]));
  });

  it('never puts two that live at once into one place, however many there are', () => {
    const random = randomStream(1, 'liveness');
    const next = (bound: number): number => random.below(bound);
    for (let round = 0; round < 50; round++) {
      const all = Array.from(
        { length: 30 },
        () => new VirtualBuffer(1 + next(5000), next(5) === 0 ? 'thread' : 'shared'),
      );
      const pick = (): VirtualBuffer => all[next(all.length)]!;
      const program = Array.from({ length: 40 }, () => {
        const call = using(pick(), pick());
        return next(3) === 0 ? ahead(call) : call;
      });
      const lasting = Array.from({ length: 5 }, () => using(pick()));
      const lifetimes = lifetimesIn(program, lasting);
      const start = 64 * next(100);
      expectNoOverlap({ lifetimes, start, end: layOut(lifetimes, start, 3), threads: 3 });
    }
  });
});

describe('sharing', () => {
  it('finds buffers inside others, not only neighbours', () => {
    const at = (address: number, bytes: number): VirtualBuffer => new VirtualBuffer(bytes, 'shared', address);
    const [whole, first, second, apart] = [at(0, 1024), at(0, 64), at(512, 64), at(1024, 64)];
    expect(sharing([apart, second, whole, first], 1)).toEqual(new Set([whole, first, second]));
  });
});

const planned = [
  ...networks(),
  ...networks('winograd').map((each) => ({ ...each, name: `${each.name}, winograd` })),
  { name: "the tutorial's network", network: buildNetwork(chain(32, 32)) },
];

describe.each(planned)('the memory of $name', ({ network }) => {
  it.each([
    [1, 1],
    [7, 2],
    [64, 4],
  ])('has no two buffers in one place: batches of %i, %i threads', (batch, threads) => {
    laidOut.length = 0;
    const objective = classification(network);
    planNetwork(network, { start: 2048, batch, threads, slots: 1, objective, optimizer: adam() });
    // Inference and training.
    expect(laidOut.length).toBe(2);
    for (const each of laidOut) {
      expect(each.lifetimes.size).toBeGreaterThan(10);
      expectNoOverlap(each);
      expect(each.end - each.start).toBeLessThanOrEqual(1.15 * peak(each));
      const apart = [...each.lifetimes.keys()].reduce((sum, buffer) => sum + bytesOf(buffer, threads), 0);
      expect(each.end - each.start).toBeLessThan(0.9 * apart);
    }
  });
});

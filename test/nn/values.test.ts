/** Where values are put: whose memory an output may take, which zeros are around it, and how gradients are summed. */
import { describe, expect, it } from 'vitest';
import { Arena } from '../../src/engine/arena.ts';
import type { Instruction } from '../../src/engine/program.ts';
import { planBackward } from '../../src/nn/gradients.ts';
import type { Node } from '../../src/nn/graph.ts';
import type { Operation, PlanContext } from '../../src/nn/operations/operation.ts';
import { NO_MARGINS, type Margins } from '../../src/nn/shape.ts';
import { IMAGES } from '../../src/nn/symbolic.ts';
import { ForwardMargins, planForward } from '../../src/nn/values.ts';
import { allocateView, type View } from '../../src/nn/view.ts';

const SHAPE = [4, 4, 2];
const ONE: Margins = { top: 1, left: 1, bottom: 1, right: 1 };
const DOWN: Margins = { top: 0, left: 0, bottom: 3, right: 0 };

interface Given {
  readonly input: View;
  readonly output: View;
  dOutput?: View;
  dInput?: View | undefined;
}

/** Operations that only write down what they are given, each with a weight of its own. */
class Recorder {
  readonly given = new Map<string, Given>();
  readonly arena = new Arena(64);
  readonly context: PlanContext;
  readonly nodes: Node[] = [];

  constructor(training = true) {
    const allocate = (bytes: number): number => this.arena.allocate(bytes);
    this.context = { training, batch: 1, seed: 0, allocate, scratch: allocate, zeros: allocate };
  }

  add(name: string, inputs: readonly string[], flags: Partial<Operation> = {}): this {
    const operation: Operation = {
      name,
      outputShape: SHAPE,
      weights: { kernel: `${name}/kernel` },
      ...flags,
      plan: ({ input, output }) => {
        const given: Given = { input, output };
        this.given.set(name, given);
        return {
          prepare: [],
          forward: () => [],
          backward: ({ dOutput, dInput }) => {
            Object.assign(given, { dOutput, dInput });
            return { backward: () => [{ label: name, kernel: name, arguments: [], items: 1 }] };
          },
        };
      },
    };
    this.nodes.push({ operation, inputs, value: name });
    return this;
  }

  margins(): ForwardMargins {
    return new ForwardMargins(this.nodes, this.context.training);
  }

  /** Plans forward and backward. @returns the labels of the backward pass, in order */
  backward(): string[] {
    const margins = this.margins();
    const images = allocateView(this.context, 1, SHAPE, margins.of(IMAGES));
    const stages = planForward(this.nodes, this.context, images, margins, () => ({}));
    const stagesBack = planBackward(stages, {
      context: this.context,
      dOutput: allocateView(this.context, 1, SHAPE),
      trained: new Set(this.nodes.map(({ operation }) => `${operation.name}/kernel`)),
      gradients: () => ({}),
    });
    return stagesBack
      .flatMap(({ backward }): readonly Instruction[] => backward(1))
      .map(({ label }) => label);
  }
}

const overwrites = { overwrites: true };

describe('an output that may overwrite its input', () => {
  const over = (build: (r: Recorder) => Recorder, training = true): string | undefined =>
    build(new Recorder(training)).margins().overwrittenBy('b');

  it('takes its memory if nobody else needs that', () => {
    expect(over((r) => r.add('a', [IMAGES]).add('b', ['a'], overwrites))).toBe('a');
  });

  it.each<[string, (r: Recorder) => Recorder]>([
    ['the images', (r) => r.add('b', [IMAGES], overwrites)],
    ['what others take too', (r) => r.add('a', [IMAGES]).add('b', ['a'], overwrites).add('c', ['a'])],
    ['what it takes twice', (r) => r.add('a', [IMAGES]).add('b', ['a', 'a'], overwrites)],
    [
      'what has another size',
      (r) => r.add('a', [IMAGES], { outputShape: [4, 4, 3] }).add('b', ['a'], overwrites),
    ],
    ['what lies compact', (r) => r.add('a', [IMAGES], { compact: true }).add('b', ['a'], overwrites)],
    ["another value's memory", (r) => r.add('a', [IMAGES], { reshapes: true }).add('b', ['a'], overwrites)],
  ])('does not take %s', (_, build) => {
    expect(over(build)).toBeUndefined();
    expect(over(build, false)).toBeUndefined();
  });

  it.each<[string, (r: Recorder) => Recorder]>([
    ['its own', (r) => r.add('a', [IMAGES]).add('b', ['a'], { ...overwrites, keepsInput: true })],
    ['that of its input', (r) => r.add('a', [IMAGES], { keepsOutput: true }).add('b', ['a'], overwrites)],
  ])('does not take in training what a backward pass reads, %s', (_, build) => {
    expect(over(build)).toBeUndefined();
    expect(over(build, false)).toBe('a');
  });

  it('takes the first of several that it may have', () => {
    const r = new Recorder().add('x', [IMAGES], { keepsOutput: true }).add('y', [IMAGES]).add('z', [IMAGES]);
    expect(r.add('b', ['x', 'y', 'z'], overwrites).margins().overwrittenBy('b')).toBe('y');
  });
});

describe('zeros around values', () => {
  it('are the most that anybody wants who takes them', () => {
    const margins = new Recorder()
      .add('a', [IMAGES], { inputMargins: ONE })
      .add('b', ['a'], { inputMargins: ONE })
      .add('c', ['a'], { inputMargins: DOWN })
      .margins();
    expect(margins.of(IMAGES)).toEqual(ONE);
    expect(margins.of('a')).toEqual({ ...ONE, bottom: 3 });
    expect(margins.of('c')).toEqual(NO_MARGINS);
  });

  it('are those of what takes their memory, too', () => {
    const r = new Recorder()
      .add('a', [IMAGES])
      .add('b', ['a'], overwrites)
      .add('c', ['b'], overwrites)
      .add('d', ['c'], { inputMargins: DOWN });
    expect(r.margins().of('a')).toEqual(DOWN);
    r.backward();
    const { a, b, c, d } = Object.fromEntries(r.given);
    for (const view of [b!.input, b!.output, c!.output, d!.input]) expect(view).toEqual(a!.output);
  });

  it('come with a copy where an operation wants none', () => {
    const r = new Recorder().add('a', [IMAGES], { compact: true }).add('b', ['a'], { inputMargins: ONE });
    r.backward();
    expect(r.given.get('a')!.output.margins).toEqual(NO_MARGINS);
    expect(r.given.get('b')!.input.margins).toEqual(ONE);
  });
});

describe('gradients', () => {
  it('are summed in the order of the backward pass: the last who takes a value writes, the others add', () => {
    const r = new Recorder().add('a', [IMAGES]).add('b', ['a']).add('c', ['a']).add('d', ['a']);
    r.add('e', ['b', 'c', 'd'], { passesGradient: true });
    expect(r.backward()).toEqual(['d', 'c', 'c dSum', 'b', 'b dSum', 'a']);
    expect(r.given.get('a')!.dOutput).toEqual(r.given.get('d')!.dInput);
  });

  it('are shared where they are passed on, and not written over then', () => {
    const r = new Recorder().add('a', [IMAGES]).add('b', ['a'], { overwritesGradient: true });
    r.add('c', ['b', 'a'], { passesGradient: true });
    expect(r.backward()).toEqual(['b', 'b dSum', 'a']);
    const { a, b } = Object.fromEntries(r.given);
    expect(b!.dInput!.address).not.toBe(b!.dOutput!.address);
    // The sum goes into what b has written, which nobody else reads.
    expect(a!.dOutput).toEqual(b!.dInput);
  });

  it('are written over where nobody else reads them', () => {
    const r = new Recorder().add('a', [IMAGES]).add('b', ['a'], { overwritesGradient: true });
    expect(r.backward()).toEqual(['b', 'a']);
    expect(r.given.get('b')!.dInput).toEqual(r.given.get('b')!.dOutput);
  });

  it('get memory of their own for a sum of such as are shared', () => {
    const r = new Recorder().add('a', [IMAGES]).add('b', ['a', 'a'], { passesGradient: true });
    expect(r.backward()).toEqual(['b dSum', 'a']);
  });

  it('have the margins that are wanted in front of what hands them on, without a copy', () => {
    const r = new Recorder()
      .add('a', [IMAGES], { gradientMargins: ONE })
      .add('b', ['a'], { overwritesGradient: true })
      .add('c', ['b']);
    expect(r.backward()).toEqual(['c', 'b', 'a']);
    expect(r.given.get('c')!.dInput!.margins).toEqual(ONE);
    expect(r.given.get('a')!.dOutput).toEqual(r.given.get('c')!.dInput);
  });

  it('are copied where margins are missing', () => {
    const r = new Recorder().add('a', [IMAGES], { gradientMargins: ONE });
    expect(r.backward()).toEqual(['a dCopy', 'a']);
    expect(r.given.get('a')!.dOutput!.margins).toEqual(ONE);
  });

  it('are not computed for what has nothing to train', () => {
    const r = new Recorder().add('a', [IMAGES], { weights: {} }).add('b', ['a']);
    expect(r.backward()).toEqual(['b']);
    expect(r.given.get('b')!.dInput).toBeUndefined();
  });
});

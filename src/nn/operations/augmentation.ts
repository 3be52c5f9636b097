/** Images changed at random, in front of all that is trained: nothing has to be known of it in the backward pass. */
import { call, type KernelArguments } from '../../engine/call.ts';
import type { Instruction } from '../../engine/program.ts';
import { OptionError } from '../../errors.ts';
import type { Pair, Shape } from '../shape.ts';
import { allocateView, place, type View } from '../view.ts';
import type { Operation } from './operation.ts';
import { randomness } from './randomness.ts';

/** What lies beyond the border, in the order of assembly/augmentation/border.ts. */
export const BORDERS = ['constant', 'nearest', 'wrap', 'reflect', 'mirror'] as const;

/** What assembly/augmentation/geometry.ts draws. */
export const FLIP = 0;
export const HIDE = 1;
export const SHIFT_PIXELS = 2;
export const SHIFT = 3;
export const ZOOM = 4;
export const ZOOM_EVENLY = 5;
export const ROTATE = 6;

/** What assembly/augmentation/colour.ts draws. */
export const BRIGHTNESS = 0;
export const CONTRAST = 1;
export const SATURATION = 2;

type Kernel = 'augmentGeometry' | 'augmentColour' | 'mixNeighbours';

/** @param settings  further arguments of the kernel @param alternates  whether each example is drawn once, and then alternates */
export function augmenting(
  kernel: Kernel,
  name: string,
  shape: Shape,
  seed: number | undefined,
  settings: Readonly<Record<string, number>>,
  alternates = false,
): Operation {
  return {
    name,
    outputShape: shape,
    overwrites: kernel === 'augmentColour',
    plan: ({ context, input, output }) => {
      const { companions, batch } = context;
      const run = (from: View, to: View, count: number): Instruction =>
        call(kernel, `${name} forward`, count, {
          ...place('input', from),
          ...place('output', to),
          ...from,
          count,
          side: 0,
          border: 0,
          fill: 0,
          examples: 0,
          ...randomness(`augmentation ${name}`, seed ?? context.seed),
          ...(alternates && { examples: companions!.examples, step: 0 }),
          ...settings,
        } as unknown as KernelArguments<Kernel>);
      const passes: [View, View][] = [[input, output]];
      if (kernel === 'mixNeighbours') {
        const mixed = allocateView(context, batch, [companions!.targetSize]);
        passes.push([{ ...mixed, address: companions!.targets }, mixed]);
        companions!.targets = mixed.address;
      }
      return {
        prepare: [],
        forward: (count) => passes.map(([from, to]) => run(from, to, count)),
        backward: () => {
          throw new OptionError(`Layer "${name}" must stand in front of all that is trained.`);
        },
      };
    },
  };
}

/** Arguments of the kernel: from where to where numbers are drawn. */
export function drawnFrom([yLow, yHigh]: Pair, [xLow, xHigh]: Pair) {
  return { yLow, yHigh, xLow, xHigh };
}

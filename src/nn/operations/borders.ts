/** Zeros around images, and images without their borders: each is the other's backward pass. */
import { call } from '../../engine/call.ts';
import { together, type Instruction } from '../../engine/program.ts';
import { hasMargins, type Margins, type Shape } from '../shape.ts';
import { partOf, place, type View } from '../view.ts';
import { copyView } from './copies.ts';
import type { Operation } from './operation.ts';

/** @param border  how many zeros there are on each side */
export function padding(name: string, outputShape: Shape, border: Margins): Operation {
  return {
    name,
    outputShape,
    plan: ({ input, output }) => ({
      prepare: [],
      forward: (count) => surround(`${name} forward`, input, output, border, count),
      backward: ({ dOutput, dInput }) => ({
        backward: (count) =>
          dInput ? [copyView(`${name} dInput`, inside(dOutput, border), dInput, count)] : [],
      }),
    }),
  };
}

/** @param border  how much is cut off on each side */
export function cropping(name: string, outputShape: Shape, border: Margins): Operation {
  return {
    name,
    outputShape,
    plan: ({ input, output }) => ({
      prepare: [],
      forward: (count) => [copyView(`${name} forward`, inside(input, border), output, count)],
      backward: ({ dOutput, dInput }) => ({
        backward: (count) => (dInput ? surround(`${name} dInput`, dOutput, dInput, border, count) : []),
      }),
    }),
  };
}

/** What is left of a view within a border. */
function inside(view: View, { top, left, bottom, right }: Margins): View {
  const rows = partOf(view, 0, top, view.height - top - bottom);
  return partOf(rows, 1, left, view.width - left - right);
}

/** Copies images into larger ones, and zeros around them: memory is shared, so they are written each time. */
function surround(
  label: string,
  from: View,
  to: View,
  border: Margins,
  count: number,
): readonly Instruction[] {
  const within = inside(to, border);
  const { height, width, channels } = within;
  const zeros = call('clearMargins', label, count, {
    ...place('view', within),
    ...border,
    height,
    width,
    channels,
  });
  return together([...(hasMargins(border) ? [zeros] : []), copyView(label, from, within, count)]);
}

import { align } from '../../engine/arena.ts';
import type { Instruction } from '../../engine/program.ts';
import type { Margins } from '../shape.ts';
import type { View } from '../view.ts';
import type { PlanContext } from './layer.ts';

/** The register tile of the engine: see assembly/gemm/gemm.ts. */
export const TILE = { rows: 4, columns: 8 } as const;

/** How much of the input is packed before the filter is swept, in bytes: it should stay in the L1 cache. */
const BLOCK_BYTES = 16384;

/** The arguments of the engine's `correlate`, by their names there. */
export interface Correlation {
  readonly input: number;
  readonly inputImage: number;
  readonly inputRow: number;
  readonly stepY: number;
  readonly stepX: number;
  readonly kernelHeight: number;
  readonly segment: number;
  readonly filter: number;
  readonly output: number;
  readonly outputImage: number;
  readonly outputRow: number;
  readonly outputPixel: number;
  readonly height: number;
  /** `batch`: the images themselves are the pixels of one row, as for a dense layer. */
  readonly width: number | 'batch';
  readonly channels: number;
  readonly relu: boolean;
}

/** Plans a call of `correlate`: chooses its blocking and reserves its scratch. */
export function correlation(
  context: PlanContext,
  label: string,
  c: Correlation,
): (count: number) => Instruction {
  const { tilesPerBlock, scratch } = blocking(c);
  context.reserveScratch(scratch);
  return (count) => {
    const [rows, width] = c.width === 'batch' ? [1, count] : [count * c.height, c.width];
    return {
      label,
      kernel: 'correlate',
      arguments: [
        c.input,
        c.inputImage,
        c.inputRow,
        0,
        c.stepY,
        c.stepX,
        c.kernelHeight,
        1,
        c.segment,
        c.filter,
        c.output,
        c.outputImage,
        c.outputRow,
        c.outputPixel,
        c.height,
        width,
        c.channels,
        c.relu ? 0 : -Infinity,
        Infinity,
        tilesPerBlock,
        'scratch',
      ],
      items: rows * Math.ceil(width / TILE.rows),
    };
  };
}

/**
 * Plans a call of `correlatePooled`.
 * @param c  with the output of the pooling, compact in its pixels
 * @param argmax  where the winners go
 */
export function pooledCorrelation(
  context: PlanContext,
  label: string,
  c: Omit<Correlation, 'outputPixel' | 'width'> & { readonly width: number },
  argmax: number,
): (count: number) => Instruction {
  const { tilesPerBlock, scratch } = blocking(c);
  context.reserveScratch(align(16 * c.width * c.channels) + scratch);
  return (count) => ({
    label,
    kernel: 'correlatePooled',
    arguments: [
      c.input,
      c.inputImage,
      c.inputRow,
      c.stepY,
      c.stepX,
      c.kernelHeight,
      c.segment,
      c.filter,
      c.output,
      c.outputImage,
      c.outputRow,
      c.height,
      c.width,
      c.channels,
      c.relu ? 1 : 0,
      argmax,
      tilesPerBlock,
      'scratch',
    ],
    items: count * c.height,
  });
}

type Taps = Pick<Correlation, 'kernelHeight' | 'segment'>;

function blocking({ kernelHeight, segment }: Taps): { tilesPerBlock: number; scratch: number } {
  const tileBytes = kernelHeight * segment * TILE.rows * 4;
  const tilesPerBlock = Math.min(16, Math.max(4, Math.floor(BLOCK_BYTES / Math.max(1, tileBytes))));
  return { tilesPerBlock, scratch: 256 + tilesPerBlock * (8 + tileBytes) + 16 };
}

/** The size of a packed filter: panels of [8 biases][depth][8] float32. */
export function panelBytes(depth: number, columns: number): number {
  return Math.ceil(columns / TILE.columns) * (depth + 1) * TILE.columns * 4;
}

/** Marks calls that do not touch each other's results: the threads meet only after the last. */
export function together(instructions: readonly Instruction[]): readonly Instruction[] {
  return instructions.map((instruction, i) =>
    i < instructions.length - 1 ? { ...instruction, independent: true } : instruction,
  );
}

/** The address of the first tap of the first output: up and left of the first pixel by the margins. */
export function firstTap(input: View, margins: Margins): number {
  return input.address - margins.top * input.row - margins.left * input.pixel;
}

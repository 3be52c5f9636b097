import { align } from '../../engine/arena.ts';
import { call } from '../../engine/call.ts';
import { offsetBy, type Address } from '../../engine/pointer.ts';
import type { Instruction } from '../../engine/program.ts';
import type { Margins } from '../shape.ts';
import type { View } from '../view.ts';
import type { PlanContext } from './operation.ts';

/** The register tile of the engine: see assembly/gemm/gemm.ts. */
export const TILE = { rows: 4, columns: 8 } as const;

/** How much of the input is packed before the filter is swept, in bytes: it should stay in the L1 cache. */
const BLOCK_BYTES = 16384;

/** The arguments of the engine's `correlate`, by their names there. */
export interface Correlation {
  readonly input: Address;
  readonly inputImage: number;
  readonly inputRow: number;
  readonly stepY: number;
  readonly stepX: number;
  readonly kernelHeight: number;
  readonly segment: number;
  readonly filter: Address;
  readonly output: Address;
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
  const { tilesPerBlock, bytes } = blocking(c);
  const scratch = context.scratch(bytes);
  return (count) => {
    const [rows, width] = c.width === 'batch' ? [1, count] : [count * c.height, c.width];
    return call('correlate', label, rows * Math.ceil(width / TILE.rows), {
      ...c,
      width,
      relu: c.relu ? 1 : 0,
      tilesPerBlock,
      scratch,
    });
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
  argmax: Address,
): (count: number) => Instruction {
  const { tilesPerBlock, bytes } = blocking(c);
  const scratch = context.scratch(align(16 * c.width * c.channels) + bytes);
  return (count) =>
    call('correlatePooled', label, count * c.height, {
      ...c,
      relu: c.relu ? 1 : 0,
      argmax,
      tilesPerBlock,
      scratch,
    });
}

type Taps = Pick<Correlation, 'kernelHeight' | 'segment'>;

function blocking({ kernelHeight, segment }: Taps): { tilesPerBlock: number; bytes: number } {
  const tileBytes = kernelHeight * segment * TILE.rows * 4;
  const tilesPerBlock = Math.min(16, Math.max(4, Math.floor(BLOCK_BYTES / Math.max(1, tileBytes))));
  return { tilesPerBlock, bytes: 128 + tilesPerBlock * (8 + tileBytes) + 16 };
}

/** The size of a packed filter: panels of [8 biases][depth][8] float32. */
export function panelBytes(depth: number, columns: number): number {
  return Math.ceil(columns / TILE.columns) * (depth + 1) * TILE.columns * 4;
}

/** The address of the first tap of the first output: up and left of the first pixel by the margins. */
export function firstTap(input: View, margins: Margins): Address {
  return offsetBy(input.address, -margins.top * input.row - margins.left * input.pixel);
}

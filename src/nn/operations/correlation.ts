import { align } from '../../engine/arena.ts';
import { call, inGrains } from '../../engine/call.ts';
import { offsetBy, type Address } from '../../engine/pointer.ts';
import type { Instruction } from '../../engine/program.ts';
import type { Clamp } from '../activations/activation.ts';
import type { Margins } from '../shape.ts';
import type { View } from '../view.ts';
import type { PlanContext } from './operation.ts';

/** The register tile of the engine: see assembly/gemm/gemm.ts. */
export const TILE = { rows: 4, columns: 8 } as const;

/** How much of the input is packed before the filter is swept, in bytes: it should stay in the L1 cache. */
const BLOCK_BYTES = 16384;

/** Which values a kernel meets: see `correlate` in assembly/convolution/im2col/correlate.ts. */
export interface Taps {
  /** Bytes from one kernel row, from one run in it to the next. */
  readonly tapY: number;
  readonly tapX: number;
  readonly stepY: number;
  readonly stepX: number;
  readonly kernelHeight: number;
  /** Runs in a kernel row, and floats in a run. */
  readonly kernelWidth: number;
  readonly segment: number;
}

/** The arguments of the engine's `correlate`, by their names there. */
export interface Correlation extends Taps {
  readonly input: Address;
  readonly inputImage: number;
  readonly filter: Address;
  readonly output: Address;
  readonly outputImage: number;
  readonly outputRow: number;
  readonly outputPixel: number;
  readonly height: number;
  /** `batch`: the images themselves are the pixels of one row, as for a dense layer. */
  readonly width: number | 'batch';
  readonly channels: number;
  readonly clamp: Clamp;
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
    // The filter is read for each block.
    const items = inGrains(rows * Math.ceil(width / TILE.rows), tilesPerBlock);
    return call('correlate', label, items, {
      ...c,
      ...c.clamp,
      width,
      tilesPerBlock,
      scratch,
    });
  };
}

/** What is the same in all products of matrices: 1×1 convolutions over one row of pixels. */
const PRODUCT = {
  ...{ inputImage: 0, tapY: 0, tapX: 0, stepY: 0, kernelHeight: 1, kernelWidth: 1 },
  ...{ outputImage: 0, outputRow: 0, height: 1 },
} as const;

/**
 * Plans a product of matrices: output [width, channels] = bias + input [width, segment] · filter [segment, channels].
 * @param factors  `stepX` and `outputPixel` are bytes from one row to the next
 */
export function product(
  context: PlanContext,
  label: string,
  factors: Omit<Correlation, keyof typeof PRODUCT>,
): (count: number) => Instruction {
  return correlation(context, label, { ...PRODUCT, ...factors });
}

/**
 * Plans a call of `correlatePooled`.
 * @param c  with the output of the pooling, compact in its pixels, and one run in each kernel row
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
      inputRow: c.tapY,
      relu: c.clamp.floor === 0 ? 1 : 0,
      argmax,
      tilesPerBlock,
      scratch,
    });
}

function blocking({ kernelHeight, kernelWidth, segment }: Taps): { tilesPerBlock: number; bytes: number } {
  const tileBytes = kernelHeight * kernelWidth * segment * TILE.rows * 4;
  const tilesPerBlock = Math.min(16, Math.max(4, Math.floor(BLOCK_BYTES / Math.max(1, tileBytes))));
  return { tilesPerBlock, bytes: 256 + tilesPerBlock * (8 + tileBytes) + 16 };
}

/** The size of a packed filter: panels of [8 biases][depth][8] float32. */
export function panelBytes(depth: number, columns: number): number {
  return Math.ceil(columns / TILE.columns) * (depth + 1) * TILE.columns * 4;
}

/** The address of the first tap of the first output: up and left of the first pixel by the margins. */
export function firstTap(input: View, margins: Margins): Address {
  return offsetBy(input.address, -margins.top * input.row - margins.left * input.pixel);
}

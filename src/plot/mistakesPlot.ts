import type { FiledMistake } from '../formats/reportCsv.ts';
import type { MistakenImages } from './mistakesFigure.ts';

/** A contact sheet of wrong answers as a PNG file; see `mistakesSvg`. */
export async function plotMistakes(
  shown: MistakenImages,
  mistakes: readonly FiledMistake[],
  total: number,
): Promise<Uint8Array> {
  const [{ mistakesSvg }, { svgToPng }] = await Promise.all([
    import('./mistakesFigure.ts'),
    import('./rasterise.ts'),
  ]);
  return svgToPng(mistakesSvg(shown, mistakes, total).svg);
}

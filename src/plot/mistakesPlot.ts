import type { Dataset } from '../data/dataset.ts';
import type { Mistake } from '../evaluation/classificationReport.ts';

/** A contact sheet of wrong answers as a PNG file; see `mistakesSvg`. */
export async function plotMistakes(
  dataset: Dataset,
  mistakes: readonly Mistake[],
  total: number,
): Promise<Uint8Array> {
  const [{ mistakesSvg }, { svgToPng }] = await Promise.all([
    import('./mistakesFigure.ts'),
    import('./rasterise.ts'),
  ]);
  return svgToPng(mistakesSvg(dataset, mistakes, total).svg);
}

import { confusionSvg } from './confusionFigure.ts';

/**
 * A confusion matrix as a PNG file; see `confusionSvg`.
 *
 * @param confusion  rows are the classes, columns the answers
 * @throws OptionError for no classes, too many, or other than there are names
 */
export async function plotConfusion(
  confusion: readonly (readonly number[])[],
  classNames: readonly string[],
): Promise<Uint8Array> {
  const { svg } = confusionSvg(confusion, classNames);
  const { svgToPng } = await import('./rasterise.ts');
  return svgToPng(svg);
}

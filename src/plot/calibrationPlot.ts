import type { Calibration } from '../evaluation/calibration.ts';
import { calibrationSvg } from './calibrationFigure.ts';

/**
 * A reliability diagram as a PNG file: the accuracy of the answers of each range of confidence, beside how many there are.
 *
 * @param negativeLogLikelihood  stands below the title
 */
export async function plotCalibration(
  calibration: Calibration,
  negativeLogLikelihood: number,
): Promise<Uint8Array> {
  const { svg } = calibrationSvg(calibration, negativeLogLikelihood);
  const { svgToPng } = await import('./rasterise.ts');
  return svgToPng(svg);
}

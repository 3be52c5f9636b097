import type { HistoryData } from '../formats/historyData.ts';
import type { FigureSize } from './style.ts';

/**
 * A training history as a PNG file: accuracy and loss against the epoch, for training and validation.
 *
 * @param size in CSS pixels; the PNG has twice as many on each side, so that text is crisp
 * @throws OptionError when the history is empty or holds a value that is not a number
 */
export async function plotHistory(history: HistoryData, size: Partial<FigureSize> = {}): Promise<Uint8Array> {
  // Loaded only now: ECharts and resvg take longer to start than everything else that a command line does first.
  const [{ historySvg }, { svgToPng }] = await Promise.all([
    import('./historySvg.ts'),
    import('./rasterise.ts'),
  ]);
  return svgToPng(historySvg(history, size));
}

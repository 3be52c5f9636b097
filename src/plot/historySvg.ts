import { HISTORY_SIZE, historyChart } from './historyChart.ts';
import type { HistoryData } from '../formats/historyData.ts';
import type { FigureSize } from './style.ts';
import { renderSvg } from './svg.ts';

/**
 * A training history as an SVG: accuracy and loss against the epoch, for training and validation.
 * Importing this loads ECharts; `plotHistory` loads it when called.
 *
 * @param size in CSS pixels
 * @throws OptionError when the history is empty or holds a value that is not a number
 */
export function historySvg(history: HistoryData, { width, height }: Partial<FigureSize> = {}): string {
  const size = { width: width ?? HISTORY_SIZE.width, height: height ?? HISTORY_SIZE.height };
  return renderSvg(historyChart(history, size), size);
}

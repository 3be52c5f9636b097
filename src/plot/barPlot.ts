import { barChart, barChartSize, type BarData } from './barChart.ts';

/**
 * Labelled horizontal bars as a PNG file.
 *
 * @param width in CSS pixels; the height follows from the number of bars, and the PNG has twice as many pixels
 * @throws OptionError when there are no bars, or a value cannot be drawn on the axis
 */
export async function plotBars(data: BarData, width?: number): Promise<Uint8Array> {
  const size = barChartSize(data, width);
  const [{ renderSvg }, { svgToPng }] = await Promise.all([import('./svg.ts'), import('./rasterise.ts')]);
  return svgToPng(renderSvg(barChart(data, size), size));
}

/** ECharts options to SVG, without a browser. Importing this loads ECharts: do so only when something is to be drawn. */
import type { EChartsOption } from 'echarts';
import { createChart, setPlatformAPI } from './echarts.ts';
import type { FigureSize } from './style.ts';
import { textWidth } from './textWidth.ts';

/** @param size in CSS pixels */
export function renderSvg(option: EChartsOption, size: FigureSize): string {
  setPlatformAPI({ measureText }); // For every chart of this process: ECharts offers nothing narrower.
  const chart = createChart(size);
  try {
    chart.setOption(option);
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

/** @param font in CSS notation, for instance `12px sans-serif` */
function measureText(text: string, font = ''): TextMetrics {
  const fontSize = Number(/([\d.]+)px/.exec(font)?.[1] ?? 12);
  return { width: textWidth(text, fontSize) } as TextMetrics; // ECharts reads nothing else.
}

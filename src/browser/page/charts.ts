/** Draws curves with ECharts. Loaded when the first are to be drawn, for it is larger than the rest of the page. */
import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { EChartsOption } from 'echarts';
import { historyChart } from '../../plot/historyChart.ts';
import type { HistoryData } from '../../plot/historyData.ts';
import { HISTORY_SIZE } from '../../plot/historyChart.ts';
import { stepsChart, type StepsData } from '../../plot/stepsChart.ts';
import { colours, darkColours, DEVICE_SCALE, fileTheme, type FigureTheme } from '../../plot/style.ts';

echarts.use([LineChart, GridComponent, LegendComponent, TitleComponent, TooltipComponent, SVGRenderer]);

/** Below this width, the panels stand one above the other and need more height. */
const NARROW = 640;

const FONT_FAMILY = "'Inter Variable', system-ui, sans-serif";

export type Curves =
  | { readonly by: 'epoch'; readonly data: HistoryData; readonly epochs: number }
  | { readonly by: 'step'; readonly data: StepsData };

/** A chart that fills an element. */
export class CurvesChart {
  readonly #element: HTMLElement;
  #chart: echarts.ECharts | undefined;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  draw(curves: Curves, dark: boolean): void {
    const width = Math.max(280, this.#element.clientWidth);
    const size = { width, height: width < NARROW ? 500 : 330 };
    this.#element.style.height = `${size.height}px`;
    if (this.#chart) this.#chart.resize(size);
    else this.#chart = echarts.init(this.#element, null, { renderer: 'svg', ...size });
    this.#chart.setOption({ ...optionOf(curves, size, pageTheme(dark)), tooltip: tooltip(dark) }, true);
  }
}

function optionOf(
  curves: Curves,
  size: { width: number; height: number },
  theme: FigureTheme,
): EChartsOption {
  return curves.by === 'epoch'
    ? historyChart(curves.data, size, { theme, epochs: curves.epochs })
    : stepsChart(curves.data, size, theme);
}

function pageTheme(dark: boolean): FigureTheme {
  return {
    colours: dark ? darkColours : { ...colours, background: 'transparent' },
    fontFamily: FONT_FAMILY,
  };
}

function tooltip(dark: boolean): EChartsOption['tooltip'] {
  return {
    trigger: 'axis',
    transitionDuration: 0,
    backgroundColor: dark ? '#20272c' : '#ffffff',
    borderColor: dark ? '#39424a' : '#d9dde1',
    textStyle: { color: dark ? '#e6e8ea' : '#1b1f23', fontFamily: FONT_FAMILY, fontSize: 12 },
    valueFormatter: (value) => (typeof value === 'number' ? value.toFixed(4) : String(value)),
  };
}

/** The figure that the command line leaves beside a model, drawn by the browser. */
export async function historyPng(history: HistoryData): Promise<Blob> {
  const { width, height } = HISTORY_SIZE;
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption(historyChart(history, HISTORY_SIZE, { theme: fileTheme }));
  const svg = chart.renderToSVGString();
  chart.dispose();
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image(width, height);
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = width * DEVICE_SCALE;
    canvas.height = height * DEVICE_SCALE;
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => {
        if (blob) resolve(blob);
        else reject(new Error('there is no memory for the picture'));
      });
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}

/**
 * The entry point of the worker that draws the curves, as SVG: ECharts takes tens of milliseconds for a figure, in which
 * the page's own thread could not answer.
 */
import { historyChart, HISTORY_SIZE } from '../plot/historyChart.ts';
import type { HistoryData } from '../formats/historyData.ts';
import { plainSvg } from '../plot/plainSvg.ts';
import { stepsChart, type StepsData } from '../plot/stepsChart.ts';
import { colours, darkColours, type FigureSize, type FigureTheme } from '../plot/style.ts';
import { renderSvg } from '../plot/svg.ts';
import { answer } from './rpc.ts';

export type Curves =
  | { readonly by: 'epoch'; readonly data: HistoryData; readonly epochs: number }
  | { readonly by: 'step'; readonly data: StepsData };

export interface PlotterCalls {
  /** For the page. */
  draw(curves: Curves, size: FigureSize, dark: boolean): Promise<string>;
  /** The figure that the command line leaves beside a model. */
  figure(history: HistoryData): Promise<{ readonly svg: string; readonly size: FigureSize }>;
}

const FONT_FAMILY = "'Inter Variable', system-ui, sans-serif";

const calls: PlotterCalls = {
  draw: (curves, size, dark) => {
    const theme: FigureTheme = {
      colours: dark ? darkColours : { ...colours, background: 'transparent' },
      fontFamily: FONT_FAMILY,
    };
    const option =
      curves.by === 'epoch'
        ? historyChart(curves.data, size, { theme, epochs: curves.epochs })
        : stepsChart(curves.data, size, theme);
    return Promise.resolve(plainSvg(renderSvg(option, size)));
  },
  figure: (history) =>
    Promise.resolve({ svg: renderSvg(historyChart(history), HISTORY_SIZE), size: HISTORY_SIZE }),
};

answer<PlotterCalls>(globalThis, calls, (error) => ({
  name: error instanceof Error ? error.name : 'Error',
  message: error instanceof Error ? error.message : String(error),
}));

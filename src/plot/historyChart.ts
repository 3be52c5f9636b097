/** A training history as an ECharts option: accuracy and loss against the epoch. Pure; the web page draws it too. */
import type { EChartsOption } from 'echarts';
import { OptionError } from '../errors.ts';
import { checkHistory, type HistoryData } from '../formats/historyData.ts';
import { lineFigure, type Curve, type HorizontalAxis } from './lineFigure.ts';
import { epochTicks, extremes } from './niceScale.ts';
import { fileTheme, type FigureSize, type FigureTheme } from './style.ts';

export const HISTORY_SIZE: FigureSize = { width: 1000, height: 420 };

/** What a figure of a training shows; validation values are under `val_` + metric. */
export const TRAINING_PANELS = [
  { title: 'Accuracy', metric: 'accuracy', bounds: { min: 0, max: 1 } },
  { title: 'Loss', metric: 'loss', bounds: { min: 0 } },
] as const;

const CURVES = [
  { name: 'train', prefix: '' },
  { name: 'val', prefix: 'val_' },
] as const;

/** With more epochs than this, markers would hide the lines. */
const MOST_MARKERS = 40;

/** Above it, an axis would end beyond all numbers. */
const MOST_VALUE = 1e300;

export interface HistoryChartOptions {
  readonly theme?: FigureTheme;
  /** How many epochs the axis has room for, while a training is under way. As many as there are by default. */
  readonly epochs?: number;
}

/**
 * @param size of the whole figure, in CSS pixels; the panels are side by side, or stacked when it is narrow
 * @throws OptionError when the history is empty, has neither metric, or holds a value that is not a number, and when
 *   the size is too small
 */
export function historyChart(
  data: HistoryData,
  size: FigureSize = HISTORY_SIZE,
  { theme = fileTheme, epochs = 0 }: HistoryChartOptions = {},
): EChartsOption {
  checkHistory(data);
  const panels = TRAINING_PANELS.filter(({ metric }) => metric in data.history);
  if (panels.length === 0) {
    throw new OptionError('the history has neither "accuracy" nor "loss", so there is nothing to draw');
  }
  return lineFigure(
    panels.map((panel) => ({ ...panel, curves: curvesOf(data, panel.metric) })),
    epochAxis(data, epochs),
    size,
    theme,
  );
}

function curvesOf({ epoch, history }: HistoryData, metric: string): Curve[] {
  return CURVES.filter(({ prefix }) => prefix + metric in history).map(({ name, prefix }) => {
    const values = history[prefix + metric]!;
    const wrong = values.findIndex((value) => !(Math.abs(value) < MOST_VALUE));
    if (wrong >= 0) {
      throw new OptionError(
        `the history's "${prefix}${metric}" is ${values[wrong]!} at epoch ${epoch[wrong]! + 1}, ` +
          'which cannot be drawn; training has diverged: try a lower learning rate',
      );
    }
    const points = values.map((value, i) => [epoch[i]! + 1, value] as const);
    return { name, points, marked: epoch.length <= MOST_MARKERS };
  });
}

function epochAxis({ epoch }: HistoryData, epochs: number): HorizontalAxis {
  const [lowest, highest] = extremes(epoch);
  const first = lowest + 1;
  const last = Math.max(highest + 1, epochs);
  const room = Math.max((last - first) * 0.03, 0.2); // Keeps the first marker off the vertical axis.
  return {
    name: 'epoch',
    min: first - room,
    max: last + room,
    ticks: epochTicks(last).filter((tick) => tick >= first),
  };
}

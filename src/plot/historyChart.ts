/** A training history as an ECharts option: accuracy and loss against the epoch. Pure; the web page draws it too. */
import type { EChartsOption, LineSeriesOption, XAXisComponentOption, YAXisComponentOption } from 'echarts';
import { OptionError } from '../errors.ts';
import { checkHistory, type HistoryData } from './historyData.ts';
import { epochTicks, formatTick, niceScale, ticksOf, type Scale } from './niceScale.ts';
import { colours, FONT_FAMILY, fontSize, type FigureSize } from './style.ts';
import { textWidth } from './textWidth.ts';

export const HISTORY_SIZE: FigureSize = { width: 1000, height: 420 };

interface Panel {
  readonly title: string;
  /** The metric, and the name of the vertical axis; validation values are under `val_` + metric. */
  readonly metric: string;
  /** What the values can be. */
  readonly bounds: { min?: number; max?: number };
}

const PANELS: readonly Panel[] = [
  { title: 'Accuracy', metric: 'accuracy', bounds: { min: 0, max: 1 } },
  { title: 'Loss', metric: 'loss', bounds: { min: 0 } },
];

const SERIES = [
  { name: 'train', prefix: '', colour: colours.blue, symbol: 'circle', symbolSize: 7 },
  { name: 'val', prefix: 'val_', colour: colours.vermilion, symbol: 'rect', symbolSize: 6.5 },
] as const;

/** With more epochs than this, markers would hide the lines. */
const MOST_MARKERS = 40;
/** Below this width the panels stand one above the other. */
const NARROW = 640;

const SMALLEST_AREA = 50;

/** Room around the plotting area of a panel, for title and legend, tick labels and axis names. */
const MARGIN = { left: 68, right: 20, top: 50, bottom: 56 };

/**
 * @param size of the whole figure, in CSS pixels; the panels are side by side, or stacked when it is narrow
 * @throws OptionError when the history is empty, has neither metric, or holds a value that is not a number, and when
 *   the size is too small
 */
export function historyChart(data: HistoryData, size: FigureSize = HISTORY_SIZE): EChartsOption {
  checkHistory(data);
  const panels = PANELS.filter(({ metric }) => metric in data.history);
  if (panels.length === 0) {
    throw new OptionError('the history has neither "accuracy" nor "loss", so there is nothing to draw');
  }
  const areas = panels.map((_, index) => areaOf(index, panels.length, size));
  if (areas.some(({ width, height }) => width < SMALLEST_AREA || height < SMALLEST_AREA)) {
    throw new OptionError(
      `a figure of ${size.width}×${size.height} leaves no room for its curves; make it larger`,
    );
  }
  const seriesOf = panels.map((panel, index) => panelSeries(data, panel, index));
  return {
    animation: false,
    backgroundColor: colours.background,
    textStyle: { fontFamily: FONT_FAMILY, fontSize: fontSize.body, color: colours.text },
    title: panels.map(({ title }, index) => ({
      text: title,
      left: areas[index]!.left,
      top: areas[index]!.top - 36,
      padding: 0,
      textStyle: {
        fontFamily: FONT_FAMILY,
        fontSize: fontSize.title,
        fontWeight: 'normal',
        color: colours.text,
      },
    })),
    legend: panels.map((_, index) => legendOf(seriesOf[index]!, areas[index]!, size)),
    grid: areas.map((area) => ({ ...area, outerBoundsMode: 'none' })),
    xAxis: panels.map((_, index) => epochAxis(data, index)),
    yAxis: panels.map((panel, index) => valueAxis(panel, scaleOf(seriesOf[index]!, panel), index)),
    series: seriesOf.flat(),
  };
}

interface Area extends FigureSize {
  readonly left: number;
  readonly top: number;
}

function areaOf(index: number, count: number, { width, height }: FigureSize): Area {
  const stacked = width < NARROW;
  const outerWidth = stacked ? width : width / count;
  const outerHeight = stacked ? height / count : height;
  return {
    left: MARGIN.left + (stacked ? 0 : index * outerWidth),
    top: MARGIN.top + (stacked ? index * outerHeight : 0),
    width: outerWidth - MARGIN.left - MARGIN.right,
    height: outerHeight - MARGIN.top - MARGIN.bottom,
  };
}

function panelSeries({ epoch, history }: HistoryData, { metric }: Panel, index: number): LineSeriesOption[] {
  return SERIES.filter(({ prefix }) => prefix + metric in history).map((style) => {
    const values = history[style.prefix + metric]!;
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      throw new OptionError(
        `the history's "${style.prefix}${metric}" is ${values[wrong]!} at epoch ${epoch[wrong]! + 1}, ` +
          'which cannot be drawn; training has diverged: try a lower learning rate',
      );
    }
    return {
      type: 'line',
      name: style.name,
      xAxisIndex: index,
      yAxisIndex: index,
      data: values.map((value, i) => [epoch[i]! + 1, value]),
      color: style.colour,
      lineStyle: { width: 2, join: 'round', cap: 'round' },
      symbol: epoch.length <= MOST_MARKERS ? style.symbol : 'none',
      symbolSize: style.symbolSize,
      showAllSymbol: true,
    };
  });
}

function scaleOf(series: readonly LineSeriesOption[], { bounds }: Panel): Scale {
  const values = series.flatMap(({ data }) => (data as [number, number][]).map(([, value]) => value));
  return niceScale(Math.min(...values), Math.max(...values), bounds);
}

function legendOf(series: readonly LineSeriesOption[], area: Area, size: FigureSize) {
  return {
    data: series.map(({ name }) => String(name)),
    right: size.width - area.left - area.width,
    top: area.top - 34,
    padding: 0,
    itemGap: 16,
    itemWidth: 28,
    itemHeight: 10,
    itemStyle: { opacity: series[0]?.symbol === 'none' ? 0 : 1 }, // It would show a marker that no line has.
    textStyle: { fontFamily: FONT_FAMILY, fontSize: fontSize.body, color: colours.text },
  };
}

function epochAxis({ epoch }: HistoryData, index: number): XAXisComponentOption {
  const first = Math.min(...epoch) + 1;
  const last = Math.max(...epoch) + 1;
  const room = Math.max((last - first) * 0.03, 0.2); // Keeps the first marker off the vertical axis.
  const ticks = epochTicks(last).filter((tick) => tick >= first);
  return {
    type: 'value',
    gridIndex: index,
    min: first - room,
    max: last + room,
    name: 'epoch',
    nameLocation: 'middle',
    nameGap: 32,
    nameTextStyle: { color: colours.text },
    axisLine: { show: true, onZero: false, lineStyle: { color: colours.axis } },
    axisTick: { show: true, customValues: ticks },
    axisLabel: { color: colours.text, customValues: ticks, formatter: String },
    splitLine: { show: false },
  };
}

function valueAxis({ metric }: Panel, scale: Scale, index: number): YAXisComponentOption {
  const { min, max, step } = scale;
  const labelWidths = ticksOf(scale).map((tick) => textWidth(formatTick(tick, step), fontSize.body));
  return {
    type: 'value',
    gridIndex: index,
    min,
    max,
    interval: step,
    name: metric,
    nameLocation: 'middle',
    nameGap: Math.max(...labelWidths) + 20,
    nameTextStyle: { color: colours.text },
    axisLine: { show: true, onZero: false, lineStyle: { color: colours.axis } },
    axisTick: { show: true },
    axisLabel: { color: colours.text, formatter: (value: number) => formatTick(value, step) },
    splitLine: { show: true, lineStyle: { color: colours.grid, width: 1 } },
  };
}

/** Panels of curves side by side as an ECharts option: what the figures of a training have in common. Pure. */
import type { EChartsOption, LineSeriesOption, XAXisComponentOption, YAXisComponentOption } from 'echarts';
import { OptionError } from '../errors.ts';
import { extremes, formatTick, niceScale, ticksOf, type Scale } from './niceScale.ts';
import { fontSize, type FigureSize, type FigureTheme } from './style.ts';
import { textWidth } from './textWidth.ts';

/** Which of the two curves of a panel it is; each has its colour and its marker. */
export type CurveName = 'train' | 'val';

export interface Curve {
  readonly name: CurveName;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Whether each point has a marker. */
  readonly marked: boolean;
}

export interface Panel {
  readonly title: string;
  /** The name of the vertical axis. */
  readonly metric: string;
  /** What the values can be. */
  readonly bounds: { min?: number; max?: number };
  readonly curves: readonly Curve[];
}

/** The horizontal axis, the same for all panels. */
export interface HorizontalAxis {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
}

const STYLES = {
  train: { colour: 'blue', symbol: 'circle', symbolSize: 7 },
  val: { colour: 'vermilion', symbol: 'rect', symbolSize: 6.5 },
} as const;

/** Below this width the panels stand one above the other. */
const NARROW = 640;

const SMALLEST_AREA = 50;

/** Room around the plotting area of a panel, for title and legend, tick labels and axis names. */
const MARGIN = { left: 68, right: 20, top: 50, bottom: 56 };

/**
 * @param size of the whole figure, in CSS pixels; the panels are side by side, or stacked when it is narrow
 * @throws OptionError when the size is too small
 */
export function lineFigure(
  panels: readonly Panel[],
  axis: HorizontalAxis,
  size: FigureSize,
  theme: FigureTheme,
): EChartsOption {
  const areas = panels.map((_, index) => areaOf(index, panels.length, size));
  if (areas.some(({ width, height }) => width < SMALLEST_AREA || height < SMALLEST_AREA)) {
    throw new OptionError(
      `a figure of ${size.width}×${size.height} leaves no room for its curves; make it larger`,
    );
  }
  const { colours, fontFamily } = theme;
  return {
    animation: false,
    backgroundColor: colours.background,
    textStyle: { fontFamily, fontSize: fontSize.body, color: colours.text },
    title: panels.map(({ title }, index) => ({
      text: title,
      left: areas[index]!.left,
      top: areas[index]!.top - 36,
      padding: 0,
      textStyle: { fontFamily, fontSize: fontSize.title, fontWeight: 'normal', color: colours.text },
    })),
    legend: panels.map((panel, index) => legendOf(panel, areas[index]!, size, theme)),
    grid: areas.map((area) => ({ ...area, outerBoundsMode: 'none' })),
    xAxis: panels.map((_, index) => horizontalAxis(axis, index, theme)),
    yAxis: panels.map((panel, index) => valueAxis(panel, scaleOf(panel), index, theme)),
    series: panels.flatMap((panel, index) => panel.curves.map((curve) => seriesOf(curve, index, theme))),
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

function seriesOf({ name, points, marked }: Curve, index: number, theme: FigureTheme): LineSeriesOption {
  const { colour, symbol, symbolSize } = STYLES[name];
  return {
    type: 'line',
    name,
    xAxisIndex: index,
    yAxisIndex: index,
    data: points.map(([x, y]) => [x, y]),
    color: theme.colours[colour],
    lineStyle: { width: 2, join: 'round', cap: 'round' },
    symbol: marked ? symbol : 'none',
    symbolSize,
    showAllSymbol: true,
  };
}

function scaleOf({ curves, bounds }: Panel): Scale {
  const values = curves.flatMap(({ points }) => points.map(([, value]) => value));
  const [low, high] = extremes(values);
  return niceScale(low, high, bounds);
}

function legendOf({ curves }: Panel, area: Area, size: FigureSize, { colours, fontFamily }: FigureTheme) {
  return {
    // Those without markers show none in the legend either.
    data: curves.map(({ name, marked }) => ({ name, itemStyle: { opacity: marked ? 1 : 0 } })),
    right: size.width - area.left - area.width,
    top: area.top - 34,
    padding: 0,
    itemGap: 16,
    itemWidth: 28,
    itemHeight: 10,
    textStyle: { fontFamily, fontSize: fontSize.body, color: colours.text },
  };
}

function horizontalAxis(
  { name, min, max, ticks }: HorizontalAxis,
  index: number,
  { colours }: FigureTheme,
): XAXisComponentOption {
  const customValues = [...ticks];
  return {
    type: 'value',
    gridIndex: index,
    min,
    max,
    name,
    nameLocation: 'middle',
    nameGap: 32,
    nameTextStyle: { color: colours.text },
    axisLine: { show: true, onZero: false, lineStyle: { color: colours.axis } },
    axisTick: { show: true, customValues },
    axisLabel: { color: colours.text, customValues, formatter: String },
    splitLine: { show: false },
  };
}

function valueAxis(
  { metric }: Panel,
  scale: Scale,
  index: number,
  { colours }: FigureTheme,
): YAXisComponentOption {
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

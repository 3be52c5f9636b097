/** Labelled horizontal bars as an ECharts option, for measurements: how long, or how many, of each. Pure. */
import type { EChartsOption, XAXisComponentOption } from 'echarts';
import { OptionError } from '../errors.ts';
import { formatTick, niceScale } from './niceScale.ts';
import { colours, FONT_FAMILY, fontSize, type FigureSize } from './style.ts';
import { textWidth } from './textWidth.ts';

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Drawn in the strong colour. When no bar has it, all are. */
  readonly highlight?: boolean;
}

export interface BarData {
  readonly title: string;
  /** What the axis measures, for instance "time per step". */
  readonly quantity: string;
  /** The unit, written after every value and on the axis: "ms". */
  readonly unit: string;
  /** From top to bottom. */
  readonly bars: readonly Bar[];
  /** A logarithmic axis, for values orders of magnitude apart. Bars then begin at a power of ten. */
  readonly logarithmic?: boolean;
}

const ROW = 34; // Height of a bar with its share of the gaps.
const MARGIN = { left: 20, right: 24, top: 50, bottom: 56 };
const LABEL_GAP = 10;

/** A size that gives every bar the same height, however many there are. */
export function barChartSize({ bars }: BarData, width = 800): FigureSize {
  return { width, height: MARGIN.top + bars.length * ROW + MARGIN.bottom };
}

/**
 * @param size of the whole figure, in CSS pixels
 * @throws OptionError when there are no bars, or a value cannot be drawn on the axis
 */
export function barChart(data: BarData, size: FigureSize = barChartSize(data)): EChartsOption {
  checkBars(data);
  const { title, unit, bars, logarithmic = false } = data;
  const labelWidth = Math.max(...bars.map(({ label }) => textWidth(label, fontSize.body)));
  const valueWidth = Math.max(...bars.map(({ value }) => textWidth(valueText(value, unit), fontSize.body)));
  const left = MARGIN.left + labelWidth + LABEL_GAP;
  const anyHighlight = bars.some(({ highlight }) => highlight);
  return {
    animation: false,
    backgroundColor: colours.background,
    textStyle: { fontFamily: FONT_FAMILY, fontSize: fontSize.body, color: colours.text },
    title: {
      text: title,
      left: MARGIN.left,
      top: MARGIN.top - 36,
      padding: 0,
      textStyle: {
        fontFamily: FONT_FAMILY,
        fontSize: fontSize.title,
        fontWeight: 'normal',
        color: colours.text,
      },
    },
    grid: {
      left,
      top: MARGIN.top,
      width: size.width - left - valueWidth - LABEL_GAP - MARGIN.right,
      height: size.height - MARGIN.top - MARGIN.bottom,
      outerBoundsMode: 'none',
    },
    xAxis: logarithmic ? logarithmicAxis(data) : linearAxis(data),
    yAxis: {
      type: 'category',
      inverse: true, // The first bar on top.
      data: bars.map(({ label }) => label),
      axisLine: { show: true, lineStyle: { color: colours.axis } },
      axisTick: { show: false },
      axisLabel: { color: colours.text, interval: 0, margin: LABEL_GAP },
    },
    series: {
      type: 'bar',
      barWidth: '62%',
      data: bars.map(({ value, highlight }) => ({
        value,
        itemStyle: { color: anyHighlight && !highlight ? colours.muted : colours.blue },
        label: { formatter: valueText(value, unit) },
      })),
      // The background interrupts grid lines, which would run through the digits.
      label: {
        show: true,
        position: 'right',
        distance: 4,
        padding: 2,
        color: colours.text,
        backgroundColor: colours.background,
      },
    },
  };
}

function checkBars({ bars, logarithmic }: BarData): void {
  if (bars.length === 0) throw new OptionError('a bar chart needs at least one bar');
  for (const { label, value } of bars) {
    if (!Number.isFinite(value) || value < 0) {
      throw new OptionError(`the bar "${label}" is ${value}; a bar needs a number >= 0`);
    }
    if (logarithmic && value === 0) {
      throw new OptionError(
        `the bar "${label}" is 0, which a logarithmic axis cannot show; use a linear one`,
      );
    }
  }
}

function linearAxis({ bars, ...data }: BarData): XAXisComponentOption {
  const { min, max, step } = niceScale(0, Math.max(...bars.map(({ value }) => value)), { min: 0 });
  return { type: 'value', min, max, interval: step, ...axisStyle(data, (value) => formatTick(value, step)) };
}

function logarithmicAxis({ bars, ...data }: BarData): XAXisComponentOption {
  const values = bars.map(({ value }) => value);
  // A bar that stands on a power of ten would have no length, so the axis begins at the one before.
  const first = Math.ceil(Math.log10(Math.min(...values)) - 1e-9) - 1;
  const last = Math.ceil(Math.log10(Math.max(...values)) - 1e-9);
  const style = axisStyle(data, (value) => formatTick(value, value));
  const min = 10 ** first;
  // Without a start value, bars would begin at 1 wherever that is, or is not, on the axis.
  return { type: 'log', logBase: 10, min, max: 10 ** last, startValue: min, ...style };
}

function axisStyle(
  { quantity, unit, logarithmic }: Omit<BarData, 'bars'>,
  formatter: (value: number) => string,
) {
  return {
    name: `${quantity} (${unit}${logarithmic ? ', logarithmic' : ''})`,
    nameLocation: 'middle',
    nameGap: 32,
    nameTextStyle: { color: colours.text },
    axisLine: { show: true, lineStyle: { color: colours.axis } },
    axisTick: { show: true },
    axisLabel: { color: colours.text, formatter },
    splitLine: { show: true, lineStyle: { color: colours.grid, width: 1 } },
  } as const;
}

/** Three significant digits, as many as a measurement usually deserves; whole numbers stay whole. */
function valueText(value: number, unit: string): string {
  const rounded = Number(value.toPrecision(3));
  const number = value >= 100 ? String(Math.round(value)) : String(rounded);
  return `${number} ${unit}`;
}

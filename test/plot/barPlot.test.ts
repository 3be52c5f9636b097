import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { barChart, barChartSize, type BarData } from '../../src/plot/barChart.ts';
import { plotBars } from '../../src/plot/barPlot.ts';
import { colours } from '../../src/plot/style.ts';
import { renderSvg } from '../../src/plot/svg.ts';
import { colourOf, Pixels, textCollisions, textsOf } from './figure.ts';

const data: BarData = {
  title: 'One training step',
  quantity: 'time',
  unit: 'ms',
  bars: [
    { label: 'simdnet, 2 threads', value: 38.27, highlight: true },
    { label: 'another', value: 312.4 },
    { label: 'a third', value: 4.5678 },
  ],
};
const logarithmic: BarData = { ...data, logarithmic: true };

function svgOf(chart: BarData): string {
  const size = barChartSize(chart);
  return renderSvg(barChart(chart, size), size);
}

/** Lengths of the bars in device pixels, from the row through the label of each. */
async function barLengths(chart: BarData, ...colour: string[]): Promise<number[]> {
  const pixels = new Pixels(await plotBars(chart));
  const texts = textsOf(svgOf(chart));
  return chart.bars.map(({ label }, i) => {
    const { y } = texts.find(({ text }) => text === label)!;
    const row = { left: 0, right: pixels.image.width / 2, top: y, bottom: y + 0.5 };
    return pixels.count(colourOf(colour[i % colour.length]!), row);
  });
}

describe('barChart', () => {
  it('says what, how much and in which unit', () => {
    const words = textsOf(svgOf(data)).map(({ text }) => text);
    for (const word of [
      'One training step',
      'time (ms)',
      'simdnet, 2 threads',
      'another',
      '38.3 ms',
      '312 ms',
      '4.57 ms',
    ]) {
      expect(words).toContain(word);
    }
    expect(textsOf(svgOf(logarithmic)).map(({ text }) => text)).toContain('time (ms, logarithmic)');
  });

  it('orders the bars from top to bottom', () => {
    const rows = textsOf(svgOf(data)).filter(({ text }) => data.bars.some(({ label }) => label === text));
    const byHeight = rows.toSorted((a, b) => a.y - b.y).map(({ text }) => text);
    expect(byHeight).toEqual(data.bars.map(({ label }) => label));
  });

  it.each([
    ['linear', data],
    ['logarithmic', logarithmic],
    ['one small bar', { ...data, bars: [{ label: 'only', value: 0.000123 }] }],
    [
      'many bars',
      { ...data, bars: Array.from({ length: 20 }, (_, i) => ({ label: `bar ${i}`, value: 10 ** (i % 5) })) },
    ],
    ['a bar of nothing', { ...data, bars: [{ label: 'zero', value: 0 }] }],
    [
      'seven decades',
      { ...logarithmic, bars: [1e-3, 1, 9e3].map((value) => ({ label: String(value), value })) },
    ],
  ])('keeps texts apart and inside: %s', (_, chart) => {
    const { width, height } = barChartSize(chart);
    expect(textCollisions(svgOf(chart), width, height)).toEqual([]);
  });

  it.each<[string, Partial<BarData>, RegExp]>([
    ['no bars', { bars: [] }, /at least one bar/],
    ['NaN', { bars: [{ label: 'x', value: NaN }] }, /bar "x" is NaN/],
    ['a negative value', { bars: [{ label: 'x', value: -1 }] }, /bar "x" is -1/],
    [
      '0 on a logarithmic axis',
      { bars: [{ label: 'x', value: 0 }], logarithmic: true },
      /bar "x" is 0, .*linear/,
    ],
  ])('refuses %s', (_, change, message) => {
    expect(() => barChart({ ...data, ...change })).toThrow(OptionError);
    expect(() => barChart({ ...data, ...change })).toThrow(message);
  });
});

describe('plotBars', () => {
  it('draws bars as long as their values, the highlighted ones in the strong colour', async () => {
    const lengths = await barLengths(data, colours.blue, colours.muted, colours.muted);
    const perUnit = lengths[1]! / 312.4;
    expect(lengths[1]).toBeGreaterThan(500);
    expect(Math.abs(lengths[0]! - 38.27 * perUnit)).toBeLessThan(3);
    expect(Math.abs(lengths[2]! - 4.5678 * perUnit)).toBeLessThan(3);
  });

  it.each([1, 1e-4, 1e5])(
    'draws bars as long as the logarithms from the start of the axis, at %d',
    async (unit) => {
      const bars = [38.27, 312.4, 4.5678].map((value) => ({ label: `bar ${value}`, value: value * unit }));
      const lengths = await barLengths({ ...logarithmic, bars }, colours.blue);
      expect(lengths[1]).toBeGreaterThan(400);
      const perDecade = lengths[1]! / Math.log10(312.4); // The axis begins at a power of ten: 1 below 4.57.
      expect(Math.abs(lengths[0]! - Math.log10(38.27) * perDecade)).toBeLessThan(3);
      expect(Math.abs(lengths[2]! - Math.log10(4.5678) * perDecade)).toBeLessThan(3);
    },
  );

  it('draws all bars in the strong colour when none is highlighted', async () => {
    const plain = { ...data, bars: data.bars.map(({ label, value }) => ({ label, value })) };
    expect((await barLengths(plain, colours.blue)).every((length) => length > 5)).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import type { HistoryData } from '../../src/formats/historyData.ts';
import { plotHistory } from '../../src/plot/historyPlot.ts';
import { historySvg } from '../../src/plot/historySvg.ts';
import { colours } from '../../src/plot/style.ts';
import { colourOf, Pixels, textCollisions, textsOf, type PlacedText } from './figure.ts';

const BLUE = colourOf(colours.blue);
const VERMILION = colourOf(colours.vermilion);
const WHITE = colourOf('#ffffff');

/** Curves as they usually look. */
function historyOf(epochs: number, validation = true): HistoryData {
  const epoch = Array.from({ length: epochs }, (_, i) => i);
  const risen = (i: number) => 1 - Math.exp((-4 * (i + 1)) / epochs);
  const history: Record<string, number[]> = {
    loss: epoch.map((i) => 2.2 - 1.7 * risen(i)),
    accuracy: epoch.map((i) => 0.2 + 0.63 * risen(i)),
  };
  if (validation) {
    history.val_loss = epoch.map((i) => 2.1 - 1.2 * risen(i) + 0.2 * (i / epochs) ** 2);
    history.val_accuracy = epoch.map((i) => 0.21 + 0.47 * risen(i));
  }
  return { epoch, history };
}

interface Axes {
  x: (epoch: number) => number;
  y: (value: number) => number;
}

/** Where values lie in CSS pixels, according to nothing but the tick labels of the panel between two sides. */
function axesOf(texts: readonly PlacedText[], left: number, right: number): Axes {
  const numbers = texts.filter(({ text, x }) => /^[\d.]+$/.test(text) && x >= left && x < right);
  const bottom = Math.max(...numbers.map(({ y }) => y));
  const epochs = numbers.filter(({ y }) => y === bottom);
  const values = numbers.filter(({ y }) => y < bottom);
  const line = (ticks: readonly PlacedText[], key: 'x' | 'y') => {
    const [a, b] = [ticks[0]!, ticks.at(-1)!];
    const slope = (b[key] - a[key]) / (Number(b.text) - Number(a.text));
    return (value: number) => a[key] + slope * (value - Number(a.text));
  };
  return { x: epochs.length > 1 ? line(epochs, 'x') : () => epochs[0]!.x, y: line(values, 'y') };
}

describe('historySvg', () => {
  const svg = historySvg(historyOf(15));
  const words = textsOf(svg).map(({ text }) => text);

  it('has titles, legends, axis names and whole-number epochs from 1', () => {
    const notNumbers = words.filter((word) => !/^[\d.]+$/.test(word));
    expect(notNumbers.sort()).toEqual(
      ['Accuracy', 'Loss', 'accuracy', 'epoch', 'epoch', 'loss', 'train', 'train', 'val', 'val'].sort(),
    );
    const bottom = Math.max(...textsOf(svg).flatMap(({ text, y }) => (/^\d+$/.test(text) ? [y] : [])));
    const epochs = textsOf(svg).filter(({ y }) => y === bottom);
    expect(epochs.map(({ text }) => text)).toEqual(['1', '5', '10', '15', '1', '5', '10', '15']);
  });

  it('shows only train without validation', () => {
    const trainOnly = textsOf(historySvg(historyOf(15, false))).map(({ text }) => text);
    expect(trainOnly.filter((word) => word === 'train').length).toBe(2);
    expect(trainOnly).not.toContain('val');
  });

  it('shows the one panel there is, across the whole figure', () => {
    const { epoch, history } = historyOf(5);
    const texts = textsOf(historySvg({ epoch, history: { loss: history.loss! } }));
    expect(texts.map(({ text }) => text)).not.toContain('Accuracy');
    expect(Math.max(...texts.map(({ x }) => x))).toBeGreaterThan(900);
  });

  it.each([
    [1, 1000, 420],
    [3, 1000, 420],
    [15, 1000, 420],
    [60, 1000, 420],
    [200, 1000, 420],
    [1000, 1000, 420],
    [15, 480, 700],
    [15, 640, 300],
  ])('keeps texts apart and inside: %d epochs, %d×%d', (epochs, width, height) => {
    expect(textCollisions(historySvg(historyOf(epochs), { width, height }), width, height)).toEqual([]);
  });

  it.each([1e-9, 1e-3, 5e5, 1e30])('keeps texts apart when the loss is about %d', (unit) => {
    const { epoch, history } = historyOf(15);
    const loss = history.loss!.map((value) => value * unit);
    expect(
      textCollisions(historySvg({ epoch, history: { ...history, loss, val_loss: loss } }), 1000, 420),
    ).toEqual([]);
  });

  it('ends the legend where the plotting area ends', () => {
    const ends = textsOf(svg).flatMap(({ text, box }) => (text === 'val' ? [box.right] : []));
    const [left, right] = Array.from(svg.matchAll(/<path d="M[\d.]+ 50.5L([\d.]+) 50.5"/g), ([, x]) =>
      Number(x),
    );
    expect(Math.abs(ends[0]! - left!)).toBeLessThan(2);
    expect(Math.abs(ends[1]! - right!)).toBeLessThan(2);
  });

  it('lets the curves fill most of the height', () => {
    const axes = axesOf(textsOf(svg), 0, 500);
    const { accuracy, val_accuracy } = historyOf(15).history;
    const all = [...accuracy!, ...val_accuracy!].map((value) => axes.y(value));
    expect(Math.max(...all) - Math.min(...all)).toBeGreaterThan(0.6 * 314);
  });

  it.each<[string, HistoryData, RegExp]>([
    ['no epochs', { epoch: [], history: { loss: [], accuracy: [] } }, /holds no epochs/],
    ['NaN', { epoch: [0, 1], history: { loss: [1, NaN] } }, /"loss" is NaN at epoch 2/],
    [
      'infinity',
      { epoch: [0], history: { loss: [1], val_loss: [Infinity] } },
      /"val_loss" is Infinity at epoch 1/,
    ],
    ['missing values', { epoch: [0, 1], history: { accuracy: [1] } }, /2 epochs but 1 values of "accuracy"/],
    ['nothing to draw', { epoch: [0], history: { mae: [1] } }, /neither "accuracy" nor "loss"/],
  ])('refuses %s', (_, history, message) => {
    expect(() => historySvg(history)).toThrow(OptionError);
    expect(() => historySvg(history)).toThrow(message);
  });

  it('refuses a size without room', () => {
    expect(() => historySvg(historyOf(2), { width: 100 })).toThrow(/100×420 leaves no room/);
  });
});

describe('plotHistory', () => {
  it.each([1, 3, 15, 60, 200])('puts the curves where the values are: %d epochs', async (epochs) => {
    const data = historyOf(epochs);
    const texts = textsOf(historySvg(data));
    const pixels = new Pixels(await plotHistory(data));
    for (const [metric, left, right] of [
      ['accuracy', 0, 500],
      ['loss', 500, 1000],
    ] as const) {
      const axes = axesOf(texts, left, right);
      const { [metric]: train, [`val_${metric}`]: validation } = data.history;
      data.epoch.forEach((epoch, i) => {
        const x = axes.x(epoch + 1);
        expect(pixels.atCss(x, axes.y(validation![i]!)), `val_${metric} at ${epoch}`).toEqual(VERMILION);
        // The validation curve is drawn later and may lie on top.
        if (Math.abs(axes.y(train![i]!) - axes.y(validation![i]!)) > 6) {
          expect(pixels.atCss(x, axes.y(train![i]!)), `${metric} at ${epoch}`).toEqual(BLUE);
        }
      });
    }
  });

  it('joins the points by straight lines', async () => {
    const data = historyOf(3);
    const axes = axesOf(textsOf(historySvg(data)), 0, 500);
    const pixels = new Pixels(await plotHistory(data));
    const [, second, third] = data.history.accuracy!;
    expect(pixels.atCss(axes.x(2.5), axes.y((second! + third!) / 2))).toEqual(BLUE);
  });

  it('marks the points when they are few, and not when they would hide the line', async () => {
    const few = new Pixels(await plotHistory(historyOf(3)));
    const many = new Pixels(await plotHistory(historyOf(60)));
    const thickness = (pixels: Pixels, epochs: number) => {
      const { x, y } = axesOf(textsOf(historySvg(historyOf(epochs))), 0, 500);
      const at = { x: x(epochs), y: y(historyOf(epochs).history.accuracy!.at(-1)!) };
      return pixels.count(BLUE, { left: at.x - 0.5, right: at.x, top: at.y - 10, bottom: at.y + 10 });
    };
    expect(thickness(few, 3)).toBeGreaterThanOrEqual(12); // 7 CSS pixels.
    expect(thickness(many, 60)).toBeLessThanOrEqual(5); // 2 CSS pixels.
  });

  it('has twice the pixels of its size, white all around, and text where the SVG has it', async () => {
    const size = { width: 700, height: 400 };
    const pixels = new Pixels(await plotHistory(historyOf(15), size));
    expect([pixels.image.width, pixels.image.height]).toEqual([1400, 800]);
    for (const [x, y] of [
      [0, 0],
      [1399, 0],
      [0, 799],
      [1399, 799],
    ] as const) {
      expect(pixels.at(x, y)).toEqual(WHITE);
    }
    for (const { text, box } of textsOf(historySvg(historyOf(15), size))) {
      expect(pixels.count(colourOf(colours.text), box), text).toBeGreaterThan(5);
    }
  });

  it('draws no validation curve without validation', async () => {
    const pixels = new Pixels(await plotHistory(historyOf(15, false)));
    expect(pixels.count(VERMILION)).toBe(0);
    expect(pixels.count(BLUE)).toBeGreaterThan(1000);
  });

  it('refuses a picture too large to draw', async () => {
    await expect(plotHistory(historyOf(2), { width: 9000 })).rejects.toThrow(
      /18000×840 pixels, more than can be drawn/,
    );
    // and still works afterwards.
    expect((await plotHistory(historyOf(2))).length).toBeGreaterThan(1000);
  });

  it('gives the same bytes for the same history', async () => {
    expect(await plotHistory(historyOf(7))).toEqual(await plotHistory(historyOf(7)));
  });
});

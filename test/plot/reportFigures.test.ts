import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { classificationReport, type Mistake } from '../../src/evaluation/classificationReport.ts';
import { calibrationSvg } from '../../src/plot/calibrationFigure.ts';
import { plotCalibration } from '../../src/plot/calibrationPlot.ts';
import { confusionSvg } from '../../src/plot/confusionFigure.ts';
import { plotConfusion } from '../../src/plot/confusionPlot.ts';
import { mistakesSvg, type MistakenImages } from '../../src/plot/mistakesFigure.ts';
import { plotMistakes } from '../../src/plot/mistakesPlot.ts';
import type { FigureSize } from '../../src/plot/style.ts';
import { cutText } from '../../src/plot/svgParts.ts';
import { textWidth } from '../../src/plot/textWidth.ts';
import { colourOf, drawnTextsOf, Pixels, textCollisions } from './figure.ts';

const BLUE = '#0072b2';
const LONG = 'a name that is much too long to stand beside anything';

function mustBeReadable({ svg, size: { width, height } }: { svg: string; size: FigureSize }): void {
  expect(textCollisions(svg, width, height, drawnTextsOf(svg))).toEqual([]);
}

/** Rows of `perClass` images, of which `right` are right and the others taken for the next class. */
function matrix(classes: number, perClass: number, right: number): number[][] {
  return Array.from({ length: classes }, (_, i) => {
    const row = new Array<number>(classes).fill(0);
    row[(i + 1) % classes]! += perClass - right;
    row[i]! += right;
    return row;
  });
}

describe('confusionSvg', () => {
  it.each([1, 2, 3, 4, 7, 10, 20, 21, 40, 60, 100, 120, 150])(
    'leaves room for every text: %d classes',
    (n) => {
      const names = Array.from({ length: n }, (_, i) =>
        i % 3 === 0 ? LONG : i % 3 === 1 ? 'cat' : `class ${i}`,
      );
      mustBeReadable(confusionSvg(matrix(n, 9000, 7000), names));
      mustBeReadable(confusionSvg(matrix(n, 20_000_000, 12_345_678), names));
    },
  );

  it('writes the numbers into up to 20 classes, and shares of the row into up to 10', () => {
    const texts = (n: number): string[] =>
      drawnTextsOf(confusionSvg(matrix(n, 8, 6), new Array<string>(n).fill('x')).svg).map(({ text }) => text);
    expect(texts(10).filter((text) => text === '6')).toHaveLength(10);
    expect(texts(10).filter((text) => text === '75.0 %')).toHaveLength(10);
    expect(texts(10).filter((text) => text === '25.0 %')).toHaveLength(10);
    expect(texts(10).filter((text) => text === '·')).toHaveLength(80);
    expect(texts(20).filter((text) => text === '6')).toHaveLength(20);
    expect(texts(20)).not.toContain('75.0 %');
    expect(texts(21)).not.toContain('6');
    expect(texts(10)).toContain('80 images, 75.0 % right');
  });

  it('names each class twice, cut where it is long', () => {
    const { svg } = confusionSvg(matrix(2, 8, 6), [LONG, 'R&D <1>']);
    const texts = drawnTextsOf(svg).map(({ text }) => text);
    expect(texts.filter((text) => text === 'R&#38;D &#60;1&#62;')).toHaveLength(2);
    const [cut, ...rest] = texts.filter((text) => text.endsWith('…'));
    expect(rest).toEqual([cut]);
    expect(LONG.startsWith(cut!.slice(0, -1))).toBe(true);
    expect(cut!.length).toBeGreaterThan(15);
  });

  it('colours what is right blue, and what is wrong vermilion, the stronger the more', async () => {
    const names = ['a', 'b'];
    const confusion = [
      [1, 99],
      [0, 0],
    ];
    const { svg, size } = confusionSvg(confusion, names);
    const pixels = new Pixels(await plotConfusion(confusion, names));
    expect([pixels.image.width, pixels.image.height]).toEqual([2 * size.width, 2 * size.height]);
    const cells = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="89"/g)].map(([, x, y]) =>
      pixels.atCss(Number(x) + 10, Number(y) + 10),
    );
    const [right, wrong, ...none] = cells;
    expect(none).toEqual([colourOf('#f1f2f0'), colourOf('#f1f2f0')]);
    expect(right![2]).toBeGreaterThan(right![0]); // One in a hundred is right: a light blue.
    expect(right![0]).toBeGreaterThan(220);
    expect(wrong![0] - wrong![2]).toBeGreaterThan(150); // The others: a strong vermilion.
  });

  it.each([
    [[], []],
    [matrix(2, 1, 1), ['a']],
    [matrix(1001, 1, 1), new Array<string>(1001).fill('a')],
  ])('refuses what it cannot draw', (confusion, names) => {
    expect(() => confusionSvg(confusion, names)).toThrow(OptionError);
  });
});

describe('calibrationSvg', () => {
  // Two classes: 10 answers of 0.75 of which 9 are right, and 10 of 0.95 of which 5 are.
  const labels = [
    ...new Array<number>(9).fill(0),
    1,
    ...new Array<number>(5).fill(0),
    ...new Array<number>(5).fill(1),
  ];
  const sure = labels.map((_, i) => (i < 10 ? 0.75 : 0.95));
  const { calibration } = classificationReport(
    labels,
    sure.flatMap((p) => [p, 1 - p]),
    { bins: 10 },
  );

  it('leaves room for every text', () => {
    mustBeReadable(calibrationSvg(calibration, 0.4321));
    mustBeReadable(calibrationSvg(calibration, 87.3));
    mustBeReadable(calibrationSvg(classificationReport([0], [1]).calibration, 0));
    const texts = drawnTextsOf(calibrationSvg(calibration, 0.4321).svg).map(({ text }) => text);
    // (10·|0.9 − 0.75| + 10·|0.5 − 0.95|) / 20
    expect(texts).toContain('expected calibration error 30.0 %, negative log-likelihood 0.432');
    expect(texts).toContain('of 20 answers');
  });

  it('draws the accuracy of each range, and how far it is from the confidence', async () => {
    const pixels = new Pixels(await plotCalibration(calibration, 0.4));
    // The panel begins at 68, 74 and is 412 wide and 306 high.
    const at = (x: number, y: number): readonly number[] => pixels.atCss(68 + x * 412, 74 + (1 - y) * 306);
    const blue = colourOf(BLUE);
    expect(at(0.78, 0.72)).toEqual(blue);
    // Right more often than sure: the bar is as high as the accuracy.
    expect(at(0.75, 0.72)).toEqual(blue);
    expect(at(0.75, 0.86)).toEqual([153, 199, 224]);
    expect(at(0.78, 0.86)).toEqual(blue);
    expect(at(0.78, 0.94)).toEqual([255, 255, 255]);
    expect(at(0.92, 0.48)).toEqual(blue);
    expect(at(0.95, 0.65)).toEqual([238, 191, 153]); // Less often.
    expect(at(0.92, 0.65)).toEqual([255, 255, 255]);
    expect(at(0.92, 0.98)).toEqual([255, 255, 255]);
    expect(at(0.55, 0.05)).toEqual([255, 255, 255]);
  });
});

describe('mistakesSvg', () => {
  const set = (width: number, height: number, channels: number, count = 60): MistakenImages => ({
    images: Uint8Array.from({ length: count * width * height * channels }, (_, i) => (i * 89) % 251),
    width,
    height,
    channels,
    classNames: ['cat', LONG, 'ship'],
  });
  const mistakesOf = (count: number): Mistake[] =>
    Array.from({ length: count }, (_, index) => ({
      index,
      actual: index % 3,
      actualProbability: 0,
      predicted: (index + 1) % 3,
      probability: 1 - index / 100,
    }));

  it.each([
    [0, 0],
    [1, 1],
    [3, 3],
    [8, 8],
    [40, 12_345],
  ])('leaves room for every text: %d of %d', (shown, total) => {
    mustBeReadable(mistakesSvg(set(32, 32, 3), mistakesOf(shown), total));
  });

  it('has the name of each file below it, and nothing beside the images', () => {
    const mistakes = mistakesOf(9).map((each, i) => ({
      ...each,
      file: `test/cat/${i === 0 ? LONG : i}.jpg`,
    }));
    const figure = mistakesSvg(set(32, 32, 3), mistakes, 9);
    mustBeReadable(figure);
    const texts = drawnTextsOf(figure.svg).map(({ text }) => text);
    expect(texts.filter((text) => /^\d\.jpg$/.test(text))).toHaveLength(8);
    expect(texts.filter((text) => text.startsWith('a name') && text.endsWith('…')).length).toBeGreaterThan(6);
    // 32 pixels are 112 wide.
    const ends = [...figure.svg.matchAll(/<text x="([\d.]+)"[^>]*text-anchor="end"/g)].map(([, x]) =>
      Number(x),
    );
    expect(ends.slice(0, 2)).toEqual([24 + 112, 24 + 136 + 112]);
  });

  it('says how many there are', () => {
    const title = (shown: number, total: number): string =>
      drawnTextsOf(mistakesSvg(set(8, 8, 1), mistakesOf(shown), total).svg)[0]!.text;
    expect(title(0, 0)).toBe('No mistakes');
    expect(title(1, 1)).toBe('The one mistake');
    expect(title(3, 3)).toBe('All 3 mistakes, the surest first');
    expect(title(40, 1234)).toBe('The 40 surest of 1,234 mistakes');
  });

  it('shows each image with both names and the probability', async () => {
    const shown = set(28, 14, 3, 2);
    const [first, second] = mistakesOf(2) as [Mistake, Mistake];
    const mistakes = [{ ...first, predicted: 2, probability: 0.875 }, second];
    const texts = drawnTextsOf(mistakesSvg(shown, mistakes, 2).svg).map(({ text }) => text);
    expect(texts.slice(-6, -3)).toEqual(['cat', 'ship', '87.5 %']);
    expect(texts.slice(-2)).toEqual(['ship', '99.0 %']);
    const pixels = new Pixels(await plotMistakes(shown, mistakes, 2));
    // 224 device pixels for 28: eight for each. From one image to the next it is 120 + 16 in CSS pixels.
    for (const [image, x, y] of [
      [0, 0, 0],
      [0, 27, 13],
      [1, 0, 0],
      [1, 5, 9],
    ] as const) {
      const at = ((image * 14 + y) * 28 + x) * 3;
      expect(pixels.at(48 + 272 * image + 8 * x + 4, 152 + 8 * y + 4)).toEqual([
        ...shown.images.subarray(at, at + 3),
      ]);
    }
  });

  it('makes large images smaller, by their mean, and shows grey ones', async () => {
    const dataset = { ...set(480, 480, 1, 1), images: new Uint8Array(480 * 480).fill(100) };
    dataset.images.fill(200, 0, 480);
    const { svg } = mistakesSvg(dataset, mistakesOf(1), 1);
    expect(svg).toContain('width="120" height="120"');
    const pixels = new Pixels(await plotMistakes(dataset, mistakesOf(1), 1));
    expect(pixels.at(48, 152)).toEqual([150, 150, 150]);
    expect(pixels.at(48, 154)).toEqual([100, 100, 100]);
  });
});

describe('cutText', () => {
  it.each(['short', LONG, '漢字漢字漢字漢字漢字', '', '👍👍👍👍👍👍👍👍👍'])('%s', (text) => {
    const cut = cutText(text, 12, 80);
    if (textWidth(text, 12) <= 80) expect(cut).toBe(text);
    else {
      expect(cut).toMatch(/…$/);
      expect(textWidth(cut.slice(0, -1), 12)).toBeLessThanOrEqual(68);
      expect(text.startsWith(cut.slice(0, -1))).toBe(true);
      expect(() => encodeURIComponent(cut)).not.toThrow(); // No half of a character.
    }
  });
});

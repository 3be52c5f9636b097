import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { averageSteps, type StepValues } from '../../src/plot/averageSteps.ts';
import { stepsChart, type StepsData } from '../../src/plot/stepsChart.ts';
import { colours, darkColours, fileTheme } from '../../src/plot/style.ts';
import { renderSvg } from '../../src/plot/svg.ts';
import { textCollisions, textsOf } from './figure.ts';

const steps = (count: number): StepValues[] =>
  Array.from({ length: count }, (_, i) => ({
    step: i + 1,
    loss: 2.3 * Math.exp((-3 * i) / count),
    accuracy: 1 - Math.exp((-3 * (i + 1)) / count),
  }));

const data = (count: number): StepsData => ({
  train: steps(count),
  val: steps(count).filter(({ step }) => step % 63 === 0),
});

describe('stepsChart', () => {
  it.each([
    [1, 1000, 420],
    [2, 1000, 420],
    [63, 1000, 420],
    [945, 1000, 420],
    [9375, 1000, 420],
    [945, 504, 500],
    [945, 300, 500],
  ])('keeps texts apart and inside: %d steps, %d×%d', (count, width, height) => {
    const svg = renderSvg(stepsChart(data(count), { width, height }), { width, height });
    expect(textCollisions(svg, width, height)).toEqual([]);
    const words = textsOf(svg).map(({ text }) => text);
    expect(words).toEqual(expect.arrayContaining(['Accuracy', 'Loss', 'step', 'train']));
    expect(words.includes('val')).toBe(count >= 63);
  });

  it('has room for the steps to come', () => {
    const size = { width: 1000, height: 420 };
    const words = textsOf(renderSvg(stepsChart({ ...data(100), steps: 1000 }, size), size)).map(
      ({ text }) => text,
    );
    expect(words).toContain('1000');
  });

  it('takes the colours of a theme', () => {
    const size = { width: 1000, height: 420 };
    const svg = renderSvg(stepsChart(data(100), size, { ...fileTheme, colours: darkColours }), size);
    expect(svg).toContain(darkColours.blue);
    expect(svg).not.toContain(colours.blue);
  });

  it('refuses to draw nothing', () => {
    expect(() => stepsChart({ train: [], val: [] })).toThrow(OptionError);
  });
});

describe('averageSteps', () => {
  it('leaves few steps as they are', () => {
    expect(averageSteps(steps(10), 10)).toEqual(steps(10));
  });

  it('takes means of neighbours', () => {
    const values = [1, 2, 3, 4, 5].map((loss) => ({ step: loss, loss, accuracy: loss / 10 }));
    const [first, second, third] = averageSteps(values, 3);
    expect([first!.step, first!.loss]).toEqual([2, 1.5]);
    expect(second!.accuracy).toBeCloseTo(0.35, 12);
    expect([third!.step, third!.loss]).toEqual([5, 5]);
    expect(averageSteps(steps(9375), 160).length).toBeLessThanOrEqual(160);
  });
});

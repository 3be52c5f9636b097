/** Text must be readable in both themes: WCAG 2.2 AA, computed from the colours of the style sheet. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('../../src/browser/page/style/tokens.css', import.meta.url), 'utf8');
const tokens = new Map(
  Array.from(css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g), ([, name, light, dark]) => [
    name!,
    { light: light!, dark: dark! },
  ]),
);

type Rgb = readonly [number, number, number];

const rgb = (hex: string): Rgb =>
  [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;

/** Relative luminance. */
function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** color-mix(in srgb, a share, b) */
const mix = (a: Rgb, share: number, b: Rgb): Rgb =>
  a.map((value, i) => share * value + (1 - share) * b[i]!) as unknown as Rgb;

describe.each(['light', 'dark'] as const)('contrast in the %s theme', (theme) => {
  const of = (name: string): Rgb => rgb(tokens.get(name)![theme]);

  it.each([
    ['text', 'page'],
    ['text', 'surface'],
    ['text', 'sunken'],
    ['text', 'danger-soft'],
    ['text', 'accent-soft'],
    ['muted', 'page'],
    ['muted', 'surface'],
    ['muted', 'sunken'],
    ['muted', 'line'],
    ['accent', 'page'],
    ['accent', 'surface'],
    ['danger', 'surface'],
    ['on-accent', 'accent'],
    ['on-accent', 'accent-strong'],
  ])('%s on %s is text that can be read', (text, ground) => {
    expect(contrast(of(text), of(ground))).toBeGreaterThanOrEqual(4.5);
  });

  it.each([
    ['control-line', 'surface'],
    ['control-line', 'page'],
    ['focus', 'page'],
    ['focus', 'surface'],
    ['contrast', 'surface'],
    ['danger', 'danger-soft'],
    ['accent', 'line'],
  ])('%s on %s can be told apart', (mark, ground) => {
    expect(contrast(of(mark), of(ground))).toBeGreaterThanOrEqual(3);
  });

  it('the strongest cells of the matrix can be read', () => {
    expect(contrast(of('text'), mix(of('accent'), 0.45, of('surface')))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(of('text'), mix(of('contrast'), 0.48, of('surface')))).toBeGreaterThanOrEqual(4.5);
  });
});

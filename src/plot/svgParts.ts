/** Pieces of SVG, for the figures that are drawn without ECharts. Pure. */
import { colours, FONT_FAMILY, fontSize, type FigureSize } from './style.ts';
import { textWidth } from './textWidth.ts';

export interface TextOptions {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly size?: number;
  readonly colour?: string;
  /** Whether it reads from below to above. */
  readonly turned?: boolean;
}

/** Half the height of a capital, in the font's size: by so much is the baseline below the middle. */
const HALF_CAPITAL = 0.36;

/** A line of text whose capitals have their middle at `y`; if it is turned, at `x`. */
export function svgText(
  text: string,
  x: number,
  y: number,
  { anchor = 'start', size = fontSize.body, colour = colours.text, turned = false }: TextOptions = {},
): string {
  const down = size * HALF_CAPITAL;
  const [left, baseline] = turned ? [x + down, y] : [x, y + down];
  return (
    `<text x="${round(left)}" y="${round(baseline)}" font-size="${size}" fill="${colour}"` +
    (anchor === 'start' ? '' : ` text-anchor="${anchor}"`) +
    (turned ? ` transform="rotate(-90 ${round(left)} ${round(baseline)})"` : '') +
    `>${escapeXml(text)}</text>`
  );
}

export interface BoxOptions {
  readonly radius?: number;
  readonly opacity?: number;
}

export function svgBox(
  x: number,
  y: number,
  width: number,
  height: number,
  colour: string,
  { radius = 0, opacity = 1 }: BoxOptions = {},
): string {
  return (
    `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${colour}"` +
    `${radius > 0 ? ` rx="${radius}"` : ''}${opacity < 1 ? ` fill-opacity="${opacity}"` : ''}/>`
  );
}

export function svgLine(
  from: readonly [x: number, y: number],
  to: readonly [x: number, y: number],
  colour: string,
  dashes?: string,
): string {
  const [x1, y1, x2, y2] = [...from, ...to].map(round);
  return (
    `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}"` +
    `${dashes ? ` stroke-dasharray="${dashes}"` : ''}/>`
  );
}

export function svgDocument({ width, height }: FigureSize, parts: readonly string[]): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${FONT_FAMILY}">` +
    `${svgBox(0, 0, width, height, colours.background)}${parts.join('')}</svg>`
  );
}

export function escapeXml(text: string): string {
  // Of the control characters XML allows none but white space, not even escaped.
  return text
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** As much of the text as is no wider than `width`, with an ellipsis where something is missing. */
export function cutText(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text;
  const characters = Array.from(text);
  const room = width - size; // The ellipsis is as wide as the font is high.
  let kept = 0;
  for (let used = 0; kept < characters.length; kept++) {
    used += textWidth(characters[kept]!, size);
    if (used > room) break;
  }
  return `${characters.slice(0, kept).join('').trimEnd()}…`;
}

/** A colour between two, both as #rrggbb: the first at 0, the second at 1. */
export function mix(from: string, to: string, share: number): string {
  const channel = (colour: string, at: number): number => parseInt(colour.slice(at, at + 2), 16);
  const mixed = [1, 3, 5].map((at) => {
    const value = channel(from, at) + share * (channel(to, at) - channel(from, at));
    return Math.round(value).toString(16).padStart(2, '0');
  });
  return `#${mixed.join('')}`;
}

/** A probability as people read it. */
export function percent(share: number, decimals = 1): string {
  return `${(100 * share).toFixed(decimals)} %`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

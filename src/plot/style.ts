/** What every figure shares, so that they look like one set. Pure values. */

/** Names a browser falls back to have the same widths (Verdana) or nearly so. */
export const FONT_FAMILY = "'DejaVu Sans', Verdana, sans-serif";

/** Blue and vermilion stay apart in every common kind of colour blindness. Okabe and Ito, 2008, jfly.uni-koeln.de/color. */
export const colours = {
  background: '#ffffff',
  text: '#222222',
  mutedText: '#555555',
  axis: '#666666',
  grid: '#e4e4e4',
  blue: '#0072b2',
  vermilion: '#d55e00',
  muted: '#9aa5ad',
} as const;

export const fontSize = { title: 16, body: 12 } as const;

/** Width and height in CSS pixels; PNGs have `DEVICE_SCALE` times as many of their own on each side. */
export interface FigureSize {
  readonly width: number;
  readonly height: number;
}

export const DEVICE_SCALE = 2;

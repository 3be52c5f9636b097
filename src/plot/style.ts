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

/** What of a figure depends on where it is shown. */
export interface FigureTheme {
  readonly colours: Readonly<Record<keyof typeof colours, string>>;
  readonly fontFamily: string;
}

/** Of the figures in files. */
export const fileTheme: FigureTheme = { colours, fontFamily: FONT_FAMILY };

/** For figures on a dark page, on whatever is behind them: the same hues, as light as they must be there. */
export const darkColours: FigureTheme['colours'] = {
  background: 'transparent',
  text: '#e6e8ea',
  mutedText: '#a3adb5',
  axis: '#8b959d',
  grid: '#2b3238',
  blue: '#56b4e9',
  vermilion: '#ff8f4a',
  muted: '#5d6870',
};

export const fontSize = { title: 16, body: 12 } as const;

/** Width and height in CSS pixels; PNGs have `DEVICE_SCALE` times as many of their own on each side. */
export interface FigureSize {
  readonly width: number;
  readonly height: number;
}

export const DEVICE_SCALE = 2;

/** Images with what they show and what they were taken for, as an SVG. Pure. */
import { resizeArea } from '../data/resize.ts';
import { encodePng, type RgbaImage } from '../formats/png.ts';
import type { FiledMistake } from '../formats/reportCsv.ts';
import { colours, DEVICE_SCALE, fontSize, type FigureSize } from './style.ts';
import { cutText, percent, svgDocument, svgText } from './svgParts.ts';
import { textWidth } from './textWidth.ts';

const MARGIN = 24;
const TITLE_HEIGHT = 52;
const MOST_COLUMNS = 8;

/** The longest side of an image, and what is between two. */
const BOX = 120;
const GAP = 16;
const LINE = 16;

/** The least width of a caption: narrower images have it stand out. */
const NARROWEST_CAPTION = 96;

/** What the first lines of the figure need. */
const NARROWEST = 520;

/** The images of the mistakes that are shown, in their order. */
export interface MistakenImages {
  /** [count, height, width, channels]; unless there are 3 channels, the first is shown. */
  readonly images: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly classNames: readonly string[];
}

/**
 * @param mistakes  those to show, in this order
 * @param total  how many there are in all
 */
export function mistakesSvg(
  shown: MistakenImages,
  mistakes: readonly FiledMistake[],
  total: number,
): { readonly svg: string; readonly size: FigureSize } {
  const columns = Math.min(MOST_COLUMNS, Math.max(mistakes.length, 1));
  const rows = Math.ceil(mistakes.length / columns);
  const tileSize = shownSize(shown);
  const lines = mistakes.some(({ file }) => file !== undefined) ? 3 : 2;
  const rowHeight = tileSize.height + lines * LINE + 6 + GAP;
  const size = {
    width: 2 * MARGIN + Math.max(columns * (BOX + GAP) - GAP, NARROWEST),
    height: 2 * MARGIN + TITLE_HEIGHT + Math.max(rows * rowHeight - GAP, 0),
  };
  const parts = [
    svgText(titleOf(mistakes.length, total), MARGIN, MARGIN + 6, { size: fontSize.title }),
    ...(total === 0 ? [svgText('Every answer is right.', MARGIN, MARGIN + 32)] : key(MARGIN, MARGIN + 32)),
    ...mistakes.flatMap((mistake, i) => {
      const x = MARGIN + (i % columns) * (BOX + GAP);
      const y = MARGIN + TITLE_HEIGHT + Math.floor(i / columns) * rowHeight;
      return tile(imageOf(shown, i, tileSize), tileSize, captionOf(shown, mistake), x, y);
    }),
  ];
  return { svg: svgDocument(size, parts), size };
}

function titleOf(shown: number, total: number): string {
  if (total === 0) return 'No mistakes';
  if (shown < total) return `The ${shown} surest of ${total.toLocaleString('en')} mistakes`;
  return total === 1 ? 'The one mistake' : `All ${total} mistakes, the surest first`;
}

/** What the colours of the names mean. */
function key(x: number, y: number): string[] {
  const actual = 'actual class';
  return [
    svgText(actual, x, y, { colour: colours.blue }),
    svgText('predicted class and its probability', x + textWidth(actual, fontSize.body) + 20, y, {
      colour: colours.vermilion,
    }),
  ];
}

interface Caption {
  readonly actual: string;
  readonly predicted: string;
  readonly probability: string;
  /** The name of the image's file, if it has one. */
  readonly file: string | undefined;
}

function captionOf(
  { classNames }: MistakenImages,
  { actual, predicted, probability, file }: FiledMistake,
): Caption {
  const nameOf = (label: number): string => classNames[label] ?? String(label);
  return {
    actual: nameOf(actual),
    predicted: nameOf(predicted),
    probability: percent(probability),
    file: file?.slice(file.lastIndexOf('/') + 1),
  };
}

function tile(
  image: RgbaImage,
  { width, height }: FigureSize,
  { actual, predicted, probability, file }: Caption,
  x: number,
  y: number,
): string[] {
  const png = Buffer.from(encodePng(image)).toString('base64');
  const captionWidth = Math.max(width, NARROWEST_CAPTION);
  const room = captionWidth - textWidth(` ${probability}`, fontSize.body);
  const fitted = (text: string, most = captionWidth): string => cutText(text, fontSize.body, most);
  const first = y + height + 12;
  const second = first + LINE;
  const wrong = colours.vermilion;
  return [
    `<image x="${x}" y="${y}" width="${width}" height="${height}" href="data:image/png;base64,${png}"/>`,
    svgText(fitted(actual), x, first, { colour: colours.blue }),
    svgText(fitted(predicted, room), x, second, { colour: wrong }),
    svgText(probability, x + captionWidth, second, { anchor: 'end', colour: wrong }),
    ...(file === undefined ? [] : [svgText(fitted(file), x, second + LINE, { colour: colours.mutedText })]),
  ];
}

/** Of every image in CSS pixels: enlarged by a whole number of the PNG's pixels, or made as small as it must be. */
function shownSize({ width, height }: MistakenImages): FigureSize {
  const room = BOX * DEVICE_SCALE;
  const longest = Math.max(width, height);
  const factor = longest <= room ? Math.floor(room / longest) : room / longest;
  const side = (pixels: number): number => Math.max(1, Math.round(pixels * factor)) / DEVICE_SCALE;
  return { width: side(width), height: side(height) };
}

/** An image, with no more pixels than are shown. */
function imageOf(
  { images, width, height, channels }: MistakenImages,
  index: number,
  shown: FigureSize,
): RgbaImage {
  const rgb = rgbOf(images.subarray(index * width * height * channels), width * height, channels);
  const [wide, high] = [shown.width * DEVICE_SCALE, shown.height * DEVICE_SCALE];
  if (wide >= width && high >= height) return opaque(rgb, width, height);
  return opaque(resizeArea(rgb, width, height, 3, wide, high), wide, high);
}

function rgbOf(values: Uint8Array, pixels: number, channels: number): Uint8Array {
  const rgb = new Uint8Array(pixels * 3);
  for (let i = 0; i < rgb.length; i++) {
    rgb[i] = values[Math.floor(i / 3) * channels + (channels === 3 ? i % 3 : 0)]!;
  }
  return rgb;
}

function opaque(rgb: Uint8Array, width: number, height: number): RgbaImage {
  const data = new Uint8Array(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < 3; c++) data[pixel * 4 + c] = rgb[pixel * 3 + c]!;
  }
  return { width, height, data };
}

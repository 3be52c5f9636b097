/** Reading figures back: the text of an SVG with its place, and the pixels of a PNG. */
import { decodePng, type RgbaImage } from '../../src/formats/png.ts';
import { DEVICE_SCALE } from '../../src/plot/style.ts';
import { textWidth } from '../../src/plot/textWidth.ts';

export interface PlacedText {
  readonly text: string;
  /** Anchor in CSS pixels: the middle of the text where it is centred, otherwise its start or end. */
  readonly x: number;
  readonly y: number;
  readonly box: { left: number; right: number; top: number; bottom: number };
}

export function textsOf(svg: string): PlacedText[] {
  return Array.from(svg.matchAll(/<text ([^>]*)>([^<]*)<\/text>/g), ([, attributes, text]) => {
    const of = (pattern: RegExp) => pattern.exec(attributes!)?.slice(1) ?? [];
    const [x, y] = of(/transform="translate\(([-\d.]+) ([-\d.]+)\)"/);
    const [turnedX, turnedY] = of(/transform="matrix\(0,-1,1,0,([-\d.]+),([-\d.]+)\)"/);
    const inner = { x: Number(of(/ x="([-\d.]+)"/)[0] ?? 0), y: Number(of(/ y="([-\d.]+)"/)[0] ?? 0) };
    const anchor = of(/text-anchor="(\w+)"/)[0];
    const size = Number(of(/font-size:([\d.]+)px/)[0]);
    const width = textWidth(text!, size);
    const before = anchor === 'middle' ? width / 2 : anchor === 'end' ? width : 0;
    const along = [inner.x - before, inner.x - before + width] as const;
    const across = [inner.y - size / 2, inner.y + size / 2] as const;
    if (turnedX !== undefined) {
      // Turned a quarter to the left: x runs up, y runs right.
      const at = { x: Number(turnedX), y: Number(turnedY) };
      const box = {
        left: at.x + across[0],
        right: at.x + across[1],
        top: at.y - along[1],
        bottom: at.y - along[0],
      };
      return { text: text!, ...at, box };
    }
    const at = { x: Number(x), y: Number(y) };
    const box = {
      left: at.x + along[0],
      right: at.x + along[1],
      top: at.y + across[0],
      bottom: at.y + across[1],
    };
    return { text: text!, ...at, box };
  });
}

/** The same of an SVG that is drawn by svgParts.ts: `y` is that of the baseline. */
export function drawnTextsOf(svg: string): PlacedText[] {
  return Array.from(svg.matchAll(/<text ([^>]*)>([^<]*)<\/text>/g), ([, attributes, text]) => {
    const of = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(` ${attributes!}`)?.[1];
    const [x, y, size] = ['x', 'y', 'font-size'].map((name) => Number(of(name)));
    const width = textWidth(text!, size!);
    const before = { middle: width / 2, end: width }[of('text-anchor') ?? ''] ?? 0;
    const [rise, fall] = [0.8 * size!, 0.2 * size!];
    const box = of('transform')
      ? { left: x! - rise, right: x! + fall, top: y! - width + before, bottom: y! + before }
      : { left: x! - before, right: x! - before + width, top: y! - rise, bottom: y! + fall };
    return { text: text!, x: x!, y: y!, box };
  });
}

/** The pairs of texts that touch, and the texts that leave the figure. */
export function textCollisions(
  svg: string,
  width: number,
  height: number,
  texts: readonly PlacedText[] = textsOf(svg),
): string[] {
  const outside = texts.filter(
    ({ box }) => box.left < 0 || box.right > width || box.top < 0 || box.bottom > height,
  );
  const touching = texts.flatMap((a, i) =>
    texts.slice(i + 1).flatMap((b) => {
      const apart =
        a.box.right < b.box.left ||
        b.box.right < a.box.left ||
        a.box.bottom < b.box.top ||
        b.box.bottom < a.box.top;
      return apart ? [] : [`${a.text} | ${b.text}`];
    }),
  );
  return [...outside.map(({ text }) => text), ...touching];
}

export type Colour = readonly [red: number, green: number, blue: number];

export function colourOf(hex: string): Colour {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as Colour;
}

export class Pixels {
  readonly image: RgbaImage;
  constructor(png: Uint8Array) {
    this.image = decodePng(png, 'the figure');
  }

  /** The colour of a device pixel. */
  at(x: number, y: number): Colour {
    const { data, width } = this.image;
    const at = (y * width + x) * 4;
    return [data[at]!, data[at + 1]!, data[at + 2]!];
  }

  /** The colour at a point in CSS pixels. */
  atCss(x: number, y: number): Colour {
    return this.at(Math.floor(x * DEVICE_SCALE), Math.floor(y * DEVICE_SCALE));
  }

  /** How many device pixels have exactly this colour, in a box in CSS pixels or everywhere. */
  count(colour: Colour, box?: PlacedText['box']): number {
    const { width, height } = this.image;
    const scaled = (value: number) => Math.round(value * DEVICE_SCALE);
    const [left, right] = box ? [scaled(box.left), scaled(box.right)] : [0, width];
    const [top, bottom] = box ? [scaled(box.top), scaled(box.bottom)] : [0, height];
    let count = 0;
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        if (this.at(x, y).every((value, i) => value === colour[i])) count++;
      }
    }
    return count;
  }
}

/** SVG to pixels by resvg, with a font of our own: the same picture on every machine, whatever is installed there. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { OptionError, SimdnetError } from '../errors.ts';
import { encodePng, type RgbaImage } from '../formats/png.ts';
import { MAX_PIXELS, MAX_SIDE } from '../limits.ts';
import { colours, DEVICE_SCALE } from './style.ts';

// From src/plot as from dist/plot, two folders up is the package; the build puts the font into dist/plot.
const FONT = new URL('../../dist/plot/DejaVuSans.ttf', import.meta.url);

/** Loaded at the first use and kept. */
let font: Promise<Uint8Array> | undefined;
let wasm: Promise<void> | undefined;

/**
 * Draws an SVG on white; its text must ask for DejaVu Sans or a generic family.
 *
 * @param scale pixels of the result per CSS pixel
 * @throws OptionError when the picture would be too large
 * @throws SimdnetError when the font or resvg itself is missing, or the SVG cannot be drawn
 */
export async function rasterise(svg: string, scale: number = DEVICE_SCALE): Promise<RgbaImage> {
  const [fontBytes] = await Promise.all([(font ??= loadFont()), (wasm ??= loadWasm())]);
  const family = 'DejaVu Sans';
  try {
    const resvg = new Resvg(svg, {
      background: colours.background,
      fitTo: { mode: 'zoom', value: scale },
      font: { fontBuffers: [fontBytes], defaultFontFamily: family, sansSerifFamily: family },
      imageRendering: 1, // Nearest pixel, so that embedded images stay sharp.
    });
    checkSize(resvg.width * scale, resvg.height * scale);
    const image = resvg.render();
    const { width, height, pixels } = image;
    image.free();
    resvg.free();
    return { width, height, data: pixels };
  } catch (error) {
    throw new SimdnetError(
      `cannot draw the figure: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}

/** resvg does not recover from running out of memory, so it must not get that far. */
function checkSize(width: number, height: number): void {
  if (width <= MAX_SIDE && height <= MAX_SIDE && width * height <= MAX_PIXELS) return;
  throw new OptionError(
    `the figure would have ${Math.round(width)}×${Math.round(height)} pixels, more than can be drawn ` +
      `(${MAX_SIDE} on a side, ${MAX_PIXELS / 2 ** 20} megapixels in all); make it smaller, or show less in it`,
  );
}

/** An SVG as a PNG file; see `rasterise`. */
export async function svgToPng(svg: string, scale: number = DEVICE_SCALE): Promise<Uint8Array> {
  return encodePng(await rasterise(svg, scale));
}

async function loadFont(): Promise<Uint8Array> {
  try {
    return await readFile(FONT);
  } catch (error) {
    font = undefined;
    throw new SimdnetError(
      `cannot read the font ${fileURLToPath(FONT)}; build simdnet first (npm run build)`,
      {
        cause: error,
      },
    );
  }
}

async function loadWasm(): Promise<void> {
  const path = createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm');
  try {
    await initWasm(await readFile(path));
  } catch (error) {
    // It may be initialised only once in a process, and the program that uses simdnet may have done so.
    if (error instanceof Error && error.message.includes('Already initialized')) return;
    wasm = undefined;
    throw new SimdnetError(`cannot load ${path}, which draws the figures; install simdnet again`, {
      cause: error,
    });
  }
}

/** Small pictures on canvases. The style sheet enlarges them without smoothing. */
import type { FeatureMap, Tiles } from '../protocol.ts';

/** One of the pictures. @param label  what it shows, for those who cannot see it; otherwise it is decoration */
export function tileCanvas(
  { height, width, pixels }: Tiles,
  tile: number,
  label?: string,
): HTMLCanvasElement {
  const canvas = newCanvas(width, height, label);
  const size = height * width * 4;
  const image = new ImageData(pixels.slice(tile * size, (tile + 1) * size), width, height);
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  return canvas;
}

/** All the pictures of a layer on one canvas, with a pixel between them. */
export function mapsCanvas(
  { height, width, count, pixels }: FeatureMap,
  columns: number,
  label: string,
): HTMLCanvasElement {
  const rows = Math.ceil(count / columns);
  const canvas = newCanvas(columns * (width + 1) - 1, rows * (height + 1) - 1, label);
  const context = canvas.getContext('2d');
  for (let map = 0; map < count; map++) {
    const image = new ImageData(width, height);
    for (let i = 0; i < height * width; i++) {
      const value = pixels[map * height * width + i]!;
      image.data.set([value, value, value, 255], i * 4);
    }
    context?.putImageData(image, (map % columns) * (width + 1), Math.floor(map / columns) * (height + 1));
  }
  return canvas;
}

function newCanvas(width: number, height: number, label: string | undefined): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.className = 'tile';
  if (label === undefined) canvas.setAttribute('aria-hidden', 'true');
  else {
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', label);
  }
  return canvas;
}

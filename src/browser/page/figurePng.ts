/** A figure as a PNG file, drawn by the browser. */
import { DEVICE_SCALE, type FigureSize } from '../../plot/style.ts';
import { h } from './dom.ts';

export async function figurePng(svg: string, { width, height }: FigureSize): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image(width, height);
    image.src = url;
    await image.decode();
    const canvas = h('canvas', { width: width * DEVICE_SCALE, height: height * DEVICE_SCALE });
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => {
        if (blob) resolve(blob);
        else reject(new Error('there is no memory for the picture.'));
      });
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}

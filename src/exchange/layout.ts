/** Images channels-first and channels-last. */
import type { Tensor } from '../nn/parameters.ts';
import type { Shape } from '../nn/shape.ts';

/** [batch, channels, height, width] as [batch, height, width, channels]. What has fewer axes stays as it is. */
export function channelsLast({ shape, data }: Tensor): Tensor {
  if (shape.length !== 4) return { shape, data };
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const moved = movedAxis(data, batch, channels, height * width);
  return { shape: [batch, height, width, channels], data: moved };
}

/** [batch, height, width, channels] as [batch, channels, height, width]. What has fewer axes stays as it is. */
export function channelsFirst({ shape, data }: Tensor): Tensor {
  if (shape.length !== 4) return { shape, data };
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const moved = movedAxis(data, batch, height * width, channels);
  return { shape: [batch, channels, height, width], data: moved };
}

/** The shape of images [height, width, channels] as it is channels-first. */
export function channelsFirstShape([height, width, channels]: Shape): Shape {
  return [channels!, height!, width!];
}

/** [batch, rows, columns] as [batch, columns, rows]. */
function movedAxis(data: Float32Array, batch: number, rows: number, columns: number): Float32Array {
  const moved = new Float32Array(data.length);
  for (let image = 0; image < batch; image++) {
    const begin = image * rows * columns;
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        moved[begin + column * rows + row] = data[begin + row * columns + column]!;
  }
  return moved;
}

import { describe, expect, it } from 'vitest';
import { FITS, fitPicture } from '../../src/data/fitPicture.ts';
import { grey } from '../../src/data/grey.ts';
import { networkInput } from '../../src/data/networkInput.ts';
import { overWhite } from '../../src/data/overWhite.ts';
import { resizeArea } from '../../src/data/resize.ts';

/** 12×7 pixels, half of them not opaque. */
const image = {
  width: 12,
  height: 7,
  data: Uint8Array.from({ length: 12 * 7 * 4 }, (_, i) =>
    i % 4 === 3 ? (i % 8 === 3 ? 255 : 90) : (i * 37) % 256,
  ),
};

describe('networkInput', () => {
  it.each(FITS)('of three channels is the fitted picture: %s', (fit) => {
    const size = { width: 5, height: 5 };
    expect(networkInput(image, { ...size, channels: 3 }, { fit })).toEqual(fitPicture(image, size, { fit }));
  });

  it('of one channel is the resized grey picture', () => {
    const luma = grey(overWhite(image.data));
    expect(networkInput(image, { width: 5, height: 4, channels: 1 })).toEqual(
      resizeArea(luma, 12, 7, 1, 5, 4),
    );
  });

  it('of one channel has the luma of BT.601', () => {
    const pixel = { width: 1, height: 1, data: Uint8Array.of(255, 0, 0, 255) };
    expect([...networkInput(pixel, { width: 2, height: 1, channels: 1 })]).toEqual([76, 76]);
  });

  it('of one channel is black beside a picture that is fitted in', () => {
    const fitted = networkInput(image, { width: 4, height: 8, channels: 1 }, { fit: 'fit' });
    expect(fitted).toHaveLength(32);
    expect([...fitted.subarray(0, 4), ...fitted.subarray(28)]).toEqual(new Array(8).fill(0));
  });
});

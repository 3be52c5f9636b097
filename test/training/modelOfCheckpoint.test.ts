/** Models opened from checkpoints. */
import { describe, expect, it } from 'vitest';
import { openModel } from '../../src/exchange/openModel.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors.ts';
import { encodeCheckpoint } from '../../src/training/checkpointFile.ts';
import type { Model } from '../../src/training/model.ts';
import { smallModel } from './smallModel.ts';

const fileName = 'c.safetensors';
const classNames = ['red', 'green', 'NaN'];

async function bytesOf(model: Model): Promise<Uint8Array> {
  return encodeCheckpoint(model.checkpoint());
}

/** A checkpoint whose record says something else; it has no hash, as those of insecure pages. */
function changed(bytes: Uint8Array, change: Readonly<Record<string, unknown>>): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(bytes, fileName);
  const record = JSON.parse(metadata['simdnet.checkpoint']!) as object;
  return encodeSafetensors(tensors, {
    'simdnet.checkpoint': JSON.stringify({ ...record, ...change }),
    'simdnet.sha256': '0'.repeat(64),
  });
}

function knownBy({ classNames, imageFit, layout, seed, network: { pixelScale } }: Model) {
  return { classNames, imageFit, layout, pixelScale, seed };
}

describe('what a model knows', () => {
  const known = { classNames, imageFit: 'fit', layout: 'nchw', pixelScale: 255, seed: 7 } as const;

  it('of classes, pictures and its seed is in its checkpoint', async () => {
    expect(knownBy(await openModel(await bytesOf(smallModel(known)), {}))).toEqual(known);
  });

  it('counts less than what is given', async () => {
    const names = { classNames: ['a', 'b', 'c'], imageFit: 'crop', layout: 'nhwc' } as const;
    const given = { ...names, pixelScale: 1, seed: 1 } as const;
    expect(knownBy(await openModel(await bytesOf(smallModel(known)), given))).toEqual(given);
  });

  it('is not in those of before, which are opened all the same', async () => {
    const model = smallModel(known);
    const older = changed(await bytesOf(model), { classNames: undefined, imageFit: undefined });
    const opened = await openModel(older, {});
    expect([opened.classNames, opened.imageFit]).toEqual([undefined, undefined]);
    expect(opened.getWeights()).toEqual(model.getWeights());
  });

  it.each([
    [{ classNames: [1, 2, 3] }, 'classNames is no list of names'],
    [{ classNames: 'abc' }, 'classNames is no list of names'],
    [{ classNames: ['a'] }, 'its network cannot be built. There are 1 class names'],
    [{ imageFit: 'squash' }, 'imageFit is none of stretch, crop, fit'],
    [{ network: { layers: [{ type: 'dense' }] } }, 'its network: layer 1 of 1'],
  ])('is refused as %j', async (change, message) => {
    const error = await openModel(changed(await bytesOf(smallModel()), change), { fileName }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ name: 'FormatError' });
    expect((error as Error).message).toContain(fileName);
    expect((error as Error).message).toContain(message);
  });
});

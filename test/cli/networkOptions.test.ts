/** What `--network FILE.json` is made of. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { networkGiven } from '../../src/cli/importing.ts';
import { partsOfText } from '../../src/cli/networkOptions.ts';
import { FormatError } from '../../src/errors.ts';

const layers = [{ type: 'flatten', inputShape: [2, 2, 1] }];

describe('the JSON of a network', () => {
  it('has its layers, and what bytes become for it', () => {
    expect(partsOfText(JSON.stringify({ layers }), 'it')).toMatchObject({ layers, pixelScale: 1 });
    expect(partsOfText(JSON.stringify({ pixelScale: 255, layers }), 'it').pixelScale).toBe(255);
    const wrong = JSON.stringify({ pixelScale: 127.5, layers });
    expect(() => partsOfText(wrong, 'it')).toThrow(FormatError);
    expect(() => partsOfText(wrong, 'it')).toThrow(
      'it: The model: its pixelScale must be 1 or 255, not 127.5.',
    );
    expect(partsOfText(JSON.stringify({ layout: 'nchw', layers }), 'it').layout).toBe('nchw');
    expect(() => partsOfText(JSON.stringify({ layout: 'chwn', layers }), 'it')).toThrow(
      'it: The model: its layout must be nhwc or nchw, not "chwn".',
    );
  });
});

describe('the network of weights alone', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simdnet-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is that of a file, as it says', async () => {
    const path = join(folder, 'net.json');
    await writeFile(path, JSON.stringify({ pixelScale: 255, layers }));
    expect(await networkGiven(path)).toMatchObject({ network: layers, pixelScale: 255 });
  });

  it('is one of simdnet’s, or none', async () => {
    const { network, pixelScale } = await networkGiven('tutorial');
    expect([network![0]!.inputShape, pixelScale]).toEqual([[32, 32, 3], undefined]);
    expect(await networkGiven(undefined)).toEqual({});
  });
});

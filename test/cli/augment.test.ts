/** --augment: words, what a run keeps of them, and what they look like. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { augmentationList, augmentationsOf } from '../../src/cli/augmentation.ts';
import { OptionError } from '../../src/errors.ts';
import { decodePng } from '../../src/formats/png.ts';
import { cifar10Folder, simdnet, temporaryFolder, type Result } from './simdnet.ts';

const IMAGES = { inputShape: [32, 32, 3] };

describe('the words', () => {
  it('are layers, from left to right', () => {
    const layers = augmentationsOf(
      'flip,shift,rotate=90,zoom,brightness,contrast,saturation,cutout=12,mixup',
      IMAGES,
    );
    expect(layers).toMatchObject([
      { type: 'randomFlip', mode: 'horizontal', alternate: false },
      { type: 'randomTranslation', heightFactor: [-1 / 8, 1 / 8], wholePixels: true, fillMode: 'mirror' },
      { type: 'randomRotation', factor: [-0.25, 0.25] },
      { type: 'randomZoom', heightFactor: [-0.1, 0.1], widthFactor: null },
      { type: 'randomBrightness', factor: [-0.2, 0.2] },
      { type: 'randomContrast', factor: [0.2, 0.2] },
      { type: 'randomSaturation', factor: [0.35, 0.65] },
      { type: 'cutout', size: 12, fillValue: 0.5 },
      { type: 'mixUp', alpha: 0.2 },
    ]);
    expect(augmentationsOf('flip=alternate,shift=2/zeros', { inputShape: [16, 8, 1] })).toMatchObject([
      { mode: 'horizontal', alternate: true },
      { heightFactor: [-1 / 8, 1 / 8], widthFactor: [-1 / 4, 1 / 4], fillMode: 'constant', fillValue: 0 },
    ]);
    expect(augmentationsOf(undefined, IMAGES)).toEqual([]);
  });

  it('change values up to 255 where the network takes such', () => {
    const words = 'brightness,contrast,saturation,cutout';
    const ranges = (scale: 1 | 255): unknown[] =>
      augmentationsOf(words, { ...IMAGES, pixelScale: scale }).map((layer) =>
        'valueRange' in layer ? layer.valueRange : 'fillValue' in layer && layer.fillValue,
      );
    expect(ranges(1)).toEqual([[0, 1], [0, 1], [0, 1], 0.5]);
    expect(ranges(255)).toEqual([[0, 255], [0, 255], [0, 255], 127.5]);
    expect(augmentationsOf(words, { ...IMAGES, pixelScale: 1 })).toEqual(augmentationsOf(words, IMAGES));
  });

  it.each([
    ['', /there is no ""/],
    ['flipp', /there is no "flipp"; did you mean flip\?/],
    ['FLIP', /there is no "FLIP"; did you mean flip\?/],
    ['shift=4=reflect', /shift=4=reflect cannot be; shift takes/],
    ['shift=65', /: shift=65 cannot be; shift takes a whole number of pixels from 1 to 64,/],
    ['toString', /there is no "toString"/],
    ['flip=up', /flip=up .* flip takes horizontal, vertical, both, alternate\./],
    ['flip=toString', /flip takes/],
    ['shift=0', /shift takes a whole number of pixels/],
    ['shift=1.5', /shift takes/],
    ['shift=4/ones', /shift takes/],
    ['rotate=', /rotate takes degrees, above 0 and up to 180/],
    ['rotate=0x10', /rotate takes/],
    ['cutout=2.5', /cutout takes/],
    ['mixup=2', /mixup takes alpha/],
  ])('%j is none', (text, message) => {
    expect(() => augmentationList(text, 'augment')).toThrow(OptionError);
    expect(() => augmentationList(text, 'augment')).toThrow(message);
  });

  it('must fit the images', () => {
    expect(() => augmentationsOf('shift=40', IMAGES)).toThrow(
      '--augment: shift=40 cannot be for images of 32×32; shift takes a whole number of pixels from 1 to 32, and',
    );
    // What cannot be for any images has nothing to do with their size.
    expect(() => augmentationsOf('rotate=200', IMAGES)).toThrow('rotate=200 cannot be; rotate takes');
  });
});

describe('train --augment', () => {
  let cwd: string;
  const folder = (name: string): string => join(cwd, name);
  const run = async (...more: string[]): Promise<Result> => simdnet(['train', ...more], { cwd });

  beforeAll(async () => {
    cwd = await temporaryFolder();
    const data = await cifar10Folder(60, 16);
    const small = ['--data-dir', data, '--batch-size', '16', '--epochs', '2', '--tier', 'simd'];
    const augment = ['--augment', 'flip=alternate,shift=2,mixup'];
    const results = [
      await run(...small, ...augment, '--threads', '2', '--out', 'changed'),
      await run(...small, '--out', 'plain'),
    ];
    for (const { code, stderr } of results) expect([code, stderr]).toEqual([0, '']);
  });

  it('trains on other images, and says so', async () => {
    const record = JSON.parse(await readFile(join(folder('changed'), 'run.json'), 'utf8')) as {
      options: { augment: string };
      augment: { type: string }[];
    };
    expect(record.options.augment).toBe('flip=alternate,shift=2,mixup');
    expect(record.augment.map(({ type }) => type)).toEqual(['randomFlip', 'randomTranslation', 'mixUp']);
    const [changed, plain] = await Promise.all(
      ['changed', 'plain'].map((name) => readFile(join(folder(name), 'model.safetensors'))),
    );
    expect(changed!.equals(plain!)).toBe(false);
    expect(changed!.includes('randomFlip')).toBe(false);
  });

  it('is repeated with the same bytes, and not changed by --resume', async () => {
    const again = await simdnet(['rerun', 'changed', '--out', 'again', '--threads', '1'], { cwd });
    expect(again.code).toBe(0);
    const { code, stderr } = await run('--resume', 'changed', '--epochs', '3', '--augment', 'flip');
    expect(code).toBe(2);
    expect(stderr).toContain('--augment: changed was trained with "flip=alternate,shift=2,mixup"');
  });
});

it('data samples --augment shows rows of them', async () => {
  const cwd = await temporaryFolder();
  const sample = async (...more: string[]): Promise<Buffer> => {
    const args = ['data', 'samples', '--dataset', 'shapes', '--out', 'a.png', ...more];
    expect((await simdnet(args, { cwd })).code).toBe(0);
    return readFile(join(cwd, 'a.png'));
  };
  const [one, same, other] = [
    await sample('--augment', 'flip,shift=4/zeros'),
    await sample('--augment', 'flip,shift=4/zeros'),
    await sample('--augment', 'flip,shift=4/zeros', '--seed', '1'),
  ];
  expect(decodePng(one, 'a.png').width).toBeGreaterThan(1000);
  expect(same.equals(one)).toBe(true);
  expect(other.equals(one)).toBe(false);
});

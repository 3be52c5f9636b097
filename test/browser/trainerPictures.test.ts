/** The worker behind the page, given pictures of one's own: it does what the command line does with a folder of them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PictureClass } from '../../src/browser/protocol.ts';
import { defaultTexts, readSettings, type Settings, type Texts } from '../../src/browser/settings.ts';
import { Trainer } from '../../src/browser/trainer/trainer.ts';
import { simdnet, temporaryFolder } from '../cli/simdnet.ts';
import { fixture } from '../formats/pictures.ts';
import { ownPictures, writeOwnPictures, type OwnPicture } from './ownPictures.ts';

const LIMITS = { dataset: 'pictures', ownPictures: true, trainImages: 50, cores: 2 } as const;

function settings(texts: Partial<Texts>): Settings {
  return readSettings({ ...defaultTexts(LIMITS), tier: 'simd', ...texts }, LIMITS).settings!;
}

/** In an order that is not that of their names. */
function classesOf(pictures: readonly OwnPicture[]): PictureClass[] {
  const names = [...new Set(pictures.map(({ className }) => className))].reverse();
  return names.map((name) => ({
    name,
    pictures: pictures
      .filter(({ className }) => className === name)
      .reverse()
      .map((picture) => ({ name: picture.name, file: new Blob([picture.bytes]) })),
  }));
}

function newTrainer(onShare: (share: number) => void = () => undefined): Trainer {
  const trainer = new Trainer((event) => {
    if (event.kind === 'reading') onShare(event.share);
  });
  onTestFinished(() => trainer.stop());
  return trainer;
}

async function trainedOnCommandLine(pictures: readonly OwnPicture[], ...args: string[]): Promise<Buffer> {
  const root = await temporaryFolder();
  const [folder, run] = [join(root, 'pictures'), join(root, 'run')];
  await writeOwnPictures(folder, pictures);
  const { code, stderr } = await simdnet(['train', folder, '--tier', 'simd', '--out', run, ...args]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return readFile(join(run, 'model.safetensors'));
}

describe('pictures of one’s own', () => {
  it('train the model of the command line, of any size and changed at random', async () => {
    const pictures = ownPictures(['circle', 'square', 'triangle'], 14);
    const shares: number[] = [];
    const trainer = newTrainer((share) => shares.push(share));
    const summary = await trainer.usePictures(classesOf(pictures), 24);
    expect(summary).toEqual({
      name: 'pictures',
      classNames: ['circle', 'square', 'triangle'],
      trainCount: 30,
      validationCount: 9,
      testCount: 3,
      testIsValidation: false,
      identity: expect.any(String) as string,
    });
    expect(shares.at(-1)).toBe(1);
    const augment = 'flip,shift,rotate,zoom,brightness,contrast,saturation,cutout,mixup';
    await trainer.train(settings({ epochs: '2', batchSize: '16', augment, schedule: 'cosine' }));
    expect((await trainer.test()).count).toBe(3);
    const options = '--image-size 24 --epochs 2 --batch-size 16 --schedule cosine'.split(' ');
    const expected = await trainedOnCommandLine(pictures, ...options, '--augment', augment);
    expect(Buffer.from(await trainer.saveModel()).equals(expected)).toBe(true);
    const other = await trainedOnCommandLine(pictures, ...options);
    expect(Buffer.from(await trainer.saveModel()).equals(other)).toBe(false);
  });

  it('have the size that they share, or else 64 pixels, as on the command line', async () => {
    const same = ownPictures(['circle', 'square'], 10).filter((_, i) => (i % 10) % 3 === 0);
    const trainer = newTrainer();
    for (const [pictures, side] of [
      [same, 32],
      [ownPictures(['circle', 'square'], 4), 64],
    ] as const) {
      await trainer.usePictures(classesOf(pictures), undefined);
      expect((await trainer.testImages(0, 1)).width).toBe(side);
      await trainer.train(settings({ epochs: '1' }));
      const expected = await trainedOnCommandLine(pictures, '--epochs', '1');
      expect(Buffer.from(await trainer.saveModel()).equals(expected)).toBe(true);
    }
  });

  it('must be enough, and be readable, or a sentence says what to do', async () => {
    const trainer = newTrainer();
    const two = ownPictures(['circle', 'square'], 3);
    await expect(trainer.usePictures([], 32)).rejects.toThrow('at least 3 pictures to each of two classes');
    await expect(trainer.usePictures(classesOf(two.slice(0, 3)), 32)).rejects.toThrow('a second class');
    await expect(trainer.usePictures(classesOf(two.slice(0, 5)), 32)).rejects.toThrow(
      'Add more pictures to “square”: each class needs at least 3.',
    );
    const broken = two.map((picture, i) => (i === 4 ? { ...picture, bytes: Uint8Array.of(1, 2) } : picture));
    await expect(trainer.usePictures(classesOf(broken), 32)).rejects.toThrow(
      'square/square 2.png is not a PNG, JPEG or WebP file',
    );
    const [circle, square] = classesOf(two);
    const empty = { name: 'nothing', pictures: [] };
    const summary = await trainer.usePictures([circle!, empty, square!], 32);
    expect(summary.classNames).toEqual(['circle', 'square']);
  });

  it('are seen as thumbnails, which are no larger than they are', async () => {
    const trainer = newTrainer();
    const look = async (bytes: Uint8Array<ArrayBuffer>, name: string) =>
      trainer.look(new Blob([bytes]), name);
    const [small] = ownPictures(['circle'], 2).slice(1);
    expect(await look(small!.bytes, small!.name)).toMatchObject({ width: 40, height: 32 });
    const jpeg = Uint8Array.from(fixture('baseline.jpg'));
    const large = await look(jpeg, 'a.jpg');
    expect(Math.max(large.width, large.height)).toBeLessThanOrEqual(96);
    expect(large.rgba.length).toBe(large.width * large.height * 4);
    await expect(look(jpeg.slice(0, 900), 'cut.jpg')).rejects.toThrow(/^cut\.jpg: the JPEG file is cut/);
    await expect(look(new Uint8Array(), 'nothing.png')).rejects.toThrow(/^nothing\.png is empty/);
  });
});

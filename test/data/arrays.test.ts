import { mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openArrays } from '../../src/data/arrays/arrays.ts';
import { DataError, FormatError } from '../../src/errors.ts';
import { encodeSafetensors, type SafeTensor } from '../../src/formats/safetensors.ts';
import { MAX_ARRAYS } from '../../src/limits.ts';
import { npyFile, npyOf, npzOf, zipOf } from '../formats/npyBuilder.ts';
import { rejection, temporaryFolder } from './fixtures.ts';
import { peakOfArrays } from './memory.ts';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/numpy/${name}`, import.meta.url));

async function fileOf(bytes: Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), 'some-file');
  await writeFile(path, bytes);
  return path;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const images = npyOf('|u1', [2, 2, 3], upTo(12));
const labels = npyOf('<i8', [2], [1, 0]);

describe('npz files of NumPy', () => {
  it('that are stored, with Keras’ names, are read', async () => {
    const stored = await openArrays(fixture('keras.npz'), 'npz');
    expect([...stored.parts]).toEqual(['train', 'test']);
    expect(stored.inputShape).toEqual([4, 3, 1]);
    expect(stored.classNames).toEqual(['0', '1', '2', '3']);
    const train = await stored.read('train');
    expect(train.images).toEqual(Uint8Array.from(upTo(60)));
    expect(train.labels).toEqual(Uint8Array.of(0, 2, 1, 3, 2));
    expect(await stored.read('test')).toMatchObject({
      images: Uint8Array.from(upTo(24)),
      labels: Uint8Array.of(1, 0),
    });
  });

  it('that are deflated, with MedMNIST’s names, floats and either end first, are read', async () => {
    const stored = await openArrays(fixture('medmnist.npz'), 'npz');
    expect([...stored.parts]).toEqual(['train', 'validation', 'test']);
    expect(stored.inputShape).toEqual([2, 2, 3]);
    const colours = Uint8Array.from(upTo(48), (i) => (i * 5) % 256);
    const train = await stored.read('train');
    expect(train.images).toEqual(colours);
    expect(train.labels).toEqual(Uint8Array.of(0, 1, 1, 0));
    expect(await stored.read('validation')).toMatchObject({
      images: colours.slice(0, 24),
      labels: Uint8Array.of(1, 0),
    });
    expect(await stored.read('test')).toMatchObject({
      images: colours.slice(24, 36),
      labels: Uint8Array.of(1),
    });
  });

  it.skipIf(process.platform !== 'linux')('leave no file open', async () => {
    const count = async (): Promise<number> => (await readdir('/proc/self/fd')).length;
    const before = await count();
    for (let times = 0; times < 20; times++) {
      const stored = await openArrays(fixture('medmnist.npz'), 'npz');
      await stored.read('train');
      await rejection(openArrays(await fileOf(npzOf({ images }, true)), 'npz'));
    }
    await expect.poll(count).toBeLessThan(before + 5);
  });
});

describe('images', () => {
  const read = async (array: Uint8Array): Promise<Uint8Array> => {
    const stored = await openArrays(
      await fileOf(npzOf({ images: array, labels: npyOf('|u1', [1], [0]) })),
      'npz',
    );
    return (await stored.read('train')).images;
  };

  it('are the same bytes from any type that may hold them', async () => {
    const pixels = fc.array(fc.nat(255), { minLength: 6, maxLength: 6 });
    const types = fc.constantFrom('|u1', '<f4', '>f4', '<f8', '>f8');
    await fc.assert(
      fc.asyncProperty(pixels, types, fc.boolean(), async (values, descr, scaled) => {
        const whole = descr === '|u1' || !scaled;
        // Whole numbers up to 1 could be either.
        fc.pre(!whole || descr === '|u1' || values.some((value) => value > 1));
        const stored = whole ? values : values.map((value) => value / 255);
        expect([...(await read(npyOf(descr, [1, 2, 3], stored)))]).toEqual(values);
      }),
      { numRuns: 60 },
    );
  });

  it('of floats are scaled from 0…1, halves up', async () => {
    expect([...(await read(npyOf('<f8', [1, 1, 4], [0, 0.5, 1, 0.1])))]).toEqual([0, 128, 255, 26]);
    expect([...(await read(npyOf('<f4', [1, 1, 4], [0, 1, 0, 1])))]).toEqual([0, 255, 0, 255]);
  });

  it('of floats are taken as they are, if one is above 1, wherever it is', async () => {
    const values = new Array<number>(400_000).fill(1);
    values[399_999] = 2;
    const bytes = await read(npyOf('<f4', [1, 400, 1000], values));
    expect(bytes.every((byte, i) => byte === values[i])).toBe(true);
  });

  it.each([
    ['one that is negative', [0, -0.5, 1], 'value 1 is -0.5: floats must be all within'],
    ['one above 255', [0, 200, 256], 'value 2 is 256: floats must be'],
    ['one that is no number', [0, 1, NaN], 'value 2 is NaN: floats must be'],
    ['a fraction among 0…255', [3, 4, 4.5], 'value 2 is 4.5: floats must be'],
    ['a fraction before 0…255', [0, 0.25, 7], 'value 1 is no whole number, and value 2 is above 1'],
  ])('of floats are refused: %s', async (_what, values, message) => {
    const error = await rejection(read(npyOf('<f8', [1, 1, 3], values)));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(`some-file: images: ${message}`);
  });

  it.each([
    [
      'integers of 64 bits',
      npyOf('<i8', [1, 1, 2], [3, 4]),
      "images is int64, and images must be uint8, float32 or float64: convert them with .astype('uint8')",
    ],
    ['a flat array', npyOf('|u1', [1, 4], [1, 2, 3, 4]), 'images has the shape [1, 4]: images must be'],
    ['channels in front', npyOf('|u1', [1, 3, 8, 8], upTo(192)), 'transpose it to (0, 2, 3, 1)'],
    ['no pixels', npyOf('|u1', [1, 0, 3], []), 'images has the shape [1, 0, 3]: it holds nothing'],
  ])('are refused: %s', async (_what, array, message) => {
    const error = await rejection(read(array));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(message);
  });
});

describe('labels', () => {
  const read = async (array: Uint8Array, count = 2): Promise<Uint8Array | Uint16Array> => {
    const few = npyOf('|u1', [count, 1, 1], upTo(count));
    const stored = await openArrays(await fileOf(npzOf({ images: few, labels: array })), 'npz');
    return (await stored.read('train')).labels;
  };

  it.each(['|u1', '|i1', '<i2', '>i2', '<u4', '>i4', '<i8', '>i8'])('of %s are read', async (descr) => {
    expect(await read(npyOf(descr, [2], [100, 3]))).toEqual(Uint8Array.of(100, 3));
    expect(await read(npyOf(descr, [2, 1], [100, 3]))).toEqual(Uint8Array.of(100, 3));
  });

  it('take two bytes where there are more than 256 classes', async () => {
    expect(await read(npyOf('<i4', [2], [255, 3]))).toEqual(Uint8Array.of(255, 3));
    expect(await read(npyOf('<i4', [2], [256, 3]))).toEqual(Uint16Array.of(256, 3));
    expect(await read(npyOf('<i4', [2], [65_535, 3]))).toEqual(Uint16Array.of(65_535, 3));
  });

  it.each([
    [
      'a negative one',
      npyOf('<i4', [2], [1, -1]),
      'labels: label 1 is -1, and labels are whole numbers from 0 to 65535',
    ],
    ['one too large', npyOf('<i8', [2], [1, 65_536]), 'labels: label 1 is 65536, and labels are'],
    [
      'floats',
      npyOf('<f4', [2], [1, 0]),
      "labels is float32, and labels must be integers: convert them with .astype('int64')",
    ],
    [
      'one-hot rows',
      npyOf('<i4', [2, 3], [1, 0, 0, 0, 1, 0]),
      'labels must be [count] or [count, 1]; of one-hot rows, save .argmax(1)',
    ],
    ['too many', npyOf('<i4', [3], [1, 0, 1]), 'images has 2 images, but '],
  ])('are refused: %s', async (_what, array, message) => {
    const error = await rejection(read(array));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(message);
  });
});

describe('npz files', () => {
  const npy = (name: string, content: Uint8Array) => ({ name: `${name}.npy`, content });
  const bomb = npyFile({ descr: '|u1', shape: [1, 5_000, 5_000], data: new Uint8Array(25_000_000) });
  it.each([
    ['a text', Buffer.from('I am no zip file, but long enough to be one.'), FormatError, 'is not usable: '],
    ['an empty file', new Uint8Array(0), FormatError, 'is not usable: '],
    ['a file that is cut', npzOf({ images, labels }).subarray(0, 300), FormatError, 'is not usable: '],
    [
      'no images',
      npzOf({ a: images, b: labels }),
      DataError,
      'has no images: arrays called x_train and y_train, or images and labels, are looked for, and there are "a", "b"',
    ],
    ['no arrays', npzOf({}), DataError, 'and there are none'],
    [
      'no labels',
      npzOf({ x_train: images }),
      DataError,
      'has an array x_train, but none called y_train: save both',
    ],
    [
      'no array',
      npzOf({ images: Buffer.from('something else'), labels }),
      FormatError,
      'images is not a usable NPY array: it does not begin',
    ],
    [
      'an array twice',
      zipOf([npy('images', images), npy('images', images), npy('labels', labels)]),
      FormatError,
      'has two arrays called "images"',
    ],
    [
      'a wrong checksum',
      zipOf([npy('images', images), { ...npy('labels', labels), checksum: 7 }]),
      FormatError,
      'labels has the wrong checksum',
    ],
    [
      'an array that is shorter than it claims',
      npzOf({ images: images.subarray(0, images.length - 1), labels }),
      FormatError,
      'images claims the shape [2, 2, 3], which takes 12 bytes, but 11 follow',
    ],
    [
      'a terabyte that is only claimed',
      npzOf({ images: npyFile({ descr: '<f8', shape: [1e6, 1e3, 1e3], data: new Uint8Array(8) }), labels }),
      FormatError,
      'takes 8000000000000 bytes, but 8 follow',
    ],
    [
      'an unknown method',
      zipOf([{ ...npy('images', images), method: 12 }, npy('labels', labels)]),
      FormatError,
      'images is encrypted, or packed by method 12',
    ],
    [
      'what unpacks to a thousand times its size',
      npzOf({ images: bomb, labels }, true),
      FormatError,
      `unpacks to ${bomb.length} bytes, and in a file of this size it may have `,
    ],
    [
      'more than it claims',
      zipOf([{ ...npy('images', images), size: 50, deflated: true }, npy('labels', labels)]),
      FormatError,
      'images',
    ],
  ])('are refused: %s', async (_what, bytes, type, message) => {
    const path = await fileOf(bytes);
    const error = await rejection(openArrays(path, 'npz'));
    expect(error).toBeInstanceOf(type);
    expect(error.message).toContain(path);
    expect(error.message).toContain(message);
  });

  it('are refused with more entries than anybody has', async () => {
    const entries = upTo(MAX_ARRAYS + 1).map((i) => ({ name: String(i), content: new Uint8Array(0) }));
    expect((await rejection(openArrays(await fileOf(zipOf(entries)), 'npz'))).message).toContain(
      'has 10001 entries',
    );
  });

  it('are refused with a wrong checksum of the images, once they are read', async () => {
    const many = npyFile({ descr: '|u1', shape: [2, 300, 300], data: new Uint8Array(180_000) });
    const path = await fileOf(zipOf([{ ...npy('images', many), checksum: 7 }, npy('labels', labels)]));
    const stored = await openArrays(path, 'npz');
    expect((await rejection(stored.read('train'))).message).toContain('images has the wrong checksum');
  });

  it('name what is not there, or is a folder', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'a.npz'));
    expect((await rejection(openArrays(join(folder, 'b.npz'), 'npz'))).message).toContain(
      'there is no such file',
    );
    expect((await rejection(openArrays(join(folder, 'a.npz'), 'npz'))).message).toContain('is not a file');
  });

  it('of floats are never in memory as floats', async () => {
    // 80 MB of zeros and ones, of which 10 MB are kept.
    const count = 10_000_000;
    const path = await fileOf(
      npzOf({
        images: npyFile({ descr: '<f8', shape: [1, 1000, count / 1000], data: new Uint8Array(8 * count) }),
        labels: npyOf('|u1', [1], [0]),
      }),
    );
    const stored = await openArrays(path, 'npz');
    const { result, peak } = await peakOfArrays(() => stored.read('train'));
    expect(result.images).toHaveLength(count);
    expect(peak).toBeGreaterThan(count / 2);
    // What streams leave behind is garbage at some time.
    expect(peak).toBeLessThan(8 * count);
  });
});

describe('safetensors files', () => {
  const tensors = (entries: Readonly<Record<string, SafeTensor>>, metadata = {}): Promise<string> =>
    fileOf(encodeSafetensors(new Map(Object.entries(entries)), metadata));
  const u8 = (shape: number[], data: number[]): SafeTensor => ({
    dtype: 'U8',
    shape,
    data: Uint8Array.from(data),
  });

  it('are read, with the names of the classes that they have', async () => {
    const path = await tensors(
      {
        other: { dtype: 'F32', shape: [3], data: Float32Array.of(1, 2, 3) },
        images: u8([2, 1, 2, 3], upTo(12)),
        labels: { dtype: 'I64', shape: [2], data: BigInt64Array.of(1n, 0n) },
        test_images: { dtype: 'F32', shape: [1, 1, 2, 3], data: Float32Array.of(0, 1, 0.5, 0, 0, 1) },
        test_labels: { dtype: 'I32', shape: [1], data: Int32Array.of(2) },
      },
      { classNames: '["cat","dog","owl"]' },
    );
    const stored = await openArrays(path, 'safetensors');
    expect(stored.classNames).toEqual(['cat', 'dog', 'owl']);
    expect(stored.inputShape).toEqual([1, 2, 3]);
    expect(await stored.read('train')).toMatchObject({
      images: Uint8Array.from(upTo(12)),
      labels: Uint8Array.of(1, 0),
    });
    expect(await stored.read('test')).toMatchObject({
      images: Uint8Array.of(0, 255, 128, 0, 0, 255),
      labels: Uint8Array.of(2),
    });
  });

  it('are refused where their names are no list, or too few', async () => {
    const arrays = { images: u8([1, 1, 1], [3]), labels: u8([1], [2]) };
    for (const classNames of ['cat', '{"a":1}', '[1]', '[]']) {
      const error = await rejection(openArrays(await tensors(arrays, { classNames }), 'safetensors'));
      expect(error).toBeInstanceOf(FormatError);
      expect(error.message).toContain('the metadata "classNames" must be a list of names as JSON');
    }
    const error = await rejection(
      openArrays(await tensors(arrays, { classNames: '["a","b"]' }), 'safetensors'),
    );
    expect(error.message).toContain('labels: label 0 is 2, but there are 2 classes');
  });

  it('are refused where they are damaged or have no images', async () => {
    const path = await tensors({ weights: u8([2], [1, 2]) });
    expect((await rejection(openArrays(path, 'safetensors'))).message).toContain(
      'has no images: arrays called',
    );
    const file = await open(path, 'r+');
    await file.truncate(40);
    await file.close();
    const error = await rejection(openArrays(path, 'safetensors'));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain('not a usable safetensors file');
  });
});

/** What is written is read back the same, whatever it is: for every format that is both written and read. */
import { parse as parseCsv } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cifar10RecordBytes, decodeCifar10, encodeCifar10 } from '../../src/data/cifar10Format.ts';
import { historyToCsv } from '../../src/formats/csv.ts';
import { decodeHdf5 } from '../../src/formats/hdf5/decode.ts';
import { encodeHdf5 } from '../../src/formats/hdf5/encode.ts';
import type { H5Dataset, H5Group, H5Value } from '../../src/formats/hdf5/hdf5.ts';
import { historyFromJson } from '../../src/formats/historyJson.ts';
import { parseJson } from '../../src/formats/json.ts';
import { decodePng, encodePng } from '../../src/formats/png.ts';
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from '../../src/formats/safetensors.ts';
import { decodeZip, encodeZip } from '../../src/formats/zip.ts';
import { MAX_JSON_DEPTH } from '../../src/limits.ts';
import { ACTIVATIONS } from '../../src/nn/activations/registry.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import type { LayerSpec } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import { decodeModel, encodeModel } from '../../src/training/modelFile.ts';
import { layersOfJson, networkJson } from '../../src/training/modelJson.ts';

/** Text with all that JSON must escape; lone surrogates are no text, and files hold none. */
const text = fc.string({ unit: 'grapheme', maxLength: 20 });

const shape = fc.array(fc.nat(4), { maxLength: 4 });

const bytes = (length: number): fc.Arbitrary<Uint8Array<ArrayBuffer>> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Uint8Array.from(array));

/** A tensor of any type, whose values are any bits. */
const tensor: fc.Arbitrary<SafeTensor> = shape.chain((extents) => {
  const count = extents.reduce((product, extent) => product * extent, 1);
  return fc.oneof(
    bytes(count).map((data): SafeTensor => ({ dtype: 'U8', shape: extents, data })),
    bytes(4 * count).map(({ buffer }): SafeTensor => ({
      dtype: 'F32',
      shape: extents,
      data: new Float32Array(buffer),
    })),
    bytes(8 * count).map(({ buffer }): SafeTensor => ({
      dtype: 'F64',
      shape: extents,
      data: new Float64Array(buffer),
    })),
    bytes(8 * count).map(({ buffer }): SafeTensor => ({
      dtype: 'I64',
      shape: extents,
      data: new BigInt64Array(buffer),
    })),
  );
});

const bitsOf = ({ data }: SafeTensor): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

describe('safetensors', () => {
  it('give back names, shapes, bits and metadata', () => {
    const names = text.filter((name) => name !== '__metadata__');
    const tensors = fc.uniqueArray(fc.tuple(names, tensor), { selector: ([name]) => name, maxLength: 6 });
    fc.assert(
      fc.property(tensors, fc.dictionary(text, text), (entries, metadata) => {
        const given = new Map(entries);
        const file = encodeSafetensors(given, metadata);
        const read = decodeSafetensors(file, 'f');
        expect(read.metadata).toEqual(metadata);
        expect([...read.tensors.keys()].sort()).toEqual([...given.keys()].sort());
        for (const [name, { dtype, shape: extents, ...rest }] of given) {
          const back = read.tensors.get(name)!;
          expect([back.dtype, back.shape]).toEqual([dtype, extents]);
          expect(bitsOf(back).equals(bitsOf({ dtype, shape: extents, ...rest } as SafeTensor))).toBe(true);
        }
      }),
    );
  });
});

describe('JSON', () => {
  it('is parsed as JSON.parse does, if no key is there twice', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8, stringUnit: 'grapheme' }), (json) => {
        expect(parseJson(json)).toEqual(JSON.parse(json));
      }),
    );
  });

  it('is refused from one depth on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.boolean(), (depth, lists) => {
        const nested = lists
          ? '['.repeat(depth) + ']'.repeat(depth)
          : '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
        if (depth <= MAX_JSON_DEPTH) expect(parseJson(nested)).toEqual(JSON.parse(nested));
        else expect(() => parseJson(nested)).toThrow(SyntaxError);
      }),
    );
  });
});

/** Small networks: convolutions and poolings, then layers of units. */
const network: fc.Arbitrary<LayerSpec[]> = fc
  .record({
    images: fc.array(
      fc.oneof(
        fc.record({
          type: fc.constant('conv2d'),
          filters: fc.integer({ min: 1, max: 4 }),
          kernelSize: fc.oneof(fc.constantFrom(1, 3), fc.tuple(fc.constantFrom(1, 2), fc.constantFrom(1, 3))),
          padding: fc.constant('same'),
          activation: fc.constantFrom(...ACTIVATIONS),
          useBias: fc.boolean(),
        }),
        fc.record({
          type: fc.constantFrom('maxPooling2d', 'averagePooling2d'),
          padding: fc.constant('same'),
        }),
        fc.record({
          type: fc.constant('batchNormalization'),
          momentum: fc.double({ min: 0, max: 0.99, noNaN: true }),
        }),
        fc.record({ type: fc.constant('dropout'), rate: fc.double({ min: 0, max: 0.9, noNaN: true }) }),
      ),
      { maxLength: 4 },
    ),
    units: fc.array(
      fc.record({
        type: fc.constant('dense'),
        units: fc.integer({ min: 1, max: 5 }),
        trainable: fc.boolean(),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(({ images, units }) => {
    const first = { type: 'reLU', inputShape: [4, 3, 2], name: 'first' };
    return layersOfJson({ layers: [first, ...images, { type: 'flatten' }, ...units] }, 'a network');
  });

describe('networks', () => {
  it('are the same when they are read from their JSON', () => {
    fc.assert(
      fc.property(network, (layers) => {
        const built = buildNetwork(layers);
        const json: unknown = JSON.parse(JSON.stringify(networkJson(built, 'nhwc')));
        expect(buildNetwork(layersOfJson(json, 'it')).specs).toEqual(built.specs);
      }),
    );
  });

  it('have the same weights and class names when they are read from their file', () => {
    const names = fc.array(text, { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(network, names, fc.integer({ min: 0, max: 1000 }), (layers, all, seed) => {
        const outputs = buildNetwork(layers).outputShape[0]!;
        const model = sequential(layers, { seed, classNames: all.slice(0, outputs) });
        const file = encodeModel(model);
        const read = decodeModel(file, 'f');
        expect(read.classNames).toEqual(model.classNames);
        expect([...read.getWeights()]).toEqual([...model.getWeights()]);
        expect(Buffer.compare(encodeModel(read), file)).toBe(0);
      }),
    );
  });
});

/** Any history: epochs that need not begin with 0, and metrics of any name. */
const history = fc.integer({ min: 1, max: 6 }).chain((epochs) =>
  fc.record({
    epoch: fc.array(fc.nat(1_000_000), { minLength: epochs, maxLength: epochs }),
    history: fc.dictionary(
      text.filter((name) => name !== 'epoch' && name !== ''),
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: epochs, maxLength: epochs }),
      { noNullPrototype: true, maxKeys: 5 },
    ),
  }),
);

describe('histories', () => {
  it('give back every bit from JSON, but for the sign of zero', () => {
    fc.assert(
      fc.property(history, (given) => {
        const positive = JSON.parse(JSON.stringify(given)) as typeof given;
        expect(historyFromJson(JSON.stringify(given), 'f')).toEqual(positive);
      }),
    );
  });

  it('give back names and every bit from CSV, to a reader of another make', () => {
    fc.assert(
      fc.property(history, (given) => {
        const [header, ...rows]: string[][] = parseCsv(historyToCsv(given));
        const metrics = Object.keys(given.history);
        expect(header).toEqual(['epoch', ...metrics]);
        expect(rows.map(([epoch]) => Number(epoch) - 1)).toEqual(given.epoch);
        metrics.forEach((metric, i) => {
          const values = rows.map((row) => Number(row[i + 1]));
          expect(values).toEqual(given.history[metric]!.map((value) => value + 0));
        });
      }),
    );
  });
});

describe('PNG files', () => {
  it('give back every pixel that is opaque', () => {
    const extent = fc.integer({ min: 1, max: 20 });
    const image = fc
      .tuple(extent, extent)
      .chain(([width, height]) => bytes(width * height * 4).map((data) => ({ width, height, data })));
    fc.assert(
      fc.property(image, ({ width, height, data }) => {
        const opaque = data.map((value, i) => (i % 4 === 3 ? 255 : value));
        const read = decodePng(encodePng({ width, height, data: opaque }), 'f');
        expect([read.width, read.height]).toEqual([width, height]);
        expect(Buffer.compare(read.data, opaque)).toBe(0);
      }),
    );
  });
});

describe('records of CIFAR-10', () => {
  it('give back every byte', () => {
    const record = fc
      .tuple(fc.nat(9), bytes(cifar10RecordBytes))
      .map(([label, image]) => image.with(0, label));
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 3 }), (records) => {
        const file = Buffer.concat(records);
        expect(Buffer.compare(encodeCifar10(decodeCifar10(file, 'f')), file)).toBe(0);
      }),
      { numRuns: 20 },
    );
  });
});

describe('HDF5 files', () => {
  // In HDF5 a text ends at a zero, and a name has no "/".
  const line = text.map((each) => each.replaceAll('\0', ''));
  const name = line.map((each) => each.replaceAll('/', '')).filter((each) => each !== '' && each !== '.');
  const value: fc.Arbitrary<H5Value> = fc.oneof(
    line,
    fc.double(),
    fc.bigInt({ min: 2n ** 60n, max: 2n ** 64n - 1n }),
    fc.boolean(),
    fc.constant(null),
    fc.array(line, { minLength: 1, maxLength: 6 }),
    fc.float64Array({ maxLength: 9 }),
  );
  const named = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<Map<string, T>> =>
    fc
      .uniqueArray(fc.tuple(name, of), { selector: ([each]) => each, maxLength: 4 })
      .map((entries) => new Map(entries));
  const dataset: fc.Arbitrary<H5Dataset> = fc
    .tuple(named(value), tensor)
    .map(([attributes, { shape: extents, data }]) => ({ attributes, shape: extents, data }));
  const group: fc.Arbitrary<H5Group> = fc
    .tuple(named(value), named(dataset), named(named(dataset)))
    .map(([attributes, datasets, groups]) => ({
      attributes,
      datasets,
      groups: new Map(
        [...groups]
          .filter(([each]) => !datasets.has(each))
          .map(([each, inner]) => [
            each,
            { attributes, datasets: inner, groups: new Map<string, H5Group>() },
          ]),
      ),
    }));

  it('give back groups, arrays and attributes, to the bit', () => {
    fc.assert(
      fc.property(group, (root) => {
        const file = encodeHdf5(root);
        const read = decodeHdf5(file, 'f');
        expect(read).toEqual(root);
        expect(encodeHdf5(read)).toEqual(file);
      }),
      { numRuns: 20 },
    );
  });
});

describe('zip files', () => {
  it('give back what is in them', () => {
    const name = fc
      .array(
        text
          .map((each) => each.replace(/[^ -~é]|[/\\:]/g, ''))
          .filter((each) => !['', '.', '..'].includes(each)),
        { minLength: 1, maxLength: 3 },
      )
      .map((parts) => parts.join('/'));
    const contents = fc.uint8Array({ maxLength: 200 });
    const entries = fc.uniqueArray(fc.tuple(name, contents), { selector: ([each]) => each, maxLength: 8 });
    fc.assert(
      fc.property(entries, (files) => {
        expect([...decodeZip(encodeZip(new Map(files)), 'f')]).toEqual(files);
      }),
    );
  });
});

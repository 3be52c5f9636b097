import { PbfWriter } from 'pbf';
import { describe, expect, it } from 'vitest';
import { DataError, FormatError } from '../../src/errors.ts';
import { decodeOnnx } from '../../src/formats/onnx/decode.ts';
import { encodeOnnx } from '../../src/formats/onnx/encode.ts';
import type { OnnxAttribute, OnnxModel, OnnxTensor } from '../../src/formats/onnx/model.ts';
import { modelOf, node, tensor } from '../exchange/onnxGraphs.ts';

type Write = (to: PbfWriter) => void;

function message(write: Write): Uint8Array {
  const writer = new PbfWriter();
  write(writer);
  return writer.finish();
}

/** A model with one initializer, written field by field. */
function withTensor(write: Write): Uint8Array {
  return message((model) => {
    model.writeBytesField(
      7,
      message((graph) => {
        graph.writeBytesField(5, message(write));
      }),
    );
  });
}

async function tensorOf(write: Write, file?: (name: string) => Promise<Uint8Array>): Promise<OnnxTensor> {
  const { graph } = await decodeOnnx(withTensor(write), 'some.onnx', file);
  return graph.initializers[0]!;
}

/** Numbers of types: float, int64 and so on. */
const [FLOAT, INT32, INT64, HALF, DOUBLE] = [1, 6, 7, 10, 11];

const described =
  (type: number, shape: readonly number[], more: Write): Write =>
  (to) => {
    to.writePackedVarint(1, [...shape]);
    to.writeVarintField(2, type);
    to.writeStringField(8, 'w');
    more(to);
  };

describe('decodeOnnx', () => {
  it('reads what is written', async () => {
    const scalar = tensor('', [], [2.5]);
    const attributes: [string, OnnxAttribute][] = [
      ['int', { kind: 'int', value: -3 }],
      ['float', { kind: 'float', value: 0.5 }],
      ['string', { kind: 'string', value: 'é' }],
      ['ints', { kind: 'ints', value: [1, -2, 2 ** 40] }],
      ['floats', { kind: 'floats', value: [0.25, -1] }],
      ['strings', { kind: 'strings', value: ['a', ''] }],
      ['tensor', { kind: 'tensor', value: scalar }],
    ];
    const own = { ...node('Own x > z'), name: 'n', domain: 'own', attributes: new Map(attributes) };
    const model: OnnxModel = modelOf(
      [own, node('Relu z > y')],
      [
        tensor('f', [2, 1], [1, -1]),
        { name: 'i', type: 'int64', shape: [2], data: [-1, 2 ** 40] },
        { name: 'b', type: 'bool', shape: [2], data: [0, 1] },
        { name: 'u', type: 'uint8', shape: [2], data: Uint8Array.of(0, 255) },
        { name: 's', type: 'int8', shape: [1], data: Int8Array.of(-128) },
        { name: 'd', type: 'float64', shape: [1], data: Float64Array.of(0.1) },
        { name: 'n', type: 'int32', shape: [0], data: new Int32Array(0) },
      ],
      {
        output: [1, 'features'],
        more: {
          metadata: new Map([['key', 'value']]),
          functions: [
            { name: 'Own', domain: 'own', inputs: ['a'], outputs: ['b'], attributes: ['int'], nodes: [own] },
          ],
        },
      },
    );
    const read = await decodeOnnx(encodeOnnx(model), 'some.onnx');
    const functions = model.functions.map((each) => ({ ...each, defaults: new Map() }));
    expect(read).toEqual({ ...model, functions });
  });

  it.each<[string, Write, readonly number[]]>([
    [
      'bytes',
      described(FLOAT, [2], (to) => {
        to.writeBytesField(9, new Uint8Array(Float32Array.of(1, -2).buffer));
      }),
      [1, -2],
    ],
    [
      'floats',
      described(FLOAT, [2], (to) => {
        to.writePackedFloat(4, [1, -2]);
      }),
      [1, -2],
    ],
    [
      'floats one by one',
      described(FLOAT, [2], (to) => {
        to.writeFloatField(4, 1);
        to.writeFloatField(4, -2);
      }),
      [1, -2],
    ],
    [
      'doubles',
      described(DOUBLE, [2], (to) => {
        to.writePackedDouble(10, [0.1, -2]);
      }),
      [0.1, -2],
    ],
    [
      'whole numbers',
      described(INT64, [2], (to) => {
        to.writePackedVarint(7, [5, -2]);
      }),
      [5, -2],
    ],
    [
      'whole numbers one by one',
      described(INT32, [2], (to) => {
        to.writeVarintField(5, 5);
        to.writeVarintField(5, -2);
      }),
      [5, -2],
    ],
    [
      'half precision',
      described(HALF, [3], (to) => {
        to.writePackedVarint(5, [0x3c00, 0xc000, 0x3555]);
      }),
      [1, -2, 0.333251953125],
    ],
    [
      'half precision as bytes',
      described(HALF, [2], (to) => {
        to.writeBytesField(9, Uint8Array.of(0, 0x3c, 0, 0xc0));
      }),
      [1, -2],
    ],
    ['no values', described(FLOAT, [0, 5], () => undefined), []],
  ])('reads tensors as %s', async (_, write, values) => {
    expect([...(await tensorOf(write)).data]).toEqual(values);
  });

  it('takes integers beyond what doubles have for the largest that they have', async () => {
    const bytes = new Uint8Array(BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n), 7n).buffer);
    const { data } = await tensorOf(
      described(INT64, [3], (to) => {
        to.writeBytesField(9, bytes);
      }),
    );
    expect(data).toEqual([Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 7]);
  });

  it('reads references of functions to attributes', async () => {
    const attribute = message((to) => {
      to.writeStringField(1, 'alpha');
      to.writeVarintField(20, 1);
      to.writeStringField(21, 'slope');
    });
    const inner = message((to) => {
      to.writeBytesField(5, attribute);
    });
    const used = message((to) => {
      to.writeBytesField(7, inner);
    });
    const bytes = message((to) => {
      to.writeBytesField(7, new Uint8Array(0));
      to.writeBytesField(25, used);
    });
    const { functions } = await decodeOnnx(bytes, 'some.onnx');
    expect(functions[0]!.nodes[0]!.attributes.get('alpha')).toEqual({ kind: 'reference', value: 'slope' });
  });

  it.each<[string, Write, string]>([
    [
      'too few values',
      described(FLOAT, [3], (to) => {
        to.writePackedFloat(4, [1]);
      }),
      '[3] holds 3 values, but 1 are there',
    ],
    [
      'a size beyond all',
      described(FLOAT, [2 ** 40, 2 ** 40], (to) => {
        to.writePackedFloat(4, [1]);
      }),
      'but 1 are there',
    ],
    [
      'extents below 0',
      described(FLOAT, [-1, -1], (to) => {
        to.writePackedFloat(4, [1]);
      }),
      'an extent below 0',
    ],
    [
      'half a value',
      described(FLOAT, [1], (to) => {
        to.writeBytesField(9, new Uint8Array(3));
      }),
      'no whole number of values',
    ],
    ['a type that is not read', described(16, [1], () => undefined), 'bfloat16'],
    ['text', described(8, [1], () => undefined), 'holds text'],
  ])('refuses %s', async (_, write, complaint) => {
    const error = await tensorOf(write).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain('some.onnx');
    expect((error as Error).message).toContain(complaint);
  });

  it.each<[string, Uint8Array]>([
    ['no bytes', new Uint8Array(0)],
    ['text', new TextEncoder().encode('{"model": 1}')],
    ['a graph that ends behind the file', Uint8Array.of(0x3a, 0x20, 0x0a)],
    ['a number that never ends', new Uint8Array(20).fill(0xff)],
    ['a number for a graph', Uint8Array.of(0x38, 1)],
    ['a field of the number 0', Uint8Array.of(0x08, 8, 0x00, 1)],
    ['a graph of a length beyond all', Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)],
  ])('refuses %s', async (_, bytes) => {
    await expect(decodeOnnx(bytes, 'some.onnx')).rejects.toThrow(FormatError);
    await expect(decodeOnnx(bytes, 'some.onnx')).rejects.toThrow('some.onnx');
  });

  it('refuses more parts than are read', async () => {
    const bytes = message((to) => {
      to.writeBytesField(
        7,
        Uint8Array.from({ length: 1_100_000 }, (_, i) => (i % 2 === 0 ? 0x0a : 0)),
      );
    });
    await expect(decodeOnnx(bytes, 'some.onnx')).rejects.toThrow('more than 500000 nodes');
  });
});

describe('values in another file', () => {
  const external =
    (entries: Readonly<Record<string, string>>): Write =>
    (to) => {
      for (const [key, value] of Object.entries(entries)) {
        to.writeBytesField(
          13,
          message((entry) => {
            entry.writeStringField(1, key);
            entry.writeStringField(2, value);
          }),
        );
      }
      to.writeVarintField(14, 1);
    };
  const values = new Uint8Array(Float32Array.of(9, 1, -2, 9).buffer);
  const read = (entries: Readonly<Record<string, string>>): Promise<OnnxTensor> =>
    tensorOf(described(FLOAT, [2], external(entries)), (name) => {
      expect(name).toBe('some.data');
      return Promise.resolve(values);
    });

  it('are read from where they are', async () => {
    const { data } = await read({ location: 'some.data', offset: '4', length: '8' });
    expect([...data]).toEqual([1, -2]);
    expect([...(await read({ location: 'some.data' })).data]).toEqual([9, 1]);
  });

  it.each([
    [{ location: '../some.data' }, "not in the model's folder"],
    [{ location: 'a/../../some.data' }, "not in the model's folder"],
    [{ location: '/etc/passwd' }, "not in the model's folder"],
    [{ location: 'C:\\some.data' }, "not in the model's folder"],
    [{ location: '\\\\server\\some.data' }, "not in the model's folder"],
    [{ location: 'some\0.data' }, "not in the model's folder"],
    [{ location: 'a//some.data' }, "not in the model's folder"],
    [{}, "not in the model's folder"],
    [{ location: 'some.data', offset: '12' }, 'should end at byte 20'],
    [{ location: 'some.data', offset: '-4' }, 'no count of bytes'],
    [{ location: 'some.data', offset: '1e3' }, 'no count of bytes'],
    [{ location: 'some.data', length: '4' }, 'takes 8 bytes, but 4'],
  ])('are refused at %j', async (entries, complaint) => {
    const error = await read(entries as Record<string, string>).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain(complaint);
  });

  it('are read once from a file, however its name is spelled', async () => {
    const names: string[] = [];
    const graph = message((to) => {
      for (const location of ['some.data', './some.data', '././some.data']) {
        to.writeBytesField(5, message(described(FLOAT, [1], external({ location }))));
      }
    });
    const bytes = message((to) => {
      to.writeBytesField(7, graph);
    });
    await decodeOnnx(bytes, 'some.onnx', (name) => {
      names.push(name);
      return Promise.resolve(values);
    });
    expect(names).toEqual(['some.data']);
  });

  it('are not more than the file has', async () => {
    const one = described(FLOAT, [4], external({ location: 'some.data' }));
    const graph = message((to) => {
      for (let i = 0; i < 2; i++) to.writeBytesField(5, message(one));
    });
    const bytes = message((to) => {
      to.writeBytesField(7, graph);
    });
    await expect(decodeOnnx(bytes, 'some.onnx', () => Promise.resolve(values))).rejects.toThrow(
      'tensors of 32 bytes are said to be in "some.data", which has 16',
    );
  });

  it('are missed if no file was given', async () => {
    await expect(tensorOf(described(FLOAT, [2], external({ location: 'some.data' })))).rejects.toThrow(
      DataError,
    );
  });
});

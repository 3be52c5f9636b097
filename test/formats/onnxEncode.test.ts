import { InferenceSession, Tensor } from 'onnxruntime-node';
import { PbfReader } from 'pbf';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { encodeOnnx } from '../../src/formats/onnx/encode.ts';
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor } from '../../src/formats/onnx/model.ts';

function node(op: string, inputs: string[], output: string, attributes: Record<string, OnnxAttribute> = {}) {
  return {
    name: output,
    op,
    domain: '',
    inputs,
    outputs: [output],
    attributes: new Map(Object.entries(attributes)),
  } satisfies OnnxNode;
}

function model(nodes: OnnxNode[], initializers: OnnxTensor[] = [], more: Partial<OnnxModel> = {}): OnnxModel {
  return {
    irVersion: 8,
    opsets: new Map([['', 17]]),
    producer: 'test',
    graph: {
      name: 'graph',
      nodes,
      initializers,
      inputs: [{ name: 'x', type: 'float32', shape: ['batch', 2] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['batch', 2] }],
    },
    functions: [],
    metadata: new Map(),
    ...more,
  };
}

async function run(bytes: Uint8Array, values: number[]): Promise<number[]> {
  const session = await InferenceSession.create(bytes);
  const { y } = await session.run({
    x: new Tensor('float32', Float32Array.from(values), [values.length / 2, 2]),
  });
  await session.release();
  return [...(y!.data as Float32Array)];
}

/** What a message has in a field, as bytes. */
function fieldsOf(bytes: Uint8Array, wanted: number): Uint8Array[] {
  return new PbfReader(bytes).readFields<Uint8Array[]>((field, found, reader) => {
    if (field === wanted) found.push(reader.readBytes());
  }, []);
}

describe('encodeOnnx', () => {
  it('writes attributes of every kind, and tensors, as another runtime reads them', async () => {
    const two: OnnxTensor = { name: '', type: 'float32', shape: [], data: Float32Array.of(2) };
    const bytes = encodeOnnx(
      model(
        [
          node('Constant', [], 'two', { value: { kind: 'tensor', value: two } }),
          node('Constant', [], 'floats', { value_floats: { kind: 'floats', value: [0.5, -1] } }),
          node('Constant', [], 'axes', { value_ints: { kind: 'ints', value: [-1, 0] } }),
          node('Mul', ['x', 'two'], 'scaled'),
          node('Add', ['scaled', 'floats'], 'sum'),
          node('LeakyRelu', ['sum'], 'leaky', { alpha: { kind: 'float', value: 0.25 } }),
          node('Gather', ['axes', 'first'], 'axis', { axis: { kind: 'int', value: -1 } }),
          node('Cast', ['axis'], 'minusOne', { to: { kind: 'int', value: 1 } }),
          node('Mul', ['leaky', 'minusOne'], 'y'),
        ],
        [{ name: 'first', type: 'int64', shape: [1], data: [0] }],
      ),
    );
    expect(await run(bytes, [1, 0, -4, 3])).toEqual([-2.5, 0.25, 1.875, -5]);
  });

  it.each([
    ['float64', Float64Array.of(3, -2)],
    ['int32', Int32Array.of(3, -2)],
    ['int64', [3, -2]],
    ['uint8', Uint8Array.of(3, 254)],
    ['int8', Int8Array.of(3, -2)],
    ['bool', [1, 0]],
  ] as const)('writes tensors of %s', async (type, data) => {
    const bytes = encodeOnnx(
      model(
        [
          node('Cast', ['values'], 'floats', { to: { kind: 'int', value: 1 } }),
          node('Add', ['x', 'floats'], 'y'),
        ],
        [{ name: 'values', type, shape: [2], data }],
      ),
    );
    expect(await run(bytes, [0, 0])).toEqual([...data]);
  });

  it('keeps every bit of floats', () => {
    const data = Float32Array.of(-0, 1e-42, 0.1, 3e38);
    const [graph] = fieldsOf(encodeOnnx(model([], [{ name: 'w', type: 'float32', shape: [4], data }])), 7);
    const [raw] = fieldsOf(fieldsOf(graph!, 5)[0]!, 9);
    expect(raw).toEqual(new Uint8Array(data.buffer));
  });

  it('runs functions of the model', async () => {
    const bytes = encodeOnnx(
      model([{ ...node('Twice', ['x'], 'y'), domain: 'own' }], [], {
        opsets: new Map([
          ['', 17],
          ['own', 1],
        ]),
        functions: [
          {
            name: 'Twice',
            domain: 'own',
            inputs: ['a'],
            outputs: ['b'],
            attributes: [],
            defaults: new Map(),
            nodes: [node('Add', ['a', 'a'], 'b')],
          },
        ],
      }),
    );
    expect(await run(bytes, [1, 2])).toEqual([2, 4]);
  });

  it('writes texts, and the metadata', () => {
    const bytes = encodeOnnx(
      model(
        [
          node('Custom', [], 'y', {
            s: { kind: 'string', value: 'ä' },
            l: { kind: 'strings', value: ['p', 'q'] },
          }),
        ],
        [],
        {
          metadata: new Map([['classes', '["é"]']]),
        },
      ),
    );
    const text = (part: Uint8Array | undefined): string => new TextDecoder().decode(part);
    const [property] = fieldsOf(bytes, 14);
    expect([1, 2].map((field) => text(fieldsOf(property!, field)[0]))).toEqual(['classes', '["é"]']);
    const [written] = fieldsOf(fieldsOf(bytes, 7)[0]!, 1);
    const [one, list] = fieldsOf(written!, 5);
    expect(text(fieldsOf(one!, 4)[0])).toBe('ä');
    expect(fieldsOf(list!, 9).map(text)).toEqual(['p', 'q']);
  });

  it('names what it does not write', () => {
    const half: OnnxTensor = { name: 'w', type: 'float16', shape: [0], data: new Float32Array(0) };
    expect(() => encodeOnnx(model([], [half]))).toThrow(FormatError);
    expect(() => encodeOnnx(model([], [half]))).toThrow('"w" is of type float16');
    const other = node('If', ['x'], 'y', { then_branch: { kind: 'other' } });
    expect(() => encodeOnnx(model([other]))).toThrow('"then_branch"');
  });
});

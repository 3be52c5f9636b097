import { describe, expect, it } from 'vitest';
import { inlined } from '../../src/exchange/onnx/import/inline.ts';
import type { OnnxAttribute, OnnxFunction } from '../../src/formats/onnx/model.ts';
import { compared, modelOf, node } from './onnxGraphs.ts';

const own = (values: string) => ({ ...node(values), domain: 'own' });

/** SiLU, and what uses it twice; both have a value "s". */
const FUNCTIONS: readonly OnnxFunction[] = [
  {
    name: 'Gate',
    domain: 'own',
    inputs: ['a'],
    outputs: ['b'],
    attributes: [],
    nodes: [node('Sigmoid a > s'), node('Mul a s > b')],
  },
  {
    name: 'Twice',
    domain: 'own',
    inputs: ['a'],
    outputs: ['b'],
    attributes: [],
    nodes: [own('Gate a > s'), own('Gate s > b')],
  },
];

describe('functions of a model', () => {
  it('are replaced by what they are made of, within others too', async () => {
    const opsets = new Map([
      ['', 17],
      ['own', 1],
    ]);
    const model = modelOf([own('Twice x > t'), own('Gate t > y')], [], {
      more: { functions: FUNCTIONS, opsets },
    });
    const { imported, difference } = await compared(model);
    expect(difference).toBeLessThan(1e-6);
    expect(imported.layers.map((layer) => (layer as { activation?: string }).activation)).toEqual([
      'silu',
      'silu',
      'silu',
    ]);
  });

  it('take attributes of the nodes that use them, or what those are by default', () => {
    const leaky: OnnxFunction = {
      name: 'Leaky',
      domain: 'own',
      inputs: ['a'],
      outputs: ['b'],
      attributes: ['slope'],
      defaults: new Map([['slope', { kind: 'float', value: 0.1 }]]),
      nodes: [
        {
          ...node('LeakyRelu a > b'),
          attributes: new Map([['alpha', { kind: 'reference', value: 'slope' }]]),
        },
      ],
    };
    const slope: OnnxAttribute = { kind: 'float', value: 0.5 };
    const given = { ...own('Leaky x > z'), attributes: new Map([['slope', slope]]) };
    const nodes = inlined(
      modelOf([given, own('Leaky z > y')], [], { more: { functions: [leaky] } }),
      'some.onnx',
    );
    expect(
      nodes.map(({ op, inputs, outputs, attributes }) => [op, inputs, outputs, attributes.get('alpha')]),
    ).toEqual([
      ['LeakyRelu', ['x'], ['z'], { kind: 'float', value: 0.5 }],
      ['LeakyRelu', ['z'], ['y'], { kind: 'float', value: 0.1 }],
    ]);
  });
});

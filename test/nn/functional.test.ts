/** Networks written down as layers applied to each other, in the words of tfjs. */
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import {
  add,
  concatenate,
  conv2d,
  dense,
  flatten,
  input,
  model,
  multiply,
  subtract,
} from '../../src/index.ts';

describe('the functional form', () => {
  const x = input({ shape: [6, 5, 3] });
  const conv = (filters = 3) => conv2d({ filters, kernelSize: 3, padding: 'same' });

  it('sums the outputs of a list', () => {
    const y = add([conv().apply(x), x]);
    const net = model({ inputs: x, outputs: y });
    expect(net.network.layers.map(({ type }) => type)).toEqual(['conv2d', 'add']);
    expect(net.network.inputs).toEqual([['images'], ['conv2d', 'images']]);
    expect(net.network.outputShape).toEqual([6, 5, 3]);
  });

  it('takes options behind the list, and applies a layer as well', () => {
    const joined = concatenate([conv(2).apply(x), x], { axis: -1, name: 'both' });
    const less = subtract({ name: 'less' }).apply([joined, multiply([joined, joined])]);
    const net = model({ inputs: x, outputs: dense({ units: 2 }).apply(flatten().apply(less)) });
    expect(net.network.layers.map(({ name }) => name)).toEqual([
      'conv2d',
      'both',
      'multiply',
      'less',
      'flatten',
      'dense',
    ]);
  });

  it('refuses what is no tensor', () => {
    expect(() => flatten().apply(undefined as never)).toThrow(OptionError);
    expect(() => add([x, 3 as never])).toThrow('The layer add is applied to what no layer gave.');
  });

  it('refuses a layer that is shared', () => {
    const shared = conv();
    shared.apply(x);
    expect(() => shared.apply(x)).toThrow('layers cannot be shared');
  });
});

describe('options', () => {
  it('must be objects', () => {
    expect(() => conv2d(undefined as never)).toThrow('conv2d: filters must be a whole number');
    expect(() => flatten(3 as never)).toThrow('flatten takes an object of options');
  });

  it('may not name another shape than a layer has', () => {
    const second = { filters: 2, kernelSize: 3, inputShape: [9, 9, 9] };
    expect(() =>
      model({
        inputs: input({ shape: [8, 8, 1] }),
        outputs: conv2d(second).apply(input({ shape: [8, 8, 1] })),
      }),
    ).toThrow(OptionError);
  });
});

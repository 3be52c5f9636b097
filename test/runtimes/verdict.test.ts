import { describe, expect, it } from 'vitest';
import type { Bits } from './program.ts';
import { hashOf, verdict, type Result } from './verdict.ts';

const bits: Bits = {
  images: '01',
  initialWeights: '02',
  history: ['3ff0000000000000', '4000000000000000'],
  learningRates: ['3fb999999999999a', '3fb999999999999b'],
  weights: ['03', '04'],
  optimizerVariables: ['05', '06'],
  predictions: ['07', '08'],
};
const node: Result = { by: 'Node', bits };

describe('the verdict', () => {
  it('is one hash if all bits are the same, in whatever order the parts come', () => {
    const turned = Object.fromEntries(Object.entries(bits).reverse()) as unknown as Bits;
    const { same, lines } = verdict([node, { by: 'WebKit', bits: turned }]);
    expect(same).toBe(true);
    expect(lines).toEqual([`one hash: ${hashOf(bits)}`]);
  });

  it.each(Object.keys(bits) as (keyof Bits)[])('sees a difference in %s, and says who has it', (part) => {
    const last = typeof bits[part] === 'string' ? 'ff' : [bits[part][0]!, 'ff'];
    const other = { ...bits, [part]: last };
    const { same, lines } = verdict([node, { by: 'Bun', bits: other }, { by: 'Deno', bits }]);
    expect(same).toBe(false);
    const where = typeof last === 'string' ? part : `${part} (from number 2 on)`;
    expect(lines).toEqual([
      '2 hashes:',
      `${hashOf(bits)}  Node; Deno`,
      `${hashOf(other)}  Bun`,
      `Bun differs from Node in ${where}`,
    ]);
  });

  it('sees what one has less of', () => {
    const less = { by: 'Bun', bits: { ...bits, weights: ['03'] } };
    for (const results of [
      [node, less],
      [less, node],
    ]) {
      const { same, lines } = verdict(results);
      expect(same).toBe(false);
      expect(lines.at(-1)).toMatch(/^(Bun|Node) differs from (Bun|Node) in weights \(from number 2 on\)$/);
    }
  });
});

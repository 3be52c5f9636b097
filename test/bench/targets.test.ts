import { describe, expect, it } from 'vitest';
import { networksReport, type NetworkFindings } from '../../bench/commands/networksReport.ts';
import { targetParts } from '../../bench/commands/targetTable.ts';
import type { NetworkRow } from '../../bench/networkRow.ts';
import type { Table } from '../../bench/report.ts';
import { floorsOf, TARGETS, verdictOn } from '../../bench/targets.ts';
import { presetNamed } from '../../src/networks/registry.ts';

const TRAINING = {
  ...({ kind: 'training', batch: 64, operations: 1e6 } as const),
  ...{ rates: [10, 20], roofline: [1e7, 2e7] },
};

describe('what training is to reach', () => {
  it('is set for networks that there are, and more of it for turbo', () => {
    for (const { network, atLeast, aim, turboAtLeast } of TARGETS) {
      expect(presetNamed(network).name).toBe(network);
      expect(turboAtLeast).toBeGreaterThan(atLeast);
      expect(aim ?? Infinity).toBeGreaterThan(atLeast);
    }
  });

  it('is another thing for each build', () => {
    expect(floorsOf('vgg', 'relaxed')).toEqual({ atLeast: 4, aim: 4.5 });
    expect(floorsOf('mlp', 'relaxed')).toEqual({ atLeast: 0.65 });
    expect(floorsOf('vgg', 'turbo')).toEqual({ atLeast: 5.8 });
    expect(floorsOf('vgg', 'simd')).toBeUndefined();
    expect(floorsOf('airbench95', 'relaxed')).toBeUndefined();
  });

  it('is met from the floor on', () => {
    expect(verdictOn(3.99, { atLeast: 4, aim: 4.5 })).toBe('missed');
    expect(verdictOn(4, { atLeast: 4, aim: 4.5 })).toBe('met');
    expect(verdictOn(4.5, { atLeast: 4, aim: 4.5 })).toBe('aim met');
    expect(verdictOn(9, { atLeast: 4 })).toBe('met');
    expect(verdictOn(9, undefined)).toBe('');
    expect(verdictOn(9, { atLeast: 4 }, 8.9)).toBe('disturbed');
    expect(verdictOn(8.9, { atLeast: 4 }, 8.9)).toBe('met');
  });
});

describe('the table of it', () => {
  const row = (network: string, who: string, rate: number, kind: NetworkRow['kind'] = 'training') => ({
    ...{ network, who, kind, batch: 64, operations: 1e6 },
    ...{ rates: [rate, 2 * rate], roofline: [1e9, 2e9] },
    bound: { products: 6, withBytes: 5.5 },
  });

  it('holds the build that is judged, beside PyTorch in the same repetitions', () => {
    const rows = [
      row('vgg', 'simdnet relaxed', 4200),
      row('vgg', 'simdnet relaxed', 9000, 'inference'),
      row('vgg', 'PyTorch 2', 1050),
      row('mlp', 'simdnet relaxed', 600),
      row('mlp', 'PyTorch 2', 1200),
      row('lenet', 'simdnet relaxed', 500),
    ];
    const [table, text] = targetParts(rows, 'relaxed') as [Table, string];
    expect(table.rows).toEqual([
      ['vgg', '64', '6300', '4.20', '4.00', '4.50', 'met', '6.00', '5.50', '4.00', '5.24'],
      ['mlp', '64', '900', '0.60', '0.65', '', 'missed', '6.00', '5.50', '0.50', '4.58'],
      ['lenet', '64', '750', '0.50', '0.50', '0.70', 'met', '6.00', '5.50', '', ''],
    ]);
    // √(4 · 0.5), and √(5.24 · 4.58)
    expect(text).toContain(
      'the geometric mean of 2 networks is 1.41, at least 1.8: missed, where the bound is 4.90.',
    );
    expect(text).toContain('Slower than PyTorch: mlp.');
  });

  it('has the floors of turbo where that is measured, and no word on PyTorch where it is not', () => {
    const rows = [row('vgg', 'simdnet relaxed', 4200), row('vgg', 'simdnet turbo', 5900)];
    const parts = targetParts(rows, 'turbo') as [Table];
    expect(parts).toHaveLength(1);
    expect(parts[0].columns).toContain('turbo at least');
    expect(parts[0].rows).toEqual([['vgg', '64', '8850', '5.90', '5.80', '', 'met', '6.00', '5.50', '', '']]);
  });
});

it('is the same when it is drawn anew from what was saved', () => {
  const rows = ['vgg', 'mlp'].flatMap((network) => [
    { ...TRAINING, network, who: 'simdnet turbo', bound: { products: 6, withBytes: 5.5 } },
    { ...TRAINING, network, who: 'PyTorch 2' },
  ]);
  const report = networksReport({ rows, notes: ['Not measured: Keras.'], threads: 2, repetitions: 2 });
  const saved = JSON.parse(JSON.stringify({ date: 'then', ...report.data })) as NetworkFindings;
  expect(networksReport(saved)).toEqual(report);
  expect((report.body[0] as Table).title).toContain('turbo');
});

/** What was measured of the networks, as a report. Pure. */
import type { Tier } from '../../src/engine/tier.ts';
import { threadText } from '../environment.ts';
import { subjectNamed } from '../networkContenders.ts';
import { gigaflops, shareOf, type NetworkRow } from '../networkRow.ts';
import type { Kind } from '../peers/child.ts';
import { figure, percent, spread, type Report, type Table } from '../report.ts';
import { quartiles, ratio } from '../statistics.ts';
import { targetParts } from './targetTable.ts';

export interface NetworkFindings {
  readonly rows: readonly NetworkRow[];
  /** Who could not be measured, and why; nothing in results of before 0.7.0. */
  readonly notes?: readonly string[];
  readonly threads: number;
  readonly repetitions: number;
}

export function networksReport({ rows, notes = [], threads, repetitions }: NetworkFindings): Report {
  return {
    name: 'networks',
    title: 'Networks, trained and run',
    images: 'random images',
    notes: [
      `${threadText(threads)}, fresh weights, SGD, cross-entropy of class indices. Medians of up to ` +
        `${repetitions} repetitions with quartiles, fewer for slow networks; everyone who runs a network is timed in turn. ` +
        'simdnet’s predictions were compared with onnxruntime-node’s first, and the others have as many parameters.',
      'GFLOP/s by the textbook: a multiply-add is two operations, and backward each product and convolution takes as many for each of ' +
        'its gradients; the first layers hand none back to the images. % of roofline: of 128-bit multiply-adds in registers of all ' +
        'threads at once, taken in the same repetition. Winograd’s filtering and gradients that are zero save operations, and wider ' +
        'vectors do more at once: more than 100 % is possible. “simdnet ÷”: how many times faster the fastest simdnet is in the ' +
        'same repetition.',
      'Share of roofline: the same as a quotient. Bound: how large it could be with the algorithms in use, their products at 100 % of the ' +
        'roofline (of vectors of 256 bits for turbo, twice as much) and all else for nothing; “bytes too”: with what must be read and ' +
        'written by all other calls at 100 % of the bandwidth of a triad in all threads. PyTorch runs in the faster of its two memory layouts.',
    ],
    body: [
      ...targetParts(rows, fastest(rows)),
      sizeTable(rows),
      ...(['training', 'inference'] as const).map((kind) => rateTable(kind, rows)),
      ...(notes.length > 0 ? [notes.map((note) => `- ${note}`).join('\n')] : []),
    ],
    chart: {
      title: `Networks, ${threadText(threads)}`,
      quantity: 'textbook operations',
      unit: 'GFLOP/s',
      bars: rows.map((row) => ({
        label: `${row.network} ${row.kind}: ${row.who}`,
        value: Number(gigaflops(row).toPrecision(3)),
        highlight: row.who.startsWith('simdnet'),
      })),
    },
    data: { threads, repetitions, rows, notes },
  };
}

/** The fastest build that was measured. */
function fastest(rows: readonly NetworkRow[]): Tier {
  return rows.some(({ who }) => who === 'simdnet turbo') ? 'turbo' : 'relaxed';
}

function sizeTable(rows: readonly NetworkRow[]): Table {
  const batches = new Map(rows.map(({ network, batch }) => [network, batch]));
  return {
    title: 'The networks',
    columns: ['network', 'images', 'batch', 'classes', 'parameters', 'MFLOP forward', 'MFLOP training'],
    rows: [...batches]
      .map(([name, batch]) => subjectNamed(name, batch))
      .map(({ name, network, batch, operations }) => [
        name,
        network.inputShape.join('×'),
        String(batch),
        String(network.outputShape[0]),
        network.parameterCount.toLocaleString('en'),
        figure(operations.forward / 1e6),
        figure(operations.training / 1e6),
      ]),
    words: 2,
  };
}

function rateTable(kind: Kind, rows: readonly NetworkRow[]): Table {
  const chosen = rows.filter((row) => row.kind === kind);
  return {
    title: kind,
    columns: ['network', 'who', 'images/s (quartiles)', 'GFLOP/s', '% of roofline', 'simdnet ÷', 'MiB'],
    rows: chosen.map((row) => {
      const ours = chosen.findLast(
        ({ network, who }) => network === row.network && who.startsWith('simdnet'),
      )!;
      return [
        row.network,
        row.who,
        spread(quartiles(row.rates)),
        figure(gigaflops(row)),
        percent(shareOf(row)),
        row === ours ? '' : figure(ratio(ours.rates, row.rates).median),
        row.megabytes === undefined ? '' : figure(row.megabytes),
      ];
    }),
    words: 2,
  };
}

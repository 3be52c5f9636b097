/** simdnet beside everything else that runs such a network in JavaScript: the same weights, inputs and outputs. */
import { benchCommand } from '../command.ts';
import { threadText } from '../environment.ts';
import type { Effort } from '../measure.ts';
import type { Kind } from '../peers/child.ts';
import { PeerProcess } from '../peers/childProcess.ts';
import { importedTable, measureImported, type ImportedRates } from '../peers/imported.ts';
import { TOLERANCE } from '../peers/peer.ts';
import { bars, fastestFirst, KINDS } from '../peers/ranking.ts';
import { roster } from '../peers/roster.ts';
import { runTournament, type PeerFailure, type PeerResult } from '../peers/tournament.ts';
import { figure, spread, type Report, type Table } from '../report.ts';
import { quartiles, ratio } from '../statistics.ts';
import { measuredTiers } from '../tiers.ts';

/** Our contenders, whose rates are divided by those of the peers. */
function ours(): string[] {
  return measuredTiers().map((tier) => `simdnet ${tier}`);
}

export const peersCommand = benchCommand(
  'peers',
  'beside TensorFlow.js, jax-js and ONNX Runtime: the same network, weights and inputs',
  async (effort, quick) => {
    const limits = quick ? { budget: 4, fewest: 1 } : { budget: 60, fewest: 5 };
    const { results, failures } = await runTournament(
      { ...effort, ...limits },
      roster(),
      (entry) => new PeerProcess(entry),
    );
    return report(results, failures, await measureImported(effort), effort);
  },
);

function report(
  results: readonly PeerResult[],
  failures: readonly PeerFailure[],
  imported: ImportedRates,
  { repetitions }: Effort,
): Report {
  const notes = [...new Map([...results, ...failures].map(({ name, note }) => [name, note]))];
  return {
    name: 'peers',
    title: 'simdnet beside its peers',
    notes: [
      `The tutorial's network with the same weights and images. Each in a process of its own, all timed in turn; medians of ` +
        `${repetitions} repetitions with quartiles, fewer where the column says so. Before anything was timed, probabilities and the losses ` +
        `of three training steps were compared: they may differ by ${TOLERANCE} at most. “÷” is how many times faster simdnet is with as ` +
        'many threads at the same moment: the median of the ratios of the same repetition. Batches are 64 images unless the column says otherwise.',
    ],
    body: [
      ...KINDS.map((kind) => table(kind, results)),
      importedTable(imported),
      'The last table is of the pretrained MobileNetV2 in the package nsfwjs, which tfjs runs as it is, simdnet as it imports it, and ONNX Runtime as simdnet exports it.',
      notes.flatMap(([name, note]) => (note ? [`- ${name}: ${note}`] : [])).join('\n'),
      failures.length === 0
        ? 'Every peer could be measured.'
        : `Not measured:\n\n${failures.map(({ name, threads, reason }) => `- ${name}, ${threadText(threads)}: ${reason}`).join('\n')}`,
    ],
    chart: {
      title: 'The tutorial network: training and inference',
      quantity: 'rate',
      unit: 'images/s',
      logarithmic: true,
      bars: KINDS.flatMap((kind) => bars(kind, results)),
    },
    data: { repetitions, results, failures, imported },
  };
}

function table(kind: Kind, results: readonly PeerResult[]): Table {
  const rows = fastestFirst(kind, results);
  return {
    title: kind,
    columns: [
      'who',
      'threads',
      'images/s (quartiles)',
      ...ours().map((name) => `${name} ÷`),
      'batch',
      'repetitions',
    ],
    rows: rows.map((row) => [
      row.name,
      String(row.threads),
      spread(quartiles(row.rates)),
      ...ours().map((name) => {
        const own = rows.find((each) => each.name === name && each.threads === row.threads);
        return own ? figure(ratio(own.rates, row.rates).median) : '';
      }),
      String(row.batch),
      String(row.rates.length),
    ]),
  };
}

/** Networks of many kinds, trained and run: simdnet beside onnxruntime-node, and beside PyTorch and Keras where they are. */
import { cores } from '#platform';
import { NETWORKS } from '../../src/networks/registry.ts';
import { benchCommand, progress } from '../command.ts';
import { threadText } from '../environment.ts';
import { measure, type Effort } from '../measure.ts';
import { BATCH, openField, subjectNamed, type NetworkContender, type Subject } from '../networkContenders.ts';
import type { Kind } from '../peers/child.ts';
import { FRAMEWORKS, PythonPeer } from '../python/pythonPeer.ts';
import { figure, percent, spread, type Report, type Table } from '../report.ts';
import { openThreadRoofline, type ThreadRoofline } from '../roofline/threads.ts';
import { median, quartiles, ratio } from '../statistics.ts';

interface NetworkOptions {
  readonly networks: string | undefined;
  readonly python: string | undefined;
}

interface NetworkRow {
  readonly network: string;
  readonly who: string;
  readonly kind: Kind;
  /** Textbook operations of one image. */
  readonly operations: number;
  /** Images/s, one a repetition. */
  readonly rates: readonly number[];
  /** The roofline of all threads in the same repetition, in operations/s. */
  readonly roofline: readonly number[];
  /** MiB of engine memory; only simdnet tells. */
  readonly megabytes?: number;
}

export const networksCommand = benchCommand<NetworkOptions>(
  'networks',
  'training and inference of many networks, beside onnxruntime-node, PyTorch and Keras',
  async (effort, quick, { networks, python }) => {
    const names = networks?.split(',') ?? NETWORKS.map(({ name }) => name);
    const subjects = names.map(subjectNamed);
    const limits = quick ? { budget: 4, fewest: 1 } : { budget: 20, fewest: 3 };
    const notes: string[] = [];
    const peers = python === undefined ? [] : await startPeers(python, notes);
    const roofline = await openThreadRoofline(cores());
    const rows: NetworkRow[] = [];
    try {
      for (const subject of subjects) {
        progress(subject.name);
        rows.push(...(await measureSubject(subject, { effort, limits, peers, roofline, notes })));
      }
    } finally {
      for (const peer of peers) peer.close();
      await roofline.close();
    }
    if (python === undefined)
      notes.push('PyTorch and Keras were not asked for: --python names a Python that has them.');
    return report(rows, subjects, notes, effort);
  },
  {
    networks: {
      type: 'string',
      describe: `which, separated by commas (default: all: ${NETWORKS.map(({ name }) => name).join(',')})`,
    },
    python: { type: 'string', describe: 'the path of a Python with PyTorch or Keras, to measure them, too' },
  },
);

async function startPeers(python: string, notes: string[]): Promise<PythonPeer[]> {
  const peers: PythonPeer[] = [];
  for (const framework of FRAMEWORKS) {
    progress(`${framework} starts`);
    try {
      peers.push(await PythonPeer.start(python, framework, cores()));
    } catch (error) {
      notes.push(`Not measured: ${framework}: ${(error as Error).message}.`);
    }
  }
  return peers;
}

interface Measuring {
  readonly effort: Effort;
  /** Seconds that one contender may take in all, and repetitions that even the slowest gets. */
  readonly limits: { readonly budget: number; readonly fewest: number };
  readonly peers: readonly PythonPeer[];
  readonly roofline: ThreadRoofline;
  readonly notes: string[];
}

async function measureSubject(
  { name, network, operations }: Subject,
  { effort, limits, peers, roofline, notes }: Measuring,
): Promise<NetworkRow[]> {
  const field = await openField({ name, network, operations }, peers, effort.warmUp);
  notes.push(...field.failures.map((failure) => `Not measured: ${name}: ${failure}.`));
  try {
    const slowest = Math.max(...field.contenders.map(({ seconds }) => seconds));
    const affordable = Math.max(limits.fewest, Math.floor(limits.budget / slowest));
    // They are warm already. What the roofline does of its kind are operations, not images.
    const [peak, ...taken] = await measure(
      [
        { name: 'roofline', images: roofline.operations, run: () => roofline.run() },
        ...field.contenders.map((each) => ({ ...each, name: each.who })),
      ],
      { repetitions: Math.min(effort.repetitions, affordable), warmUp: 0 },
    );
    return field.contenders.map(({ who, kind }: NetworkContender, i): NetworkRow => ({
      network: name,
      who,
      kind,
      operations: kind === 'training' ? operations.training : operations.forward,
      rates: taken[i]!.rates,
      roofline: peak!.rates,
      ...(who.startsWith('simdnet') ? { megabytes: field.megabytes } : {}),
    }));
  } finally {
    await field.close();
  }
}

/** The share of the roofline that textbook operations reach, whatever algorithm saves some of them. */
function shareOf({ rates, operations, roofline }: NetworkRow): number {
  return ratio(
    rates.map((rate) => rate * operations),
    roofline,
  ).median;
}

function gigaflops({ rates, operations }: NetworkRow): number {
  return (median(rates) * operations) / 1e9;
}

function report(
  rows: readonly NetworkRow[],
  subjects: readonly Subject[],
  notes: readonly string[],
  { repetitions }: Effort,
): Report {
  return {
    name: 'networks',
    title: 'Networks, trained and run',
    notes: [
      `Batch ${BATCH}, ${threadText(cores())}, random images, fresh weights, SGD, cross-entropy of class indices. Medians of up to ` +
        `${repetitions} repetitions with quartiles, fewer for slow networks; everyone who runs a network is timed in turn. ` +
        'simdnet’s predictions were compared with onnxruntime-node’s first, and the others have as many parameters.',
      'GFLOP/s by the textbook: a multiply-add is two operations, and backward each product and convolution takes as many for each of ' +
        'its gradients; the first layers hand none back to the images. % of roofline: of 128-bit multiply-adds in registers of all ' +
        'threads at once, taken in the same repetition. Winograd’s filtering and gradients that are zero save operations, and wider ' +
        'vectors do more at once: more than 100 % is possible. “simdnet ÷”: how many times faster the fastest simdnet is in the ' +
        'same repetition.',
    ],
    body: [
      sizeTable(subjects),
      ...(['training', 'inference'] as const).map((kind) => rateTable(kind, rows)),
      ...(notes.length > 0 ? [notes.map((note) => `- ${note}`).join('\n')] : []),
    ],
    chart: {
      title: `Networks, batch ${BATCH}, ${threadText(cores())}`,
      quantity: 'textbook operations',
      unit: 'GFLOP/s',
      bars: rows.map((row) => ({
        label: `${row.network} ${row.kind}: ${row.who}`,
        value: Number(gigaflops(row).toPrecision(3)),
        highlight: row.who.startsWith('simdnet'),
      })),
    },
    data: { batch: BATCH, threads: cores(), repetitions, rows },
  };
}

function sizeTable(subjects: readonly Subject[]): Table {
  return {
    title: 'The networks',
    columns: ['network', 'images', 'classes', 'parameters', 'MFLOP forward', 'MFLOP training'],
    rows: subjects.map(({ name, network, operations }) => [
      name,
      network.inputShape.join('×'),
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

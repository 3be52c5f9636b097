/** Networks of many kinds, trained and run: simdnet beside onnxruntime-node, and beside PyTorch and Keras where they are. */
import { cores } from '#platform';
import type { Tier } from '../../src/engine/tier.ts';
import { boundOf, countDensities, leastWork, type Bound } from '../bound.ts';
import { benchCommand, progress } from '../command.ts';
import { measure, type Effort } from '../measure.ts';
import {
  fastTiers,
  openField,
  subjectNamed,
  type Field,
  type NetworkContender,
  type Subject,
} from '../networkContenders.ts';
import type { NetworkRow } from '../networkRow.ts';
import { FRAMEWORKS, PythonPeer, type Framework } from '../python/pythonPeer.ts';
import { openThreadRoofline, type ThreadRoofline } from '../roofline/threads.ts';
import { TARGETS } from '../targets.ts';
import { networksReport, type NetworkFindings } from './networksReport.ts';

/** Runs of the roofline that are timed as one: a tenth of a second or so, which a moment's disturbance does not halve. */
const LOOKS = 5;

interface NetworkOptions {
  readonly networks: string | undefined;
  readonly python: string | undefined;
  readonly frameworks: string;
}

const MEASURED = TARGETS.map(({ network }) => network);

export const networksCommand = benchCommand<NetworkOptions>(
  'networks',
  'training and inference of many networks, beside onnxruntime-node, PyTorch and Keras',
  async (effort, quick, { networks, python, frameworks }) => {
    const names = networks?.split(',') ?? MEASURED;
    const subjects = names.map((name) => subjectNamed(name));
    const limits = quick ? { budget: 4, fewest: 1 } : { budget: 20, fewest: 3 };
    const notes: string[] = [];
    const peers = python === undefined ? [] : await startPeers(python, frameworks.split(','), notes);
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
    return networksReport({ rows, notes, threads: cores(), repetitions: effort.repetitions });
  },
  {
    networks: {
      type: 'string',
      describe: `which, separated by commas (default: all: ${MEASURED.join(',')})`,
    },
    python: { type: 'string', describe: 'the path of a Python with PyTorch or Keras, to measure them, too' },
    frameworks: {
      type: 'string',
      default: FRAMEWORKS.join(','),
      describe: 'which of them, separated by commas',
    },
  },
  (data) => networksReport(data as NetworkFindings),
);

async function startPeers(
  python: string,
  frameworks: readonly string[],
  notes: string[],
): Promise<PythonPeer[]> {
  const peers: PythonPeer[] = [];
  for (const framework of frameworks as readonly Framework[]) {
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
  subject: Subject,
  { effort, limits, peers, roofline, notes }: Measuring,
): Promise<NetworkRow[]> {
  const { name, batch, operations } = subject;
  const field = await openField(subject, peers, effort.warmUp);
  notes.push(...field.failures.map((failure) => `Not measured: ${name}: ${failure}.`));
  try {
    const slowest = Math.max(...field.contenders.map(({ seconds }) => seconds));
    const affordable = Math.max(limits.fewest, Math.floor(limits.budget / slowest));
    // They are warm already. What the roofline does of its kind are operations, not images.
    const [peak, ...taken] = await measure(
      [
        { name: 'roofline', images: LOOKS * roofline.operations, run: () => look(roofline) },
        ...field.contenders.map((each) => ({ ...each, name: each.who })),
      ],
      { repetitions: Math.min(effort.repetitions, affordable), warmUp: 0 },
    );
    const bounds = await boundsOf(subject, field, roofline);
    return field.contenders.map(({ who, kind }: NetworkContender, i): NetworkRow => ({
      network: name,
      batch,
      who,
      kind,
      operations: kind === 'training' ? operations.training : operations.forward,
      rates: taken[i]!.rates,
      roofline: peak!.rates,
      ...(who.startsWith('simdnet') ? { megabytes: field.megabytes } : {}),
      ...(kind === 'training' ? bounds.get(who) : undefined),
    }));
  } finally {
    await field.close();
  }
}

async function look(roofline: ThreadRoofline): Promise<void> {
  for (let i = 0; i < LOOKS; i++) await roofline.run();
}

/** How fast simdnet could train at the most, for each of its builds. */
async function boundsOf(
  { network, batch }: Subject,
  field: Field,
  roofline: ThreadRoofline,
): Promise<ReadonlyMap<string, { readonly bound: Bound }>> {
  const tiers = fastTiers();
  const densities = await countDensities(network, batch, await field.parameters(), tiers.at(-1)!);
  const work = leastWork(network, batch, densities);
  const [peak, bandwidth] = [await roofline.peak(), await roofline.bandwidth()];
  const boundIn = (tier: Tier): Bound => boundOf(work, peak, bandwidth, tier === 'turbo');
  return new Map(tiers.map((tier) => [`simdnet ${tier}`, { bound: boundIn(tier) }]));
}

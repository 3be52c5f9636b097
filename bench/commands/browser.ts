/** simdnet in Chromium beside itself in Node, and beside what else trains or runs such a network in a page. */
import { cores } from '#platform';
import { launchChromium } from '../../test/browser/launch.ts';
import { pageEntries, type PageEntry } from '../browser/entries.ts';
import { openBench, PeerPage, serveContenders } from '../browser/peerPage.ts';
import { benchCommand, progress } from '../command.ts';
import { threadText } from '../environment.ts';
import type { Effort } from '../measure.ts';
import type { Kind } from '../peers/child.ts';
import { PeerProcess } from '../peers/childProcess.ts';
import { TOLERANCE } from '../peers/peer.ts';
import { bars, fastestFirst, KINDS } from '../peers/ranking.ts';
import type { RosterEntry } from '../peers/roster.ts';
import { runTournament, type PeerFailure, type PeerResult } from '../peers/tournament.ts';
import { figure, spread, type Report, type Table } from '../report.ts';
import { quartiles, ratio } from '../statistics.ts';
import { BATCH } from '../tutorialCase.ts';

const TIERS = ['simdnet simd', 'simdnet relaxed'] as const;

/** WebGL and WebGPU also where there is no GPU: in software. */
const SWITCHES = [
  '--enable-unsafe-swiftshader',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
];

interface Surroundings {
  readonly chromium: string;
  readonly webgl: string;
  readonly webgpu: string;
}

export const browserCommand = benchCommand(
  'browser',
  'in Chromium: simdnet beside itself in Node, TensorFlow.js, jax-js and ONNX Runtime',
  async (effort, quick) => {
    const limits = quick ? { budget: 4, fewest: 1 } : { budget: 60, fewest: 3 };
    progress('Chromium starts');
    const server = await serveContenders();
    const browser = await launchChromium(...SWITCHES);
    try {
      const page = await openBench(browser, server.url);
      const where = { chromium: browser.version(), ...(await page.evaluate(() => bench.renderers())) };
      await page.close();
      const inNode = TIERS.map((name): RosterEntry => ({ name, threads: cores(), batch: BATCH, batches: 4 }));
      const entries: (RosterEntry | PageEntry)[] = [...inNode, ...pageEntries(BATCH, cores())];
      const { results, failures } = await runTournament({ ...effort, ...limits }, entries, (entry) =>
        'module' in entry ? new PeerPage(entry, browser, server.url) : new PeerProcess(entry),
      );
      return report(results, failures, where, effort);
    } finally {
      await browser.close();
      await server.close();
    }
  },
);

function report(
  results: readonly PeerResult[],
  failures: readonly PeerFailure[],
  where: Surroundings,
  { repetitions }: Effort,
): Report {
  const notes = [...new Map([...results, ...failures].map(({ name, note }) => [name, note]))];
  return {
    name: 'browser',
    title: 'simdnet in Chromium',
    notes: [
      `Chromium ${where.chromium}, headless; WebGL: ${where.webgl}; WebGPU: ${where.webgpu}. SwiftShader is software: where it stands, no ` +
        'GPU took part.',
      `The tutorial's network with the same weights and images. Each in a page of its own, cross-origin isolated, simdnet also in a process ` +
        `of Node, all timed in turn; medians of ${repetitions} repetitions with quartiles, fewer where the column says so. Before anything was ` +
        `timed, probabilities and the losses of three training steps were compared: they may differ by ${TOLERANCE} at most. “÷ Node” is the ` +
        'speed as a share of simdnet’s own in Node in the same tier; the other “÷” are how many times faster simdnet is in Chromium. Both are ' +
        'medians of the ratios of the same repetition.',
    ],
    body: [
      ...KINDS.map((kind) => table(kind, results)),
      notes.flatMap(([name, note]) => (note ? [`- ${name}: ${note}`] : [])).join('\n'),
      failures.length === 0
        ? 'All could be measured.'
        : `Not measured:\n\n${failures.map(({ name, threads, reason }) => `- ${name}, ${threadText(threads)}: ${reason}`).join('\n')}`,
    ],
    chart: {
      title: 'The tutorial network in Chromium: training and inference',
      quantity: 'rate',
      unit: 'images/s',
      logarithmic: true,
      bars: KINDS.flatMap((kind) => bars(kind, results)),
    },
    data: { repetitions, ...where, results, failures },
  };
}

function table(kind: Kind, results: readonly PeerResult[]): Table {
  const rows = fastestFirst(kind, results);
  const find = (name: string): PeerResult | undefined => rows.find((row) => row.name === name);
  const cell = (a: PeerResult | undefined, b: PeerResult | undefined): string =>
    a && b && a !== b ? figure(ratio(a.rates, b.rates).median) : '';
  return {
    title: kind,
    columns: [
      'who',
      'threads',
      'images/s (quartiles)',
      '÷ Node',
      ...TIERS.map((name) => `${name} ÷`),
      'batch',
      'repetitions',
    ],
    rows: rows.map((row) => [
      row.name,
      String(row.threads),
      spread(quartiles(row.rates)),
      cell(row, find(row.name.replace(', Chromium', ''))),
      ...TIERS.map((name) => cell(find(`${name}, Chromium`), row)),
      String(row.batch),
      String(row.rates.length),
    ]),
  };
}

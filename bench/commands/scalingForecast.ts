/** More threads than there are cores, on paper: what a step would take, and what is shared out badly. */
import { cores } from '#platform';
import { KERNELS } from '../../src/engine/kernels.ts';
import { chooseTier, loadEngine, type Tier } from '../../src/engine/tier.ts';
import { Team } from '../../src/engine/team.ts';
import type { Program } from '../../src/engine/program.ts';
import { runInline } from '../../src/engine/inlineRunner.ts';
import { sgd } from '../../src/nn/optimizers/sgd.ts';
import { initializeParameters } from '../../src/nn/parameters.ts';
import { planNetwork } from '../../src/nn/plan.ts';
import type { BarData } from '../../src/plot/barChart.ts';
import { progress } from '../command.ts';
import { threadText } from '../environment.ts';
import { measure, secondsOf, type Effort } from '../measure.ts';
import { networkSession, randomBatches, trainBatch } from '../networkCase.ts';
import { calibrate, subjectNamed, type Subject } from '../networkContenders.ts';
import { profileCalls } from '../profile.ts';
import { figure, type Table } from '../report.ts';
import { openThreadRoofline } from '../roofline/threads.ts';
import {
  barrierSeconds,
  lossesIn,
  stepSecondsIn,
  type SharedCall,
  type SharedMemory,
  type TeamCosts,
} from '../scalingModel.ts';
import { median, ratio } from '../statistics.ts';
import { streamedBytes } from '../work.ts';

export const FORECAST = ['tutorial', 'airbench94', 'vgg', 'lenet'];

/** With 12 and 32 what has 16 parts, as sums over shards do, is shared out badly. */
const THREADS = [2, 4, 8, 12, 16, 32];

/** With so many threads it is told what is lost. */
const DETAILED = 16;

/** Empty calls of which the costs of a team are the mean. */
const EMPTY_CALLS = 5000;

/** What is called for an item of no length for each thread: a kernel with about as many arguments as most have. */
const EMPTY = 'activationForward';

/** Operations of all steps that are timed call by call: half a minute's worth or so. */
const BUDGET = 3e12;

/** Different batches: enough that nothing is remembered. */
const BATCHES = 2;

/** How many of the calls that are shared out worst are named. */
const NAMED = 6;

export interface Forecast {
  readonly network: string;
  readonly batch: number;
  readonly costs: TeamCosts;
  readonly memory: SharedMemory;
  readonly calls: readonly SharedCall[];
  /** One thread's time ÷ that of all cores, in real steps. */
  readonly measured: number;
}

/** What a call costs besides its work. */
interface Overheads extends TeamCosts {
  /** Seconds that timing a call adds to it. */
  readonly timing: number;
}

export async function measureForecasts(names: readonly string[], effort: Effort): Promise<Forecast[]> {
  const tier = chooseTier('auto');
  const costs = await measureOverheads(tier);
  const memory = await measureMemory();
  const forecasts: Forecast[] = [];
  for (const name of names) {
    progress(`forecast: ${name}`);
    forecasts.push(await measureForecast(subjectNamed(name), tier, costs, memory, effort));
  }
  return forecasts;
}

async function measureForecast(
  subject: Subject,
  tier: Tier,
  { timing, ...costs }: Overheads,
  memory: SharedMemory,
  effort: Effort,
): Promise<Forecast> {
  const { name, network, batch, operations } = subject;
  const batches = randomBatches(network, batch, BATCHES);
  const affordable = Math.max(2, Math.floor(BUDGET / (operations.training * batch)));
  const profiles = await profileCalls(
    {
      ...{ network, batch, optimizer: sgd() },
      state: { parameters: initializeParameters(network, 0), optimizer: { variables: [], steps: 0 } },
      images: (step) => batches[step % BATCHES]!,
    },
    tier,
    { ...effort, repetitions: Math.min(effort.repetitions, affordable) },
  );
  const calls = profiles.map(({ call, seconds }): SharedCall => ({
    label: call.label,
    kernel: call.kernel,
    items: call.items,
    seconds: Math.max(0, median(seconds) - timing),
    bytes: streamedBytes(network, call, batch),
    meets: !call.independent,
  }));
  const measured = await measureRatio(subject, tier, effort);
  return { network: name, batch, costs, memory, calls, measured };
}

async function measureMemory(): Promise<SharedMemory> {
  const roofline = await openThreadRoofline(cores());
  const bandwidth = (await roofline.bandwidth()) * 1e9;
  await roofline.close();
  return { bandwidth, threads: cores() };
}

/** Real steps in one thread and in all, in turn. */
async function measureRatio({ network, batch }: Subject, tier: Tier, effort: Effort): Promise<number> {
  const batches = randomBatches(network, batch, BATCHES);
  const sessions = [];
  const contenders = [];
  for (const threads of [1, cores()]) {
    const session = await networkSession(network, { tier, threads, batch, optimizer: sgd() });
    sessions.push(session);
    const run = (count: number): Promise<unknown> =>
      Promise.all(Array.from({ length: count }, (_, i) => trainBatch(session, batches[i % BATCHES]!)));
    contenders.push({ name: threadText(threads), ...(await calibrate(run, batch, effort.warmUp)) });
  }
  const slowest = Math.max(...contenders.map(({ seconds }) => seconds));
  const repetitions = Math.min(effort.repetitions, Math.max(2, Math.floor(10 / slowest)));
  const [one, all] = await measure(contenders, { repetitions, warmUp: 0 });
  await Promise.all(sessions.map((session) => session.dispose()));
  return ratio(all!.rates, one!.rates).median;
}

/** What calls cost that do nothing: in a team with a meeting behind each, without, and timed one by one. */
async function measureOverheads(tier: Tier): Promise<Overheads> {
  const { network } = subjectNamed('mlp');
  const threads = cores();
  const options = { start: 2048, batch: 1, threads, slots: 1, objective: undefined, optimizer: undefined };
  const plan = planNetwork(network, options);
  const args = KERNELS[EMPTY].map((name) => (name === 'length' ? 0 : 1));
  const empty = (independent: boolean): Program =>
    new Array<Program[number]>(EMPTY_CALLS).fill({
      ...{ label: '', kernel: EMPTY, items: threads, arguments: args, independent },
    });
  const team = new Team(await loadEngine(tier, true), plan.arena.createMemory(true), plan);
  const [meeting, alone] = [team.define(empty(false)), team.define(empty(true))];
  const fastest = async (program: number): Promise<number> => {
    const taken: number[] = [];
    for (let i = 0; i < 10; i++) taken.push(await secondsOf(() => team.run(program, {})));
    return Math.min(...taken) / EMPTY_CALLS;
  };
  const [met, dispatch] = [await fastest(meeting), await fastest(alone)];
  await team.dispose();
  const runner = await runInline(await loadEngine(tier, false), plan.arena.createMemory(false), plan);
  const single = runner.define(empty(true).slice(0, 1));
  const timed: number[] = [];
  for (let i = 0; i < EMPTY_CALLS; i++) timed.push(await secondsOf(() => runner.run(single, {})));
  return { dispatch, barrier: Math.max(0, met - dispatch) / (threads / 2), timing: median(timed) };
}

/** How many times as fast as one thread so many would be. */
export function speedUp(
  { calls, costs }: Pick<Forecast, 'calls' | 'costs'>,
  threads: number,
  memory?: SharedMemory,
): number {
  return stepSecondsIn(1, calls, costs) / stepSecondsIn(threads, calls, costs, memory);
}

export function forecastParts(forecasts: readonly Forecast[]): (Table | string)[] {
  return [forecastTable(forecasts), forecastText(forecasts), lossTable(forecasts)];
}

function forecastTable(forecasts: readonly Forecast[]): Table {
  return {
    title: 'More threads, on paper',
    columns: [
      ...['network', 'batch', 'ms in 1 thread', `measured in ${cores()}`],
      ...THREADS.map((each) => `in ${each}`),
      ...['meetings', 'calls of 1 item'],
    ],
    rows: forecasts.map((forecast) => {
      const { network, batch, calls, costs, memory, measured } = forecast;
      const whole = calls.reduce((sum, { seconds }) => sum + seconds, 0);
      const serial = calls.filter(({ items }) => items === 1).reduce((sum, { seconds }) => sum + seconds, 0);
      return [
        network,
        String(batch),
        figure(stepSecondsIn(1, calls, costs) * 1e3),
        measured.toFixed(2),
        ...THREADS.map((each) => {
          const [free, bound] = [undefined, memory].map((of) => speedUp(forecast, each, of).toFixed(2));
          return free === bound ? free! : `${free!} (${bound!})`;
        }),
        String(calls.filter(({ meets }) => meets).length),
        share(serial, whole),
      ];
    }),
  };
}

function forecastText(forecasts: readonly Forecast[]): string {
  const { costs, memory } = forecasts[0]!;
  return (
    'How many times as fast as one thread: each call of a step is timed in one thread, and its items shared out evenly, the slowest ' +
    `thread deciding. To come to a call takes each thread ${figure(costs.dispatch * 1e6)} µs, measured; to meet takes two threads ` +
    `${figure(costs.barrier * 1e6)} µs, measured, and is taken to grow as their number (${DETAILED}: ${figure(barrierSeconds(DETAILED, costs) * 1e6)} µs). ` +
    'Every core is taken to be like the one that was measured, with as much bandwidth of its own; in brackets: if the memory gave all of them no ' +
    `more than the ${figure(memory.bandwidth / 1e9)} GB/s that it gives ${threadText(memory.threads)}, with what each call reads and writes at least.`
  );
}

function lossTable(forecasts: readonly Forecast[]): Table {
  return {
    title: `What is lost with ${DETAILED} threads`,
    columns: [
      'network',
      'call',
      'kernel',
      'items',
      '% of the step in 1',
      `largest share of ${DETAILED}`,
      `% of the step in ${DETAILED}`,
    ],
    rows: forecasts.flatMap(({ network, calls, costs }) => {
      const [one, all] = [1, DETAILED].map((each) => stepSecondsIn(each, calls, costs)) as [number, number];
      const meetings = calls.filter(({ meets }) => meets).length;
      return [
        ...lossesIn(DETAILED, calls)
          .slice(0, NAMED)
          .map(({ call: { label, kernel, items, seconds }, seconds: lost }) => [
            ...[network, label, kernel, String(items)],
            share(seconds, one),
            `1/${figure(items / Math.ceil(items / DETAILED))}`,
            share(lost, all),
          ]),
        [
          ...[network, `${meetings} meetings`, 'barrier', '', '', ''],
          share(meetings * barrierSeconds(DETAILED, costs), all),
        ],
        [
          ...[network, `coming to ${calls.length} calls`, '', '', '', ''],
          share(calls.length * costs.dispatch, all),
        ],
      ];
    }),
    words: 3,
  };
}

export function forecastChart(forecasts: readonly Forecast[]): BarData {
  return {
    title: 'More threads, on paper',
    quantity: 'times as fast as one thread',
    unit: '×',
    bars: forecasts.flatMap((forecast) =>
      THREADS.map((threads) => ({
        label: `${forecast.network}: ${threadText(threads)}`,
        value: Number(speedUp(forecast, threads).toFixed(2)),
      })),
    ),
  };
}

function share(part: number, whole: number): string {
  return `${((part / whole) * 100).toFixed(1)} %`;
}

/** What a training step costs as batch, threads, images and width grow: it should be proportional, and here is where it is not. */
import { cores } from '#platform';
import { buildNetwork, type Network } from '../../src/nn/network.ts';
import type { Session } from '../../src/nn/session.ts';
import { tutorialNetwork } from '../../src/networks/tutorial.ts';
import { benchCommand, progress } from '../command.ts';
import { threadText } from '../environment.ts';
import { measure, type Contender, type Effort } from '../measure.ts';
import { figure, percent, spread, type Report, type Table } from '../report.ts';
import {
  FORECAST,
  forecastChart,
  forecastParts,
  measureForecasts,
  type Forecast,
} from './scalingForecast.ts';
import { fitLine, quartiles, type LinearFit } from '../statistics.ts';
import { BATCH, createSession, trainSteps } from '../tutorialCase.ts';
import { stepOperations } from '../work.ts';

/** One sweep: the same thing with more and more of something. */
interface Sweep {
  readonly name: string;
  /** What the cost should be proportional to. */
  readonly axis: string;
  readonly points: readonly Point[];
  readonly fit: LinearFit;
}

interface Point {
  readonly label: string;
  /** How much of it there is. */
  readonly amount: number;
  /** Milliseconds, one figure a repetition. */
  readonly milliseconds: readonly number[];
}

interface Case {
  readonly label: string;
  readonly amount: number;
  /** Times the channels and units of the tutorial's network. */
  readonly width: number;
  readonly batch: number;
  readonly threads: number;
  /** Training steps in one timed run. */
  readonly steps: number;
  /** How often the amount is worked through in one timed run. */
  readonly times: number;
}

/** The sweep that is read as a speed-up instead of a line. */
const PER_THREAD = '1 / threads';

/** Further from the line than this is called out. */
const ALLOWED = 0.1;

interface ScalingOptions {
  readonly sweeps: boolean;
  readonly networks: string;
}

export const scalingCommand = benchCommand<ScalingOptions>(
  'scaling',
  'cost against batch size, image count, network width and threads; more threads than cores, on paper',
  async (effort, quick, options) => {
    const sweeps: Sweep[] = [];
    for (const { name, axis, cases } of options.sweeps ? sweepCases(quick) : []) {
      progress(name);
      sweeps.push(await sweep(name, axis, cases, effort));
    }
    return report(sweeps, await measureForecasts(options.networks.split(','), effort), effort);
  },
  {
    sweeps: { type: 'boolean', default: true, describe: '--no-sweeps: only more threads, on paper' },
    networks: {
      type: 'string',
      default: FORECAST.join(','),
      describe: 'whose steps are shared out on paper, separated by commas',
    },
  },
);

function sweepCases(quick: boolean): { name: string; axis: string; cases: Case[] }[] {
  const threads = cores();
  const base = { width: 1, batch: BATCH, threads, steps: 4, times: 4 };
  const sizes = quick ? [1, 8, 64] : [1, 2, 4, 8, 16, 32, 64, 128, 256];
  const counts = quick ? [256, 1024] : [256, 512, 1024, 2048, 4096];
  const widths = quick ? [0.5, 1] : [0.25, 0.5, 1, 1.5, 2, 3];
  const batchSweep = (of: number): { name: string; axis: string; cases: Case[] } => ({
    name: `batch size, ${threadText(of)}`,
    axis: 'images in a batch',
    cases: sizes.map((size) => {
      const steps = Math.max(2, Math.min(32, BATCH / size));
      return { ...base, threads: of, label: `batch ${size}`, amount: size, batch: size, steps, times: steps };
    }),
  });
  return [
    ...[...new Set([1, threads])].map(batchSweep),
    {
      name: `image count, batch ${BATCH}, ${threadText(threads)}`,
      axis: 'images',
      cases: counts.map((count) => ({
        ...base,
        label: `${count} images`,
        amount: count,
        steps: count / BATCH,
        times: 1,
      })),
    },
    {
      name: `network width, batch ${BATCH}, ${threadText(threads)}`,
      axis: 'GFLOP of a step',
      cases: widths.map((width) => ({
        ...base,
        width,
        label: `${width} × the channels`,
        amount: stepOperations(widened(width), BATCH) / 1e9,
      })),
    },
    {
      name: `threads, batch ${BATCH}`,
      axis: PER_THREAD,
      cases: Array.from({ length: threads }, (_, i) => i + 1)
        .filter((each) => each === threads || Number.isInteger(Math.log2(each)))
        .map((each) => ({ ...base, threads: each, label: threadText(each), amount: 1 / each })),
    },
  ];
}

/** The tutorial's network with so many times the channels and units. */
function widened(width: number): Network {
  const specs = tutorialNetwork();
  return buildNetwork(
    specs.map((spec, i) => {
      if (spec.type === 'conv2d') return { ...spec, filters: spec.filters * width };
      if (spec.type === 'dense' && i < specs.length - 1) return { ...spec, units: spec.units * width };
      return spec;
    }),
  );
}

async function sweep(name: string, axis: string, cases: readonly Case[], effort: Effort): Promise<Sweep> {
  const sessions: Session[] = [];
  const contenders: Contender[] = [];
  for (const { label, width, batch, threads, steps } of cases) {
    const session = await createSession('auto', threads, batch, widened(width));
    sessions.push(session);
    contenders.push({ name: label, images: batch * steps, run: () => trainSteps(session, steps, batch) });
  }
  const taken = await measure(contenders, { ...effort, warmUp: effort.warmUp / 2 });
  await Promise.all(sessions.map((session) => session.dispose()));
  const points = cases.map(({ label, amount, times }, i) => {
    const { rates, images } = taken[i]!;
    return { label, amount, milliseconds: rates.map((rate) => ((images / rate) * 1000) / times) };
  });
  const medians = points.map(({ milliseconds }) => quartiles(milliseconds).median);
  return {
    name,
    axis,
    points,
    fit: fitLine(
      points.map(({ amount }) => amount),
      medians,
    ),
  };
}

function report(sweeps: readonly Sweep[], forecasts: readonly Forecast[], { repetitions }: Effort): Report {
  return {
    name: 'scaling',
    title: 'Cost of training steps as things grow',
    notes: [
      `The tutorial's network in the fastest tier, medians of ${repetitions} repetitions with quartiles, the points of a sweep taken in turn. ` +
        'The line is fitted to the relative errors, so that small points count as much as large ones; “off” is the distance from it. ' +
        'With a single step to wait for, or little to share out, the fixed cost of a step shows: messages, barriers, packing of the weights, Adam.',
    ],
    body: [
      ...sweeps.flatMap((each) =>
        each.axis === PER_THREAD ? [threadTable(each)] : [table(each), verdict(each)],
      ),
      ...forecastParts(forecasts),
    ],
    chart:
      sweeps.length === 0
        ? forecastChart(forecasts)
        : {
            title: 'Distance from linear cost',
            quantity: 'distance from the fitted line',
            unit: '%',
            bars: sweeps.filter(hasVerdict).flatMap(({ name, points, fit }) =>
              points.map(({ label }, i) => {
                const off = Math.abs(fit.deviations[i]!);
                return {
                  label: `${name}: ${label}`,
                  value: Number((off * 100).toFixed(1)),
                  highlight: off > ALLOWED,
                };
              }),
            ),
          },
    data: { repetitions, sweeps, forecasts },
  };
}

function table({ name, axis, points, fit }: Sweep): Table {
  return {
    title: name,
    columns: ['', axis, 'ms (quartiles)', `ms ÷ ${axis}`, 'off the line'],
    rows: points.map(({ label, amount, milliseconds }, i) => {
      const off = fit.deviations[i]!;
      const { median, ...rest } = quartiles(milliseconds);
      return [
        label,
        Number.isInteger(amount) ? String(amount) : figure(amount),
        spread({ median, ...rest }),
        figure(median / amount),
        `${off < 0 ? '−' : '+'}${(Math.abs(off) * 100).toFixed(1)} %`,
      ];
    }),
  };
}

/** Twice the threads should take half the time. */
function threadTable({ name, points }: Sweep): Table {
  const medians = points.map(({ milliseconds }) => quartiles(milliseconds).median);
  return {
    title: name,
    columns: ['', 'ms (quartiles)', 'speed-up', 'share of the ideal'],
    rows: points.map(({ label, amount, milliseconds }, i) => {
      const speedUp = medians[0]! / medians[i]!;
      return [label, spread(quartiles(milliseconds)), speedUp.toFixed(2), percent(speedUp * amount)];
    }),
  };
}

/** Two points are always on a line. */
function hasVerdict({ axis, points }: Sweep): boolean {
  return axis !== PER_THREAD && points.length > 2;
}

function verdict(sweep: Sweep): string {
  const {
    axis,
    points,
    fit: { intercept, slope, deviations },
  } = sweep;
  const off = points.filter((_, i) => Math.abs(deviations[i]!) > ALLOWED).map(({ label }) => label);
  const line = `Line: ${figure(intercept)} ms + ${figure(slope)} ms × ${axis}.`;
  if (!hasVerdict(sweep)) return `${line} Two points are always on a line: look at the quotient.`;
  if (off.length === 0) return `${line} Linear: no point is more than ${ALLOWED * 100} % off.`;
  return `${line} Not linear: ${off.join(', ')} ${off.length > 1 ? 'are' : 'is'} more than ${ALLOWED * 100} % off.`;
}

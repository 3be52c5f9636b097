/** What a benchmark found: tables for people, the same figures for programs, and a bar chart. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { HistoryData } from '../src/formats/historyData.ts';
import type { BarData } from '../src/plot/barChart.ts';
import { plotBars } from '../src/plot/barPlot.ts';
import { plotHistory } from '../src/plot/historyPlot.ts';
import { measuredTiers } from './tiers.ts';
import { describeEnvironment, type Environment } from './environment.ts';

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** How many columns hold words, which begin on the left; 1 by default. */
  readonly words?: number;
}

export interface Report {
  /** The command, and the name of the files. */
  readonly name: string;
  readonly title: string;
  /** Paragraphs on how the figures were taken. */
  readonly notes: readonly string[];
  /** What was measured on, where it is not the open images. */
  readonly images?: string;
  /** Tables, and paragraphs between them. */
  readonly body: readonly (Table | string)[];
  /** Bars, or the curves of a training. */
  readonly chart: BarData | { readonly history: HistoryData };
  /** Everything that was measured, every repetition included. */
  readonly data: object;
}

const RESULTS = new URL('results/', import.meta.url);

/** The report as Markdown whose tables are also aligned for a terminal. */
export function toMarkdown(report: Report, where: Environment): string {
  const parts = [
    `# ${report.title}`,
    describeEnvironment(where, report.images),
    ...report.notes,
    ...report.body.map((part) => (typeof part === 'string' ? part : tableText(part))),
  ];
  return `${parts.join('\n\n')}\n`;
}

export function toJson(report: Report, where: Environment): string {
  const images = report.images ?? where.images;
  return `${JSON.stringify({ name: report.name, ...where, images, ...report.data }, undefined, 1)}\n`;
}

/** What a benchmark's results are called: those of later versions of Node than 20 say so. */
export function resultName({ name }: Report, { node }: Environment): string {
  const major = Number.parseInt(node.slice(1));
  const turbo = measuredTiers().includes('turbo') ? '-turbo' : '';
  return major === 20 ? name : `${name}-node${major}${turbo}`;
}

/** Writes bench/results/<name>.md, .json and .png. @returns what was written */
export async function save(report: Report, where: Environment, name: string): Promise<string[]> {
  await mkdir(RESULTS, { recursive: true });
  const files: [string, string | Uint8Array][] = [
    [`${name}.md`, toMarkdown(report, where)],
    [`${name}.json`, toJson(report, where)],
    [`${name}.png`, await drawn(report.chart)],
  ];
  for (const [file, content] of files) await writeFile(new URL(file, RESULTS), content);
  return files.map(([file]) => `bench/results/${file}`);
}

/** Results that were saved. */
export interface SavedResults {
  /** What they were saved as. */
  readonly name: string;
  readonly where: Environment;
  /** {@link Report.data}, and what `where` is. */
  readonly data: object;
}

/**
 * @param path  a JSON file that {@link save} wrote
 * @param command  what took them
 * @throws Error if something else did
 */
export async function readResults(path: string, command: string): Promise<SavedResults> {
  const { name, ...results } = JSON.parse(await readFile(path, 'utf8')) as Environment & { name: string };
  if (name !== command && !name.startsWith(`${command}-`)) {
    throw new Error(`${path} holds what ${name} measured, not ${command}.`);
  }
  return { name: basename(path, '.json'), where: results, data: results };
}

function drawn(chart: Report['chart']): Promise<Uint8Array> {
  return 'history' in chart ? plotHistory(chart.history) : plotBars(chart);
}

export function tableText({ title, columns, rows, words = 1 }: Table): string {
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map((row) => row[i]!.length), 3));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i < words ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i < words ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [`## ${title}`, '', line(columns), rule, ...rows.map(line)].join('\n');
}

/** Three significant digits, without an exponent; whole numbers keep all of theirs. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 6));
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

/** "1234 (1200–1260)" */
export function spread({ median, low, high }: { median: number; low: number; high: number }): string {
  return `${figure(median)} (${figure(low)}–${figure(high)})`;
}

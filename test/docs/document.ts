/** A page of the documentation, taken apart: its headings, and the tables behind them. */
import { readFileSync } from 'node:fs';

/** A row of a table, cell by cell. */
export type Row = readonly string[];

export interface Section {
  /** What stands in the heading between backticks; the heading itself if nothing does. */
  readonly names: readonly string[];
  readonly text: string;
  /** The first table, without its head. */
  readonly rows: readonly Row[];
}

/** What is behind a heading, up to the next one of its level or above. */
export function chapter(page: string, heading: string): string {
  const [, level] = /^(#+) /.exec(heading)!;
  const begin = page.indexOf(`\n${heading}\n`);
  if (begin < 0) throw new Error(`There is no heading "${heading}".`);
  const rest = page.slice(begin + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${level!.length}} `, 'm'));
  return end < 0 ? rest : rest.slice(0, end);
}

/** The parts of a chapter with headings of the third level. */
export function sections(text: string): Section[] {
  return text
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const [heading] = part.split('\n');
      const names = inBackticks(heading!);
      return { names: names.length > 0 ? names : [heading!], text: part, rows: tableRows(part) };
    });
}

export function tableRows(text: string): Row[] {
  const table = /(?:^\|.*\n?)+/m.exec(text)?.[0] ?? '';
  return table
    .trim()
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

export function inBackticks(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
}

/** A value as the page writes it: `1e-7`, `'same'`, `null`, `[]`. */
export function valueOf(code: string): unknown {
  return JSON.parse(code.replaceAll("'", '"')) as unknown;
}

export function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

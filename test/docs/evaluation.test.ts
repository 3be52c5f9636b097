/** docs/evaluation.md says what the commands and the report are like. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { command as evaluate } from '../../src/cli/commands/evaluate.ts';
import { command as predict } from '../../src/cli/commands/predict.ts';
import { classificationReport } from '../../src/evaluation/classificationReport.ts';
import { chapter, inBackticks, read, tableRows } from './document.ts';

const page = read('docs/evaluation.md');
const report = classificationReport([0, 1], [1, 0, 0, 1]);

describe('docs/evaluation.md', () => {
  it('names options that there are', () => {
    const known = { ...evaluate.options, ...predict.options };
    const named = [...page.matchAll(/--([a-z][a-z-]*)/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(10);
    for (const name of named.filter((each) => each !== 'out')) expect(Object.keys(known)).toContain(name);
  });

  it('has every file of a report', () => {
    const source = readFileSync(new URL('../../src/cli/evaluate/reportFolder.ts', import.meta.url), 'utf8');
    const written = [...source.matchAll(/'([a-z]+\.(?:png|csv|json))'/g)].map(([, name]) => name!);
    const rows = tableRows(chapter(page, '## A report')).map(([file]) => inBackticks(file!)[0]);
    expect(rows.sort()).toEqual(written.sort());
  });

  it('explains figures that the report has, and the defaults', () => {
    const has = Object.keys({ ...report, ...report.macroAverage, ...report.calibration });
    const rows = tableRows(chapter(page, '## What the figures mean')).map(
      ([figure]) => inBackticks(figure!)[0],
    );
    for (const figure of rows) expect(has).toContain(figure);
    for (const figure of ['f1', 'topKAccuracy', 'negativeLogLikelihood']) expect(rows).toContain(figure);
    expect(report.calibration.bins).toHaveLength(15);
  });
});

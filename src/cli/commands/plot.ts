import { stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { DataError, OptionError } from '../../errors.ts';
import type { HistoryData } from '../../formats/historyData.ts';
import { MAX_JSON_BYTES } from '../../limits.ts';
import { defineCommand } from '../command.ts';
import { optional, type Check } from '../options.ts';

const figureFile: Check<string> = (value, name) => {
  if (['.png', '.svg'].includes(extname(value).toLowerCase())) return value;
  throw new OptionError(`--${name} must end in .png or .svg, not be ${JSON.stringify(value)}.`);
};

export const command = defineCommand({
  options: {
    out: optional('Output:', 'The figure, .png or .svg.', figureFile, 'accuracy.png beside the history'),
  },
  examples: [
    ['plot runs/a', 'Draws runs/a/accuracy.png.'],
    ['plot runs/a/history.json --out a.svg', 'Draws a.svg.'],
  ],
  run: async ({ out }, { operands }) => {
    if (operands.length !== 1) throw new OptionError('Name one run to plot.');
    const file = await historyFile(operands[0]!);
    const history = await readHistory(file);
    const target = out ?? join(dirname(file), 'accuracy.png');
    const { writeFileAtomic } = await import('../../files/writeFile.ts');
    await writeFileAtomic(target, await draw(history, target, file));
    process.stdout.write(`${target}\n`);
  },
});

async function historyFile(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new DataError(`There is no run ${path}.`);
  return found.isDirectory() ? join(path, 'history.json') : path;
}

async function readHistory(path: string): Promise<HistoryData> {
  const { fileSize, readText } = await import('../../files/readFile.ts');
  if ((await fileSize(path)) === undefined) {
    throw new DataError(`There is no ${path}: a run has one as soon as its first epoch is complete.`);
  }
  const { historyFromJson } = await import('../../formats/historyJson.ts');
  return historyFromJson(await readText(path, MAX_JSON_BYTES), path);
}

/** @throws OptionError naming the file, if it holds nothing that can be drawn */
async function draw(history: HistoryData, target: string, file: string): Promise<Uint8Array | string> {
  try {
    if (extname(target).toLowerCase() === '.svg') {
      const { historySvg } = await import('../../plot/historySvg.ts');
      return historySvg(history);
    }
    const { plotHistory } = await import('../../plot/historyPlot.ts');
    return await plotHistory(history);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new OptionError(`${file}: ${error.message}`, { cause: error });
  }
}

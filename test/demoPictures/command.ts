import { readdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { readCifar10Train } from '../../src/data/cifar10.ts';
import { locateCifar10 } from '../../src/data/locate.ts';
import { DataError, OptionError } from '../../src/errors.ts';
import { makeDemoPictures } from './make.ts';

/** What CIFAR-10 has. */
const MOST_PER_CLASS = 5000;

/**
 * Makes the pictures that the arguments ask for.
 * @returns what to tell
 * @throws OptionError for wrong usage, DataError if the folder has something in it or CIFAR-10 is not there
 */
export async function demoPictures(args: readonly string[]): Promise<string> {
  const { out, perClass, pngOnly, dataDir } = read(args);
  await mustBeEmpty(out);
  const set = await readCifar10Train(await locateCifar10({ dataDir, download: false }));
  return `${await makeDemoPictures(out, set, { perClass, pngOnly })} pictures in ${out}`;
}

function read(args: readonly string[]) {
  const values = parsed(args);
  if (!values.out) throw new OptionError('Name the folder to make: npm run demo-pictures -- --out DIR');
  const perClass = Number(values['per-class']);
  if (!/^\d+$/.test(values['per-class']) || perClass < 1 || perClass > MOST_PER_CLASS) {
    throw new OptionError(
      `--per-class must be a whole number from 1 to ${MOST_PER_CLASS}, not ${JSON.stringify(values['per-class'])}.`,
    );
  }
  return { out: values.out, perClass, pngOnly: values['png-only'], dataDir: values['data-dir'] };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        out: { type: 'string' },
        /** Of the CIFAR-10 files. */
        'data-dir': { type: 'string', default: '../shared/cifar-10-batches-bin' },
        'per-class': { type: 'string', default: '500' },
        'png-only': { type: 'boolean', default: false },
      },
    }).values;
  } catch (cause) {
    throw new OptionError((cause as Error).message, { cause });
  }
}

/** Pictures of another making would be taken for some of these. @throws DataError */
async function mustBeEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch((cause: unknown) => {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    const why = code === 'ENOTDIR' ? 'is a file' : `cannot be read: ${message}`;
    throw new DataError(`${folder} ${why}; name another folder with --out`, { cause });
  });
  if (names.length > 0)
    throw new DataError(`${folder} has something in it: remove it, or name another folder with --out`);
}

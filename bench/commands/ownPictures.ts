/** Whether a folder of pictures is learnt as well as the images that the pictures were made from, and always to the same bytes. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCifar10Train } from '../../src/data/cifar10.ts';
import { locateCifar10 } from '../../src/data/locate.ts';
import { makeDemoPictures } from '../../test/demoPictures/make.ts';
import { benchCommand, progress } from '../command.ts';
import { findImages } from '../images.ts';
import { arraysOf } from '../ownPictures/arrays.ts';
import { simdnet, testedModel, type Tested } from '../ownPictures/commandLine.ts';
import { sameBytes, sameWeights, type Same } from '../ownPictures/sameBytes.ts';
import type { Report, Table } from '../report.ts';
import { meanAndError, type MeanAndError } from '../statistics.ts';

interface Options {
  readonly seeds: number;
  readonly epochs: number;
  readonly perClass: number;
  readonly dataDir: string | undefined;
}

/** One seed, learnt both ways. */
interface Pair {
  readonly folder: Tested;
  readonly arrays: Tested;
}

interface Findings extends Pick<Options, 'epochs' | 'perClass'> {
  readonly pairs: readonly Pair[];
  readonly same: readonly Same[];
}

/** What the folder may be worse by, as a share of the images. */
const ALLOWED = 0.01;

export const ownPicturesCommand = benchCommand<Options>(
  'own-pictures',
  'whether a folder of pictures is learnt as well as the same images of CIFAR-10, and to the same bytes',
  async (_effort, quick, { seeds, epochs, perClass, dataDir }) => {
    const out = await mkdtemp(join(tmpdir(), 'simdnet-own-pictures-'));
    try {
      const cifar10 = await locateCifar10({ dataDir: await findImages(dataDir), download: false });
      const sizes = quick ? { seeds: 2, epochs: 3, perClass: 50 } : { seeds, epochs, perClass };
      return report(await compare(out, { ...sizes, dataDir: cifar10 }));
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  },
  {
    seeds: { type: 'number', default: 10, describe: 'trainings of each kind' },
    epochs: { type: 'number', default: 10, describe: 'of each training' },
    perClass: { type: 'number', default: 500, describe: 'pictures of each class' },
    dataDir: {
      type: 'string',
      describe: 'the folder of CIFAR-10 (default: $CIFAR10_DIR, the cache, or ../shared)',
    },
  },
);

async function compare(out: string, options: Options & { readonly dataDir: string }): Promise<Findings> {
  const { seeds, epochs, perClass, dataDir } = options;
  const set = await readCifar10Train(dataDir);
  const training = ['--epochs', String(epochs), '--augment', 'flip,shift'];
  const path = (name: string): string => join(out, name);
  const make = async (name: string, pngOnly: boolean): Promise<void> => {
    await makeDemoPictures(path(name), set, { perClass, pngOnly });
    await writeFile(path(`${name}.safetensors`), await arraysOf(path(name), set));
  };
  const learn = async (name: string, data: readonly string[], seed: number): Promise<string> => {
    const run = path(`${name}-${seed}`);
    progress(`${name}, seed ${seed}`);
    await simdnet(['train', ...data, ...training, '--seed', String(seed), '--out', run]);
    return run;
  };
  const folder = (name: string): string[] => [path(name), '--image-size', `${set.width}x${set.height}`];
  // What a folder is given unasked.
  const arrays = (name: string): string[] => [
    '--dataset',
    `safetensors:${path(`${name}.safetensors`)}`,
    '--normalize',
  ];

  await make('pictures', false);
  const pairs: Pair[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const pair = {
      folder: await testedModel(await learn('folder', folder('pictures'), seed), dataDir),
      arrays: await testedModel(await learn('arrays', arrays('pictures'), seed), dataDir),
    };
    progress(`  ${points(pair.folder.cifar10)} % and ${points(pair.arrays.cifar10)} %`);
    pairs.push(pair);
  }
  await make('png', true);
  const png = await learn('png-folder', folder('png'), 0);
  const ofArrays = await learn('png-arrays', arrays('png'), 0);
  progress('threads, and an end by kill -9');
  const same = [
    ...(await sameBytes(
      [...folder('pictures'), ...training, '--seed', '0'],
      path('folder-0'),
      path('again'),
    )),
    { what: 'from PNG files only, as from the arrays (weights)', same: await sameWeights(png, ofArrays) },
  ];
  return { epochs, perClass, pairs, same };
}

function report(findings: Findings): Report {
  const { epochs, perClass, pairs, same } = findings;
  const of = (test: keyof Tested) => ({
    folder: meanAndError(pairs.map((pair) => pair.folder[test])),
    arrays: meanAndError(pairs.map((pair) => pair.arrays[test])),
    difference: meanAndError(pairs.map((pair) => pair.folder[test] - pair.arrays[test])),
  });
  const { folder, arrays, difference } = of('cifar10');
  const { mean, error } = difference;
  const table: Table = {
    title: 'Accuracy, mean ± standard error',
    columns: ['tested with', 'the folder', 'the images as arrays', 'difference'],
    rows: [
      row("CIFAR-10's 10,000 test images", of('cifar10')),
      row("the folder's own test split", of('own')),
    ],
  };
  return {
    name: 'own-pictures',
    title: 'Pictures of one’s own, and the images that they were made from',
    notes: [
      `Ten classes of ${perClass} pictures, PNG and JPEG of six sizes, made from images of CIFAR-10; and these images as arrays, ` +
        `in the same split. The tutorial's network, ${epochs} epochs, \`--augment flip,shift\`, ${pairs.length} seeds, which both ways ` +
        'share. What JPEG loses moves every training to other weights, so that single pairs differ by chance.',
    ],
    body: [
      table,
      mean + ALLOWED > 2 * error
        ? `The folder is within ${100 * ALLOWED} point of the arrays: by the mean less two standard errors, ${points(mean - 2 * error)}.`
        : `That the folder is within ${100 * ALLOWED} point of the arrays is not shown: the mean less two standard errors is ${points(mean - 2 * error)}.`,
      {
        title: 'The same bytes',
        columns: ['trained', 'the same'],
        rows: same.map((each) => [each.what, each.same ? 'yes' : 'no']),
      },
    ],
    chart: {
      title: 'Accuracy on CIFAR-10’s test images',
      quantity: 'accuracy',
      unit: '%',
      bars: [
        { label: 'the folder', value: 100 * folder.mean, highlight: true },
        { label: 'the images as arrays', value: 100 * arrays.mean },
      ],
    },
    data: findings,
  };
}

function row(
  name: string,
  { folder, arrays, difference }: Readonly<Record<'folder' | 'arrays' | 'difference', MeanAndError>>,
): string[] {
  const shown = ({ mean, error }: MeanAndError, text = points(mean)): string => `${text} ± ${points(error)}`;
  const percents = (each: MeanAndError): string => shown(each, `${(100 * each.mean).toFixed(2)} %`);
  return [name, percents(folder), percents(arrays), shown(difference)];
}

/** Of a hundred. */
function points(share: number): string {
  return (100 * share).toFixed(2);
}

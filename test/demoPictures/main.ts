/**
 * `npm run demo-pictures -- --out DIR`: 10 classes of 500 PNG and JPEG files of mixed sizes, from the images of CIFAR-10, to try
 * training on a folder with. The same options give the same bytes.
 */
import { parseArgs } from 'node:util';
import { readCifar10Train } from '../../src/data/cifar10.ts';
import { locateCifar10 } from '../../src/data/locate.ts';
import { makeDemoPictures } from './make.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    /** Of the CIFAR-10 files. */
    'data-dir': { type: 'string', default: '../shared/cifar-10-batches-bin' },
    'per-class': { type: 'string', default: '500' },
    'png-only': { type: 'boolean', default: false },
  },
});

if (values.out === undefined) {
  console.error('Name the folder to make: npm run demo-pictures -- --out DIR');
  process.exit(2);
}
const set = await readCifar10Train(await locateCifar10({ dataDir: values['data-dir'], download: false }));
const options = { perClass: Number(values['per-class']), pngOnly: values['png-only'] };
console.log(`${await makeDemoPictures(values.out, set, options)} pictures in ${values.out}`);

/**
 * `npm run demo-pictures -- --out DIR`: 10 classes of 500 PNG and JPEG files of mixed sizes, from the images of CIFAR-10, to try
 * training on a folder with. The same options give the same bytes.
 */
import { report } from '../../src/cli/report.ts';
import { demoPictures } from './command.ts';

try {
  console.log(await demoPictures(process.argv.slice(2)));
} catch (error) {
  process.exitCode = report(error);
}

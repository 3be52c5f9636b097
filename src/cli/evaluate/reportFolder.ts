/** The folder of a report. Every file in it appears whole or not at all. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabelledImages } from '../../data/dataset.ts';
import { SimdnetError } from '../../errors.ts';
import type { ClassificationReport } from '../../evaluation/classificationReport.ts';
import { ClaimedFolder } from '../../files/claimedFolder.ts';
import { makeFolder } from '../../files/makeFolder.ts';
import { sweep } from '../../files/sweep.ts';
import { writeFileAtomic } from '../../files/writeFile.ts';
import { classesToCsv, confusionToCsv, mistakesToCsv, type FiledMistake } from '../../formats/reportCsv.ts';
import { gather } from '../../data/slice.ts';
import { unwritableFolder } from '../unwritableFolder.ts';

/** Written last: where it is, all the others are of the same evaluation. */
const REPORT = 'report.json';

/** A report whose mistakes may have files. */
type FiledReport = ClassificationReport & { readonly mistakes: readonly FiledMistake[] };

/** @throws SimdnetError if it cannot be written to, or another process works in it */
export async function claimReportFolder(path: string): Promise<ClaimedFolder> {
  try {
    return new ClaimedFolder(path, await makeFolder(path));
  } catch (cause) {
    if (cause instanceof SimdnetError) throw cause;
    throw unwritableFolder('The report', path, cause, '--report');
  }
}

/**
 * Writes a report in place of one that may be there already. Other files of the folder stay.
 * @param test  the images that it is about
 * @param record  what report.json is to hold
 * @throws SimdnetError
 */
export async function writeReport(
  { path }: ClaimedFolder,
  report: FiledReport,
  test: LabelledImages,
  record: object,
): Promise<void> {
  // All is there before the first file is touched.
  const files = await filesOf(report, test);
  try {
    await sweep(path);
    await rm(join(path, REPORT), { force: true });
  } catch (cause) {
    throw unwritableFolder('The report', path, cause, '--report');
  }
  for (const [name, content] of files) await writeFileAtomic(join(path, name), content);
  await writeFileAtomic(join(path, REPORT), `${JSON.stringify(record, null, 2)}\n`);
}

async function filesOf(
  report: FiledReport,
  test: LabelledImages,
): Promise<readonly (readonly [name: string, content: string | Uint8Array])[]> {
  const [{ plotConfusion }, { plotCalibration }, { plotMistakes }] = await Promise.all([
    import('../../plot/confusionPlot.ts'),
    import('../../plot/calibrationPlot.ts'),
    import('../../plot/mistakesPlot.ts'),
  ]);
  const { confusion, classes, calibration, negativeLogLikelihood, mistakes, mistakeCount } = report;
  const images = await gather(
    test,
    mistakes.map(({ index }) => index),
  );
  return [
    ['classes.csv', classesToCsv(classes)],
    ['confusion.csv', confusionToCsv(confusion, test.classNames)],
    ['confusion.png', await plotConfusion(confusion, test.classNames)],
    ['calibration.png', await plotCalibration(calibration, negativeLogLikelihood)],
    ['mistakes.csv', mistakesToCsv(mistakes, test.classNames)],
    ['mistakes.png', await plotMistakes(images, mistakes, mistakeCount)],
  ];
}

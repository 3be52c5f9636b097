/** Folders of pictures on the command line. */
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodePng } from '../../src/formats/png.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors.ts';
import type { LayerSpec } from '../../src/nn/spec.ts';
import { encodeCheckpoint } from '../../src/training/checkpointFile.ts';
import { decodeModel, encodeModel } from '../../src/training/modelFile.ts';
import { momentsOf, normalized } from '../../src/training/normalizing.ts';
import { sequential } from '../../src/training/factories.ts';
import { adam } from '../../src/nn/optimizers/adam.ts';
import { networkPreset } from '../../src/networks/registry.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import { readPicture } from '../../src/data/imageFile.ts';
import { networkInput } from '../../src/data/networkInput.ts';
import { listPictures } from '../../src/data/pictures/pictureFolder.ts';
import { splitPictures } from '../../src/data/pictures/split.ts';
import { classFolder, picture, writeAll } from '../data/pictures/folder.ts';
import { jsonLines, simdnet, temporaryFolder, type Result, type RunOptions } from './simdnet.ts';

let folder: string;
let cwd: string;
let cache: string;
const options = ['--image-size', '16', '--batch-size', '8', '--epochs', '3', '--tier', 'simd'];

const run = (args: readonly string[], more: RunOptions = {}): Promise<Result> =>
  simdnet(args, { cwd, ...more, env: { XDG_CACHE_HOME: cache, ...more.env } });

const file = (out: string, name: string): Promise<Buffer> => readFile(join(cwd, out, name));

async function mustBeTheSame(out: string): Promise<void> {
  for (const name of ['model.safetensors', 'history.csv', 'history.json'])
    expect((await file(out, name)).equals(await file('whole', name)), name).toBe(true);
}

interface Record {
  readonly options: { readonly dataset: string; readonly imageSize: string; readonly normalize: boolean };
  readonly dataset: object;
  readonly test: { readonly loss: number; readonly accuracy: number; readonly count: number };
}

const recordOf = async (out: string): Promise<Record> =>
  JSON.parse((await file(out, 'run.json')).toString()) as Record;

beforeAll(async () => {
  folder = await classFolder({ red: 30, green: 20, blue: 20 });
  cwd = await temporaryFolder();
  cache = await temporaryFolder();
  const { code, stderr } = await run(['train', folder, ...options, '--threads', '2', '--out', 'whole']);
  expect([code, stderr]).toEqual([0, '']);
});

describe.concurrent('a folder of pictures', () => {
  it('is trained on, and run.json tells what was in it', async () => {
    const { options: kept, dataset, test } = await recordOf('whole');
    expect([kept.dataset, kept.imageSize]).toEqual([`folder:${folder}`, '16x16']);
    expect(dataset).toEqual({
      source: folder,
      trainImages: 50,
      validationImages: 13,
      testImages: 7,
      pictures: {
        imageSize: '16x16',
        classes: {
          blue: { train: 14, validation: 4, test: 2 },
          green: { train: 14, validation: 4, test: 2 },
          red: { train: 22, validation: 5, test: 3 },
        },
        skipped: [],
        listing: {
          pictures: { blue: 20, green: 20, red: 30 },
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
        },
      },
    });
    expect(test.count).toBe(7);
  });

  it('gives the same bytes from a file of the cache, in one thread, by a relative path', async () => {
    await cp(folder, join(cwd, 'copy'), { recursive: true });
    const own = await temporaryFolder();
    const args = ['train', 'copy', ...options, '--threads', '1', '--pixel-memory', '0', '--out', 'from-file'];
    expect((await run(args, { env: { XDG_CACHE_HOME: own } })).code).toBe(0);
    await mustBeTheSame('from-file');
    expect(await readdir(join(own, 'simdnet'))).toEqual([expect.stringMatching(/^pictures-.*\.pixels$/)]);
  });

  it.each([[[]], [['--pixel-memory', '0']]])('goes on with what was killed %j', async (more) => {
    const out = `killed${more.length}`;
    const own = await temporaryFolder();
    const fault = {
      nodeOptions: ['--import', new URL('../chaos/faults.mjs', import.meta.url).href],
      env: { CHAOS_FAULT: JSON.stringify({ kind: 'kill', at: 60, half: true }), XDG_CACHE_HOME: own },
    };
    // The file of the cache is not to be what it is killed in.
    if (more.length > 0)
      await run(['train', folder, ...options, ...more, '--epochs', '1', '--out', `${out}-before`], {
        env: { XDG_CACHE_HOME: own },
      });
    const every = ['--checkpoint-every', '2 steps'];
    const { code, stdout } = await run(['train', folder, ...options, ...more, ...every, '--out', out], fault);
    expect([code, stdout.includes('Training in batches')]).toEqual([null, true]);
    const resumed = await run(['train', '--resume', out, '--threads', '1', ...more], {
      env: { XDG_CACHE_HOME: own },
    });
    expect([resumed.code, resumed.stderr]).toEqual([0, '']);
    expect(resumed.stdout).toContain(`Going on with ${out} in epoch`);
    await mustBeTheSame(out);
  });

  it('is repeated by rerun', async () => {
    const { code, stdout } = await run(['rerun', 'whole', '--threads', '1', '--out', 'again']);
    expect([code, stdout.includes('The same bytes as in whole')]).toEqual([0, true]);
  });

  it('is neither gone on with nor repeated once it has other pictures', async () => {
    const own = join(cwd, 'changing');
    await cp(folder, own, { recursive: true });
    expect((await run(['train', own, ...options, '--epochs', '1', '--out', 'of-before'])).code).toBe(0);
    const resume = ['train', '--resume', 'of-before', '--epochs', '2'];
    const mustBeRefused = async (args: readonly string[], message: RegExp): Promise<void> => {
      const { code, stdout, stderr } = await run(args);
      expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
      expect(stdout).not.toContain('Training in batches');
    };
    // Neither the number of pictures nor the first or the last one changes.
    const middle = join(own, 'green', '7.png');
    const before = await readFile(middle);
    await writeFile(middle, Buffer.concat([before, Buffer.of(0)]));
    const renamed = /changing is not as it was for of-before: there are as many .*\. Make it as it was/;
    await mustBeRefused(resume, renamed);
    await mustBeRefused(['rerun', 'of-before', '--out', 'not-repeated'], /is not as it was .*Other bytes/);
    expect(await readdir(cwd)).not.toContain('not-repeated');
    await writeFile(middle, before);
    await cp(middle, join(own, 'blue', 'more.png'));
    await rm(join(own, 'red', '4.png'));
    const counted = /blue has 21 pictures, where there were 20; red has 29 pictures, where there were 30\./;
    await mustBeRefused(resume, counted);
    // Runs of before that was kept are gone on with as they were.
    const record = await recordOf('of-before');
    delete (record.dataset as { pictures: { listing?: object } }).pictures.listing;
    await writeFile(join(cwd, 'of-before', 'run.json'), JSON.stringify(record));
    await rm(join(own, 'blue', 'more.png'));
    await cp(join(folder, 'red', '4.png'), join(own, 'red', '4.png'));
    expect((await run(resume)).code).toBe(0);
  });

  it('is evaluated with the pictures that were kept for the test', async () => {
    const { test } = await recordOf('whole');
    const model = ['--model', 'whole/model.safetensors', '--tier', 'simd', '--json'];
    const evaluated = async (...args: string[]) => {
      const { code, stdout, stderr } = await run(['evaluate', ...args, ...model]);
      expect([code, stderr]).toEqual([0, '']);
      return jsonLines(stdout)[0]!;
    };
    expect(await evaluated(folder, '--batch-size', '8')).toEqual(test);
    // Another folder is taken as a whole, and may have some of the classes only.
    const other = await classFolder({ red: 3 });
    expect((await evaluated(other)).count).toBe(3);
    expect((await evaluated(other, '--test-split', '0.34')).count).toBe(1);
  });

  it('has its fit in the model, so that nothing beside it is needed', async () => {
    await writeAll(cwd, { 'wide.png': picture(0, 'wide', 48, 16) });
    const predicted = async (model: string, ...more: string[]): Promise<unknown> => {
      const { code, stdout } = await run(['predict', '--model', model, 'wide.png', '--json', ...more]);
      expect(code).toBe(0);
      return jsonLines(stdout)[0];
    };
    const bytes = await file('whole', 'model.safetensors');
    const { tensors, metadata } = decodeSafetensors(bytes, 'whole');
    expect(metadata).toMatchObject({ 'simdnet.image_fit': 'crop' });
    delete metadata['simdnet.image_fit'];
    const old = encodeSafetensors(tensors, metadata);
    await writeAll(cwd, {
      'moved.safetensors': bytes,
      'old.safetensors': old,
      // What was saved before models told how.
      'of-old/model.safetensors': old,
      'of-old/run.json': await file('whole', 'run.json'),
      'to-page.safetensors': bytes,
    });
    const crop = await predicted('whole/model.safetensors', '--image-fit', 'crop');
    expect(await predicted('moved.safetensors')).toEqual(crop);
    expect(await predicted('of-old/model.safetensors')).toEqual(crop);
    const stretched = await predicted('moved.safetensors', '--image-fit', 'stretch');
    expect(stretched).not.toEqual(crop);
    expect(await predicted('old.safetensors')).toEqual(stretched);
    const { code } = await run(['export', 'to-page.safetensors', '--to', 'html']);
    expect([code, (await readFile(join(cwd, 'to-page.html'), 'utf8')).includes('"fit":"crop"')]).toEqual([
      0,
      true,
    ]);
  });

  it('is known by checkpoints too, and by the name of the run', async () => {
    await writeAll(cwd, { 'broad.png': picture(0, 'broad', 48, 16) });
    const answer = async (command: string, model: string, ...more: string[]): Promise<unknown> => {
      const { code, stdout, stderr } = await run([command, ...more, '--model', model, '--json']);
      expect([code, stderr.includes('simdnet:')], stderr).toEqual([0, false]);
      return jsonLines(stdout)[0];
    };
    const model = decodeModel(await file('whole', 'model.safetensors'), 'whole');
    await writeAll(cwd, {
      'kept/run.json': await file('whole', 'run.json'),
      'kept/model.safetensors': await file('whole', 'model.safetensors'),
      'kept/checkpoints/epoch.safetensors': await encodeCheckpoint(model.checkpoint()),
      'alone/epoch.safetensors': await encodeCheckpoint(model.checkpoint()),
    });
    for (const [command, operand] of [
      ['predict', 'broad.png'],
      ['evaluate', folder],
    ] as const) {
      const expected = await answer(command, 'kept/model.safetensors', operand);
      if (command === 'predict') {
        expect(JSON.stringify(expected)).toContain('blue');
        expect(await answer(command, 'alone/epoch.safetensors', operand)).toEqual(expected);
      }
      expect(await answer(command, 'kept', operand), command).toEqual(expected);
      expect(await answer(command, 'kept/checkpoints/epoch.safetensors', operand), command).toEqual(expected);
    }
    const shown = await run(['summary', '--model', 'kept']);
    expect(shown).toEqual(await run(['summary', '--model', 'kept/model.safetensors']));
    const { code, stderr } = await run(['predict', '--model', folder, 'broad.png']);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('is no run and no model of tfjs: it has no run.json'),
    ]);
  });

  it('is evaluated with the fit of the model', async () => {
    const wide = join(cwd, 'wide');
    await writeAll(wide, { 'red/1.png': picture(0, '1', 48, 16), 'blue/1.png': picture(2, '1', 16, 48) });
    const args = ['--image-size', '16', '--epochs', '1', '--tier', 'simd', '--from', 'whole'];
    expect((await run(['train', folder, ...args, '--image-fit', 'fit', '--out', 'fitted'])).code).toBe(0);
    await writeAll(cwd, { 'fitted.safetensors': await file('fitted', 'model.safetensors') });
    const evaluated = async (...more: string[]): Promise<unknown> => {
      const { stdout } = await run(['evaluate', wide, '--model', 'fitted.safetensors', '--json', ...more]);
      return jsonLines(stdout)[0];
    };
    const own = await evaluated();
    expect(own).toEqual(await evaluated('--image-fit', 'fit'));
    expect(own).not.toEqual(await evaluated('--image-fit', 'crop'));
  });

  it('has the files of the mistakes named in a report', async () => {
    // The middle one shows another class than its folder says.
    const other = join(cwd, 'mistaken');
    for (const name of ['1', '2', '3']) await writeAll(other, { [`red/${name}.png`]: picture(0, name) });
    await writeAll(other, { 'red/2.png': picture(2, '2'), 'blue/4.png': picture(2, '4') });
    const args = ['evaluate', other, '--model', 'whole/model.safetensors', '--report', 'report'];
    expect((await run(args)).code).toBe(0);
    const report = JSON.parse((await file('report', 'report.json')).toString()) as {
      mistakes: { file: string; actual: number; predicted: number; probability: number }[];
    };
    const { classNames } = decodeModel(await file('whole', 'model.safetensors'), 'whole');
    expect(report.mistakes.map((mistake) => mistake.file)).toContain('red/2.png');
    const rows = report.mistakes.map(
      (each) =>
        `${each.file},${classNames![each.actual]},${classNames![each.predicted]},${each.probability}\n`,
    );
    for (const { file: path, actual } of report.mistakes)
      expect(path.startsWith(`${classNames![actual]}/`)).toBe(true);
    expect((await file('report', 'mistakes.csv')).toString()).toBe(
      `file,actual,predicted,probability\n${rows.join('')}`,
    );
  });

  it('is learnt by a trained model at its size and with its fit, if nothing is said', async () => {
    const large = join(cwd, 'large');
    for (const name of ['1', '2', '3'])
      await writeAll(large, {
        [`red/${name}.png`]: picture(0, name, 24, 24),
        [`blue/${name}.png`]: picture(2, name, 24, 24),
      });
    const first = ['--image-size', '16', '--image-fit', 'stretch', '--epochs', '1', '--out', 'begun-with'];
    expect((await run(['train', folder, ...first])).code).toBe(0);
    const args = ['train', large, '--from', 'begun-with', '--epochs', '1', '--out'];
    const { code, stderr } = await run([...args, 'sized']);
    expect([code, stderr]).toEqual([0, '']);
    expect((await recordOf('sized')).options).toMatchObject({ imageSize: '16x16', imageFit: 'stretch' });
    const refused = await run([...args, 'other-size', '--image-size', '24']);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/takes 16×16×3 images, but those of .* Or give --image-size 16\.\n$/),
    ]);
  });

  it('is asked for where a model of pictures is to be tested without any', async () => {
    await writeAll(cwd, { 'elsewhere.safetensors': await file('whole', 'model.safetensors') });
    const beside = join('whole', 'model.safetensors');
    for (const command of ['evaluate', 'predict']) {
      const { code, stderr } = await run([command, '--model', beside]);
      const example = `name the folder, as in "simdnet ${command} ${folder} --model ${beside}".`;
      expect([code, stderr]).toEqual([2, expect.stringContaining(example)]);
      const alone = await run([command, '--model', 'elsewhere.safetensors']);
      const other = `name the folder, as in "simdnet ${command} FOLDER --model elsewhere.safetensors".`;
      expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining(other)]);
      const named = await run([command, '--model', beside, '--dataset', 'shapes']);
      expect(named.stderr).toContain('but those of shapes are');
    }
  });

  it('says what is missing where no picture is left to validate with, and then saves the best by accuracy', async () => {
    const few = await classFolder({ red: 2, blue: 2 });
    const args = ['train', few, '--image-size', '8', '--epochs', '1', '--test-split', '0'];
    const { code, stderr } = await run([...args, '--early-stopping', '1', '--out', 'unvalidated']);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(
        '--early-stopping watches val_loss, but --validation-split 0.2 leaves no image',
      ),
    ]);
    const best = await run([...args, '--save-best', '--out', 'best-unvalidated']);
    expect([best.code, best.stdout]).toEqual([0, expect.stringContaining('Best accuracy')]);
  });

  it('is taken instead of the dataset of a run.json', async () => {
    const args = ['train', folder, '--config', 'whole/run.json', '--epochs', '1', '--out', 'as-whole'];
    const { code, stderr } = await run(args);
    expect([code, stderr]).toEqual([0, '']);
    expect((await recordOf('as-whole')).options.dataset).toBe(`folder:${folder}`);
  });

  it('cannot be evaluated with classes that the model does not know', async () => {
    const other = await classFolder({ red: 1, yellow: 1 });
    const { code, stderr } = await run(['evaluate', other, '--model', 'whole/model.safetensors']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('yellow is no class of the model')]);
  });

  it('stops at a picture that cannot be read before anything is trained, or leaves it out', async () => {
    const broken = join(cwd, 'broken');
    await cp(folder, broken, { recursive: true });
    await writeFile(join(broken, 'red', '3.png'), 'no picture');
    const args = ['train', broken, ...options, '--epochs', '1'];
    const stopped = await run([...args, '--out', 'stopped']);
    expect([stopped.code, stopped.stderr]).toEqual([
      1,
      expect.stringMatching(/red.3\.png is not a PNG, JPEG or WebP file.*--skip-unreadable/),
    ]);
    expect(stopped.stdout).not.toContain('Training in batches');
    expect(await readdir(cwd)).not.toContain('stopped');
    const { code, stdout } = await run([...args, '--skip-unreadable', '--out', 'skipped']);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(
        /Left out, since they cannot be read: 1\n {2}.*red.3\.png is not a PNG, JPEG or WebP file.*\n$/,
      ),
    ]);
    expect((await recordOf('skipped')).dataset).toMatchObject({
      pictures: { skipped: [expect.stringContaining(join('red', '3.png'))] },
    });
  });

  it('has a network shown for it', async () => {
    const { code, stdout } = await run(['summary', folder]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('(None, 16, 16, 32)')]);
  });

  it('is normalized, unless something speaks against it', async () => {
    await writeAll(cwd, {
      'own.json': JSON.stringify({
        layers: [
          { type: 'normalization', mean: 0.5, variance: 0.1, inputShape: [16, 16, 3] },
          { type: 'flatten' },
          { type: 'dense', units: 3, activation: 'softmax' },
        ],
      }),
    });
    const layersOf = async (out: string): Promise<readonly LayerSpec[]> =>
      decodeModel(await file(out, 'model.safetensors'), out).network.specs;
    const trained = async (out: string, ...more: string[]): Promise<readonly LayerSpec[]> => {
      const data = more.includes('--config') ? [] : [folder, '--image-size', '16'];
      const args = ['train', ...data, '--epochs', '1', ...more, '--out', out];
      const { code, stderr } = await run(args);
      expect([code, stderr]).toEqual([0, '']);
      const { options: kept } = await recordOf(out);
      const layers = await layersOf(out);
      // Whatever is made of the run.json does the same.
      expect(kept.normalize).toBe(layers[0]!.type === 'normalization' && out !== 'own');
      return layers;
    };
    const [first, second] = await layersOf('whole');
    expect([first!.type, second!.type]).toEqual(['normalization', 'conv2d']);
    expect((await recordOf('whole')).options.normalize).toBe(true);
    expect((await trained('plain', '--no-normalize'))[0]).toMatchObject({ type: 'conv2d' });
    expect((await trained('again-plain', '--config', 'plain/run.json'))[0]!.type).toBe('conv2d');
    expect((await trained('turned-off', '--config', 'whole/run.json', '--no-normalize'))[0]!.type).toBe(
      'conv2d',
    );
    expect((await trained('begun', '--init', 'plain/model.safetensors'))[0]!.type).toBe('conv2d');
    expect(await trained('own', '--network', 'own.json')).toMatchObject([{ mean: 0.5 }, {}, {}]);
    expect((await run(['rerun', 'own', '--out', 'own-again'])).code).toBe(0);
  });

  it('is learnt by a program to the same bytes', async () => {
    const listed = await listPictures(folder);
    const { classNames } = listed;
    const parts = splitPictures(listed, { testSplit: 0.1, validationSplit: 0.2, splitSeed: 0 });
    const pixels = async (part: keyof typeof parts): Promise<Dataset> => {
      const size = { width: 16, height: 16 };
      const images = await Promise.all(
        parts[part].map(async ({ path }) =>
          networkInput(await readPicture(join(folder, path)), { ...size, channels: 3 }, { fit: 'crop' }),
        ),
      );
      const count = images.length;
      const labels = Uint8Array.from(parts[part], ({ label }) => label);
      return {
        images: Uint8Array.from(Buffer.concat(images)),
        labels,
        count,
        ...size,
        channels: 3,
        classNames,
      };
    };
    const [train, validation] = [await pixels('train'), await pixels('validation')];
    const layers = networkPreset('tutorial', { inputShape: [16, 16, 3], classes: classNames.length });
    const model = sequential(normalized(layers), {
      seed: 0,
      tier: 'simd',
      threads: 1,
      classNames,
      imageFit: 'crop',
    });
    model.adapt(await momentsOf(train));
    model.compile({ optimizer: adam(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    await model.fit(train.images, train.labels, {
      epochs: 3,
      batchSize: 8,
      validationData: [validation.images, validation.labels],
    });
    expect(Buffer.from(encodeModel(model)).equals(await file('whole', 'model.safetensors'))).toBe(true);
    await model.dispose();
  });

  it('has samples drawn', async () => {
    const { code } = await run(['data', 'samples', folder, '--image-size', '8', '--out', 'samples.png']);
    expect(code).toBe(0);
    expect(decodePng(await file('', 'samples.png'), 'samples').width).toBeGreaterThan(100);
  });

  it('is inspected', async () => {
    const own = join(cwd, 'inspected');
    await writeAll(own, {
      'a/1.png': picture(0, '1'),
      'a/2.png': picture(0, '1'),
      'a/3.png': 'no picture',
      'b/1.png': picture(0, '1'),
      'b/notes.txt': '',
    });
    const { code, stdout } = await run(['data', 'inspect', 'inspected', '--out', 'sheet.png']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^.*inspected\n {2}4 pictures in 2 classes\n/);
    expect(stdout).toContain('Sizes: 16 pixels wide, 16 high\nFormats: 3 png\nUnreadable: 1\n');
    expect(stdout).toContain('Passed over, since they are no pictures: 1\n  b/notes.txt\n');
    expect(stdout).toMatch(
      /The same file more than once: 1\n {2}a\/1.png, a\/2.png, b\/1.png \(across classes/,
    );
    expect(stdout.endsWith('sheet.png\n')).toBe(true);
    expect(decodePng(await file('', 'sheet.png'), 'sheet').height).toBeGreaterThan(100);
    const json = await run(['data', 'inspect', 'inspected', '--json']);
    expect(jsonLines(json.stdout)[0]).toMatchObject({ pictures: 4, passedOver: ['b/notes.txt'] });
  });

  it('is refused with a link that leads nowhere, by all that look at it', async () => {
    await writeAll(cwd, { 'linked/a/1.png': picture(0, '1'), 'linked/b/1.png': picture(1, '1') });
    await symlink('gone', join(cwd, 'linked', 'c'));
    for (const args of [
      ['train', 'linked', ...options, '--out', 'of-linked'],
      ['data', 'inspect', 'linked'],
    ]) {
      const { code, stderr } = await run(args);
      const message = /^simdnet: cannot read .*c: it is a link that leads nowhere; mend it or remove it\n$/;
      expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
    }
  });

  it.each([
    [['train', 'none'], 1, /cannot read .*none: there is no such folder/],
    [['train', 'a', 'b'], 2, /Unexpected argument b/],
    [['train', 'a', '--dataset', 'shapes'], 2, /Name the folder a or give --dataset, not both/],
    [['train', 'a', '--data-dir', 'x'], 2, /--data-dir is not for a folder of pictures/],
    [['train', '--image-size', '32'], 2, /--image-size is for folders of pictures/],
    [['train', 'a', '--image-size', '0'], 2, /--image-size must be a number of pixels/],
    [['train', 'a', '--image-size', '4x5x6'], 2, /--image-size must be a number of pixels/],
    [['train', 'a', '--image-fit', 'squeeze'], 2, /--image-fit must be stretch, crop or fit/],
    [['train', 'a', '--normalize', '--no-normalize'], 2, /Give --normalize or --no-normalize, not both/],
    [['data', 'inspect'], 2, /Not enough arguments/],
    [['predict', '--dataset', 'folder:a', '--model', 'whole/model.safetensors'], 2, /Name pictures instead/],
    [['summary', 'a', '--classes', '3'], 2, /Name a folder of pictures or give --classes, not both/],
  ])('says what is wrong with %j', async (args, expected, message) => {
    const { code, stderr } = await run(args);
    expect([code, stderr]).toEqual([expected, expect.stringMatching(message)]);
  });

  it('lets go of the folder for the results when there is nothing to train on', async () => {
    await mkdir(join(cwd, 'empty'));
    const { code, stderr } = await run(['train', 'empty', '--out', 'nothing']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('is empty')]);
    expect(await readdir(cwd)).not.toContain('nothing');
    await rm(join(cwd, 'empty'), { recursive: true });
  });
});

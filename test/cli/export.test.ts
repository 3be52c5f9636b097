import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { conv2d, dense, flatten, saveModel, sequential, type LayerSpec } from '../../src/index.ts';
import { inflated } from '../../src/platform/inflated.ts';
import { simdnet, temporaryFolder } from './simdnet.ts';

let folder: string;

/** Saves an untrained model of layers under a name in the folder. */
async function saved(name: string, ...layers: LayerSpec[]): Promise<string> {
  const path = join(folder, name);
  await saveModel(sequential(layers), path);
  return path;
}

const head = (units = 3): LayerSpec[] => [flatten(), dense({ units, activation: 'softmax' })];
const inputs = (...inputShape: number[]): LayerSpec => conv2d({ filters: 2, kernelSize: 3, inputShape });

/** The model's bytes in a page. */
async function modelIn(path: string): Promise<Buffer> {
  const text = /id="model">([^<]*)</.exec(await readFile(path, 'utf8'))![1]!;
  return Buffer.from(await inflated(text));
}

beforeAll(async () => {
  folder = await temporaryFolder();
  await saved('birds.safetensors', inputs(8, 8, 3), ...head());
});

describe.concurrent('export --to html', () => {
  it('makes a page of a model, beside it, and says what it holds', async () => {
    const path = join(folder, 'birds.safetensors');
    const { code, stdout, stderr } = await simdnet(['export', path, '--to', 'html']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /birds\.html\n\d{3} KB: the model \d KB, the engine, decoders and page \d{3} KB\n$/,
    );
    const page = join(folder, 'birds.html');
    expect(await modelIn(page)).toEqual(await readFile(path));
    const html = await readFile(page, 'utf8');
    expect(html).toContain('<title>birds</title>');
    expect(html).toContain('{"title":"birds","fit":"stretch"}');
    expect(html).not.toContain('{{');
    // What others wrote travels with its licence.
    expect(html).toContain('Independent JPEG Group');
    expect(html).toContain('Copyright (c) 2010, Google Inc.');
    const again = await simdnet(['export', path, '--to', 'html', '--json', '--title', 'A & B']);
    const size = (await readFile(page)).length;
    expect(JSON.parse(again.stdout)).toEqual({ file: page, files: [page], model: path, bytes: size });
    expect(await readFile(page, 'utf8')).toContain('<h1>A &amp; B</h1>');
  });

  it('takes the last model of a run, or the best one', async () => {
    const run = join(folder, '2026-01-02T03-04-05');
    await mkdir(run);
    await saved('2026-01-02T03-04-05/model.safetensors', inputs(8, 8, 1), ...head());
    const page = join(folder, 'page.html');
    const args = ['export', run, '--to', 'html', '--out', page];
    expect(await simdnet([...args, '--best'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(
        'best.safetensors: a run has one if it was trained with --save-best.',
      ) as string,
    });
    expect(await simdnet([...args, '--image-fit', 'crop'])).toMatchObject({ code: 0, stderr: '' });
    const last = await readFile(join(run, 'model.safetensors'));
    expect(await modelIn(page)).toEqual(last);
    const html = await readFile(page, 'utf8');
    expect(html).toContain('{"title":"What is in this picture?","fit":"crop"}');
    const best = await saved('2026-01-02T03-04-05/best.safetensors', inputs(9, 9, 1), ...head());
    expect((await simdnet([...args, '--best'])).code).toBe(0);
    expect(await modelIn(page)).toEqual(await readFile(best));
  });

  it.each<[string, () => Promise<readonly string[]>, number, RegExp]>([
    ['nothing', () => Promise.resolve(['no']), 1, /cannot read no: there is no such file; check the path$/],
    [
      'a run without a model',
      async () => {
        await mkdir(join(folder, 'young'), { recursive: true });
        await writeFile(join(folder, 'young', 'run.json'), '{}');
        return [join(folder, 'young')];
      },
      1,
      /There is no .*model\.safetensors: a run has one when its training is over\. .*--resume/,
    ],
    [
      'a folder that is no run',
      async () => {
        await mkdir(join(folder, 'things'), { recursive: true });
        return [join(folder, 'things')];
      },
      1,
      /things is no run and no model of tfjs: it has no run\.json, model\.safetensors or model\.json\. Name a run, .*, or the file of a model\.$/,
    ],
    [
      'no model',
      async () => {
        await writeFile(join(folder, 'text.safetensors'), 'I am a text.');
        return [join(folder, 'text.safetensors')];
      },
      1,
      /text\.safetensors/,
    ],
    [
      'what is no classifier',
      async () => [await saved('linear.safetensors', inputs(8, 8, 3), flatten(), dense({ units: 3 }))],
      2,
      /linear\.safetensors is no classifier: its last layer, .* does not end in a softmax/,
    ],
    [
      'what takes no pictures',
      async () => [await saved('two.safetensors', inputs(8, 8, 2), ...head())],
      2,
      /two\.safetensors takes \[8, 8, 2\], which is no picture: a page needs \[height, width, 3\]/,
    ],
    [
      'what gives no one probability for each class',
      async () => [
        await saved(
          'map.safetensors',
          conv2d({ filters: 2, kernelSize: 3, activation: 'softmax', inputShape: [8, 8, 3] }),
        ),
      ],
      2,
      /map\.safetensors gives \[6, 6, 2\] for a picture, not one probability for each class/,
    ],
    [
      'the best of a file',
      () => Promise.resolve([join(folder, 'birds.safetensors'), '--best']),
      2,
      /--best is for the folder of a run/,
    ],
    [
      'a file of another kind',
      () => Promise.resolve([join(folder, 'birds.safetensors'), '--out', join(folder, 'a.png')]),
      2,
      /--out must end in \.html, not be ".*a\.png"\.$/,
    ],
    [
      'a folder that is not there',
      () => Promise.resolve([join(folder, 'birds.safetensors'), '--out', join(folder, 'no/a.html')]),
      1,
      /cannot write .*a\.html: the folder .*no does not exist/,
    ],
    ['two models', () => Promise.resolve(['a', 'b']), 2, /Unexpected argument b\./],
    [
      'no format',
      () => Promise.resolve(['a', '--to', 'paper']),
      2,
      /--to must be onnx, keras, tfjs, pytorch or html, not paper\.$/,
    ],
  ])('refuses %s', async (_what, prepare, code, message) => {
    const args = await prepare();
    const to = args.includes('--to') ? [] : ['--to', 'html'];
    const result = await simdnet(['export', ...args, ...to]);
    expect([result.code, result.stdout]).toEqual([code, '']);
    expect(result.stderr.trimEnd()).toMatch(message);
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

it('leaves nothing half-written', async () => {
  const names = await readdir(folder, { recursive: true });
  expect(
    names.filter((name) => !/\.(safetensors|html)$|(young|things)$|young[/\\]run\.json$|05$/.test(name)),
  ).toEqual([]);
});

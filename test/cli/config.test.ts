/** `train --config`: options from JSON and YAML, and from the run.json of another run. */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { withConfig } from '../../src/cli/train/config.ts';
import { trainOptions } from '../../src/cli/train/trainOptions.ts';
import { camelCase } from '../../src/cli/options.ts';
import { MAX_YAML_LENGTH } from '../../src/limits.ts';
import { cifar10Folder, simdnet, temporaryFolder, type Result } from './simdnet.ts';

let cwd: string;
let data: string;

beforeAll(async () => {
  data = await cifar10Folder(100, 32);
  cwd = await temporaryFolder();
});

const train = (...more: string[]): Promise<Result> =>
  simdnet(['train', '--data-dir', data, '--threads', '1', ...more], { cwd });

async function optionsOf(run: string): Promise<Record<string, unknown>> {
  const text = await readFile(join(cwd, run, 'run.json'), 'utf8');
  return (JSON.parse(text) as { options: Record<string, unknown> }).options;
}

/** What a file comes to, with what was typed. */
async function read(name: string, content: string, typed: Record<string, string> = {}): Promise<unknown> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, content);
  const texts = await withConfig({ ...typed, config: path });
  return Object.fromEntries(Object.entries(texts).filter(([option]) => option !== 'config'));
}

describe('a file of options', () => {
  it.each([
    ['a.json', '{ "epochs": 3, "batch-size": 16, "noShuffle": true, "learning-rate": 0.01 }'],
    ['a.yaml', '# A comment\nepochs: 3\nbatchSize: 16\nno-shuffle: true\nlearningRate: 1e-2\n'],
    ['a.yml', '{epochs: 3, batch-size: "16", no-shuffle: true, learning-rate: .01}'],
  ])('is read as if its options were typed: %s', async (name, content) => {
    const texts = await read(name, content);
    expect(texts).toMatchObject({ epochs: '3', 'batch-size': '16', 'no-shuffle': 'true' });
    expect(Number((texts as Record<string, string>)['learning-rate'])).toBe(0.01);
  });

  it('can have any option, by either spelling', async () => {
    for (const name of Object.keys(trainOptions).filter((each) => each !== 'config')) {
      for (const key of [name, camelCase(name)])
        expect(await read('a.json', `{ "${key}": null }`)).toEqual({});
    }
  });

  it('has another dataset than the folder that was typed', async () => {
    const path = join(await temporaryFolder(), 'a.json');
    await writeFile(path, '{ "dataset": "folder:/other", "data-dir": "x", "epochs": 3 }');
    expect(await withConfig({ config: path }, true)).toEqual({ config: path, epochs: '3' });
    const both = await withConfig({ config: path, dataset: 'shapes' }, true);
    // To be refused: both were typed.
    expect(both.dataset).toBe('shapes');
  });

  it('takes lists and weights', async () => {
    const content =
      'freeze: [conv2d*, dense]\nclass-weight: { cat: 2, dog: 1 }\ncheckpointEvery: { steps: 7 }';
    expect(await read('a.yaml', content)).toEqual({
      freeze: 'conv2d*,dense',
      'class-weight': '{"cat":2,"dog":1}',
      'checkpoint-every': '7 steps',
    });
  });

  it('is second to what is typed, and to what that excludes', async () => {
    const content = '{ "epochs": 3, "network": "lenet", "tier": "simd", "seed": 4 }';
    expect(await read('a.json', content, { epochs: '5' })).toMatchObject({ epochs: '5', seed: '4' });
    expect(await read('a.json', content, { from: 'x', turbo: 'true' })).toEqual({
      ...{ epochs: '3', seed: '4', from: 'x', turbo: 'true' },
    });
    expect(await read('a.json', '{ "from": "x" }', { network: 'lenet' })).toEqual({ network: 'lenet' });
  });

  const message = async (name: string, content: string): Promise<string> => {
    try {
      await read(name, content);
    } catch (error) {
      return (error as Error).message.replace(/\S*\/(?=a\.)/g, '');
    }
    return 'nothing';
  };

  it.each([
    ['a.json', '{ "epoch": 3 }', 'a.json: there is no option "epoch". Did you mean "epochs"?'],
    ['a.json', '{ "bacthSize": 3 }', 'a.json: there is no option "bacthSize". Did you mean "batchSize"?'],
    [
      'a.yaml',
      'label_smoothing: 0.1',
      'a.yaml: there is no option "label_smoothing". Did you mean "label-smoothing"?',
    ],
    ['a.yaml', 'xyzzy: 1', 'a.yaml: there is no option "xyzzy". See simdnet train --help.'],
    ['a.yaml', 'toString: 1', 'a.yaml: there is no option "toString". See simdnet train --help.'],
    ['a.yaml', 'epochs: many', 'a.yaml: epochs: --epochs must be a whole number of at least 1, not many.'],
    ['a.yaml', 'epochs: 1.5', 'a.yaml: epochs: --epochs must be a whole number of at least 1, not 1.5.'],
    ['a.yaml', 'epochs: [1, 2]', 'a.yaml: epochs: --epochs must be a whole number of at least 1, not "1,2".'],
    ['a.yaml', 'epochs: { a: 1 }', 'a.yaml: epochs: --epochs must be a whole number'],
    ['a.yaml', 'epochs: true', 'a.yaml: epochs: --epochs must be a whole number'],
    ['a.yaml', 'optimizer: adan', 'a.yaml: optimizer: --optimizer must be'],
    ['a.yaml', 'no-shuffle: yes', 'a.yaml: no-shuffle must be true or false, not "yes".'],
    ['a.yaml', 'noShuffle: 1', 'a.yaml: noShuffle must be true or false, not 1.'],
    ['a.yaml', 'network: 5', 'a.yaml: network: --network must be'],
    ['a.yaml', 'config: b.yaml', 'a.yaml: config cannot stand in a file'],
    ['a.yaml', 'batch-size: 1\nbatchSize: 2', 'a.yaml: batchSize is there twice, in two spellings.'],
    ['a.yaml', 'epochs: 1\nepochs: 2', 'a.yaml is no YAML to rely on: Map keys must be unique at line 2'],
    [
      'a.json',
      '{ "epochs": 1, "epochs": 2 }',
      'a.json is no JSON to rely on: it has the key "epochs" twice.',
    ],
    ['a.yaml', 'epochs: [1', 'a.yaml is no YAML to rely on: '],
    ['a.yaml', 'epochs: !!js/function x', 'a.yaml is no YAML to rely on: Unresolved tag'],
    ['a.json', 'epochs: 1', 'a.json is no JSON to rely on: '],
    ['a.txt', 'epochs: 1', 'a.txt is no JSON to rely on: '],
    ['a.yaml', '- epochs', 'a.yaml must be an object: names with values, such as epochs: 15.'],
    ['a.yaml', '', 'a.yaml must be an object'],
    [
      'a.yaml',
      `a: &a [x, x]\nb: &b [${'*a, '.repeat(30)}]\nc: [${'*b, '.repeat(30)}]`,
      'a.yaml is no YAML to rely on: ',
    ],
    ['a.yaml', `#${'x'.repeat(MAX_YAML_LENGTH)}`, `at most ${MAX_YAML_LENGTH} are read`],
    ['a.yaml', `epochs: ${'['.repeat(50_000)}`, 'a.yaml is no YAML to rely on: '],
  ])('is refused where it is wrong: %s %#', async (name, content, expected) => {
    expect(await message(name, content)).toContain(expected);
  });
});

describe('train --config', () => {
  it('trains as if all had been typed, and run.json is such a file', async () => {
    await writeFile(
      join(cwd, 'a.yaml'),
      'network: lenet\nepochs: 2\nbatch-size: 16\nsave-best: true\ntier: simd\n',
    );
    expect((await train('--config', 'a.yaml', '--seed', '3', '--epochs', '1', '--out', 'one')).code).toBe(0);
    expect(await optionsOf('one')).toMatchObject({
      ...{ network: 'lenet', epochs: 1, batchSize: 16, saveBest: true, seed: 3, config: null, out: 'one' },
    });
    const typed = [
      '--network',
      'lenet',
      '--batch-size',
      '16',
      '--save-best',
      '--tier',
      'simd',
      '--seed',
      '3',
    ];
    expect((await train(...typed, '--epochs', '1', '--out', 'two')).code).toBe(0);
    const { code, stderr } = await simdnet(
      ['train', '--config', 'one/run.json', '--out', 'three', '--threads', '2'],
      { cwd },
    );
    expect([code, stderr]).toEqual([0, '']);
    const model = (run: string): Promise<Buffer> => readFile(join(cwd, run, 'model.safetensors'));
    expect((await model('two')).equals(await model('one'))).toBe(true);
    expect((await model('three')).equals(await model('one'))).toBe(true);
    const [one, three] = [await optionsOf('one'), await optionsOf('three')];
    expect({ ...three, out: 'one', threads: 1 }).toEqual(one);
  });

  it('does not take the folder of the run that it repeats', async () => {
    expect((await train('--network', 'mlp', '--epochs', '1', '--out', 'kept')).code).toBe(0);
    await cp(join(cwd, 'kept'), join(cwd, 'copy'), { recursive: true });
    const { code } = await simdnet(['train', '--config', 'kept/run.json'], { cwd });
    expect(code).toBe(0);
    expect(await readFile(join(cwd, 'kept', 'run.json'))).toEqual(
      await readFile(join(cwd, 'copy', 'run.json')),
    );
    expect(await readdir(join(cwd, 'runs'))).toHaveLength(1);
  });

  it('goes with --resume as far as its options are those of the run', async () => {
    await writeFile(join(cwd, 'resume.json'), '{ "network": "mlp", "epochs": 1, "tier": "simd" }');
    expect((await train('--config', 'resume.json', '--out', 'resumed')).code).toBe(0);
    const resume = (...more: string[]): Promise<Result> =>
      simdnet(['train', '--resume', 'resumed', ...more], { cwd });
    const longer = await resume('--config', 'resume.json', '--epochs', '2');
    expect([longer.code, longer.stderr]).toEqual([0, '']);
    expect(longer.stdout).toContain('Epoch 2/2');
    expect((await resume('--config', 'resumed/run.json')).stdout).toContain('resumed is complete');
    await writeFile(join(cwd, 'other.json'), '{ "seed": 7 }');
    expect(await resume('--config', 'other.json')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--seed: resumed was trained with 0; it goes on as it began') as string,
    });
  });

  it('says what is wrong before anything is done', async () => {
    await writeFile(join(cwd, 'wrong.yaml'), 'epoch: 3\n');
    const wrong = await train('--config', 'wrong.yaml', '--out', 'none');
    expect(wrong).toMatchObject({
      code: 2,
      stderr: 'simdnet: wrong.yaml: there is no option "epoch". Did you mean "epochs"?\n',
    });
    expect(await train('--config', 'nowhere.yaml', '--out', 'none')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('cannot read nowhere.yaml') as string,
    });
    expect(await readdir(cwd)).not.toContain('none');
  });
});

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeCifar10 } from '../../src/data/cifar10Format.ts';
import { availableTiers } from '../../src/engine/tier.ts';
import { decodeSafetensors, encodeSafetensors, type F32Tensor } from '../../src/formats/safetensors.ts';
import { cifar10Folder, readTensors, simdnet, temporaryFolder } from './simdnet.ts';

const golden = (name: string): URL => new URL(`../fixtures/golden/${name}.safetensors`, import.meta.url);

async function goldenTensors(name: string): Promise<ReturnType<typeof decodeSafetensors>> {
  return decodeSafetensors(await readFile(golden(name)), name);
}

async function goldenInit(): Promise<Map<string, F32Tensor>> {
  const { tensors } = await goldenTensors('init');
  return new Map([...tensors].map(([name, tensor]) => [name, tensor as F32Tensor]));
}

describe('ten steps from known weights', () => {
  it.each(['simd', 'relaxed'])('end where another framework ends, in the tier %s', async (tier) => {
    const { tensors: batches } = await goldenTensors('batches');
    const data = await temporaryFolder();
    const file = encodeCifar10({
      images: batches.get('images')!.data as Uint8Array,
      labels: Uint8Array.from(batches.get('labels')!.data as BigInt64Array, Number),
      count: 640,
      height: 32,
      width: 32,
      channels: 3,
      classNames: [],
    });
    await writeFile(join(data, 'data_batch_1.bin'), file);
    const init = join(data, 'init.safetensors');
    await writeFile(init, await readFile(golden('init')));
    const out = await temporaryFolder();
    const args = [
      '--data-dir',
      data,
      '--init',
      init,
      '--no-shuffle',
      '--validation-split',
      '0',
      '--epochs',
      '1',
    ];
    const { code } = await simdnet(['train', ...args, '--out', out, '--tier', tier]);
    expect(code).toBe(0);

    const trained = await readTensors(join(out, 'model.safetensors'));
    const begin = await goldenInit();
    const { tensors: expected, metadata } = await goldenTensors('expected');
    const excerpts = JSON.parse(metadata.excerpts ?? '{}') as Record<string, { every: number }>;
    for (const [name, { shape, data: start }] of begin) {
      const key = `after_step_10/${name}`;
      const every = excerpts[key]?.every ?? 1;
      const columns = shape.at(-1)!;
      const sampled = (values: Float32Array): Float32Array =>
        values.filter((_, i) => Math.floor(i / columns) % every === 0);
      const end = expected.get(key)!.data as Float32Array;
      const [from, got] = [sampled(start), sampled(trained.get(name)!.data as Float32Array)];
      expect(got.length).toBe(end.length);
      const travelled = distance(end, from);
      expect(travelled).toBeGreaterThan(1e-3);
      expect(distance(end, got) / travelled, name).toBeLessThan(5e-3);
    }
  });
});

/** ‖a − b‖ */
function distance(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0));
}

describe('the same seed and tier', () => {
  it.each(['simd', 'relaxed'])('give the same file, byte for byte, in the tier %s', async (tier) => {
    const data = await cifar10Folder(64, 0);
    const train = async (threads: number, ...more: string[]): Promise<Buffer> => {
      const out = await temporaryFolder();
      const args = ['--data-dir', data, '--epochs', '1', '--batch-size', '24', '--tier', tier, '--out', out];
      const { code } = await simdnet(['train', ...args, '--threads', String(threads), ...more]);
      expect(code).toBe(0);
      return readFile(join(out, 'model.safetensors'));
    };
    const first = await train(1);
    // Once more with one thread: twice in a row must be the same, too.
    for (const threads of [1, 2, 3, 7]) {
      expect((await train(threads)).equals(first), `${threads} threads`).toBe(true);
    }
    if (tier === 'simd') expect((await train(1, '--seed', '1')).equals(first)).toBe(false);
    if (tier === 'relaxed' && availableTiers().includes('turbo')) {
      for (const threads of [1, 2, 3]) {
        expect((await train(threads, '--tier', 'auto', '--turbo')).equals(first), 'turbo').toBe(true);
      }
    }
  });
});

describe.concurrent('weights that do not fit', () => {
  let data: string;
  let init: Map<string, F32Tensor>;
  beforeAll(async () => {
    data = await cifar10Folder(16, 8);
    init = await goldenInit();
  });

  const bias = 'conv2d_1/bias';
  const cases: readonly (readonly [string, (tensors: Map<string, F32Tensor>) => Uint8Array, RegExp])[] = [
    [
      'a wrong shape',
      (tensors) =>
        encodeSafetensors(tensors.set(bias, { dtype: 'F32', shape: [32], data: new Float32Array(32) }), {}),
      /the tensor "conv2d_1\/bias" is \[32\], but the network needs \[64\]/,
    ],
    [
      'a missing tensor',
      (tensors) => {
        tensors.delete(bias);
        return encodeSafetensors(tensors, {});
      },
      /has no tensor "conv2d_1\/bias"/,
    ],
    [
      'an extra tensor',
      (tensors) =>
        encodeSafetensors(tensors.set('extra', { dtype: 'F32', shape: [1], data: new Float32Array(1) }), {}),
      /has a tensor "extra", for which the network has no place/,
    ],
    [
      'a NaN',
      (tensors) => {
        const weights = new Float32Array(64);
        weights[5] = NaN;
        return encodeSafetensors(tensors.set(bias, { dtype: 'F32', shape: [64], data: weights }), {});
      },
      /"conv2d_1\/bias" has NaN at index 5/,
    ],
    ['its end cut off', (tensors) => encodeSafetensors(tensors, {}).subarray(0, -4), /weights\.safetensors/],
    [
      'a header that lies',
      (tensors) => {
        const bytes = encodeSafetensors(tensors, {});
        new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(0, 2n ** 40n, true);
        return bytes;
      },
      /weights\.safetensors.*header/,
    ],
  ];

  it.each(cases)('are refused for %s', async (_what, change, message) => {
    const folder = await temporaryFolder();
    const path = join(folder, 'weights.safetensors');
    await writeFile(path, change(new Map(init)));
    const out = join(folder, 'run');
    for (const args of [
      ['train', '--init', path, '--out', out],
      ['predict', '--model', path],
    ]) {
      const { code, stdout, stderr } = await simdnet([...args, '--data-dir', data]);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(message);
      expect(stderr).toContain(path);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    }
    expect(await readdir(folder)).toEqual(['weights.safetensors']);
  });
});

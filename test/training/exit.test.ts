/** A process ends when its work is done, also if a model that was never disposed of has threads. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const library = new URL('../../dist/index.js', import.meta.url);

const script = (options: string): string => `
  import { sequential, flatten, dense } from '${library.href}';
  const model = sequential([flatten({ inputShape: [2, 2, 1] }), dense({ units: 2, activation: 'softmax' })]);
  model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
  await model.fit(new Float32Array(16), [0, 1, 1, 0], ${options}).catch(() => undefined);
  console.log('done');
`;

it.each([
  ['after a training', '{ epochs: 1 }'],
  ['after a training without a step', '{ initialEpoch: 3, epochs: 2 }'],
  ['after one that was aborted', '{ signal: AbortSignal.abort() }'],
  ['after a callback that throws', '{ callbacks: { onTrainBegin: () => { throw new Error(); } } }'],
])('ends %s', async (_, options) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', script(options)],
    { timeout: 30_000 },
  );
  expect(stdout).toBe('done\n');
});

/** The build for wide vectors: V8 makes AVX2 of it, and not a bit changes. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { availableTiers } from '../../src/engine/tier.ts';

const built = new URL('../../dist/', import.meta.url);

/** Three training steps of the tutorial's network with a build of the engine, compiled by V8's optimiser at once. */
const PROGRAM = `
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
const built = new URL(process.argv[1]);
const load = (path) => import(new URL(path, built));
const { buildNetwork } = await load('nn/network.js');
const { initializeParameters } = await load('nn/parameters.js');
const { configureLoss } = await load('nn/losses/registry.js');
const { objectiveOf } = await load('nn/objective.js');
const { planNetwork } = await load('nn/plan.js');
const { adam, adamRate } = await load('nn/optimizers/adam.js');
const { UPDATE } = await load('nn/optimizers/registers.js');
const { generateShapes } = await load('data/shapes.js');
const { runInline } = await load('engine/inlineRunner.js');
const { tutorialNetwork } = await load('networks/tutorial.js');
const network = buildNetwork(tutorialNetwork());
const optimizer = adam();
const loss = configureLoss('sparseCategoricalCrossentropy');
const { outputShape } = network;
const objective = objectiveOf({ loss, metrics: [], layout: 'classes', weighted: false, outputShape });
const plan = planNetwork(network, { start: 2048, batch: 16, threads: 1, slots: 1, objective, optimizer });
const memory = plan.arena.createMemory(false);
const module = await WebAssembly.compile(readFileSync(new URL('wasm/' + process.argv[2] + '.wasm', built)));
const runner = await runInline({ tier: 'turbo', module }, memory, plan);
const parameters = new Float32Array(memory.buffer, plan.parameters, plan.parameterBytes / 4);
parameters.set(initializeParameters(network, 0));
const [slot] = plan.slots;
const { images, labels } = generateShapes({ seed: 0, trainCount: 48, testCount: 1 }).train;
const step = runner.define(plan.train(16, true, UPDATE));
for (let i = 0; i < 3; i++) {
  new Uint8Array(memory.buffer, slot + plan.slot.images).set(images.subarray(i * 16 * 3072, (i + 1) * 16 * 3072));
  new Int32Array(memory.buffer, slot + plan.slot.targets, 16).set(labels.subarray(i * 16, (i + 1) * 16));
  await runner.run(step, { slot, rate: adamRate(optimizer, i + 1) });
}
console.log(createHash('sha256').update(new Uint8Array(memory.buffer, plan.parameters, plan.parameterBytes)).digest('hex'));
`;

/** The weights' digest, and what V8 says about its wide vectors. */
function train(build: string, flags: readonly string[]): { weights: string; trace: string } {
  const args = ['--no-liftoff', ...flags, '--input-type=module', '-e', PROGRAM, built.href, build];
  const lines = execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 28 })
    .trim()
    .split('\n');
  return { weights: lines.at(-1)!, trace: lines.slice(0, -1).join('\n') };
}

describe.runIf(availableTiers().includes('turbo'))('turbo', () => {
  const wide = '--experimental-wasm-revectorize';

  it('has the same bits with and without AVX2, and those of relaxed', () => {
    const { weights } = train('turbo', [wide]);
    expect(weights).toMatch(/^[0-9a-f]{64}$/);
    expect(train('turbo', []).weights).toBe(weights);
    expect(train('relaxed', []).weights).toBe(weights);
    expect(train('simd', []).weights).not.toBe(weights);
  });

  it('is made of pairs of vectors that V8 can join', () => {
    const { trace } = train('turbo', [wide, '--trace-wasm-revectorize']);
    // The eight sums of the large tile, among others.
    expect(trace.match(/PackNode \[F32x4Qfma\]/g)!.length).toBeGreaterThanOrEqual(8);
    expect(trace).toMatch(/DecideVectorize/);
  });
});

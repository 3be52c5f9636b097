/** A training step taken apart: how long each of its calls takes where it stands, with the caches as the step leaves them. */
import { runInline } from '../src/engine/inlineRunner.ts';
import { loadEngine, type Tier } from '../src/engine/tier.ts';
import type { Instruction } from '../src/engine/program.ts';
import type { Network } from '../src/nn/network.ts';
import { adam, adamRate } from '../src/nn/optimizers/adam.ts';
import { planNetwork } from '../src/nn/plan.ts';
import { densityOf, isSparse, pooledLayer } from './density.ts';
import { batch } from './imageSet.ts';
import { warmUp, type Effort } from './measure.ts';
import { settledState } from './tutorialCase.ts';

/** All calls with one label. */
export interface Profile {
  /** What they are for, such as "conv2d_1 dFilter". */
  readonly label: string;
  readonly instructions: readonly Instruction[];
  /** Seconds for all of them together, one figure a repetition. */
  readonly seconds: readonly number[];
  /** The share of the gradients that are multiplied, where zeros are left out; the mean of the repetitions. */
  readonly density?: number;
}

/** Below the arena: see START in src/nn/session.ts. */
const START = 2048;

/**
 * Profiles training steps in the calling thread, call by call, each on a batch of its own.
 * @param network  the tutorial's, with any algorithms
 * @param before  is run before each repetition, outside the timer
 */
export async function profileStep(
  network: Network,
  tier: Tier,
  size: number,
  { repetitions, warmUp: seconds }: Effort,
  before: () => void = () => undefined,
): Promise<Profile[]> {
  const optimizer = adam();
  const plan = planNetwork(network, { start: START, batch: size, threads: 1, slots: 1, optimizer });
  const memory = plan.arena.createMemory(false);
  const runner = await runInline(await loadEngine(tier, false), memory, plan);
  const { parameters, optimizer: moments } = await settledState();
  for (const [i, block] of [parameters, undefined, ...moments.variables].entries()) {
    if (!block) continue;
    new Float32Array(memory.buffer, plan.parameters + i * plan.parameterBytes, block.length).set(block);
  }
  const slot = plan.slots[0]!;

  const instructions = plan.train(size, true);
  const calls = instructions.map((instruction) => runner.define([instruction]));
  const times = new Map(instructions.map(({ label }): [string, number[]] => [label, []]));
  let step = moments.steps;
  const run = async (): Promise<void> => {
    const { images, labels } = batch(step, size);
    new Uint8Array(memory.buffer, slot + plan.slot.images).set(images);
    new Int32Array(memory.buffer, slot + plan.slot.labels, labels.length).set(labels);
    const rate = adamRate(optimizer, ++step);
    const sums = new Map<string, number>();
    for (const [i, call] of calls.entries()) {
      const start = performance.now();
      await runner.run(call, { slot, rate });
      const { label } = instructions[i]!;
      sums.set(label, (sums.get(label) ?? 0) + (performance.now() - start) / 1000);
    }
    for (const [label, sum] of sums) times.get(label)!.push(sum);
  };
  await warmUp(run, seconds);
  for (const series of times.values()) series.length = 0;
  const densities = new Map<string, number>();
  for (let repetition = 0; repetition < repetitions; repetition++) {
    before();
    await run();
    for (const instruction of instructions.filter(({ kernel }) => isSparse(kernel))) {
      const { label } = instruction;
      const layer = network.layers.find(({ name }) => name === label.split(' ')[0])!;
      const density = densityOf(instruction, pooledLayer(network, layer)!, memory, size);
      densities.set(label, (densities.get(label) ?? 0) + density / repetitions);
    }
  }
  return [...times].map(([label, series]) => {
    const density = densities.get(label);
    return {
      label,
      instructions: instructions.filter((each) => each.label === label),
      seconds: series,
      ...(density === undefined ? {} : { density }),
    };
  });
}

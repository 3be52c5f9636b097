/** A training step taken apart: how long each of its calls takes where it stands, with the caches as the step leaves them. */
import { runInline } from '../src/engine/inlineRunner.ts';
import { loadEngine, type Tier } from '../src/engine/tier.ts';
import type { Call, Program } from '../src/engine/program.ts';
import type { Network } from '../src/nn/network.ts';
import type { OptimizerConfig } from '../src/nn/optimizers/optimizer.ts';
import { optimizerDefinition } from '../src/nn/optimizers/registry.ts';
import { planNetwork, type Plan } from '../src/nn/plan.ts';
import type { OptimizerState } from '../src/nn/session.ts';
import { UPDATE } from '../src/nn/optimizers/registers.ts';
import { densityOf, isSparse } from './density.ts';
import type { Batch } from './imageSet.ts';
import { warmUp, type Effort } from './measure.ts';
import { classification } from './networkCase.ts';

/** All calls with one label. */
export interface Profile {
  /** What they are for, such as "conv2d_1 dFilter". */
  readonly label: string;
  readonly calls: Program;
  /** Seconds for all of them together, one figure a repetition. */
  readonly seconds: readonly number[];
  /** The share of the gradients that are multiplied, where zeros are left out; the mean of the repetitions. */
  readonly density?: number;
}

export interface TrainedState {
  /** Laid out by src/nn/parameters.ts. */
  readonly parameters: Float32Array;
  readonly optimizer: OptimizerState;
}

/** What is profiled. */
export interface Subject {
  readonly network: Network;
  /** Images in a batch. */
  readonly batch: number;
  readonly optimizer: OptimizerConfig;
  /** What training begins with. */
  readonly state: TrainedState;
  /** The images of a step. */
  readonly images: (step: number) => Batch;
}

/** Below the arena: see START in src/nn/session.ts. */
const START = 2048;

/**
 * Profiles training steps in the calling thread, call by call, each on a batch of its own.
 * @param before  is run before each repetition, outside the timer
 */
export async function profileStep(
  subject: Subject,
  tier: Tier,
  { repetitions, warmUp: seconds }: Effort,
  before: () => void = () => undefined,
): Promise<Profile[]> {
  const stepper = await openSteps(subject, tier);
  const program = stepper.program;
  await warmUp(() => stepper.run(() => undefined), seconds);
  const times = new Map(program.map(({ label }): [string, number[]] => [label, []]));
  const densities = new Map<string, number>();
  for (let repetition = 0; repetition < repetitions; repetition++) {
    before();
    const sums = new Map<string, number>();
    await stepper.run(({ label }, taken) => sums.set(label, (sums.get(label) ?? 0) + taken));
    for (const [label, sum] of sums) times.get(label)!.push(sum);
    if (!program.some(({ kernel }) => isSparse(kernel))) continue;
    // In a step of its own: memory is used again, so gradients must be looked at where they are still there.
    await stepper.run((call) => {
      if (!isSparse(call.kernel)) return;
      const density = densityOf(call, stepper.memory, subject.batch);
      densities.set(call.label, (densities.get(call.label) ?? 0) + density / repetitions);
    });
  }
  return [...times].map(([label, series]) => {
    const density = densities.get(label);
    return {
      label,
      calls: program.filter((each) => each.label === label),
      seconds: series,
      ...(density === undefined ? {} : { density }),
    };
  });
}

/** One call, wherever else its label may stand. */
export interface CallProfile {
  readonly call: Call<unknown>;
  /** One figure a repetition. */
  readonly seconds: readonly number[];
}

/** The calls of a training step in their order, timed one by one in the calling thread. */
export async function profileCalls(
  subject: Subject,
  tier: Tier,
  { repetitions, warmUp: seconds }: Effort,
): Promise<CallProfile[]> {
  const stepper = await openSteps(subject, tier);
  await warmUp(() => stepper.run(() => undefined), seconds);
  const series = stepper.program.map((): number[] => []);
  for (let repetition = 0; repetition < repetitions; repetition++) {
    let index = 0;
    await stepper.run((_, taken) => series[index++]!.push(taken));
  }
  return stepper.program.map((call, i) => ({ call, seconds: series[i]! }));
}

interface Stepper {
  readonly memory: WebAssembly.Memory;
  readonly program: Program;
  /** The next step. @param after  is told of each call, and how many seconds it took */
  run(after: (call: Call<unknown>, seconds: number) => void): Promise<void>;
}

async function openSteps(
  { network, batch, optimizer, state, images }: Subject,
  tier: Tier,
): Promise<Stepper> {
  const objective = classification(network);
  const plan = planNetwork(network, { start: START, batch, threads: 1, slots: 1, objective, optimizer });
  const memory = plan.arena.createMemory(false);
  const runner = await runInline(await loadEngine(tier, false), memory, plan);
  writeState(memory, plan, state);
  const slot = plan.slots[0]!;
  await runner.run(runner.define(plan.enterTraining()), { slot });
  const program = plan.train(batch, true, UPDATE);
  const calls = program.map((call) => runner.define([call]));
  let { steps } = state.optimizer;
  return {
    memory,
    program,
    run: async (after) => {
      const { images: pixels, labels } = images(steps);
      new Uint8Array(memory.buffer, slot + plan.slot.images).set(pixels);
      new Int32Array(memory.buffer, slot + plan.slot.targets, labels.length).set(labels);
      const registers = {
        ...optimizerDefinition(optimizer).registers(optimizer, steps),
        step: steps++,
        slot,
      };
      for (const [i, call] of calls.entries()) {
        const start = performance.now();
        await runner.run(call, registers);
        after(program[i]!, (performance.now() - start) / 1000);
      }
    },
  };
}

/** Parameters first, then what the optimiser keeps. */
function writeState(memory: WebAssembly.Memory, plan: Plan, { parameters, optimizer }: TrainedState): void {
  for (const [i, block] of [parameters, ...optimizer.variables].entries()) {
    new Float32Array(memory.buffer, plan.parameters + i * plan.parameterBytes, block.length).set(block);
  }
}

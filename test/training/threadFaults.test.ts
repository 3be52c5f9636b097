/** Threads that do not start, or die in the middle of things: real ones, in Node, with memory that they share and without. */
import type { Worker, WorkerOptions } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sharingBytes } from '../../src/engine/sharing.ts';
import type { ThreadSetup } from '../../src/engine/thread.ts';
import { EngineError } from '../../src/errors.ts';
import type * as platform from '../../src/platform/node.ts';
import type { Model } from '../../src/training/model.ts';
import { encodeModel } from '../../src/training/modelFile.ts';
import type { FitOptions } from '../../src/training/options.ts';
import { brightestChannel, smallModel } from './smallModel.ts';

const here = vi.hoisted(() => ({
  notShared: undefined as string | undefined,
  alive: new Set<unknown>(),
  started: 0,
  /** What is wrong with the second thread that is started; of one, with the first. */
  fault: undefined as ((options: WorkerOptions) => WorkerOptions) | undefined,
}));

vi.mock('#platform', async (original) => ({
  ...(await original<typeof platform>()),
  whyNotShared: () => here.notShared,
}));

vi.mock('node:worker_threads', async (original) => {
  const real = await original<{ Worker: typeof Worker }>();
  class Watched extends real.Worker {
    constructor(file: URL, options: WorkerOptions) {
      const meant = here.started++ === (here.notShared === undefined ? 1 : 0);
      super(file, meant && here.fault ? here.fault(options) : options);
      here.alive.add(this);
      this.once('exit', () => here.alive.delete(this));
    }
  }
  return { ...real, Worker: Watched };
});

const THREADS = 3;

const { x, y } = brightestChannel(200);
const models: Model[] = [];

beforeEach(() => {
  here.started = 0;
});

afterEach(async () => {
  here.fault = undefined;
  here.notShared = undefined;
  await Promise.all(models.splice(0).map((model) => model.dispose()));
  expect(here.alive.size).toBe(0);
});

function newModel(): Model {
  const model = smallModel({ tier: 'simd', threads: THREADS });
  models.push(model);
  return model;
}

/** Ends one thread, as the system would. */
function kill(which: number): void {
  void ([...here.alive].at(which) as Worker).terminate();
}

/** Everything that a training goes on from. */
function stateOf(model: Model): unknown {
  return { weights: [...model.getWeights()], variables: [...model.getOptimizerVariables()] };
}

/** What an undisturbed training comes to. */
async function undisturbed(epochs: number): Promise<Uint8Array> {
  const model = newModel();
  await model.fit(x, y, { epochs, batchSize: 8 });
  return encodeModel(model);
}

/** What it fails with: an EngineError, whose threads all end. */
async function failure(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EngineError);
  await expect.poll(() => here.alive.size).toBe(0);
  return (error as EngineError).message;
}

const KEPT = 'The model keeps the weights of its last complete epoch, and can be used and trained again.';

/** A module that wants what nobody gives it. */
const MISFIT = new WebAssembly.Module(
  Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 2, 7, 1, 1, 120, 1, 121, 0, 0),
);

const withData = (options: WorkerOptions, data: object): WorkerOptions => ({
  ...options,
  workerData: { ...(options.workerData as object), ...data },
});

/** Runs in the thread before anything else does. */
const withImport = (options: WorkerOptions, source: string): WorkerOptions => ({
  ...options,
  execArgv: ['--import', `data:text/javascript,${encodeURIComponent(source)}`],
});

/** Has the thread do something instead of its nth run. */
const insteadOfRun = (nth: number, what: string): string => `
  import { parentPort } from 'node:worker_threads';
  const { on } = parentPort;
  let runs = 0;
  parentPort.on = (name, listener) => on.call(parentPort, name, (message) => {
    if (message.kind === 'run' && ++runs === ${nth}) { ${what} }
    listener(message);
  });`;

describe.each([
  ['threads that share memory', undefined],
  ['a thread without shared memory', 'this is a test'],
])('of %s', (_, notShared) => {
  beforeEach(() => {
    here.notShared = notShared;
  });

  const atStart: [string, typeof here.fault, RegExp][] = [
    [
      'cannot be created',
      () => {
        throw new Error('no more threads');
      },
      /^The engine's thread \d of \d cannot be started \(no more threads\): use fewer\.$/,
    ],
    ['gets a module that does not fit', (options) => withData(options, { module: MISFIT }), /Import #0/],
    [
      'has no memory left for its code',
      (options) => ({
        ...withImport(options, 'for (const kept = []; ; ) kept.push(new Array(10_000).fill(0.5));'),
        // With much less, V8 cannot make the thread's heap, which ends the process.
        resourceLimits: { maxOldGenerationSizeMb: 16 },
      }),
      /memory limit/,
    ],
    [
      'is refused its memory',
      (options) =>
        withImport(options, 'WebAssembly.instantiate = () => { throw new RangeError("Out of memory"); };'),
      /Out of memory/,
    ],
    ['ends at once', (options) => withImport(options, 'process.exit(7)'), /exit code 7/],
  ];

  it.each(atStart)(
    'one that %s ends all, and the model can be trained later',
    async (_what, fault, message) => {
      const expected = await undisturbed(2);
      await models.pop()!.dispose();
      const model = newModel();
      const before = encodeModel(model);
      // Twice: a second failure is as good as the first.
      for (let time = 0; time < 2; time++) {
        here.started = 0;
        here.fault = fault;
        expect(await failure(model.fit(x, y, { batchSize: 8 }))).toMatch(message);
        expect(encodeModel(model)).toEqual(before);
      }
      here.fault = undefined;
      await model.fit(x, y, { epochs: 2, batchSize: 8 });
      expect(encodeModel(model)).toEqual(expected);
    },
  );

  const inTheMiddle: [string, typeof here.fault, FitOptions['callbacks'], RegExp][] = [
    [
      'is ended while it trains',
      undefined,
      {
        onBatchEnd: (batch) => {
          if (batch === 12 && epoch === 1) kill(-1);
        },
      },
      /exit code 1/,
    ],
    [
      'exits within a step',
      (options) => withImport(options, insteadOfRun(40, 'process.exit(7)')),
      {},
      /exit code 7/,
    ],
    [
      'throws within a step',
      (options) => withImport(options, insteadOfRun(40, 'throw new Error("lost")')),
      {},
      /\(lost\)/,
    ],
  ];
  let epoch = 0;

  it.each(inTheMiddle)(
    'one that %s: the model goes on from its last epoch',
    async (_what, fault, callbacks, message) => {
      const expected = await undisturbed(3);
      await models.pop()!.dispose();
      const model = newModel();
      const kept: unknown[] = [];
      here.started = 0;
      here.fault = fault;
      const training = model.fit(x, y, {
        epochs: 100,
        batchSize: 8,
        callbacks: [
          {
            onEpochBegin: (begun) => {
              epoch = begun;
            },
            onEpochEnd: () => void kept.push(stateOf(model)),
          },
          ...[callbacks!].flat(),
        ],
      });
      const text = await failure(training);
      expect(text).toMatch(message);
      expect(text).toMatch(/^The engine failed \(/);
      expect(text).toContain(KEPT);
      expect(kept).toHaveLength(1);
      expect(stateOf(model)).toEqual(kept[0]);
      here.fault = undefined;
      expect((await model.evaluate(x, y)).count).toBe(200);
      expect(stateOf(model)).toEqual(kept[0]);
      await model.fit(x, y, { initialEpoch: 1, epochs: 3, batchSize: 8 });
      expect(encodeModel(model)).toEqual(expected);
    },
  );

  it('one that dies in an evaluation or a prediction', async () => {
    const model = newModel();
    const { data } = await model.predict(x);
    const die = (): void => {
      kill(0);
    };
    expect(await failure(model.evaluate(x, y, { batchSize: 8, onBatchEnd: die }))).toContain(KEPT);
    expect((await model.predict(x)).data).toEqual(data);
    kill(0);
    expect(await failure(model.predict(x))).toContain(KEPT);
    expect((await model.predict(x)).data).toEqual(data);
  });

  it('one that dies while nobody waits for it, before the model is disposed of', async () => {
    const model = newModel();
    await model.fit(x, y, { batchSize: 8 });
    const before = stateOf(model);
    kill(0);
    await expect.poll(() => here.alive.size).toBe(0);
    await model.dispose();
    expect(stateOf(model)).toEqual(before);
    await model.dispose();
    await model.fit(x, y, { batchSize: 8 });
  });

  it('one that dies between steps that were asked for one by one', async () => {
    const model = newModel();
    const seen: unknown[] = [stateOf(model)];
    for (let step = 0; step < 20; step++) {
      await model.trainOnBatch(x.subarray(0, 8 * 108), y.subarray(0, 8));
      seen.push(stateOf(model));
    }
    kill(0);
    await failure(model.trainOnBatch(x.subarray(0, 8 * 108), y.subarray(0, 8)));
    expect(seen.slice(1)).toContainEqual(stateOf(model));
    await model.trainOnBatch(x.subarray(0, 8 * 108), y.subarray(0, 8));
  });

  it('keeps weights that were set after the failure', async () => {
    const model = newModel();
    const weights = model.getWeights();
    await model.fit(x, y, { batchSize: 8 });
    kill(0);
    await failure(model.fit(x, y, { batchSize: 8 }));
    model.setWeights(weights);
    await model.predict(x);
    expect([...model.getWeights()]).toEqual([...weights]);
  });
});

it('one of several that traps leaves none waiting for it', async () => {
  const model = newModel();
  const before = encodeModel(model);
  // Its own memory ends behind the counters, too soon for what it is to do, and the others wait for it in theirs.
  here.fault = (options) => {
    const { counters } = options.workerData as ThreadSetup;
    const pages = Math.ceil((counters + sharingBytes(THREADS)) / 65536);
    return withData(options, {
      memory: new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }),
    });
  };
  expect(await failure(model.fit(x, y, { batchSize: 200 }))).toMatch(/out of bounds/);
  expect(encodeModel(model)).toEqual(before);
  here.fault = undefined;
  await model.fit(x, y, { batchSize: 8 });
});

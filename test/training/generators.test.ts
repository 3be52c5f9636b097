/** Training on batches that are made while it goes on. */
import { afterEach, describe, expect, it } from 'vitest';
import { sgd } from '../../src/nn/optimizers/sgd.ts';
import type { BatchGenerator, GeneratedBatch } from '../../src/training/generatedBatches.ts';
import type { Model } from '../../src/training/model.ts';
import type { FitOptions } from '../../src/training/options.ts';
import { brightestChannel, smallModel } from './smallModel.ts';

const models: Model[] = [];

function compiled(loss = 'categoricalCrossentropy'): Model {
  const model = smallModel({ threads: 1 });
  models.push(model);
  model.compile({ optimizer: sgd({ learningRate: 0.1 }), loss, metrics: ['accuracy'] });
  return model;
}

afterEach(async () => {
  await Promise.all(models.splice(0).map((model) => model.dispose()));
});

const { x, y } = brightestChannel(100);
const weightsOf = (model: Model): unknown => [...model.getWeights()];

/** The images [begin, end). */
function batch(begin: number, end: number): GeneratedBatch {
  return { x: x.subarray(begin * 108, end * 108), y: y.subarray(begin, end) };
}

/** All of them, a few at a time. */
function* inTurn(size = 32): Generator<GeneratedBatch> {
  for (let begin = 0; begin < 100; begin += size) yield batch(begin, Math.min(begin + size, 100));
}

async function* endless(): AsyncGenerator<GeneratedBatch> {
  for (;;) {
    for (const each of inTurn()) {
      await Promise.resolve();
      yield each;
    }
  }
}

/** One-hot rows of images' classes, of which each loses so much to the others. */
function rows(begin: number, end: number, loss: number): Float32Array {
  return Float32Array.from({ length: (end - begin) * 3 }, (_, i) =>
    i % 3 === y[begin + Math.floor(i / 3)] ? 1 - loss : loss / 2,
  );
}

const fails = async (given: BatchGenerator, message: RegExp, options: FitOptions = {}): Promise<void> => {
  await expect(compiled().fit(given, undefined, options)).rejects.toThrow(message);
};

describe('batches of a generator', () => {
  it('train as the same examples do, whether made anew for each epoch or without end', async () => {
    const whole = compiled();
    const { history } = await whole.fit(x, y, { epochs: 2, shuffle: false, validationData: [x, y] });
    const anew = compiled();
    const options = { epochs: 2, validationData: [x, y] } as const;
    expect((await anew.fit(() => inTurn(), undefined, options)).history).toEqual(history);
    expect(weightsOf(anew)).toEqual(weightsOf(whole));
    const goesOn = compiled();
    const seen: number[] = [];
    const callbacks = { onBatchEnd: (_: number, logs: { seen: number }) => seen.push(logs.seen) };
    const stream = endless();
    await goesOn.fit(stream, undefined, { stepsPerEpoch: 4, callbacks });
    await goesOn.fit(stream, undefined, { stepsPerEpoch: 4, callbacks });
    expect(weightsOf(goesOn)).toEqual(weightsOf(whole));
    expect(seen).toEqual([32, 64, 96, 100, 32, 64, 96, 100]);
  });

  it('may be of any sizes up to batchSize, or that of the first', async () => {
    const whole = compiled();
    await whole.fit(x, y, { batchSize: 100, shuffle: false });
    const atOnce = compiled();
    await atOnce.fit(() => inTurn(100));
    expect(weightsOf(atOnce)).toEqual(weightsOf(whole));
    function* growing(): Generator<GeneratedBatch> {
      yield batch(0, 4);
      yield batch(4, 44);
    }
    await fails(growing, /Batch 2 of the generator has 40 images, but there is room for 32.*batchSize/);
    await compiled().fit(growing, undefined, { batchSize: 40 });
  });

  it('may stop early, and are then told that no more are wanted', async () => {
    let made = 0;
    let ended = 0;
    const generator = function* (): Generator<GeneratedBatch> {
      try {
        for (const each of inTurn(10)) {
          made++;
          yield each;
        }
      } finally {
        ended++;
      }
    };
    await compiled().fit(generator, undefined, { epochs: 2, stepsPerEpoch: 3 });
    expect([made, ended]).toEqual([6, 2]);
  });

  it('may be indices or rows, weighted or not, if only the first is of the most general kind', async () => {
    const ones = new Float32Array(50).fill(1);
    const mixed = compiled();
    await mixed.fit(function* () {
      yield { ...batch(0, 50), y: rows(0, 50, 0), sampleWeight: ones };
      yield batch(50, 100);
      yield { ...batch(0, 50), y: rows(0, 50, 0.1) };
    });
    const soft = compiled();
    await soft.fit(function* () {
      yield { ...batch(0, 50), y: rows(0, 50, 0), sampleWeight: ones };
      yield { ...batch(50, 100), y: rows(50, 100, 0) };
      yield { ...batch(0, 50), y: rows(0, 50, 0.1), sampleWeight: ones };
    });
    expect(weightsOf(mixed)).toEqual(weightsOf(soft));
    await fails(function* () {
      yield batch(0, 10);
      yield { ...batch(0, 10), y: rows(0, 10, 0.1) };
    }, /Batch 2 of the generator has numbers for targets, but the first one has indices/);
    await fails(function* () {
      yield batch(0, 10);
      yield { ...batch(0, 10), sampleWeight: new Float32Array(10) };
    }, /Batch 2 of the generator has weights, but the first one has none/);
  });

  it('are refused where something is wrong, and it is said which', async () => {
    await fails(() => [], /The generator made no batch/);
    await fails(inTurn(), /needs stepsPerEpoch/);
    await fails(inTurn(), /ended in epoch 2 after 1 of 3 batches: it must go on/, {
      stepsPerEpoch: 3,
      epochs: 3,
    });
    let epochs = 0;
    await fails(() => (epochs++ === 0 ? inTurn() : []), /The generator of epoch 2 made no batch/, {
      epochs: 2,
    });
    await fails(() => 7 as never, /must return what batches can be had of/);
    await fails(() => [7 as never], /Batch 1 of the generator: it must be \{ x, y \}/);
    await fails(
      () => [{ ...batch(0, 2), yy: 1 }] as never,
      /Batch 1 of the generator: It has no option "yy"/,
    );
    await fails(() => [batch(0, 2), { ...batch(0, 2), y: [0] }], /Batch 2.*2 images, but y has 1/);
    await fails(() => inTurn(), /use validationData/, { validationSplit: 0.5 });
    await fails(() => inTurn(), /sampleWeight from the batches/, { sampleWeight: [1] });
    await expect(compiled().fit(() => inTurn(), y)).rejects.toThrow(/takes y from the batches/);
    await fails(function* () {
      yield batch(0, 10);
      throw new Error('the file ends here');
    }, /the file ends here/);
  });

  it('cannot be waited for by two, nor go on when the model is disposed of', async () => {
    const model = compiled();
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const training = model.fit(async function* () {
      await held;
      yield* inTurn();
    });
    await expect(model.fit(x, y)).rejects.toThrow(/training is under way/);
    await expect(model.trainOnBatch(x, y)).rejects.toThrow(/training is under way/);
    const given = expect(training).rejects.toThrow('The model has been disposed of.');
    await model.dispose();
    goOn();
    await given;
  });
});

/** What the worker behind the page does when things are chosen while others load, or while it trains. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { defaultTexts, readSettings, type Settings } from '../../src/browser/settings.ts';
import { Trainer } from '../../src/browser/trainer/trainer.ts';
import { shapesClassNames } from '../../src/data/shapes.ts';
import { tutorialNetwork } from '../../src/networks/tutorial.ts';
import { sequential } from '../../src/training/factories.ts';
import { encodeModel } from '../../src/training/modelFile.ts';
import { records } from '../data/fixtures.ts';

const LIMITS = { dataset: 'shapes', ownPictures: false, trainImages: 5000, cores: 2 } as const;
const SMALL = {
  filters1: '4',
  filters2: '4',
  filters3: '4',
  units: '8',
  tier: 'simd',
  images: '300',
  epochs: '2',
};

function settings(texts: Partial<Record<string, string>> = {}): Settings {
  const { settings: read } = readSettings({ ...defaultTexts(LIMITS), ...SMALL, ...texts }, LIMITS) as {
    settings: Settings;
  };
  return read;
}

async function newTrainer(): Promise<Trainer> {
  const trainer = new Trainer(() => undefined);
  onTestFinished(() => trainer.stop());
  await trainer.useShapes();
  return trainer;
}

/** A file whose bytes come when they are let. */
function slowFile(name: string, bytes: Uint8Array): { file: File; arrive: () => void } {
  let arrive: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const file = new File([Uint8Array.from(bytes)], name);
  const arrayBuffer = async (): Promise<ArrayBuffer> => {
    await arrived;
    return Uint8Array.from(bytes).buffer;
  };
  const stream = (): ReadableStream<Uint8Array<ArrayBuffer>> =>
    new ReadableStream({
      async start(controller) {
        await arrived;
        controller.enqueue(Uint8Array.from(bytes));
        controller.close();
      },
    });
  return { file: Object.assign(file, { arrayBuffer, stream }), arrive };
}

const modelOf = (seed: number): Uint8Array =>
  encodeModel(sequential(tutorialNetwork(), { seed, classNames: shapesClassNames }));

describe('a model that is loaded', () => {
  it('while a training starts does not end it', async () => {
    const trainer = await newTrainer();
    const { file, arrive } = slowFile('model.safetensors', modelOf(1));
    const loading = expect(trainer.loadModel([file], settings())).rejects.toThrow('A training is under way');
    const training = trainer.train(settings());
    arrive();
    await loading;
    const { history } = await training;
    expect(history.epoch).toEqual([0, 1]);
    expect((await trainer.test()).count).toBe(1000);
  });

  it('does not replace what has been trained in the meantime', async () => {
    const trainer = await newTrainer();
    const { file, arrive } = slowFile('model.safetensors', modelOf(1));
    const loading = expect(trainer.loadModel([file], settings())).rejects.toThrow(
      'Another model has been chosen',
    );
    await trainer.train(settings({ epochs: '1' }));
    const trained = await trainer.saveModel();
    arrive();
    await loading;
    expect(await trainer.saveModel()).toEqual(trained);
  });

  it('is the last that was chosen, even if it comes first', async () => {
    const trainer = await newTrainer();
    const [first, second] = [1, 2].map((seed) => slowFile(`${seed}.safetensors`, modelOf(seed)));
    const loading = expect(trainer.loadModel([first!.file], settings())).rejects.toThrow('Another model');
    const loaded = trainer.loadModel([second!.file], settings());
    second!.arrive();
    await loaded;
    first!.arrive();
    await loading;
    expect(Buffer.from(await trainer.saveModel()).equals(modelOf(2))).toBe(true);
  });

  it('while another is tested ends the test', async () => {
    const trainer = await newTrainer();
    const [first, second] = [1, 2].map((seed) => slowFile(`${seed}.safetensors`, modelOf(seed)));
    first!.arrive();
    second!.arrive();
    await trainer.loadModel([first!.file], settings());
    const testing = expect(trainer.test()).rejects.toThrow(/chosen in the meantime|disposed/);
    await trainer.loadModel([second!.file], settings());
    await testing;
    await expect(trainer.cell(0, 0, 1)).rejects.toThrow('not been tested');
  });
});

describe('images that are read', () => {
  it('while a training starts do not take its place', async () => {
    const trainer = await newTrainer();
    const { file, arrive } = slowFile('data_batch_1.bin', records(20));
    const reading = expect(trainer.useCifar10([file])).rejects.toThrow('A training is under way');
    const training = trainer.train(settings());
    arrive();
    await reading;
    expect((await training).history.epoch).toEqual([0, 1]);
    expect((await trainer.test()).count).toBe(1000);
  });

  it('are the last that were chosen, even if they come first', async () => {
    const trainer = await newTrainer();
    const [first, second] = [20, 30].map((count) => slowFile('data_batch_1.bin', records(count)));
    const reading = expect(trainer.useCifar10([first!.file])).rejects.toThrow('Other images');
    const read = trainer.useCifar10([second!.file]);
    second!.arrive();
    await read;
    first!.arrive();
    await reading;
    expect((await trainer.testImages(0, 100)).total).toBe(6);
  });

  it('do not replace shapes that were chosen in the meantime', async () => {
    const trainer = await newTrainer();
    const { file, arrive } = slowFile('data_batch_1.bin', records(20));
    const reading = expect(trainer.useCifar10([file])).rejects.toThrow('Other images');
    await trainer.useShapes();
    arrive();
    await reading;
    expect((await trainer.testImages(0, 1)).total).toBe(1000);
  });
});

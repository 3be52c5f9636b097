/** The entry point of the trainer, the worker behind the page. */
import { SimdnetError } from '../../errors.ts';
import type { TrainerCalls, TrainerEvent } from '../protocol.ts';
import { answer } from '../rpc.ts';
import { Trainer } from './trainer.ts';

let tell: (event: TrainerEvent) => void = () => undefined;
const trainer = new Trainer((event) => {
  tell(event);
});

/** Methods, bound: what answers calls knows nothing of classes. */
const calls: TrainerCalls = {
  engine: () => trainer.engine(),
  networks: () => trainer.networks(),
  recipes: () => trainer.recipes(),
  useShapes: () => trainer.useShapes(),
  useCifar10: (files) => trainer.useCifar10(files),
  usePictures: (classes, imageSize) => trainer.usePictures(classes, imageSize),
  look: (file, name) => trainer.look(file, name),
  samples: (perClass) => trainer.samples(perClass),
  describe: (settings) => trainer.describe(settings),
  train: (settings) => trainer.train(settings),
  unfinished: () => trainer.unfinished(),
  goOn: () => trainer.goOn(),
  forget: () => trainer.forget(),
  pause: () => trainer.pause(),
  resume: () => trainer.resume(),
  stop: () => trainer.stop(),
  test: () => trainer.test(),
  cell: (actual, predicted, most) => trainer.cell(actual, predicted, most),
  testImages: (begin, count) => trainer.testImages(begin, count),
  featureMaps: (index) => trainer.featureMaps(index),
  predictFile: (file) => trainer.predictFile(file),
  predictPicture: (picture) => trainer.predictPicture(picture),
  predictTestImage: (index) => trainer.predictTestImage(index),
  predictFrame: (frame) => trainer.predictFrame(frame),
  model: () => trainer.model(),
  saveModel: () => trainer.saveModel(),
  loadModel: (files, settings) => trainer.loadModel(files, settings),
};

tell = answer<TrainerCalls>(globalThis, calls, describe);

function describe(error: unknown): { name: string; message: string } {
  if (error instanceof SimdnetError) return { name: error.name, message: error.message };
  // How browsers say that a typed array, a canvas or a WebAssembly memory could not be had.
  if (error instanceof RangeError) {
    return {
      name: 'OutOfMemory',
      message: `There is not enough memory: close other tabs, or use fewer images or a smaller batch. (${error.message})`,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { name: 'Error', message: `Something went wrong: ${message}` };
}

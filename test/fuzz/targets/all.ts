import type { Target } from '../target.ts';
import { npz, safetensorsImages } from './arrays.ts';
import { checkpoint } from './checkpoint.ts';
import { archiveOnDisk, archiveOnPage, cifar10 } from './cifar10.ts';
import { exif } from './exif.ts';
import { config } from './config.ts';
import { history } from './history.ts';
import { hdf5, modelZip } from './hdf5.ts';
import { jpeg } from './jpeg.ts';
import { idx } from './idx.ts';
import { kerasText, modelFile, modelText } from './networks.ts';
import { kerasH5, kerasZip } from './keras.ts';
import { onnx } from './onnx.ts';
import { png } from './png.ts';
import { safetensors } from './safetensors.ts';
import { stateDict } from './stateDict.ts';
import { tfjs } from './tfjs.ts';
import { webp } from './webp.ts';
import { zip } from './zip.ts';

/** The formats that are read, and who reads them. */
export const TARGETS: readonly Target[] = [
  safetensors,
  modelFile,
  checkpoint,
  modelText,
  kerasText,
  kerasZip,
  kerasH5,
  history,
  config,
  png,
  jpeg,
  webp,
  exif,
  cifar10,
  archiveOnPage,
  archiveOnDisk,
  idx,
  npz,
  onnx,
  safetensorsImages,
  stateDict,
  zip,
  tfjs,
  hdf5,
  modelZip,
];

const TURNS = TARGETS.flatMap((target) => new Array<Target>(target.turns).fill(target));

/** Whose turn it is. */
export function targetOf(iteration: number): Target {
  return TURNS[iteration % TURNS.length]!;
}

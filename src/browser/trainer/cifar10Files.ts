/** CIFAR-10 from files that a person chose: the archive, or some of its binary files. Nothing leaves the browser. */
import {
  allocateCifar10,
  cifar10RecordBytes,
  cifar10RecordCount,
  cifar10TestFile,
  cifar10TrainFiles,
  decodeCifar10,
} from '../../data/cifar10Format.ts';
import type { Dataset } from '../../data/dataset.ts';
import { DataError } from '../../errors.ts';
import { MAX_ARCHIVED_RECORDS, mostUnpacked } from '../../limits.ts';
import { readTar } from './tar.ts';

export interface Cifar10Split {
  readonly train: Dataset<Uint8Array>;
  /** Undefined if there is no test file. */
  readonly test: Dataset<Uint8Array> | undefined;
}

/** The part of a File that is needed. */
export interface ChosenFile {
  readonly name: string;
  readonly size: number;
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Called with how much of all the files has been read, 0 to 1. */
export type OnProgress = (share: number) => void;

const WHAT_TO_CHOOSE = `Choose cifar-10-binary.tar.gz, or its files ${cifar10TrainFiles[0]!} to ${cifar10TestFile}.`;

/** What lies beside the binary files in their folder, and may have been chosen with them. */
const BESIDE = ['batches.meta.txt', 'readme.html'];

const MOST_MEMBER_BYTES = MAX_ARCHIVED_RECORDS * cifar10RecordBytes;

/**
 * @throws DataError if these are not CIFAR-10 files, there is none to train on, or one is damaged
 */
export async function readCifar10Files(
  files: readonly ChosenFile[],
  onProgress: OnProgress = () => undefined,
): Promise<Cifar10Split> {
  const archive = files.find(({ name }) => /\.(tar\.gz|tgz|tar|gz)$/i.test(name));
  if (archive && files.length > 1) {
    throw new DataError(`Choose either the archive or the binary files, not ${archive.name} and others.`);
  }
  const bytesOf = archive ? await unpack(archive, onProgress) : await readAll(files, onProgress);
  return decode(bytesOf, archive?.name);
}

/** Decodes file by file, and lets go of each. @param bytesOf  by the names of the archive's members; is emptied */
function decode(bytesOf: Map<string, Uint8Array>, archive: string | undefined): Cifar10Split {
  const present = cifar10TrainFiles.filter((name) => bytesOf.has(name));
  if (present.length === 0) {
    throw new DataError(
      archive
        ? `${archive} is not the binary version of CIFAR-10: none of ${cifar10TrainFiles[0]!} to ${cifar10TestFile} is in it.`
        : `There are no images to train on: choose at least ${cifar10TrainFiles[0]!} as well.`,
    );
  }
  const records = present.map((name) => cifar10RecordCount(bytesOf.get(name)!.length, name));
  const train = allocateCifar10(records.reduce((sum, count) => sum + count, 0));
  let offset = 0;
  present.forEach((name, i) => {
    decodeCifar10(bytesOf.get(name)!, name, { dataset: train, offset });
    bytesOf.delete(name);
    offset += records[i]!;
  });
  const test = bytesOf.get(cifar10TestFile);
  return { train, test: test && decodeCifar10(test, cifar10TestFile) };
}

async function readAll(
  chosen: readonly ChosenFile[],
  onProgress: OnProgress,
): Promise<Map<string, Uint8Array>> {
  const files = chosen.filter(({ name }) => !BESIDE.includes(name));
  const known = [...cifar10TrainFiles, cifar10TestFile];
  // What is no CIFAR-10 file is found out before anything large is read.
  for (const { name, size } of files) {
    if (!known.includes(name)) throw new DataError(`${name} is not a CIFAR-10 file. ${WHAT_TO_CHOOSE}`);
    cifar10RecordCount(size, name);
    if (size > MOST_MEMBER_BYTES)
      throw new DataError(`${name} is too large for a CIFAR-10 file. ${WHAT_TO_CHOOSE}`);
  }
  if (files.length === 0) throw new DataError(`There is no file. ${WHAT_TO_CHOOSE}`);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const bytesOf = new Map<string, Uint8Array>();
  let before = 0;
  for (const file of files) {
    const bytes = new Uint8Array(file.size);
    let at = 0;
    for await (const chunk of chunksOf(file.stream())) {
      if (at + chunk.length > bytes.length) throw changed(file);
      bytes.set(chunk, at);
      at += chunk.length;
      onProgress((before + at) / total);
    }
    if (at < bytes.length) throw changed(file);
    bytesOf.set(file.name, bytes);
    before += file.size;
  }
  return bytesOf;
}

function changed({ name }: ChosenFile): DataError {
  return new DataError(`${name} changed while it was read: try again.`);
}

async function unpack(file: ChosenFile, onProgress: OnProgress): Promise<Map<string, Uint8Array>> {
  if (/python/i.test(file.name)) {
    throw new DataError(`${file.name} is the version of CIFAR-10 for Python. ${WHAT_TO_CHOOSE}`);
  }
  let read = 0;
  const counted = file.stream().pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        read += chunk.length;
        onProgress(read / file.size);
        controller.enqueue(chunk);
      },
    }),
  );
  const tar = /\.tar$/i.test(file.name) ? counted : counted.pipeThrough(new DecompressionStream('gzip'));
  const known = [...cifar10TrainFiles, cifar10TestFile];
  const bytesOf = new Map<string, Uint8Array>();
  try {
    const isKnown = (path: string): boolean => known.includes(fileName(path));
    const members = readTar(tar, file.name, isKnown, MOST_MEMBER_BYTES, mostUnpacked(file.size));
    for await (const { name, bytes } of members) {
      bytesOf.set(fileName(name), bytes);
      if (bytesOf.size === known.length) break;
    }
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    // No memory left, or a file that is gone; what else can fail is the decompression.
    if (cause instanceof RangeError || cause instanceof DOMException) throw cause;
    throw new DataError(
      `${file.name} is damaged, cut short or no gzip file: fetch it again. ${WHAT_TO_CHOOSE}`,
      {
        cause,
      },
    );
  }
  return bytesOf;
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A stream as an iterable; Safari's are none. */
async function* chunksOf<T>(stream: ReadableStream<T>): AsyncGenerator<T> {
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
}

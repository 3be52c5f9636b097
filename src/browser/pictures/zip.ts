/** Pictures in a zip file: a folder for each class, as `simdnet train` takes it when it is unpacked. */
import {
  BlobReader,
  BlobWriter,
  configure,
  ERR_AMBIGUOUS_ARCHIVE,
  ERR_BAD_FORMAT,
  ERR_EOCDR_NOT_FOUND,
  ERR_INVALID_CRC32,
  ERR_SPLIT_ZIP_FILE,
  ERR_UNSAFE_FILENAME,
  ERR_UNSUPPORTED_COMPRESSION,
  ZipReader,
  ZipWriter,
  type FileEntry,
} from '@zip.js/zip.js/lib/zip-core-native.js';
import { isIgnoredName, isPictureName } from '../../data/pictures/folderRules.ts';
import { DataError } from '../../errors.ts';
import { MAX_ZIP_ENTRIES, mostUnpacked } from '../../limits.ts';
import { quoted } from '../../quoted.ts';
import { pictureFileName, TakenNames } from './fileName.ts';
import type { FoundPicture } from './found.ts';

// Its workers come from blobs, which the page's policy forbids.
configure({ useWebWorkers: false });

interface NamedPicture {
  readonly name: string;
  readonly blob: Blob;
}

/**
 * Classes without pictures are not in it: nothing can be learnt of them.
 * @throws DataError if a picture cannot be read
 */
export async function zipPictures(
  classes: readonly { readonly name: string; readonly pictures: readonly NamedPicture[] }[],
): Promise<Blob> {
  // Pictures are packed already. A descriptor behind a file that is not packed is more than some programs can read.
  const zip = new ZipWriter(new BlobWriter('application/zip'), { level: 0, dataDescriptor: false });
  for (const { name, pictures } of classes) {
    const taken = new TakenNames();
    for (const picture of pictures) {
      const path = `${name}/${taken.take(pictureFileName(picture.name, undefined))}`;
      await zip.add(path, new BlobReader(picture.blob)).catch((cause: unknown) => {
        throw new DataError(`${path} cannot be read: remove it, and add it again`, { cause });
      });
    }
  }
  return zip.close();
}

/**
 * The pictures of a zip file, whoever made it. What else is in it is passed over.
 * @param name  of the file, for messages
 * @throws DataError if it is no zip file, is damaged or encrypted, has no pictures, or unpacks to more than a file of its size may
 */
export async function unzipPictures(file: Blob, name: string): Promise<FoundPicture[]> {
  try {
    const entries = await pictureEntries(file, name);
    mustFit(entries.values(), mostUnpacked(file.size), name);
    const found: FoundPicture[] = [];
    for (const [path, entry] of entries) {
      const content = await unpack(entry).catch((cause: unknown) => {
        throw zipError(`${name}: ${quoted(path)}`, cause);
      });
      found.push({ path, file: new File([content], path.slice(path.lastIndexOf('/') + 1)) });
    }
    return found;
  } catch (cause) {
    throw zipError(name, cause);
  }
}

/** By their paths, with `/` between the parts. */
async function pictureEntries(file: Blob, name: string): Promise<ReadonlyMap<string, FileEntry>> {
  const reader = new ZipReader(new BlobReader(file));
  const entries = new Map<string, FileEntry>();
  let count = 0;
  // Windows once wrote its own separators.
  const normalizeFilename = (path: string): string => path.replaceAll('\\', '/');
  for await (const entry of reader.getEntriesGenerator({ normalizeFilename })) {
    if (++count > MAX_ZIP_ENTRIES) {
      throw new DataError(
        `${name} has more than ${MAX_ZIP_ENTRIES.toLocaleString('en')} entries, which are too many: make it two files`,
      );
    }
    const path = entry.filename;
    if (entry.directory || path.split('/').some(isIgnoredName) || !isPictureName(path)) continue;
    if (entry.encrypted)
      throw new DataError(`${name}: ${quoted(path)} is encrypted: make the file again, without a password`);
    if (entries.has(path))
      throw new DataError(`${name} has two files called ${quoted(path)}: make it again from the folder`);
    entries.set(path, entry);
  }
  if (entries.size === 0) {
    throw new DataError(
      `${name} has no pictures (png, jpg, jpeg, webp): it must have a folder for each class, with pictures in it`,
    );
  }
  return entries;
}

/** Before anything is unpacked. @throws DataError if that would be more than pictures are */
function mustFit(entries: Iterable<FileEntry>, most: number, name: string): void {
  let claimed = 0;
  for (const { uncompressedSize } of entries) claimed += uncompressedSize;
  if (claimed <= most) return;
  throw new DataError(
    `${name} unpacks to more than ${most} bytes, the most that a file of its size may have: pictures do not shrink like that. ` +
      'Unpack it, and choose the folder',
  );
}

/** It ends with an error as soon as there is more than was claimed. */
async function unpack(entry: FileEntry): Promise<Blob> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const writable = new WritableStream<Uint8Array<ArrayBuffer>>({
    write: (chunk) => {
      chunks.push(chunk);
    },
  });
  await entry.getData(writable, { checkCrc32: true, checkOverlappingEntry: true });
  return new Blob(chunks);
}

const NO_ZIP = 'is no zip file, or its end is missing: make or fetch it again';

/** What is wrong with them, by the library's messages. */
const PROBLEMS: ReadonlyMap<string, string> = new Map([
  [ERR_BAD_FORMAT, NO_ZIP],
  [ERR_EOCDR_NOT_FOUND, NO_ZIP],
  [ERR_SPLIT_ZIP_FILE, 'is one of several parts: make it again as one file'],
  [ERR_UNSAFE_FILENAME, 'has names that lead out of the folder that it is unpacked into: do not trust it'],
  [ERR_AMBIGUOUS_ARCHIVE, 'says one thing at its end and another before: make it again from the folder'],
  [ERR_UNSUPPORTED_COMPRESSION, 'is packed in a way that is not read: make it again as a usual zip file'],
  [ERR_INVALID_CRC32, 'has another checksum than it should have, and is damaged: make or fetch it again'],
]);

function zipError(name: string, cause: unknown): DataError {
  if (cause instanceof DataError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  const problem = PROBLEMS.get(message) ?? `is damaged (${message}): make or fetch it again`;
  return new DataError(`${name} ${problem}`, { cause });
}

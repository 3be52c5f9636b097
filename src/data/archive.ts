/**
 * Unpacks the archive of a dataset. It came over the network, so nothing in it is trusted: only the regular files that are
 * expected are written, at names chosen here, into a folder that appears in its final place only when it is whole.
 */
import { createReadStream, createWriteStream, existsSync, mkdtempSync, renameSync } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Headers } from 'tar-stream';
import { DataError } from '../errors.ts';
import { makeFolder } from '../files/makeFolder.ts';
import { holdTemporary } from '../files/temporary.ts';
import { mostUnpacked } from '../limits.ts';
import { quoted } from '../quoted.ts';

/** What is in an archive. */
export interface Archived {
  /** What the dataset is called. */
  readonly title: string;
  /** The folder that its files are in. */
  readonly folder: string;
  /** The files, and the size that each must have in bytes. */
  readonly members: ReadonlyMap<string, number>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Unpacks the members of the gzipped tar `archive` into the folder `destination`, replacing what is there.
 *
 * @throws DataError if the archive is damaged, lacks a file, has one of a wrong size, or has a member that is a link or
 *   whose path leads out of the folder. Nothing is left behind then, and `destination` is as it was.
 */
export async function extractArchive(
  archive: string,
  destination: string,
  archived: Archived,
): Promise<void> {
  const { signal } = archived;
  await makeFolder(dirname(destination));
  // Beside the destination, so that moving it there is a rename within one file system.
  // Without a pause before it is held, so that it cannot stay.
  const scratch = mkdtempSync(join(dirname(destination), `.${basename(destination)}-`));
  const release = holdTemporary(scratch);
  let stranded = false;
  try {
    const unpacked = join(scratch, 'new');
    await mkdir(unpacked);
    await unpack(archive, unpacked, archived);
    replaceFolder(destination, unpacked, join(scratch, 'old'));
  } catch (cause) {
    stranded = cause instanceof Stranded;
    signal?.throwIfAborted();
    if (cause instanceof DataError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(`cannot unpack ${archive}: ${reason}; delete it and fetch it again`, { cause });
  } finally {
    if (!stranded) await rm(scratch, { recursive: true, force: true });
    release();
  }
}

async function unpack(archive: string, folder: string, archived: Archived): Promise<void> {
  const { title, members, signal } = archived;
  const missing = new Set(members.keys());
  const tar = extract();
  let member = Promise.resolve();
  tar.on('entry', (header, content, next) => {
    // A refused member is destroyed along with the tar; the pipeline below reports the reason.
    content.on('error', () => undefined);
    member = unpackMember(header, content);
    member.then(() => {
      next();
    }, next);
  });

  async function unpackMember(header: Headers, content: Readable): Promise<void> {
    const refused = (why: string): DataError =>
      new DataError(
        `${archive} is refused: its member ${quoted(header.name)} ${why}, so it is not the ${title} binary archive`,
      );
    const name = dataFileName(header, archived, refused);
    if (name === undefined) {
      content.resume();
      return;
    }
    if (!missing.delete(name)) throw refused('is there twice');
    const bytes = members.get(name)!;
    if (header.size !== bytes) throw refused(`is ${header.size} bytes long instead of ${bytes}`);
    await pipeline(content, createWriteStream(join(folder, name), { flags: 'wx' }));
  }

  try {
    const most = mostUnpacked((await stat(archive)).size);
    const limited = (unpacked: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> =>
      upTo(most, unpacked, archive, title);
    await pipeline(createReadStream(archive), createGunzip(), limited, tar, { signal });
  } finally {
    // The caller removes the folder next: the last file must be closed by then. Its failure is the pipeline's too.
    await member.catch(() => undefined);
  }
  if (missing.size > 0) {
    throw new DataError(`${archive} lacks ${[...missing].join(', ')}: it is not the ${title} binary archive`);
  }
}

/** The same bytes. @throws DataError when there are more than `most`: a few can be packed that unpack for hours */
async function* upTo(
  most: number,
  bytes: AsyncIterable<Uint8Array>,
  archive: string,
  title: string,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const part of bytes) {
    total += part.length;
    if (total > most) {
      throw new DataError(
        `${archive} is refused: it unpacks to more than ${most} bytes, so it is not the ${title} binary archive`,
      );
    }
    yield part;
  }
}

/** Which of the files a member is, or undefined if it is one to pass over. @throws what `refused` makes */
function dataFileName(
  { name, type }: Headers,
  { folder, members }: Archived,
  refused: (why: string) => DataError,
): string | undefined {
  // Windows takes both slashes and drive letters; an archive made to do harm may use them anywhere.
  const segments = name.split(/[/\\]/);
  if (segments[0] === '' || /^[A-Za-z]:/.test(name)) throw refused('has an absolute path');
  if (segments.includes('..')) throw refused('has a path that leads out of the folder');
  if (type === 'directory') return undefined;
  if (type !== 'file' && type !== 'contiguous-file') throw refused(`is of type ${type}, not a regular file`);
  const [first, file, ...deeper] = segments.filter((segment) => segment !== '.');
  if (first !== folder || file === undefined || deeper.length > 0) return undefined;
  return members.has(file) ? file : undefined;
}

/**
 * Puts the folder `replacement` where `destination` is; `retired` is a free name for what was there, which is put back if that
 * fails. Without a pause, so that no signal is answered in between.
 */
function replaceFolder(destination: string, replacement: string, retired: string): void {
  const replaces = existsSync(destination);
  try {
    if (replaces) renameSync(destination, retired);
    renameSync(replacement, destination);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    // Another process may have put its own there.
    if (existsSync(retired) && !existsSync(destination)) putBack(retired, destination, reason);
    throw new DataError(
      `cannot move the unpacked files to ${destination}: ${reason}; look after who may write there`,
      {
        cause,
      },
    );
  }
}

/** @param reason  why there is nothing else in its place */
function putBack(retired: string, destination: string, reason: string): void {
  try {
    renameSync(retired, destination);
  } catch (cause) {
    throw new Stranded(
      `cannot replace ${destination}: ${reason}; what was there is in ${retired} now: move it back`,
      {
        cause,
      },
    );
  }
}

/** What was there is where it must not be removed. */
class Stranded extends DataError {}

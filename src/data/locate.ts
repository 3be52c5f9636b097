/** Where CIFAR-10 is on this machine: where the user says, or in the cache, or downloaded into the cache. */
import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '../errors.ts';
import { withLock } from '../files/lock.ts';
import { makeFolder } from '../files/makeFolder.ts';
import { fileSize } from '../files/readFile.ts';
import { sweep } from '../files/sweep.ts';
import { cifar10Folder, cifar10TestFile, cifar10TrainFiles } from './cifar10Format.ts';
import { downloadFile, type DownloadOptions, type DownloadSource } from './download.ts';

/** The official archive. */
export const cifar10Archive: DownloadSource = {
  url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
  bytes: 170_052_171,
  sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
};

const archiveName = 'cifar-10-binary.tar.gz';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Cifar10DownloadOptions extends DownloadOptions, Partial<DownloadSource> {
  /** The size that each of the six files of the archive must have. Default: 10,000 records. */
  readonly memberBytes?: number | undefined;
  /** Called again and again while another process downloads the same. */
  readonly onWait?: (() => void) | undefined;
}

export interface LocateOptions {
  /** The user's own choice, `--data-dir`. */
  readonly dataDir?: string | undefined;
  /** Where CIFAR10_DIR and the cache folder are looked up. Default: the process's environment. */
  readonly env?: Environment | undefined;
  /** How to download what is not there; `false` forbids it. */
  readonly download?: Cifar10DownloadOptions | false | undefined;
}

/**
 * The folder that holds the CIFAR-10 files: `dataDir`; or else `$CIFAR10_DIR`; or else the user's cache, into which
 * they are downloaded if they are not there. Of a folder that holds `cifar-10-batches-bin`, that one is taken.
 *
 * @throws DataError if the folder that the user named has no CIFAR-10 file, or the download fails or is forbidden.
 */
export async function locateCifar10({
  dataDir,
  env = process.env,
  download,
}: LocateOptions = {}): Promise<string> {
  if (dataDir !== undefined) return namedFolder(dataDir, '--data-dir');
  const fromEnvironment = nonEmpty(env.CIFAR10_DIR);
  if (fromEnvironment !== undefined) return namedFolder(fromEnvironment, 'CIFAR10_DIR');
  const cache = cacheFolder(env);
  const cached = join(cache, cifar10Folder);
  await sweep(cache);
  if (await isComplete(cached)) return cached;
  if (download === false) {
    throw new DataError(
      `CIFAR-10 is not in ${cached}: fetch it with "simdnet data download", or name the folder that holds it with ` +
        '--data-dir or CIFAR10_DIR',
    );
  }
  return downloadCifar10(cache, download);
}

/**
 * Downloads the CIFAR-10 archive into the folder `cache` and unpacks it there; returns the folder of the six files,
 * which appears only when it is whole. The archive is deleted. While another process does the same, it waits.
 *
 * @throws DataError as downloadFile and extractCifar10 do; the reason of an aborted signal.
 */
export async function downloadCifar10(cache: string, options: Cifar10DownloadOptions = {}): Promise<string> {
  const source = {
    url: options.url ?? cifar10Archive.url,
    bytes: options.bytes ?? cifar10Archive.bytes,
    sha256: options.sha256 ?? cifar10Archive.sha256,
  };
  const archive = join(cache, archiveName);
  const folder = join(cache, cifar10Folder);
  options.signal?.throwIfAborted();
  const work = async (): Promise<void> => {
    // Whoever had the lock before may have done it.
    if (await isComplete(folder)) return;
    await downloadFile(source, archive, options);
    try {
      // Loaded here because it is needed once, and everything else would wait for it.
      const { extractCifar10 } = await import('./archive.ts');
      await extractCifar10(archive, folder, options);
    } finally {
      // Whole but unusable, it would only be in the way; used, it is 170 MB too much.
      await rm(archive, { force: true });
    }
  };
  try {
    await makeFolder(cache);
    await withLock(join(cache, '.simdnet-download.lock'), work, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    // Another process may have downloaded the same at the same time, and finished first.
    if (await isComplete(folder)) return folder;
    if (error instanceof DataError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError(`cannot store ${source.url} in ${cache}: ${reason}`, { cause: error });
  }
  return folder;
}

/** Where simdnet keeps what it downloads, by the custom of the operating system. */
export function cacheFolder(
  env: Environment = process.env,
  platform: string = process.platform,
  home: string = homedir(),
): string {
  if (platform === 'win32') {
    return join(nonEmpty(env.LOCALAPPDATA) ?? join(home, 'AppData', 'Local'), 'simdnet', 'Cache');
  }
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'simdnet');
  return join(nonEmpty(env.XDG_CACHE_HOME) ?? join(home, '.cache'), 'simdnet');
}

/** The folder that the user named by `source`, or its subfolder with the archive's name. */
async function namedFolder(dir: string, source: string): Promise<string> {
  for (const folder of [dir, join(dir, cifar10Folder)]) {
    if ((await countFiles(folder)) > 0) return folder;
  }
  throw new DataError(
    `${source} is ${JSON.stringify(dir)}, but there is no CIFAR-10 file there: neither it nor its subfolder ` +
      `${cifar10Folder} holds ${cifar10TrainFiles[0]!} to ${cifar10TestFile}; name the folder that does`,
  );
}

async function isComplete(folder: string): Promise<boolean> {
  return (await countFiles(folder)) === cifar10TrainFiles.length + 1;
}

/** How many of the six files the folder holds. */
async function countFiles(folder: string): Promise<number> {
  const sizes = await Promise.all(
    [...cifar10TrainFiles, cifar10TestFile].map((name) => fileSize(join(folder, name))),
  );
  return sizes.filter((size) => size !== undefined).length;
}

/** An empty environment variable counts as unset, as usual in a shell. */
function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** Published datasets on this machine: where the user says, or in the cache, or downloaded into the cache. */
import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '../errors.ts';
import { withLock } from '../files/lock.ts';
import { makeFolder } from '../files/makeFolder.ts';
import { fileSize } from '../files/readFile.ts';
import { sweep } from '../files/sweep.ts';
import { downloadFile, type DownloadOptions, type DownloadSource } from './download.ts';

/** A file that is fetched. */
export interface PublishedFile extends DownloadSource {
  readonly name: string;
}

/** A dataset that is published: what is fetched, and what it consists of. */
export interface PublishedSet {
  /** As `--dataset` takes it. */
  readonly name: string;
  /** As people call it. */
  readonly title: string;
  /** Its folder in the cache; one that users name may have it too. */
  readonly folder: string;
  /** Other folders within one that users name. */
  readonly subfolders?: readonly string[];
  /** What its folder holds when it is whole. */
  readonly files: readonly string[];
  /** What is fetched: the files themselves, or an archive of them. */
  readonly downloads: readonly PublishedFile[];
  /** The one that is fetched is a gzipped tar: the size that each file must have in it, in bytes. */
  readonly memberBytes?: Readonly<Record<string, number>>;
  /** Whether a folder that users name has any of it. Default: whether it has one of the files. */
  readonly isIn?: (dir: string) => Promise<boolean>;
}

type Environment = Readonly<Record<string, string | undefined>>;

export interface PublishedDownloadOptions extends DownloadOptions {
  /** Called again and again while another process downloads the same. */
  readonly onWait?: (() => void) | undefined;
}

export interface LocateOptions<D = PublishedDownloadOptions> {
  /** The user's own choice, `--data-dir`. */
  readonly dataDir?: string | undefined;
  /** Where variables such as CIFAR10_DIR and the cache folder are looked up. Default: the process's environment. */
  readonly env?: Environment | undefined;
  /** How to download what is not there; `false` forbids it. */
  readonly download?: D | false | undefined;
}

/** The variables that say where a dataset is, and where it is fetched from: CIFAR10_DIR and CIFAR10_URL. */
export function variablesOf({ name }: PublishedSet): { readonly dir: string; readonly url: string } {
  const prefix = name.toUpperCase().replaceAll('-', '_');
  return { dir: `${prefix}_DIR`, url: `${prefix}_URL` };
}

/** The set as another server has it: the address of its archive, or of the folder of its files. */
export function fromServer(set: PublishedSet, url: string): PublishedSet {
  const place = (name: string): string => (set.memberBytes ? url : `${url.replace(/\/*$/, '/')}${name}`);
  return { ...set, downloads: set.downloads.map((file) => ({ ...file, url: place(file.name) })) };
}

/** How many bytes are fetched. */
export function downloadBytes({ downloads }: PublishedSet): number {
  return downloads.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * The folder that holds a set: `dataDir`; or else the one that its variable names; or else the user's cache, into which it is
 * downloaded if it is not there. Of a folder that holds the set's own folder, that one is taken.
 *
 * @throws DataError if the folder that the user named has no file of it, or the download fails or is forbidden.
 */
export async function locatePublished(
  set: PublishedSet,
  { dataDir, env = process.env, download }: LocateOptions = {},
): Promise<string> {
  if (dataDir !== undefined) return namedFolder(set, dataDir, '--data-dir');
  const variable = variablesOf(set).dir;
  const fromEnvironment = nonEmpty(env[variable]);
  if (fromEnvironment !== undefined) return namedFolder(set, fromEnvironment, variable);
  const cache = cacheFolder(env);
  const cached = join(cache, set.folder);
  await sweep(cache);
  if (await isComplete(set, cached)) return cached;
  if (download === false) {
    const command = set.name === 'cifar10' ? 'data download' : `data download --dataset ${set.name}`;
    throw new DataError(
      `${set.title} is not in ${cached}: fetch it with "simdnet ${command}", or name the folder that holds it with ` +
        `--data-dir or ${variable}`,
    );
  }
  return downloadPublished(set, cache, download);
}

/**
 * Downloads a set into the folder `cache`; returns the folder of its files. An archive is unpacked there, its folder appears only
 * when it is whole, and the archive is deleted. While another process does the same, it waits.
 *
 * @throws DataError as downloadFile and extractArchive do; the reason of an aborted signal.
 */
export async function downloadPublished(
  set: PublishedSet,
  cache: string,
  options: PublishedDownloadOptions = {},
): Promise<string> {
  const folder = join(cache, set.folder);
  options.signal?.throwIfAborted();
  const work = async (): Promise<void> => {
    // Whoever had the lock before may have done it.
    if (await isComplete(set, folder)) return;
    await (set.memberBytes ? fetchArchive(set, cache, options) : fetchFiles(set, folder, options));
  };
  try {
    await makeFolder(cache);
    await withLock(join(cache, `.simdnet-${set.name}.lock`), work, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    // Another process may have downloaded the same at the same time, and finished first.
    if (await isComplete(set, folder)) return folder;
    if (error instanceof DataError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError(`cannot store ${set.downloads[0]!.url} in ${cache}: ${reason}`, { cause: error });
  }
  return folder;
}

async function fetchArchive(
  { title, folder, files, downloads: [source], memberBytes }: PublishedSet,
  cache: string,
  options: PublishedDownloadOptions,
): Promise<void> {
  const archive = join(cache, source!.name);
  await downloadFile(source!, archive, options);
  try {
    // Loaded here because it is needed once, and everything else would wait for it.
    const { extractArchive } = await import('./archive.ts');
    const members = new Map(files.map((name) => [name, memberBytes![name]!]));
    await extractArchive(archive, join(cache, folder), { title, folder, members, signal: options.signal });
  } finally {
    // Whole but unusable, it would only be in the way; used, it is 170 MB too much.
    await rm(archive, { force: true });
  }
}

async function fetchFiles(
  set: PublishedSet,
  folder: string,
  options: PublishedDownloadOptions,
): Promise<void> {
  const total = downloadBytes(set);
  let before = 0;
  for (const file of set.downloads) {
    const offset = before;
    await downloadFile(file, join(folder, file.name), {
      ...options,
      onProgress: (received) => options.onProgress?.(offset + received, total),
    });
    before += file.bytes;
  }
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

/** The folder that the user named by `source`, or one within it. */
async function namedFolder(set: PublishedSet, dir: string, source: string): Promise<string> {
  const within = [set.folder, ...(set.subfolders ?? [])];
  const isIn = set.isIn ?? (async (folder: string) => (await countFiles(set, folder)) > 0);
  for (const folder of [dir, ...within.map((name) => join(dir, name))]) {
    if (await isIn(folder)) return folder;
  }
  throw new DataError(
    `${source} is ${JSON.stringify(dir)}, but there is no ${set.title} file there: neither it nor its subfolder ` +
      `${within.join(' or ')} holds ${set.files[0]!} to ${set.files.at(-1)!}; name the folder that does`,
  );
}

async function isComplete(set: PublishedSet, folder: string): Promise<boolean> {
  return (await countFiles(set, folder)) === set.files.length;
}

/** How many of its files the folder holds. */
async function countFiles({ files }: PublishedSet, folder: string): Promise<number> {
  const sizes = await Promise.all(files.map((name) => fileSize(join(folder, name))));
  return sizes.filter((size) => size !== undefined).length;
}

/** An empty environment variable counts as unset, as usual in a shell. */
export function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** Where CIFAR-10 is on this machine: where the user says, or in the cache, or downloaded into the cache. */
import { cifar10Folder, cifar10RecordBytes, cifar10TestFile, cifar10TrainFiles } from './cifar10Format.ts';
import type { DownloadSource } from './download.ts';
import {
  downloadPublished,
  locatePublished,
  type LocateOptions,
  type PublishedDownloadOptions,
  type PublishedSet,
} from './published.ts';

const RECORDS = 10_000;

/** CIFAR-10 as it is published: the official archive. */
export const cifar10 = cifar10Set(RECORDS * cifar10RecordBytes);

export interface Cifar10DownloadOptions extends PublishedDownloadOptions, Partial<DownloadSource> {
  /** The size that each of the six files of the archive must have. Default: 10,000 records. */
  readonly memberBytes?: number | undefined;
}

/**
 * The folder that holds the CIFAR-10 files: `dataDir`; or else `$CIFAR10_DIR`; or else the user's cache, into which
 * they are downloaded if they are not there. Of a folder that holds `cifar-10-batches-bin`, that one is taken.
 *
 * @throws DataError if the folder that the user named has no CIFAR-10 file, or the download fails or is forbidden.
 */
export async function locateCifar10(options: LocateOptions<Cifar10DownloadOptions> = {}): Promise<string> {
  return locatePublished(cifar10From(options.download === false ? {} : (options.download ?? {})), options);
}

/**
 * Downloads the CIFAR-10 archive into the folder `cache` and unpacks it there; returns the folder of the six files,
 * which appears only when it is whole. The archive is deleted. While another process does the same, it waits.
 *
 * @throws DataError as downloadFile and extractArchive do; the reason of an aborted signal.
 */
export async function downloadCifar10(cache: string, options: Cifar10DownloadOptions = {}): Promise<string> {
  return downloadPublished(cifar10From(options), cache, options);
}

/** CIFAR-10 in another archive. */
function cifar10From({ url, bytes, sha256, memberBytes }: Cifar10DownloadOptions): PublishedSet {
  const set = memberBytes === undefined ? cifar10 : cifar10Set(memberBytes);
  const [archive] = set.downloads;
  const other = { ...(url && { url }), ...(bytes && { bytes }), ...(sha256 && { sha256 }) };
  return { ...set, downloads: [{ ...archive!, ...other }] };
}

function cifar10Set(memberBytes: number): PublishedSet {
  const files = [...cifar10TrainFiles, cifar10TestFile];
  return {
    name: 'cifar10',
    title: 'CIFAR-10',
    folder: cifar10Folder,
    files,
    downloads: [
      {
        name: 'cifar-10-binary.tar.gz',
        url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
        bytes: 170_052_171,
        sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
      },
    ],
    memberBytes: Object.fromEntries(files.map((name) => [name, memberBytes])),
  };
}

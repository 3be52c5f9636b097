/** Where the files of a published dataset are: downloaded, if that is allowed. */
import type { PublishedSet } from '../../data/published.ts';
import { DataError } from '../../errors.ts';
import type { DatasetChoice, LoadOptions } from './definition.ts';

/** The folder of its files. @throws DataError */
export async function locate(
  set: PublishedSet,
  { dataDir }: DatasetChoice,
  { download }: LoadOptions,
): Promise<string> {
  const { locatePublished } = await import('../../data/published.ts');
  if (!download) return locatePublished(set, { dataDir, download: false });
  const { trackDownload } = await import('../downloadProgress.ts');
  return trackDownload(set, download.terminal, download.signal, (from, options) =>
    locatePublished(from, { dataDir, download: options }).catch((cause: unknown) => {
      options.signal?.throwIfAborted();
      if (!(cause instanceof DataError) || dataDir !== undefined) throw cause;
      throw new DataError(
        `${cause.message}. Or name a folder that has the files with --data-dir; --dataset shapes needs none`,
        { cause },
      );
    }),
  );
}

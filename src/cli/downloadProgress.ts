import { join } from 'node:path';
import {
  cacheFolder,
  fromServer,
  nonEmpty,
  variablesOf,
  type PublishedDownloadOptions,
  type PublishedSet,
} from '../data/published.ts';
import { Interrupted } from './interrupt.ts';
import { bar, firstThatFits } from './text.ts';
import type { Terminal } from './terminal.ts';
import { duration, megabytes } from './units.ts';

/** A download whose progress is shown. */
export interface TrackedDownload extends PublishedDownloadOptions {
  readonly onProgress: NonNullable<PublishedDownloadOptions['onProgress']>;
}

/**
 * Does something that may download a dataset, and shows how far it is.
 * @param work  is given the set as the server has it that the user may have named
 * @throws Interrupted if the signal is aborted: what has arrived stays
 */
export async function trackDownload<T>(
  set: PublishedSet,
  terminal: Terminal,
  signal: AbortSignal | undefined,
  work: (from: PublishedSet, options: TrackedDownload) => Promise<T>,
): Promise<T> {
  const server = nonEmpty(process.env[variablesOf(set).url]);
  const from = server === undefined ? set : fromServer(set, server);
  const [{ url }] = from.downloads as [PublishedSet['downloads'][number]];
  const others = from.downloads.length > 1 ? ' and others' : '';
  let first: { readonly at: number; readonly received: number } | undefined;
  let received = 0;
  let waiting = false;
  try {
    const result = await work(from, {
      signal,
      onWait: () => {
        if (!waiting) terminal.print(`Another process downloads ${set.title} already: waiting for it …`);
        waiting = true;
      },
      onProgress: (bytes, total) => {
        if (!first) {
          first = { at: performance.now(), received: bytes };
          const going = bytes > 0 ? `, going on from ${megabytes(bytes)}` : '';
          terminal.print(`Downloading ${url}${others} (${megabytes(total)}${going})`);
        }
        received = bytes;
        const { at, received: before } = first;
        terminal.draw((width) => progressLine(bytes, before, total, (performance.now() - at) / 1000, width));
        // What follows is checking and unpacking; it takes some seconds.
        if (set.memberBytes && bytes === total && before < total) terminal.print('Downloaded; unpacking …');
      },
    });
    terminal.clear();
    return result;
  } catch (error) {
    terminal.clear();
    if (!signal?.aborted) throw error;
    const kept =
      received > 0
        ? `${megabytes(received)} have arrived and are kept in ${cacheFolder()}: the next call goes on from there.`
        : `Nothing had arrived yet; the download goes to ${join(cacheFolder(), set.folder)}.`;
    throw new Interrupted(`The download was interrupted. ${kept}`, { cause: error });
  }
}

/** How far a download is: `received` bytes of `total`, of which `before` were there `seconds` ago. */
export function progressLine(
  received: number,
  before: number,
  total: number,
  seconds: number,
  width: number,
): string {
  const speed = Math.max(received - before, 0) / Math.max(seconds, 1e-3);
  const percent = `${Math.floor((100 * received) / total)}%`.padStart(4);
  const left = speed > 0 && seconds > 1 ? `  ${duration((total - received) / speed)} left` : '';
  const bytes = `  ${megabytes(received).replace(' MB', '')}/${megabytes(total)}`;
  const perSecond = `  ${megabytes(speed)}/s`;
  const room = width - percent.length - bytes.length - perSecond.length - left.length;
  return firstThatFits(width, [
    ...(room >= 8 ? [bar(received / total, Math.min(room, 40)) + percent + bytes + perSecond + left] : []),
    percent + bytes + perSecond + left,
    percent + bytes,
    percent,
  ]);
}

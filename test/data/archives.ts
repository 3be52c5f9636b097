import { gzipSync } from 'node:zlib';
import { buffer } from 'node:stream/consumers';
import { pack, type Headers } from 'tar-stream';
import { extractArchive } from '../../src/data/archive.ts';
import {
  cifar10Folder,
  cifar10RecordBytes,
  cifar10TestFile,
  cifar10TrainFiles,
} from '../../src/data/cifar10Format.ts';
import { records } from './records.ts';

export interface Member {
  readonly header: Partial<Headers> & Pick<Headers, 'name'>;
  readonly content?: Uint8Array;
}

/** The records in each of the files of {@link goodMembers}. */
export const memberRecords = 10;
export const memberBytes = memberRecords * 3073;

/** What the official archive holds, in miniature. */
export function goodMembers(): Member[] {
  const folder = 'cifar-10-batches-bin';
  return [
    { header: { name: `${folder}/`, type: 'directory' } },
    ...[...cifar10TrainFiles, cifar10TestFile].map((name, k) => ({
      header: { name: `${folder}/${name}` },
      content: records(memberRecords, k),
    })),
    { header: { name: `${folder}/batches.meta.txt` }, content: Buffer.from('airplane\n') },
    { header: { name: `${folder}/readme.html` }, content: Buffer.from('<p>') },
  ];
}

/** A tar of the members, not compressed. */
export async function tarOf(members: readonly Member[]): Promise<Uint8Array> {
  const tar = pack();
  for (const { header, content } of members) {
    if (content === undefined) tar.entry(header);
    else tar.entry(header, Buffer.from(content));
  }
  tar.finalize();
  return buffer(tar);
}

/** A gzipped tar of the members. */
export async function archiveOf(members: readonly Member[]): Promise<Uint8Array> {
  return gzipSync(await tarOf(members));
}

/** Unpacks an archive of CIFAR-10, whose files have a size; 10,000 records by default. */
export async function extractCifar10(
  archive: string,
  destination: string,
  options: { readonly memberBytes?: number; readonly signal?: AbortSignal } = {},
): Promise<void> {
  await extractArchive(archive, destination, {
    ...cifar10Members(options.memberBytes),
    signal: options.signal,
  });
}

/** What is in the archive of CIFAR-10. */
export function cifar10Members(bytes = 10_000 * cifar10RecordBytes) {
  const files = [...cifar10TrainFiles, cifar10TestFile];
  return { title: 'CIFAR-10', folder: cifar10Folder, members: new Map(files.map((name) => [name, bytes])) };
}

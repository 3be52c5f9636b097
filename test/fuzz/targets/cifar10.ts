/** Files of CIFAR-10, and its archive as the command line and as the page read it. */
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { readCifar10Files } from '../../../src/browser/trainer/cifar10Files.ts';
import { readCifar10 } from '../../../src/data/cifar10.ts';
import { cifar10Folder, cifar10RecordBytes, decodeCifar10 } from '../../../src/data/cifar10Format.ts';
import { archiveOf, extractCifar10, goodMembers, type Member } from '../../data/archives.ts';
import { records } from '../../data/records.ts';
import { joined, mutateBytes } from '../bytes.ts';
import { NUMBERS, type Choices } from '../choices.ts';
import { onDisk } from '../onDisk.ts';
import { MB, type Target } from '../target.ts';

const corpus = [records(1), records(3, 7)];

export const cifar10: Target = {
  name: 'CIFAR-10',
  turns: 2,
  memory: { free: 32 * MB, perByte: 16 },
  make: (choices) => {
    const bytes = choices.of(corpus).slice();
    if (choices.oneIn(3))
      bytes[cifar10RecordBytes * choices.below(bytes.length / cifar10RecordBytes)] = choices.below(256);
    return choices.oneIn(3) ? bytes : mutateBytes(bytes, choices.of(corpus), choices);
  },
  read: (bytes, name) => decodeCifar10(bytes, name),
};

/** With a record in each file, or what else is in real archives. */
const oneEach = goodMembers().map(({ header, content }): Member => ({
  header,
  ...(content && { content: content.subarray(0, cifar10RecordBytes) }),
}));
const longNames = [{ header: { name: `${'deep/'.repeat(40)}x.txt` }, content: Buffer.from('x') }, ...oneEach];
const tars = (await Promise.all([oneEach, longNames].map((members) => archiveOf(members)))).map((archive) =>
  Uint8Array.from(gunzipSync(archive)),
);

/** Members of a gzip file can follow each other: what unpacks to a thousand times its size, to be put in between. */
const zeros = gzipSync(new Uint8Array(24 * MB));

function makeArchive(choices: Choices): Uint8Array {
  const [tar, other] = [choices.of(tars), choices.of(tars)];
  const packed = (bytes: Uint8Array): Uint8Array => gzipSync(bytes, { level: 1 });
  if (choices.oneIn(6)) return mutateBytes(packed(tar), packed(other), choices);
  if (choices.oneIn(8)) return mutateBytes(packed(mutateBytes(tar, other, choices)), tar, choices);
  const mutated = tar.slice();
  const headers = headersOf(tar);
  for (let times = choices.amount(3); times > 0; times--) {
    mutateMember(mutated.subarray(choices.of(headers)), choices);
  }
  const at = choices.of(headers);
  if (choices.oneIn(12))
    return joined(packed(mutated.subarray(0, at + 512)), zeros, packed(mutated.subarray(at + 512)));
  if (choices.oneIn(6)) return packed(joined(mutated.subarray(0, at), other));
  return packed(mutated);
}

/** Where members begin: wherever there is the mark of the format. */
function headersOf(tar: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 0; at + 512 <= tar.length; at += 512) {
    if (new TextDecoder('latin1').decode(tar.subarray(at + 257, at + 262)) === 'ustar') found.push(at);
  }
  return found;
}

/** Changes a field of a member's header, and mostly puts its checksum right. */
function mutateMember(header: Uint8Array, choices: Choices): void {
  const put = (text: string, at: number, length: number): void => {
    header.fill(0, at, at + length);
    header.set(new TextEncoder().encode(text).subarray(0, length), at);
  };
  switch (choices.below(6)) {
    case 0:
      put(
        choices.of([
          '../x',
          '/etc/x',
          'C:\\x',
          '',
          'a\u0000b',
          `${cifar10Folder}/test_batch.bin`,
          'x'.repeat(100),
        ]),
        0,
        100,
      );
      break;
    case 1:
      put(
        Math.trunc(Math.abs(choices.of(NUMBERS)))
          .toString(8)
          .slice(0, 12),
        124,
        12,
      );
      break;
    case 2:
      // A size in binary, as GNU tar writes large ones.
      header.fill(choices.of([0, 255]), 124, 136);
      header[124] = 0x80;
      header[124 + choices.amount(11)] = choices.below(256);
      break;
    case 3:
      put(choices.of(['0', '1', '2', '5', '7', 'x', 'g', 'L', 'K', 'S', '\u0000', 'Z']), 156, 1);
      break;
    case 4:
      put(choices.of(['ustar', 'ustar  ', '', 'evil/'.repeat(20)]), choices.of([257, 345]), 8);
      break;
    default:
      header[choices.below(512)] = choices.below(256);
  }
  if (choices.oneIn(10)) return;
  header.fill(0x20, 148, 156);
  const sum = header.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148, 8);
}

export const archiveOnPage: Target = {
  name: 'tar.gz on the page',
  turns: 2,
  // What an archive may unpack to, packed and unpacked, as bytes and as images.
  memory: { free: 96 * MB, perByte: 100 },
  make: makeArchive,
  read: (bytes, name) => readCifar10Files([new File([Buffer.from(bytes)], `${name}.tar.gz`)]),
};

export const archiveOnDisk: Target = {
  name: 'tar.gz on disk',
  turns: 1,
  memory: { free: 96 * MB, perByte: 100 },
  make: makeArchive,
  read: (bytes, name) =>
    onDisk(bytes, name, async (archive, folder) => {
      const destination = join(folder, 'data');
      await extractCifar10(archive, destination, { memberBytes: cifar10RecordBytes });
      await readCifar10(destination);
    }),
};

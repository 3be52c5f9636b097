/** IDX files: the header, bytes, and what gzip makes of them. */
import { gzipSync } from 'node:zlib';
import { readIdx } from '../../../src/data/idx.ts';
import { idxFile } from '../../formats/idxBuilder.ts';
import { joined, mutateBytes } from '../bytes.ts';
import { NUMBERS, type Choices } from '../choices.ts';
import { onDisk } from '../onDisk.ts';
import { MB, type Target } from '../target.ts';

const corpus = [[7], [3, 4, 5], [2, 3, 4, 3]].map((shape) => idxFile({ shape }));

/** Members of a gzip file can follow each other: what unpacks to a thousand times its size. */
const zeros = gzipSync(new Uint8Array(24 * MB));

export const idx: Target = {
  name: 'IDX',
  turns: 2,
  // What a packed file may hold.
  memory: { free: 64 * MB, perByte: 64 },
  make: (choices) => {
    const file = mutate(choices);
    if (choices.oneIn(2)) return file;
    const packed = gzipSync(file, { level: 1 });
    if (choices.oneIn(10)) return joined(packed, zeros);
    return choices.oneIn(4) ? mutateBytes(packed, choices.of(corpus), choices) : packed;
  },
  read: (bytes, name) => onDisk(bytes, name, readIdx),
};

function mutate(choices: Choices): Uint8Array {
  const file = choices.of(corpus).slice();
  if (choices.oneIn(3)) return mutateBytes(file, choices.of(corpus), choices);
  for (let times = choices.below(3); times > 0; times--) {
    const extent = Math.trunc(Math.abs(choices.of(NUMBERS))) >>> 0;
    new DataView(file.buffer).setUint32(4 + 4 * choices.below(file[3]!), extent);
  }
  if (choices.oneIn(4)) file[2 + choices.below(2)] = choices.below(16);
  return file;
}

/** Whether threads, or the end of a process, change what is learnt from a folder. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import { simdnet } from './commandLine.ts';

export interface Same {
  readonly what: string;
  readonly same: boolean;
}

/**
 * @param training  arguments of `train`
 * @param first  the folder of a run with them, in all threads
 * @param out  the beginning of folders for the results
 */
export async function sameBytes(training: readonly string[], first: string, out: string): Promise<Same[]> {
  const whole = await modelBytes(first);
  const result: Same[] = [];
  for (const threads of [1, 2]) {
    const run = `${out}-threads-${threads}`;
    await simdnet(['train', ...training, '--threads', String(threads), '--out', run]);
    const what = `in ${threads} thread${threads > 1 ? 's' : ''}`;
    result.push({ what, same: whole.equals(await modelBytes(run)) });
  }
  const killed = `${out}-killed`;
  let ended = 0;
  await simdnet(['train', ...training, '--checkpoint-every', '7 steps', '--out', killed], {
    onEpoch: (epoch, kill) => {
      if (epoch < 2 || ended > 0) return;
      ended = epoch;
      kill();
    },
  });
  await simdnet(['train', '--resume', killed, '--threads', '1']);
  const what = `ended by kill -9 behind epoch ${ended}, resumed in 1 thread`;
  result.push({ what, same: ended > 0 && whole.equals(await modelBytes(killed)) });
  return result;
}

function modelBytes(run: string): Promise<Buffer> {
  return readFile(join(run, 'model.safetensors'));
}

/** Whether two runs have the same weights, to the bit; their metadata may differ. */
export async function sameWeights(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all(
    [one, other].map(async (run) => decodeSafetensors(await modelBytes(run), run).tensors),
  );
  return (
    a!.size === b!.size &&
    [...a!].every(([name, { data }]) => {
      const same = b!.get(name)?.data;
      return same !== undefined && bytesOf(data).equals(bytesOf(same));
    })
  );
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

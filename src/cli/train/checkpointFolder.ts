/** The checkpoints of a run: the last two are kept, so that there is always a whole one. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolderOf } from '../../files/makeFolderOf.ts';
import { writeFileAtomic } from '../../files/writeFile.ts';
import type { Checkpoint } from '../../training/checkpoint.ts';
import { encodeCheckpoint } from '../../training/checkpointFile.ts';
import { loadCheckpoint } from '../../training/checkpointOnDisk.ts';

const KEPT = 2;

/** How many epochs are complete, and how many batches of the next. */
const NAME = /^epoch-(\d+)-batch-(\d+)\.safetensors$/;

export class CheckpointFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Writes a checkpoint, then removes all but the last ones. @throws SimdnetError, and then what there was is still there */
  async save(checkpoint: Checkpoint): Promise<void> {
    const bytes = await encodeCheckpoint(checkpoint);
    const path = join(this.path, nameOf(checkpoint));
    await makeFolderOf(path);
    await writeFileAtomic(path, bytes);
    // One too many does no harm.
    for (const name of (await this.#names()).slice(KEPT))
      await rm(join(this.path, name), { force: true }).catch(() => undefined);
  }

  /**
   * The last checkpoint that is whole.
   * @param onDamage  is told what is wrong with those that are passed over
   */
  async latest(onDamage: (message: string) => void): Promise<Checkpoint | undefined> {
    const damaged: string[] = [];
    for (const name of await this.#names()) {
      const path = join(this.path, name);
      try {
        const checkpoint = await loadCheckpoint(path);
        // Otherwise they would count among the last ones.
        for (const each of damaged) await rm(each, { force: true });
        return checkpoint;
      } catch (error) {
        onDamage((error as Error).message);
        damaged.push(path);
      }
    }
    return undefined;
  }

  /** Removes all. @throws what the system says */
  async clear(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  /** The last one first. */
  async #names(): Promise<string[]> {
    const all = await readdir(this.path).catch(() => []);
    const names = all.filter((name) => NAME.test(name));
    return names.sort((a, b) => part(b, 1) - part(a, 1) || part(b, 2) - part(a, 2));
  }
}

function nameOf({ training }: Checkpoint): string {
  const { epoch, batch } = training?.position ?? { epoch: 0, batch: 0 };
  return `epoch-${String(epoch).padStart(4, '0')}-batch-${String(batch).padStart(6, '0')}.safetensors`;
}

function part(name: string, index: number): number {
  return Number(NAME.exec(name)![index]);
}

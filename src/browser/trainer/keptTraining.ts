/**
 * The training that is under way, in the origin private file system, so that it outlives the tab: two files, written by turns,
 * so that one of them is always whole.
 */
import type { Checkpoint } from '../../training/checkpoint.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../training/checkpointFile.ts';
import type { Callbacks, JsonValue } from '../../training/callbacks.ts';
import { presentName } from '../../recipes/earlierNames.ts';
import type { DatasetName, Unfinished } from '../protocol.ts';
import type { Settings } from '../settings.ts';

const FOLDER = 'simdnet';
const FILES = ['training-a.safetensors', 'training-b.safetensors'];

/** The name of the callback whose state is what the page needs to know. */
const PAGE = 'page';

/** What a worker can do with such a file; TypeScript's DOM describes that of a page. */
interface SyncFile extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<{
    truncate(size: number): void;
    write(bytes: Uint8Array<ArrayBuffer>, options: { readonly at: number }): number;
    flush(): void;
    close(): void;
  }>;
}

/** A training that can be gone on with. */
export interface Kept {
  readonly unfinished: Unfinished;
  readonly checkpoint: Checkpoint;
}

export class KeptTraining {
  /** Which file is written next. */
  #next = 0;
  /** Whether it is known that nothing can be kept here, as in a private window. */
  #impossible = false;

  /** A callback that has checkpoints know what they are of. */
  about(settings: Settings, dataset: DatasetName, identity: string | undefined): Callbacks {
    const values = JSON.parse(JSON.stringify({ settings, dataset, identity })) as Record<string, JsonValue>;
    return { name: PAGE, getState: () => ({ values }) };
  }

  /** Keeps a checkpoint. Where that is not possible, the training goes on without. */
  async save(checkpoint: Checkpoint): Promise<void> {
    if (this.#impossible) return;
    try {
      const bytes = await encodeCheckpoint(checkpoint);
      const folder = await this.#folder();
      const handle = (await folder.getFileHandle(FILES[this.#next]!, { create: true })) as SyncFile;
      const file = await handle.createSyncAccessHandle();
      try {
        file.truncate(0);
        file.write(bytes, { at: 0 });
        file.flush();
      } finally {
        file.close();
      }
      this.#next = 1 - this.#next;
    } catch {
      this.#impossible = true;
    }
  }

  /** The training that was last under way; none if it came to its end. */
  async latest(): Promise<Kept | undefined> {
    const found = await Promise.all(FILES.map((name) => this.#read(name)));
    const [first, second] = found;
    const last = first && second ? (isLater(second, first) ? 1 : 0) : first ? 0 : 1;
    // The one that is not read from is the one to write to.
    this.#next = 1 - last;
    return found[last];
  }

  /** There is nothing to go on with. */
  async forget(): Promise<void> {
    try {
      const root = await navigator.storage.getDirectory();
      await root.removeEntry(FOLDER, { recursive: true });
    } catch {
      // There was nothing.
    }
  }

  async #read(name: string): Promise<Kept | undefined> {
    try {
      const handle = await (await this.#folder()).getFileHandle(name);
      const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
      const checkpoint = await decodeCheckpoint(bytes, name);
      return keptOf(checkpoint);
    } catch {
      // Not there, or not whole: then the other one is.
      return undefined;
    }
  }

  async #folder(): Promise<FileSystemDirectoryHandle> {
    const root = await navigator.storage.getDirectory();
    return root.getDirectoryHandle(FOLDER, { create: true });
  }
}

/** What there is to go on with; nothing if a checkpoint is not of a training on the page. */
export function keptOf(checkpoint: Checkpoint): Kept | undefined {
  const { training } = checkpoint;
  const { settings, dataset, identity } = checkpoint.callbacks.get(PAGE)?.values ?? {};
  if (!settings || !dataset || !training) return undefined;
  const asKept = settings as unknown as Settings;
  const { epoch, batch, history } = training.position;
  return {
    checkpoint,
    unfinished: {
      settings: { ...asKept, recipe: presentName(asKept.recipe, JSON.parse(training.optimizer)) },
      dataset: dataset as DatasetName,
      identity: identity as string | undefined,
      ...{ epoch, batch, history },
    },
  };
}

function isLater({ unfinished: a }: Kept, { unfinished: b }: Kept): boolean {
  return a.epoch === b.epoch ? a.batch > b.batch : a.epoch > b.epoch;
}

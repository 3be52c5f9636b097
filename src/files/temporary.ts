/** Files and folders that are there for a moment: what they are called, and that they go when the process ends before its time. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const held = new Set<string>();

/** A free name beside a file, for what is to be renamed over it. It leaves out the file's, which may be as long as it can be. */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.simdnet-${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
}

/** Has a temporary file or folder removed if the process exits while it is there. @returns what ends that */
export function holdTemporary(path: string): () => void {
  if (held.size === 0) process.on('exit', removeHeld);
  held.add(path);
  return () => {
    held.delete(path);
    if (held.size === 0) process.off('exit', removeHeld);
  };
}

function removeHeld(): void {
  for (const path of held) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // The process ends all the same; sweep.ts will try again.
    }
  }
}

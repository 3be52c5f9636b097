import { lstat, stat } from 'node:fs/promises';

/** What is wrong with such a link, and what helps. */
export const DEAD_LINK = 'it is a link that leads nowhere; mend it or remove it';

/** Whether it is a link to what is not there, or one that goes in a circle. */
export async function isDeadLink(path: string): Promise<boolean> {
  const link = await lstat(path).catch(() => undefined);
  if (!link?.isSymbolicLink()) return false;
  return stat(path).then(
    () => false,
    (cause: unknown) => ['ENOENT', 'ENOTDIR', 'ELOOP'].includes((cause as NodeJS.ErrnoException).code ?? ''),
  );
}

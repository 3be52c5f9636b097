import { SimdnetError } from '../errors.ts';
import { whyUnwritable } from '../files/writeFile.ts';

/** The error for a folder that cannot be made, or written to. @param what  was to be in it; @param option  names another */
export function unwritableFolder(what: string, path: string, cause: unknown, option: string): SimdnetError {
  const { code, path: where } = cause as NodeJS.ErrnoException;
  const isFile = code === 'EEXIST' || code === 'ENOTDIR';
  const reason = isFile ? `${where ?? path} is a file, not a folder` : whyUnwritable(cause, path, true);
  return new SimdnetError(
    `${what} cannot be saved in ${path}: ${reason}. Name another folder with ${option}.`,
    {
      cause,
    },
  );
}

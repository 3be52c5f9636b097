import { DataError } from '../../errors.ts';

/** A picture that cannot be read, and why. */
export interface Unreadable {
  /** Among all pictures. */
  readonly index: number;
  /** Names the file. */
  readonly reason: string;
}

/** The error for a picture that is not to be left out. */
export function unreadableError({ reason }: Unreadable): DataError {
  return new DataError(
    `${reason}. Repair or remove it, or leave out all such pictures with --skip-unreadable; ` +
      '"simdnet data inspect" lists them',
  );
}

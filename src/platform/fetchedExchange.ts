/** The readers and writers of other programs' files in a file of their own: src/bundle/build.mjs makes it of conversion.ts. */
import { DataError, EngineError, FormatError, OptionError, SimdnetError, TrainingError } from '../errors.ts';
import type * as conversion from '../exchange/conversion.ts';

type Conversion = typeof conversion;

export const readModel: Conversion['readModel'] = (...args) => called(({ readModel: read }) => read(...args));

export const writeModel: Conversion['writeModel'] = (...args) =>
  called(({ writeModel: write }) => write(...args));

const CLASSES: Readonly<Record<string, typeof SimdnetError>> = {
  DataError,
  EngineError,
  FormatError,
  OptionError,
  SimdnetError,
  TrainingError,
};

/** @throws EngineError if the program cannot be fetched; what it throws itself, as errors of this one */
async function called<T>(call: (program: Conversion) => Promise<T>): Promise<T> {
  const program = await import('../exchange/conversion.ts').catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError(`exchange.js cannot be loaded: is it where dist/browser has it? ${reason}`, {
      cause,
    });
  });
  try {
    return await call(program);
  } catch (error) {
    // They are of its own classes, which nobody here can ask for; their names, messages and stacks stay.
    for (let each = error; each instanceof program.SimdnetError; each = each.cause)
      Object.setPrototypeOf(each, CLASSES[each.name]!.prototype);
    throw error;
  }
}

/** Characters of a message. */
const MOST = 1500;

/**
 * The errors simdnet throws on purpose. Each message names the culprit (a file, an offset, an option, a layer)
 * and says what to do; the class says which kind of culprit, so that a program can tell them apart.
 */
export class SimdnetError extends Error {
  override name = 'SimdnetError';

  constructor(message: string, options?: ErrorOptions) {
    // It may quote a file, and nobody reads a megabyte.
    super(message.slice(0, MOST), options);
  }
}

/** An option or argument outside what it may be. The command line exits 2 for these, 1 for the others. */
export class OptionError extends SimdnetError {
  override name = 'OptionError';
}

/** A dataset or image that cannot be found, fetched or read. */
export class DataError extends SimdnetError {
  override name = 'DataError';
}

/** A file whose contents break their format, or do not fit the model they are loaded into. */
export class FormatError extends SimdnetError {
  override name = 'FormatError';
}

/** This machine or runtime cannot run the engine as asked. */
export class EngineError extends SimdnetError {
  override name = 'EngineError';
}

/** Training cannot go on, for instance because the loss is no longer a number. */
export class TrainingError extends SimdnetError {
  override name = 'TrainingError';
}

/** The formats of other programs: what their files look like, and who reads and writes them. */
import { FormatError, OptionError } from '../errors.ts';
import type { ExportedFile, ExportedNetwork, ExportSettings } from './exported.ts';
import type { Imported, Source } from './imported.ts';
import { whyUnreadable } from './unreadable.ts';

/** A format of another program. */
export interface ExchangeFormat {
  /** What people call its files. */
  readonly title: string;
  /** Of its files, with the dot. */
  readonly extensions: readonly string[];
  /** Whether bytes look like such a file. */
  readonly recognise: (bytes: Uint8Array) => boolean;
  /** Loads the code that reads it, which most programs never need. */
  readonly load: () => Promise<(source: Source) => Imported | Promise<Imported>>;
  /** Loads the code that writes it, if it is written. */
  readonly loadExport?: () => Promise<Exporter>;
}

/** Makes the files of a trained network. @param name  of the files, without their extension, where the format does not give it */
export type Exporter = (
  model: ExportedNetwork,
  name: string,
  settings: ExportSettings,
) => readonly ExportedFile[];

const HDF5 = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const ZIP = [0x50, 0x4b, 0x03, 0x04];

/** The first field of every ONNX model: number 1, a varint, the version of the format. */
const ONNX = [0x08];

export const EXCHANGE_FORMATS = {
  onnx: {
    title: 'ONNX',
    extensions: ['.onnx'],
    recognise: begins(ONNX),
    load: async () => (await import('./onnx/import/importOnnx.ts')).importOnnx,
    loadExport: async () => (await import('./onnx/export/exportOnnx.ts')).exportOnnx,
  },
  keras: {
    title: 'Keras',
    extensions: ['.keras'],
    recognise: begins(ZIP),
    load: async () => (await import('./keras/import.ts')).importKeras,
    loadExport: async () => (await import('./keras/export.ts')).exportKeras,
  },
  h5: {
    title: 'the older format of Keras',
    extensions: ['.h5', '.hdf5'],
    recognise: begins(HDF5),
    load: async () => (await import('./keras/importH5.ts')).importKerasH5,
  },
  tfjs: {
    title: 'tfjs',
    extensions: ['.json'],
    recognise: begins([0x7b]),
    load: async () => (await import('./tfjs/import.ts')).importTfjs,
    loadExport: async () => (await import('./tfjs/export.ts')).exportTfjs,
  },
  pytorch: {
    title: "a PyTorch state_dict's safetensors",
    extensions: ['.safetensors'],
    // The length of a header below 4 GiB, and the header's first character.
    recognise: (bytes) => bytes[4] === 0 && bytes[5] === 0 && bytes[8] === 0x7b,
    load: async () => (await import('./pytorch/importStateDict.ts')).importStateDict,
    loadExport: async () => (await import('./pytorch/exportPyTorch.ts')).exportPyTorch,
  },
} as const satisfies Record<string, ExchangeFormat>;

export type ExchangeFormatName = keyof typeof EXCHANGE_FORMATS;

const ENTRIES = Object.entries(EXCHANGE_FORMATS) as [ExchangeFormatName, ExchangeFormat][];

/** The names of the formats that can be read, or written. */
export const IMPORT_FORMATS: readonly ExchangeFormatName[] = ENTRIES.map(([name]) => name);

/** Those of which the first byte is all that tells them: files of others may begin with it by chance. */
const BY_ONE_BYTE: ReadonlySet<ExchangeFormatName> = new Set(['onnx', 'tfjs']);
const SUREST_FIRST = ENTRIES.toSorted(([a], [b]) => Number(BY_ONE_BYTE.has(a)) - Number(BY_ONE_BYTE.has(b)));

/**
 * The format of a file, by its bytes where they say so, else by its name.
 * @throws FormatError if it is of none, with the remedy where it is a known one
 */
export function formatOf(bytes: Uint8Array, fileName: string): ExchangeFormatName {
  const refusal = whyUnreadable(bytes, fileName);
  if (refusal !== undefined) throw new FormatError(refusal);
  const named = ENTRIES.filter(([, { extensions }]) =>
    extensions.some((extension) => fileName.toLowerCase().endsWith(extension)),
  );
  const looks = SUREST_FIRST.filter(([, { recognise }]) => recognise(bytes));
  const both = looks.find(([name]) => named.some(([each]) => each === name));
  const found = both ?? looks[0] ?? named[0];
  if (found) return found[0];
  const list = ENTRIES.map(([name, { extensions }]) => `${name} (${extensions.join(', ')})`).join(', ');
  throw new FormatError(`${fileName} looks like no model: there are ${list}.`);
}

/** @throws OptionError for a name that is none */
export function exchangeFormat(name: string): ExchangeFormat {
  if (Object.hasOwn(EXCHANGE_FORMATS, name)) return EXCHANGE_FORMATS[name as ExchangeFormatName];
  throw new OptionError(
    `The format must be one of ${IMPORT_FORMATS.join(', ')}, not ${JSON.stringify(name)}.`,
  );
}

function begins(magic: readonly number[]): (bytes: Uint8Array) => boolean {
  return (bytes) => magic.every((byte, i) => bytes[i] === byte);
}

/** Exported models as files. */
import { basename, dirname, extname, join, resolve } from 'node:path';
import { OptionError } from '../../errors.ts';
import { makeFolderOf } from '../../files/makeFolderOf.ts';
import { fileSize, readInto } from '../../files/readFile.ts';
import { writeFileAtomic } from '../../files/writeFile.ts';
import { EXPORT_FORMATS, type ExportedModel, type ExportFormat, type ExportFormatName } from './formats.ts';

/** So far into a safetensors file its metadata, which come first, have begun. */
const HEADER_BYTES = 1024;

/** Where an export goes. */
export interface Target {
  readonly folder: string;
  /** Of the first file, without its extension. */
  readonly name: string;
}

export interface Written {
  /** The first is the one to open. */
  readonly paths: readonly string[];
  readonly bytes: number;
  readonly contents: string;
}

/**
 * Where the files go: to `out`, a file or, for formats of several files, a folder too; or beside the model.
 * @throws OptionError for a file with another extension
 */
export function targetOf(format: ExportFormat, out: string | undefined, path: string): Target {
  const { extension, folder = false, suffix = '' } = format;
  const stem = (file: string): string => basename(file, extname(file));
  if (out === undefined) {
    if (folder) return { folder: join(dirname(path), `${stem(path)}_tfjs`), name: 'model' };
    return { folder: dirname(path), name: `${stem(path)}${suffix}` };
  }
  if (extname(out).toLowerCase() === extension) return { folder: dirname(out), name: stem(out) };
  if (folder && extname(out) === '') return { folder: out, name: 'model' };
  const wanted = folder ? `be a folder or end in ${extension}` : `end in ${extension}`;
  throw new OptionError(`--out must ${wanted}, not be ${JSON.stringify(out)}.`);
}

/** @throws OptionError for a model that the format has no place for; SimdnetError if a file cannot be written */
export async function writeExport(
  to: ExportFormatName,
  out: string | undefined,
  given: Omit<ExportedModel, 'name'>,
): Promise<Written> {
  const { format } = await EXPORT_FORMATS[to]();
  const { folder, name } = targetOf(format, out, given.path);
  const { files, contents } = await format.encode({ ...given, name });
  const paths = files.map((file) => join(folder, file.name));
  mustNotBe(given.path, paths);
  for (const path of paths.slice(1)) await mustNotBeModel(path, paths[0]!);
  // Others go into a folder that is there, as any file.
  if (format.folder) await makeFolderOf(paths[0]!);
  // The one that names the others comes last: whoever finds it finds them.
  for (let i = files.length - 1; i >= 0; i--) await writeFileAtomic(paths[i]!, files[i]!.content);
  const bytes = files.reduce((sum, { content }) => sum + sizeOf(content), 0);
  return { paths, bytes, contents };
}

/** @throws OptionError if a file would take the place of the model that it is made of, or of what stands beside that */
function mustNotBe(model: string, paths: readonly string[]): void {
  const source = resolve(model);
  // The shards of a tfjs model are found by their names.
  const besides = extname(source).toLowerCase() === '.json';
  const lost = paths.find(
    (path) => resolve(path) === source || (besides && dirname(resolve(path)) === dirname(source)),
  );
  if (lost === undefined) return;
  throw new OptionError(
    `${lost} would take the place of ${model}, which it is made of: name another ${besides ? 'folder' : 'file'}.`,
  );
}

/**
 * What stands beside the file that was named has a name that nobody gave it.
 * @throws OptionError if it would take the place of a model of simdnet
 */
async function mustNotBeModel(path: string, named: string): Promise<void> {
  if ((await fileSize(path)) === undefined) return;
  const header = Buffer.alloc(HEADER_BYTES);
  await readInto(path, header, 0);
  if (!header.includes('"simdnet.')) return;
  throw new OptionError(
    `${path}, a model of simdnet, would be lost to the weights that ${named} needs beside it: name another file.`,
  );
}

function sizeOf(content: Uint8Array | string): number {
  return typeof content === 'string' ? Buffer.byteLength(content) : content.length;
}

/**
 * Files of other programs as plain data, and plain data as such files. Models are made of it and taken apart by whoever calls: in
 * browsers this is a program of its own, with layers and errors of its own, which only those fetch who need it.
 */
import { DataError, OptionError } from '../errors.ts';
import { besideName } from '../formats/besideName.ts';
import { refuseUnknown } from '../nn/layers/options.ts';
import { buildNetwork } from '../nn/network.ts';
import { LAYOUTS } from '../nn/shape.ts';
import { parseLayerSpec } from '../nn/spec.ts';
import { quoted } from '../quoted.ts';
import type { ExportedFile, ExportOptions, ModelData } from './exported.ts';
import { exchangeFormat, formatOf } from './format.ts';
import type { Imported, SourceOptions } from './imported.ts';
import { pixelScaleOf } from './pixelScale.ts';

export { SimdnetError } from '../errors.ts';

/**
 * What a file has of a model. If it does not say what pixels it takes, its first layers do.
 * @throws FormatError, DataError or OptionError as `importModel`
 */
export async function readModel(
  bytes: Uint8Array,
  { format, fileName = 'The model', readFile, network }: SourceOptions,
): Promise<Imported> {
  if (network !== undefined && !Array.isArray(network))
    throw new OptionError(`importModel: network must be a list of layers, not ${quoted(network)}.`);
  const { load } = exchangeFormat(format ?? formatOf(bytes, fileName));
  const read = await load();
  const imported = await read({
    fileName,
    bytes,
    network: network?.map(parseLayerSpec),
    file: (name) => besideFile(name, fileName, readFile),
  });
  return { ...imported, pixelScale: imported.pixelScale ?? pixelScaleOf(imported.layers) };
}

/** The files of a model, the one to open first. @throws OptionError as `exportModel` */
export async function writeModel(
  { layers, pixelScale, layout: own, ...model }: ModelData,
  options: ExportOptions,
): Promise<readonly ExportedFile[]> {
  refuseUnknown('exportModel', options, ['format', 'name', 'layout']);
  const { format, name = 'model', layout = own } = options;
  if (!LAYOUTS.includes(layout))
    throw new OptionError(`layout must be one of ${LAYOUTS.join(', ')}, not ${JSON.stringify(layout)}.`);
  const { loadExport, title } = exchangeFormat(format);
  if (!loadExport) throw new OptionError(`Models are not exported to ${title}.`);
  const write = await loadExport();
  const network = buildNetwork(layers.map(parseLayerSpec), 'auto', pixelScale);
  return write({ ...model, network }, name, { layout });
}

/** @throws DataError if there is none, or its name leads elsewhere */
async function besideFile(
  name: string,
  fileName: string,
  readFile: SourceOptions['readFile'],
): Promise<Uint8Array> {
  const beside = besideName(name);
  if (beside === undefined)
    throw new DataError(
      `${fileName} asks for ${JSON.stringify(name)}, which is not beside it: only files in its folder are read`,
    );
  if (!readFile)
    throw new DataError(
      `${fileName} needs ${JSON.stringify(name)}, which stands beside it: give importModel the option readFile`,
    );
  return readFile(beside);
}

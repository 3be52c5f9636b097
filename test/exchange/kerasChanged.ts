/** Files of Keras with other JSON: what others write into it. */
import { importKeras } from '../../src/exchange/keras/import.ts';
import { importKerasH5 } from '../../src/exchange/keras/importH5.ts';
import type { Imported } from '../../src/exchange/imported.ts';
import { decodeHdf5 } from '../../src/formats/hdf5/decode.ts';
import { encodeHdf5 } from '../../src/formats/hdf5/encode.ts';
import type { H5Group } from '../../src/formats/hdf5/hdf5.ts';
import { decodeZip, encodeZip } from '../../src/formats/zip.ts';
import { fixture, sourceOf } from './kerasFixtures.ts';

export interface JsonLayer {
  class_name: string;
  module?: string;
  config: Record<string, unknown>;
  inbound_nodes?: unknown[];
}

export interface JsonModel {
  config: { layers: JsonLayer[] } & Record<string, unknown>;
  compile_config?: Record<string, unknown>;
}

export const FORMATS = ['keras', 'h5'] as const;
export type Format = (typeof FORMATS)[number];

/** A fixture with its JSON changed, and what its HDF5 file holds; in .h5 what Keras 3 writes of layers has no module. */
export function changedFile(
  name: string,
  format: Format,
  change: (json: JsonModel) => void,
  changeArrays: (root: H5Group) => void = () => undefined,
): Uint8Array<ArrayBuffer> {
  const text = (json: string): string => {
    const model = JSON.parse(json) as JsonModel;
    change(model);
    return JSON.stringify(model, (key, value: unknown) =>
      format === 'h5' && key === 'module' ? undefined : value,
    );
  };
  if (format === 'h5') {
    const root = decodeHdf5(fixture(`${name}.h5`), name);
    root.attributes.set('model_config', text(root.attributes.get('model_config') as string));
    changeArrays(root);
    return encodeHdf5(root);
  }
  const files = new Map(decodeZip(fixture(`${name}.keras`), name));
  const config = text(new TextDecoder().decode(files.get('config.json')));
  files.set('config.json', new TextEncoder().encode(config));
  const root = decodeHdf5(files.get('model.weights.h5')!, name);
  changeArrays(root);
  return encodeZip(files.set('model.weights.h5', encodeHdf5(root)));
}

/** The same, read. */
export function importedChanged(...given: Parameters<typeof changedFile>): Promise<Imported> {
  const [, format] = given;
  return (format === 'h5' ? importKerasH5 : importKeras)(sourceOf(`a.${format}`, changedFile(...given)));
}

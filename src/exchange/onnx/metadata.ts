/** What simdnet leaves in the metadata of an ONNX model, under keys of its own. */
import type { OnnxModel } from '../../formats/onnx/model.ts';
import { parseJson } from '../../formats/json.ts';
import { MAX_CLASSES } from '../../limits.ts';

/** Names of classes, as JSON. */
export const CLASS_NAMES = 'class_names';

/** What the largest byte of an image becomes for the network: 1 or 255. */
export const PIXEL_SCALE = 'simdnet.pixel_scale';

/** How images lie in the input: nhwc or nchw. */
export const LAYOUT = 'simdnet.layout';

/** The names of so many classes; undefined if there are none, or others. */
export function classNamesOf({ metadata }: OnnxModel, classes: number): string[] | undefined {
  const text = metadata.get(CLASS_NAMES);
  if (text === undefined || classes > MAX_CLASSES) return undefined;
  let names: unknown;
  try {
    names = parseJson(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(names) || names.length !== classes || new Set(names).size !== classes) return undefined;
  return names.every((name) => typeof name === 'string' && name !== '') ? (names as string[]) : undefined;
}

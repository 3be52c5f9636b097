/** The version of ONNX' own operators that a file uses. */
import { FormatError } from '../../../errors.ts';
import type { OnnxModel } from '../../../formats/onnx/model.ts';

/** Before version 11, operators had attributes for what are inputs since, and would be read as if those were not there. */
const OLDEST = 11;
/** Versions 22 to 24 only gave new types to the operators that are read, and added Swish. Later ones may give them another meaning. */
const NEWEST = 24;

/** @throws FormatError for a version whose operators may mean something else */
export function opsetOf({ opsets }: OnnxModel, fileName: string): number {
  // What ONNX itself takes for a file that does not say.
  const opset = opsets.get('') ?? 1;
  if (opset >= OLDEST && opset <= NEWEST) return opset;
  throw new FormatError(
    `${fileName} uses the operators of opset ${opset}; only opset ${OLDEST} to ${NEWEST} are read: export it with opset 17.`,
  );
}

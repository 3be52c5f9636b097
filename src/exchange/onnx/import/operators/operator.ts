import type { Site } from '../site.ts';
import type { Value } from '../value.ts';

/** How an operator of ONNX is read when one of its inputs depends on the image. */
export interface Operator {
  /** What it becomes, and within which limits: a line for the documentation. */
  readonly notes: string;
  /** Its first output. @throws FormatError if it is set to something that no layer does */
  read(site: Site): Value;
}

export type Operators = Readonly<Record<string, Operator>>;

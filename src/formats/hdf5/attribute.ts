/** Attributes: values beside a group or a dataset. */
import { readDataspace, type Dataspace } from './dataspace.ts';
import { readDatatype, type Datatype } from './datatype.ts';
import type { GlobalHeap } from './globalHeap.ts';
import type { H5Value } from './hdf5.ts';
import { MESSAGE, type ObjectHeader } from './objectHeader.ts';
import { Cursor, type Source } from './source.ts';
import { readElements } from './values.ts';

export function readAttributes(header: ObjectHeader, source: Source, heap: GlobalHeap): Map<string, H5Value> {
  refuseDense(header, source);
  const attributes = new Map<string, H5Value>();
  for (const cursor of header.all(MESSAGE.attribute, 'an attribute')) {
    const [name, value] = readAttribute(cursor, source, heap);
    if (attributes.has(name)) throw source.broken(`it has the attribute "${name}" twice`);
    attributes.set(name, value);
  }
  return attributes;
}

/** More than eight attributes, or long ones, may be in a heap of their own. */
function refuseDense(header: ObjectHeader, source: Source): void {
  const info = header.find(MESSAGE.attributeInfo, 'the place of attributes');
  if (info === undefined) return;
  info.skip(1);
  if (info.u8() & 1) info.skip(2);
  if (info.address() !== undefined) {
    throw source.unsupported('has its attributes in a heap', "save it without libver='latest'");
  }
}

function readAttribute(cursor: Cursor, source: Source, heap: GlobalHeap): [name: string, value: H5Value] {
  const version = cursor.u8();
  if (version < 1 || version > 3) {
    throw source.broken(`an attribute has version ${version}, and there are 1, 2 and 3`);
  }
  const flags = cursor.u8();
  if (version > 1 && flags !== 0) {
    throw source.unsupported('has an attribute of a named type', 'save it with types of its own');
  }
  const [nameBytes, typeBytes, spaceBytes] = [cursor.u16(), cursor.u16(), cursor.u16()];
  // The encoding of the name: ASCII is UTF-8 too.
  if (version === 3) cursor.skip(1);
  const part = (length: number): Cursor => {
    const bytes = cursor.bytes(length);
    if (version === 1) cursor.align();
    return new Cursor(bytes, source, 'an attribute');
  };
  const name = part(nameBytes).text();
  const type = readDatatype(part(typeBytes), source);
  const space = readDataspace(part(spaceBytes), source);
  const length = space.count * type.size;
  source.spend(length);
  const elements = readElements(cursor.bytes(length), type, source, heap);
  return [name, asValue(elements, type, space)];
}

function asValue(
  elements: ReturnType<typeof readElements>,
  type: Datatype,
  { shape, isNull }: Dataspace,
): H5Value {
  if (isNull) return null;
  if (shape.length > 0) return elements;
  const value = elements[0]!;
  if (type.kind === 'boolean') return value !== 0;
  return typeof value === 'bigint' && BigInt(Number(value)) === value && Number.isSafeInteger(Number(value))
    ? Number(value)
    : value;
}

/**
 * ONNX files: Protocol Buffers, as https://github.com/onnx/onnx/blob/main/onnx/onnx.proto has them. The numbers of fields are
 * that file's.
 */
import { DataError, FormatError } from '../../errors.ts';
import { MAX_ONNX_PARTS } from '../../limits.ts';
import { quoted } from '../../quoted.ts';
import { Message } from './message.ts';
import type {
  OnnxAttribute,
  OnnxFunction,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxValue,
} from './model.ts';
import { fillExternal, readEntry, readTensor, typeOf, bytesOf, type ExternalTensor } from './tensor.ts';

/** What is known while a file is read. */
interface Reading {
  readonly fileName: string;
  /** Tensors whose values are in other files. */
  readonly external: ExternalTensor[];
  /** Counts what takes memory of its own. @throws FormatError if there are too many */
  count(): void;
}

/**
 * The model in an ONNX file. No graph within a node is read, such as a loop has.
 * @param file  gives the bytes of a file in the model's folder, for values that are not in the model itself
 * @throws FormatError if it is none, or its tensors are not what they claim
 * @throws DataError if a file that it names is not there
 */
export async function decodeOnnx(
  bytes: Uint8Array,
  fileName: string,
  file?: (name: string) => Promise<Uint8Array>,
): Promise<OnnxModel> {
  let parts = 0;
  const reading: Reading = {
    fileName,
    external: [],
    count: () => {
      if (++parts <= MAX_ONNX_PARTS) return;
      throw new FormatError(
        `${fileName} has more than ${MAX_ONNX_PARTS} nodes, names, attributes and tensors, more than are read.`,
      );
    },
  };
  const model = readModel(bytes, reading);
  await readExternal(reading, file);
  return model;
}

/** Reads the values that are in other files, each file once. */
async function readExternal(
  { external, fileName }: Reading,
  file: ((name: string) => Promise<Uint8Array>) | undefined,
): Promise<void> {
  const byFile = new Map<string, ExternalTensor[]>();
  for (const each of external) {
    const others = byFile.get(each.location);
    if (others) others.push(each);
    else byFile.set(each.location, [each]);
  }
  for (const [location, tensors] of byFile) {
    if (!file) {
      throw new DataError(
        `${fileName}: its values are in the file ${quoted(location)}, which was not given along.`,
      );
    }
    const values = await file(location);
    const claimed = tensors.reduce((sum, { tensor }) => sum + bytesOf(tensor), 0);
    if (claimed > values.length) {
      throw new FormatError(
        `${fileName}: tensors of ${claimed} bytes are said to be in ${quoted(location)}, which has ${values.length}: ` +
          'it is cut short, or belongs to another model.',
      );
    }
    for (const each of tensors) fillExternal(each, values, fileName);
  }
}

function readModel(bytes: Uint8Array, reading: Reading): OnnxModel {
  let irVersion = 0;
  let producer = '';
  let graph: OnnxGraph | undefined;
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  const functions: OnnxFunction[] = [];
  const message = new Message(bytes, reading.fileName);
  message.fields((field) => {
    if (field === 1) irVersion = message.integer();
    else if (field === 2) producer = message.text();
    else if (field === 7) graph = readGraph(message.bytes(), reading);
    else if (field === 8) opsets.set(...readOpset(counted(message, reading), reading));
    else if (field === 14) metadata.set(...readEntry(counted(message, reading), reading.fileName));
    else if (field === 25) functions.push(readFunction(counted(message, reading), reading));
  });
  if (!graph) throw new FormatError(`${reading.fileName} is no ONNX model: it has no graph.`);
  return { irVersion, opsets, producer, graph, functions, metadata };
}

/** The bytes of a message that is one of many. */
function counted(message: Message, reading: Reading): Uint8Array {
  reading.count();
  return message.bytes();
}

function readOpset(bytes: Uint8Array, { fileName }: Reading): [domain: string, version: number] {
  let domain = '';
  let version = 0;
  const message = new Message(bytes, `${fileName}: a set of operators`);
  message.fields((field) => {
    if (field === 1) domain = message.text();
    else if (field === 2) version = message.integer();
  });
  return [domainOf(domain), version];
}

/** ONNX' own operators are in the domain "", which may be written as "ai.onnx" too. */
function domainOf(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

function readGraph(bytes: Uint8Array, reading: Reading): OnnxGraph {
  let name = '';
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  const message = new Message(bytes, `${reading.fileName}: its graph`);
  message.fields((field) => {
    if (field === 1) nodes.push(readNode(counted(message, reading), reading));
    else if (field === 2) name = message.text();
    else if (field === 5) {
      initializers.push(readTensor(counted(message, reading), reading.fileName, reading.external));
    } else if (field === 11) inputs.push(readValue(counted(message, reading), reading));
    else if (field === 12) outputs.push(readValue(counted(message, reading), reading));
    else if (field === 15) {
      throw new FormatError(
        `${reading.fileName} has sparse weights, which are not supported: export it with dense ones.`,
      );
    }
  });
  return { name, nodes, initializers, inputs, outputs };
}

function readNode(bytes: Uint8Array, reading: Reading): OnnxNode {
  let name = '';
  let op = '';
  let domain = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  const message = new Message(bytes, `${reading.fileName}: a node`);
  message.fields((field) => {
    if (field === 1) inputs.push(readName(message, reading));
    else if (field === 2) outputs.push(readName(message, reading));
    else if (field === 3) name = message.text();
    else if (field === 4) op = message.text();
    else if (field === 5) attributes.set(...readAttribute(counted(message, reading), reading));
    else if (field === 7) domain = message.text();
  });
  return { name, op, domain: domainOf(domain), inputs, outputs, attributes };
}

function readName(message: Message, reading: Reading): string {
  reading.count();
  return message.text();
}

/** `AttributeProto.AttributeType` */
const KINDS: ReadonlyMap<number, OnnxAttribute['kind']> = new Map([
  [1, 'float'],
  [2, 'int'],
  [3, 'string'],
  [4, 'tensor'],
  [6, 'floats'],
  [7, 'ints'],
  [8, 'strings'],
]);

function readAttribute(bytes: Uint8Array, reading: Reading): [name: string, value: OnnxAttribute] {
  let name = '';
  let type = 0;
  let reference = '';
  const read = {
    float: 0,
    int: 0,
    string: '',
    floats: [] as number[],
    ints: [] as number[],
    strings: [] as string[],
  };
  let tensor: OnnxTensor | undefined;
  const message = new Message(bytes, `${reading.fileName}: an attribute`);
  message.fields((field) => {
    if (field === 1) name = message.text();
    else if (field === 2) read.float = message.float();
    else if (field === 3) read.int = message.integer();
    else if (field === 4) read.string = message.text();
    else if (field === 5) tensor = readTensor(message.bytes(), reading.fileName, reading.external);
    else if (field === 7) message.floats(read.floats);
    else if (field === 8) message.integers(read.ints);
    else if (field === 9) read.strings.push(readName(message, reading));
    else if (field === 20) type = message.integer();
    else if (field === 21) reference = message.text();
  });
  if (reference !== '') return [name, { kind: 'reference', value: reference }];
  const kind = KINDS.get(type) ?? 'other';
  if (kind === 'tensor') return [name, tensor ? { kind, value: tensor } : { kind: 'other' }];
  if (kind === 'other' || kind === 'reference') return [name, { kind: 'other' }];
  return [name, { kind, value: read[kind] } as OnnxAttribute];
}

function readFunction(bytes: Uint8Array, reading: Reading): OnnxFunction {
  let name = '';
  let domain = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: string[] = [];
  const defaults = new Map<string, OnnxAttribute>();
  const nodes: OnnxNode[] = [];
  const message = new Message(bytes, `${reading.fileName}: a function`);
  message.fields((field) => {
    if (field === 1) name = message.text();
    else if (field === 4) inputs.push(readName(message, reading));
    else if (field === 5) outputs.push(readName(message, reading));
    else if (field === 6) attributes.push(readName(message, reading));
    else if (field === 7) nodes.push(readNode(counted(message, reading), reading));
    else if (field === 10) domain = message.text();
    else if (field === 11) defaults.set(...readAttribute(counted(message, reading), reading));
  });
  return { name, domain: domainOf(domain), inputs, outputs, attributes, defaults, nodes };
}

/** A `ValueInfoProto`: what its type says is nested three messages deep. */
function readValue(bytes: Uint8Array, reading: Reading): OnnxValue {
  let name = '';
  let type = 0;
  let shape: (number | string)[] = [];
  const message = new Message(bytes, `${reading.fileName}: an input or output`);
  const nested = (outer: Message, read: (inner: Message, field: number) => void): void => {
    const inner = new Message(outer.bytes(), `${reading.fileName}: the type of ${quoted(name)}`);
    inner.fields((field) => {
      read(inner, field);
    });
  };
  message.fields((field) => {
    if (field === 1) name = message.text();
    if (field !== 2) return;
    nested(message, (typeMessage, kind) => {
      if (kind !== 1) return;
      nested(typeMessage, (tensor, part) => {
        if (part === 1) type = tensor.integer();
        else if (part === 2) shape = readShape(tensor.bytes(), reading);
      });
    });
  });
  return { name, type: typeOf(type, `${reading.fileName}: ${quoted(name)}`), shape };
}

/** A `TensorShapeProto`; an extent of which nothing is said is "?". */
function readShape(bytes: Uint8Array, reading: Reading): (number | string)[] {
  const shape: (number | string)[] = [];
  const message = new Message(bytes, `${reading.fileName}: a shape`);
  message.fields((field) => {
    if (field !== 1) return;
    let extent: number | string = '?';
    const dimension = new Message(counted(message, reading), `${reading.fileName}: an extent`);
    dimension.fields((which) => {
      if (which === 1) extent = dimension.integer();
      else if (which === 2) extent = dimension.text() || '?';
    });
    shape.push(extent);
  });
  return shape;
}

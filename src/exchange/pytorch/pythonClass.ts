/** A network as the source text of a PyTorch class, which people are to read. */
import { IMAGES } from '../../nn/symbolic.ts';
import type { Writer } from './layers/torchLayer.ts';
import { decimal } from './layers/python.ts';
import { attributeOf, type TorchNode } from './torchNetwork.ts';

/** Characters of a line. */
const WIDTH = 99;
const INDENT = '        ';

export interface PythonParts {
  /** Functions that stand in front of the class. */
  readonly helpers: readonly string[];
  /** The lines of the two methods. */
  readonly init: readonly string[];
  readonly forward: readonly string[];
}

/** What the class is made of. @throws OptionError for what PyTorch cannot do */
export function pythonParts(nodes: readonly TorchNode[]): PythonParts {
  const variables = variablesOf(nodes);
  const helpers = new Set<string>();
  const init: string[] = [];
  const forward: string[] = [];
  for (const node of nodes) {
    const { definition, inputs, layer, place, spec } = node;
    if (definition.leftOut)
      forward.push(`# ${layer.name} (${layer.type}) is for training, and left out here.`);
    const steps = definition.steps(spec, place, writerOf(node, init, helpers));
    const target = variables.get(layer.name)!;
    const taken = inputs.map((input) => variables.get(input)!);
    if (steps.length === 0 && target !== taken[0]) forward.push(`${target} = ${taken[0]!}`);
    steps.forEach((step, i) => forward.push(`${target} = ${i === 0 ? step(...taken) : step(target)}`));
  }
  forward.push(`return ${variables.get(nodes.at(-1)!.layer.name)!}`);
  return { helpers: [...helpers], init: init.flatMap(wrapped), forward: forward.flatMap(wrapped) };
}

/** What `forward` calls the images. */
export function imagesVariable(nodes: readonly TorchNode[]): string {
  return variablesOf(nodes).get(IMAGES)!;
}

/** The variable that holds each layer's output: x where only the next layer takes it, else the layer's own. */
function variablesOf(nodes: readonly TorchNode[]): ReadonlyMap<string, string> {
  const lastUse = new Map<string, number>();
  nodes.forEach(({ inputs }, i) => {
    for (const input of inputs) lastUse.set(input, i);
  });
  const images: readonly [string, string] = [IMAGES, 'images'];
  const values = [images, ...nodes.map(({ layer, identifier }) => [layer.name, identifier] as const)];
  return new Map(values.map(([name, own], i) => [name, (lastUse.get(name) ?? i) <= i ? 'x' : own]));
}

function writerOf(node: TorchNode, init: string[], helpers: Set<string>): Writer {
  return {
    module: (constructor, suffix) => {
      const attribute = attributeOf(node, suffix);
      init.push(`self.${attribute} = ${constructor}`);
      return `self.${attribute}`;
    },
    constant: (values, rank, suffix) => {
      const attribute = attributeOf(node, suffix);
      const view = rank === 1 ? '' : `.view(${['-1', ...new Array<string>(rank - 1).fill('1')].join(', ')})`;
      init.push(`values = torch.tensor([${values.map(decimal).join(', ')}])`);
      init.push(`self.register_buffer("${attribute}", values${view}, persistent=False)`);
      return `self.${attribute}`;
    },
    helper: (text) => {
      helpers.add(text);
    },
  };
}

/** A statement in lines; one that is too long is broken at the commas within its outermost call, or its list. */
function wrapped(statement: string): string[] {
  const call = statement.indexOf('(');
  if (INDENT.length + statement.length <= WIDTH || call < 0 || statement.startsWith('#')) {
    return [INDENT + statement];
  }
  const isList = statement[call + 1] === '[';
  const open = call + (isList ? 2 : 1);
  const close = statement.lastIndexOf(isList ? '])' : ')');
  const inner = `${INDENT}    `;
  const lines: string[] = [];
  let line = '';
  for (const part of partsOf(statement.slice(open, close), WIDTH - inner.length)) {
    if (line !== '' && inner.length + line.length + part.trimEnd().length > WIDTH) {
      lines.push(inner + line.trimEnd());
      line = '';
    }
    line += part;
  }
  return [INDENT + statement.slice(0, open), ...lines, inner + line, INDENT + statement.slice(close)];
}

/** The arguments of a call, each with its comma; those that are longer than a line in parts. */
function partsOf(text: string, length: number): string[] {
  return argumentsOf(text).flatMap((part) => (part.length > length ? part.split(/(?<=, )/) : [part]));
}

/** The parts between commas that no brackets surround, each with its comma. */
function argumentsOf(text: string): string[] {
  let depth = 0;
  const parts: string[] = [];
  let begin = 0;
  for (let at = 0; at < text.length; at++) {
    if ('([{'.includes(text[at]!)) depth++;
    else if (')]}'.includes(text[at]!)) depth--;
    else if (depth === 0 && text.startsWith(', ', at)) {
      parts.push(text.slice(begin, at + 2));
      begin = at + 2;
    }
  }
  return [...parts, text.slice(begin)];
}

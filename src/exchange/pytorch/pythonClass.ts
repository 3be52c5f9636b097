/** A network as the source text of a PyTorch class, which people are to read. */
import { IMAGES } from '../../nn/symbolic.ts';
import type { Writer } from './layers/torchLayer.ts';
import { attributeOf, type TorchNode } from './torchNetwork.ts';

/** Characters of a line. */
const WIDTH = 99;
const INDENT = '        ';

/** The two methods of the class. @throws OptionError for what PyTorch cannot do */
export function pythonMethods(nodes: readonly TorchNode[]): {
  readonly init: string[];
  readonly forward: string[];
} {
  const variables = variablesOf(nodes);
  const init: string[] = [];
  const forward: string[] = [];
  for (const node of nodes) {
    const { definition, inputs, layer, place, spec } = node;
    if (definition.leftOut)
      forward.push(`# ${layer.name} (${layer.type}) is for training, and left out here.`);
    const steps = definition.steps(spec, place, writerOf(node, init));
    const target = variables.get(layer.name)!;
    const taken = inputs.map((input) => variables.get(input)!);
    if (steps.length === 0 && target !== taken[0]) forward.push(`${target} = ${taken[0]!}`);
    steps.forEach((step, i) => forward.push(`${target} = ${i === 0 ? step(...taken) : step(target)}`));
  }
  const last = variables.get(nodes.at(-1)!.layer.name)!;
  return {
    init: init.flatMap(wrapped),
    forward: [...forward.flatMap(wrapped), `${INDENT}return ${last}`],
  };
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

function writerOf(node: TorchNode, init: string[]): Writer {
  return {
    module: (constructor, suffix) => {
      const attribute = attributeOf(node, suffix);
      init.push(`self.${attribute} = ${constructor}`);
      return `self.${attribute}`;
    },
    constant: (values, view, suffix) => {
      const attribute = attributeOf(node, suffix);
      const tensor = `torch.tensor([${values.join(', ')}]).view(${view})`;
      init.push(`self.register_buffer("${attribute}", ${tensor}, persistent=False)`);
      return `self.${attribute}`;
    },
  };
}

/** A statement in lines; one that is too long is broken within its outermost call. */
function wrapped(statement: string): string[] {
  if (INDENT.length + statement.length <= WIDTH) return [INDENT + statement];
  const open = statement.indexOf('(') + 1;
  const close = statement.lastIndexOf(')');
  if (open === 0 || close < open) return [INDENT + statement];
  const inner = `${INDENT}    `;
  const lines: string[] = [];
  let line = '';
  for (const word of statement.slice(open, close).split(/(?<=, )/)) {
    if (line !== '' && inner.length + line.length + word.trimEnd().length > WIDTH) {
      lines.push(inner + line.trimEnd());
      line = '';
    }
    line += word;
  }
  return [INDENT + statement.slice(0, open), ...lines, inner + line, INDENT + statement.slice(close)];
}

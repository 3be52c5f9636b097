/** Nodes of a graph with those that stand for functions of the model replaced by what these are made of. */
import { FormatError } from '../../../errors.ts';
import type { OnnxAttribute, OnnxFunction, OnnxModel, OnnxNode } from '../../../formats/onnx/model.ts';
import { MAX_ONNX_PARTS } from '../../../limits.ts';
import { quoted } from '../../../quoted.ts';

/** How deep functions may use others. */
const MAX_DEPTH = 32;

/** Names that the value of a function's name has where it is used. */
type Renaming = (name: string) => string;

/** @throws FormatError if functions use themselves, or there are too many nodes in all */
export function inlined({ graph, functions }: OnnxModel, fileName: string): OnnxNode[] {
  if (functions.length === 0) return [...graph.nodes];
  const byName = new Map(functions.map((each) => [`${each.domain}:${each.name}`, each]));
  const nodes: OnnxNode[] = [];
  let uses = 0;
  let work = 0;
  const expand = (node: OnnxNode, depth: number): void => {
    work += 1 + node.inputs.length + node.outputs.length + node.attributes.size;
    if (work > MAX_ONNX_PARTS || depth > MAX_DEPTH) {
      throw new FormatError(`${fileName}: its function ${quoted(node.op)} uses itself, or too many others.`);
    }
    const used = byName.get(`${node.domain}:${node.op}`);
    if (!used) {
      nodes.push(node);
      return;
    }
    const renaming = renamingOf(used, node, uses++);
    for (const inner of used.nodes) expand(instance(inner, used, node, renaming), depth + 1);
  };
  for (const node of graph.nodes) expand(node, 0);
  return nodes;
}

function renamingOf(used: OnnxFunction, node: OnnxNode, use: number): Renaming {
  const outer = new Map<string, string>();
  used.inputs.forEach((name, i) => outer.set(name, node.inputs[i] ?? ''));
  used.outputs.forEach((name, i) => outer.set(name, node.outputs[i] ?? ''));
  // No name in the file can be the same: "\0" ends none.
  return (name) => (name === '' ? '' : (outer.get(name) ?? `${name}\0${use}`));
}

function instance(inner: OnnxNode, used: OnnxFunction, node: OnnxNode, renaming: Renaming): OnnxNode {
  const attributes = new Map<string, OnnxAttribute>();
  for (const [name, value] of inner.attributes) {
    const meant =
      value.kind === 'reference'
        ? (node.attributes.get(value.value) ?? used.defaults?.get(value.value))
        : value;
    if (meant) attributes.set(name, meant);
  }
  return {
    ...inner,
    name: node.name || inner.name,
    inputs: inner.inputs.map(renaming),
    outputs: inner.outputs.map(renaming),
    attributes,
  };
}

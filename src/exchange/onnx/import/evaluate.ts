/** Evaluates the nodes of a graph: on constants, or as layers. */
import { FormatError } from '../../../errors.ts';
import type { OnnxModel, OnnxNode } from '../../../formats/onnx/model.ts';
import { quoted } from '../../../quoted.ts';
import { constantOf } from './folding/creation.ts';
import { FOLDING } from './folding/registry.ts';
import { OPERATORS, unsupported } from './operators/registry.ts';
import { Site, type Graph } from './site.ts';
import type { Feature, Value } from './value.ts';

/**
 * The value of the output.
 * @param nodes  those that it needs, each behind those that it needs itself
 * @throws FormatError for an operator, or a setting of one, that is not supported
 */
export function evaluated(
  graph: Graph,
  model: OnnxModel,
  nodes: readonly OnnxNode[],
  input: readonly [name: string, feature: Feature],
  output: string,
): Value {
  const values = new Map<string, Value>([input]);
  for (const tensor of model.graph.initializers) values.set(tensor.name, constantOf(tensor));
  for (const node of nodes) {
    const inputs = node.inputs.map((name) => {
      if (name === '') return undefined;
      const value = values.get(name);
      if (value) return value;
      throw new FormatError(
        `${graph.fileName}: ${quoted(name)} is not the first output of its node, and only that is supported.`,
      );
    });
    if (node.outputs[0]) values.set(node.outputs[0], evaluate(new Site(graph, node, inputs)));
  }
  const value = values.get(output);
  if (value) return value;
  throw new FormatError(
    `${graph.fileName}: its output ${quoted(output)} is not the first output of its node, and only that is supported.`,
  );
}

function evaluate(site: Site): Value {
  const { op, domain } = site.node;
  if (domain !== '') throw unsupported(site);
  if (!site.inputs.some((value) => value?.kind === 'feature')) {
    const fold = FOLDING.get(op);
    if (fold) return fold(site);
    if (!OPERATORS.has(op)) throw unsupported(site);
    throw site.refused(
      'its inputs are all constants, for which it is not supported: simplify the model first.',
    );
  }
  const operator = OPERATORS.get(op);
  if (!operator) throw unsupported(site);
  return operator.read(site);
}

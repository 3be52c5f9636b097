/** Names of layers, from those that nodes and weights have in the file. */
import type { OnnxNode } from '../../../formats/onnx/model.ts';

/** Operators whose weights' names say more than their own: "layer1.0.conv1.weight". */
const WEIGHTED: ReadonlySet<string> = new Set(['Conv', 'Gemm', 'MatMul', 'BatchNormalization']);

/** Characters of a name that count. */
const MOST = 200;

/** What a node's layer may be called: after its weights, or else itself, or its output. */
export function nameHint({ op, name, inputs, outputs }: OnnxNode): string {
  const weights = WEIGHTED.has(op)
    ? /^(.+)[./](weight|kernel|gamma)$/.exec((inputs[1] ?? '').slice(0, MOST))?.[1]
    : undefined;
  if (weights !== undefined) return readable(weights);
  const own = name !== '' ? pathName(name, op) : undefined;
  return readable(own ?? outputs[0] ?? '') || op.toLowerCase();
}

/**
 * "layer1.0.conv1" of "/layer1/layer1.0/conv1/Conv": each part is a module within the one before it, whose name it may repeat, and the
 * last one the operator.
 */
function pathName(name: string, op: string): string {
  const parts = name
    .slice(0, MOST)
    .split('/')
    .filter((part) => part !== '');
  const modules: string[] = [];
  for (const part of parts) {
    if (part.startsWith(`${modules.at(-1) ?? ''}.`)) modules.pop();
    modules.push(part);
  }
  const last = modules.at(-1) ?? '';
  if (modules.length > 1 && last.replace(/_\d+$/, '') === op) modules.pop();
  return modules.join('.').replace(/^node_/, '');
}

/** With what layers' names may have: letters, digits, "_", "." and "-". */
function readable(name: string): string {
  return name
    .slice(0, MOST)
    .replace(/[^\w.-]+/g, '_')
    .replace(/^[^a-zA-Z0-9]+|[^a-zA-Z0-9]+$/g, '');
}

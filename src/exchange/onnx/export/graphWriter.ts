/** A graph of ONNX that grows operator by operator. */
import { FreeNames } from '../../../nn/freeNames.ts';
import type {
  OnnxAttribute,
  OnnxGraph,
  OnnxNode,
  OnnxTensor,
  OnnxValue,
} from '../../../formats/onnx/model.ts';

export type Attributes = Readonly<Record<string, OnnxAttribute>>;

export const int = (value: number): OnnxAttribute => ({ kind: 'int', value });
export const ints = (value: readonly number[]): OnnxAttribute => ({ kind: 'ints', value });
export const float = (value: number): OnnxAttribute => ({ kind: 'float', value });
export const string = (value: string): OnnxAttribute => ({ kind: 'string', value });

export class GraphWriter {
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers: OnnxTensor[] = [];
  readonly #names: FreeNames;

  /** @param reserved  names that nothing in the graph may have */
  constructor(reserved: readonly string[]) {
    this.#names = new FreeNames(reserved);
  }

  /**
   * Adds an operator of one output.
   * @param inputs  names of values; '' for one that is left out
   * @returns the name of its output, which is its own
   */
  add(op: string, wanted: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const name = this.#names.claim(wanted);
    const node = { name, op, domain: '', inputs, outputs: [name] };
    this.#nodes.push({ ...node, attributes: new Map(Object.entries(attributes)) });
    return name;
  }

  /** Adds a constant. @returns its name */
  constant(wanted: string, tensor: Omit<OnnxTensor, 'name'>): string {
    const name = this.#names.claim(wanted);
    this.#initializers.push({ ...tensor, name });
    return name;
  }

  /** The whole graph. @param value  what it computes, which is called as `output` is then */
  finished(name: string, input: OnnxValue, value: string, output: OnnxValue): OnnxGraph {
    const last = value === input.name ? this.add('Identity', 'identity', [value]) : value;
    const renamed = (each: string): string => (each === last ? output.name : each);
    return {
      name,
      nodes: this.#nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map(renamed),
        outputs: node.outputs.map(renamed),
      })),
      initializers: this.#initializers,
      inputs: [input],
      outputs: [output],
    };
  }
}

/** A place in the graph for operators that belong together: their names begin alike. */
export class Scope {
  readonly graph: GraphWriter;
  readonly name: string;

  constructor(graph: GraphWriter, name: string) {
    this.graph = graph;
    this.name = name;
  }

  /** A place within it: "conv2d/relu". */
  within(part: string): Scope {
    return new Scope(this.graph, `${this.name}/${part}`);
  }

  /** Adds an operator that has the name of the place. @returns the name of its output */
  add(op: string, inputs: readonly string[], attributes?: Attributes): string {
    return this.graph.add(op, this.name, inputs, attributes);
  }

  /** Adds float32 constants. @returns their name */
  floats(part: string, shape: readonly number[], data: Float32Array): string {
    return this.graph.constant(`${this.name}/${part}`, { type: 'float32', shape, data });
  }

  scalar(part: string, value: number): string {
    return this.floats(part, [], Float32Array.of(value));
  }

  /** Adds a list of 64-bit integers, as shapes and axes are. @returns its name */
  integers(part: string, data: readonly number[]): string {
    return this.graph.constant(`${this.name}/${part}`, { type: 'int64', shape: [data.length], data });
  }
}

/** The backward pass: who writes the gradient of each value, and how several make one sum of it. */
import { ALIGNMENT } from '../engine/arena.ts';
import { call } from '../engine/call.ts';
import type { Address } from '../engine/pointer.ts';
import type { Instruction } from '../engine/program.ts';
import { consumersOf, onlyConsumer, valuesWithGradient } from './graph.ts';
import { derive } from './operations/activation.ts';
import { addInto, addViews, copyReshaped, copyView } from './operations/copies.ts';
import type { Addresses, BackwardPlan, Operation, PlanContext } from './operations/operation.ts';
import { covers, NO_MARGINS, widest, type Margins } from './shape.ts';
import type { Stage } from './values.ts';
import { allocateView, isCompact, reshapedView, type View } from './view.ts';

/** The gradient of a value as far as it is known while the operations are gone through from the last to the first. */
interface Gradient {
  readonly view: View;
  /** Whether nobody else reads this memory, so that it may be written over. */
  readonly owned: boolean;
}

type EmitOne = (count: number) => Instruction;

/** The operation's own plan, with what comes before and behind it. */
export interface BackwardStage extends BackwardPlan {
  readonly name: string;
}

export interface BackwardOptions {
  readonly context: PlanContext;
  /** Where the gradient of the network's output is. */
  readonly dOutput: View;
  /** The network's names of the weights that are trained. */
  readonly trained: ReadonlySet<string>;
  readonly gradients: (operation: Operation) => Addresses;
}

/** From the last operation to the first that needs a gradient. */
export function planBackward(stages: readonly Stage[], options: BackwardOptions): BackwardStage[] {
  return new BackwardPlanner(stages, options).plan();
}

class BackwardPlanner {
  readonly #stages: readonly Stage[];
  readonly #context: PlanContext;
  readonly #options: BackwardOptions;
  readonly #wanted: ReadonlySet<string>;
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  readonly #consumers: ReadonlyMap<string, Stage[]>;
  /** Zeros that are wanted around the gradient of each value. */
  readonly #margins = new Map<string, Margins>();
  readonly #gradients = new Map<string, Gradient>();

  constructor(stages: readonly Stage[], options: BackwardOptions) {
    this.#stages = stages;
    this.#context = options.context;
    this.#options = options;
    this.#wanted = valuesWithGradient(stages, options.trained);
    this.#consumers = consumersOf(stages);
    this.#shapes = new Map(stages.map(({ value, operation }) => [value, operation.outputShape]));
    for (const stage of stages) this.#margins.set(stage.value, this.#marginsOf(stage));
    const last = stages.at(-1);
    if (last) this.#gradients.set(last.value, { view: options.dOutput, owned: true });
  }

  plan(): BackwardStage[] {
    return this.#stages
      .toReversed()
      .filter(({ value }) => this.#wanted.has(value))
      .map((stage) => this.#planStage(stage));
  }

  /** An operation that hands its gradient on wants the margins that those in front of it want. */
  #marginsOf({ operation, inputs, value }: Stage): Margins {
    if (this.#shapes.get(value)!.length < 3 || operation.compact) return NO_MARGINS;
    const own = operation.gradientMargins ?? NO_MARGINS;
    const hands = operation.passesGradient ?? operation.overwritesGradient ?? operation.reshapes ?? false;
    return hands ? widest([own, ...inputs.map((input) => this.#wantedMargins(input))]) : own;
  }

  #wantedMargins(value: string): Margins {
    return this.#margins.get(value) ?? NO_MARGINS;
  }

  #planStage(stage: Stage): BackwardStage {
    const { operation, value } = stage;
    const before: EmitOne[] = [];
    const after: EmitOne[] = [];
    const dOutput = this.#readyFor(stage, this.#gradients.get(value)!, before);
    const plan = this.#planOperation(stage, dOutput, after);
    return {
      name: operation.name,
      prepare: plan.prepare ?? [],
      backward: (count) => [
        ...before.map((emit) => emit(count)),
        ...plan.backward(count),
        ...after.map((emit) => emit(count)),
      ],
      finish: (count) => plan.finish?.(count) ?? [],
    };
  }

  /** The gradient of what an operation computes before its epilogue, with the margins that it wants to read. */
  #readyFor({ operation, output }: Stage, gradient: Gradient, before: EmitOne[]): Gradient {
    const { name, epilogue, outputShape, compact = false } = operation;
    const margins = operation.gradientMargins ?? NO_MARGINS;
    const { view } = gradient;
    const fits = covers(view.margins, margins) && (!compact || isCompact(view));
    if (fits && !epilogue) return gradient;
    const target =
      fits && gradient.owned ? view : allocateView(this.#context, this.#context.batch, outputShape, margins);
    before.push((count) =>
      epilogue
        ? derive(`${name} dActivation`, epilogue, view, output, target, count)
        : copyView(`${name} dCopy`, view, target, count),
    );
    return { view: target, owned: true };
  }

  #planOperation(stage: Stage, dOutput: Gradient, after: EmitOne[]): BackwardPlan {
    const { operation, inputs, plan } = stage;
    if (operation.passesGradient) {
      for (const input of inputs) this.#contribute(stage, input, { ...dOutput, owned: false }, after);
      return { backward: () => [] };
    }
    if (operation.reshapes) return this.#planReshape(stage, dOutput, after);
    const results: { readonly input: string; readonly gradient: Gradient }[] = [];
    const dInputs = inputs.map((input) => {
      if (!this.#wanted.has(input)) return undefined;
      const gradient = this.#target(stage, input, dOutput);
      results.push({ input, gradient });
      return gradient.view;
    });
    const { bias, ...others } = this.#options.gradients(operation);
    const vanishes = bias !== undefined && this.#biasVanishes(stage);
    if (vanishes) after.push(() => zeros(`${operation.name} dBias`, bias, operation.outputShape.at(-1)!));
    const backward = plan.backward?.({
      dOutput: dOutput.view,
      dInput: dInputs[0],
      dInputs,
      gradients: vanishes ? others : { ...others, bias },
    });
    for (const { input, gradient } of results) this.#contribute(stage, input, gradient, after);
    return backward ?? { backward: () => [] };
  }

  /**
   * Whether the gradient of a bias is zero by mathematics, as in front of a batch normalization. What rounding would leave of it,
   * optimizers that divide by its size would take for a direction.
   */
  #biasVanishes({ operation, value }: Stage): boolean {
    const consumer = onlyConsumer(this.#consumers, value);
    return consumer?.operation.centersGradient === true && !operation.epilogue;
  }

  /** Where an operation writes the gradient of an input. */
  #target({ operation, inputs }: Stage, input: string, dOutput: Gradient): Gradient {
    const margins = operation.compact ? NO_MARGINS : this.#wantedMargins(input);
    const overwrites =
      operation.overwritesGradient &&
      inputs.length === 1 &&
      dOutput.owned &&
      covers(dOutput.view.margins, margins);
    if (overwrites) return dOutput;
    const shape = this.#shapes.get(input)!;
    return { view: allocateView(this.#context, this.#context.batch, shape, margins), owned: true };
  }

  #planReshape(stage: Stage, dOutput: Gradient, after: EmitOne[]): BackwardPlan {
    const [input] = stage.inputs as [string];
    if (!this.#wanted.has(input)) return { backward: () => [] };
    const shape = this.#shapes.get(input)!;
    const { view } = dOutput;
    if (isCompact(view)) {
      this.#contribute(stage, input, { view: reshapedView(view, shape), owned: dOutput.owned }, after);
      return { backward: () => [] };
    }
    const target = allocateView(this.#context, this.#context.batch, shape);
    const label = `${stage.operation.name} dInput`;
    this.#contribute(stage, input, { view: target, owned: true }, after);
    return { backward: (count) => [copyReshaped(label, view, target, count)] };
  }

  /** Adds to the gradient of a value: the first makes it, the others add to it, in the order in which they come. */
  #contribute({ operation }: Stage, value: string, given: Gradient, after: EmitOne[]): void {
    if (!this.#wanted.has(value)) return;
    const known = this.#gradients.get(value);
    if (!known) {
      this.#gradients.set(value, given);
      return;
    }
    const label = `${operation.name} dSum`;
    const margins = this.#wantedMargins(value);
    const [kept, added] = [known, given].toSorted((a, b) => rank(b, margins) - rank(a, margins)) as [
      Gradient,
      Gradient,
    ];
    if (kept.owned) {
      after.push((count) => addInto(label, added.view, kept.view, count));
      this.#gradients.set(value, kept);
      return;
    }
    const sum = allocateView(this.#context, this.#context.batch, this.#shapes.get(value)!, margins);
    after.push((count) => addViews(label, known.view, given.view, sum, count));
    this.#gradients.set(value, { view: sum, owned: true });
  }
}

/** How well a gradient serves as the sum: memory of its own first, and such as has the margins that are wanted. */
function rank({ view, owned }: Gradient, margins: Margins): number {
  return (owned ? 2 : 0) + (covers(view.margins, margins) ? 1 : 0);
}

/** Zeros for so many floats, up to the end of their last line, where nothing else is. */
function zeros(label: string, address: Address, length: number): Instruction {
  return call('fillZero', label, Math.ceil((length * 4) / ALIGNMENT), { address });
}

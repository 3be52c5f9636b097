/** docs/layers.md says what the code does: every name, every option, every default. */
import { describe, expect, it } from 'vitest';
import { activationNamed } from '../../src/nn/activations/registry.ts';
import { INITIALIZERS, initializerOption } from '../../src/nn/initializers/registry.ts';
import { flatten } from '../../src/nn/layers/flatten.ts';
import { kerasNameOf } from '../../src/nn/layers/definition.ts';
import { layerDefinition } from '../../src/nn/layers/registry.ts';
import { configureLoss, LOSSES } from '../../src/nn/losses/registry.ts';
import { configureMetric, METRICS } from '../../src/nn/metrics/registry.ts';
import { configureOptimizer, OPTIMIZERS } from '../../src/nn/optimizers/registry.ts';
import { regularizerOption } from '../../src/nn/regularizers.ts';
import { learningRateOption, SCHEDULES } from '../../src/nn/schedules/registry.ts';
import { parseLayerSpec } from '../../src/nn/spec.ts';
import { allOf } from '../../src/training/callbacks.ts';
import { sequential } from '../../src/training/factories.ts';
import { chapter, inBackticks, read, sections, tableRows, valueOf, type Row } from './document.ts';

const page = read('docs/layers.md');
const UNKNOWN = '?';

/** What something says when it is given an option that nobody knows. */
function knownTo(use: () => unknown): string[] {
  const message = messageOf(use);
  return /(?:It has|there are) (.*)\.$/.exec(message)![1]!.split(/, | and /);
}

function messageOf(use: () => unknown): string {
  try {
    use();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('Nothing was refused.');
}

/** Options by name with what stands in the column of defaults. */
type Documented = Readonly<Record<string, string>>;

const documented = (rows: readonly Row[]): Documented =>
  Object.fromEntries(rows.map(([option, value]) => [inBackticks(option!)[0]!, value!]));

/** Values for options that have no default. */
const SAMPLES: Readonly<Record<string, unknown>> = {
  filters: 4,
  kernelSize: 3,
  units: 4,
  rate: 0.5,
  activation: 'relu',
  mean: 0,
  variance: 1,
  scale: 2,
  targetShape: [-1],
  heightFactor: 0.1,
  widthFactor: 0.1,
  factor: 0.2,
  size: 2,
  initialLearningRate: 0.1,
  maxLearningRate: 0.1,
  decaySteps: 10,
  decayRate: 0.5,
  steps: 10,
  boundaries: [5],
  values: [1, 2],
};

/**
 * @param parse  makes complete settings
 * @param shared  options that are documented elsewhere
 */
function checkOptions(
  options: Documented,
  parse: (options: object) => unknown,
  shared: readonly string[],
): void {
  const required = Object.keys(options).filter((name) => options[name] === 'required');
  const minimal = Object.fromEntries(required.map((name) => [name, SAMPLES[name]]));
  const complete = parse(minimal);
  const known = knownTo(() => parse({ ...minimal, [UNKNOWN]: 1 })).filter((name) => !shared.includes(name));
  expect(Object.keys(options).sort()).toEqual(known.sort());
  for (const name of required) {
    expect(() => parse({ ...minimal, [name]: undefined }), `${name} is required`).toThrow();
  }
  for (const [name, text] of Object.entries(options)) {
    if (text === 'required') continue;
    const given = text.startsWith('as ')
      ? { [inBackticks(text)[0]!]: 3, [name]: 3 }
      : { [name]: valueOf(inBackticks(text)[0]!) };
    const without = text.startsWith('as ') ? parse({ ...minimal, [inBackticks(text)[0]!]: 3 }) : complete;
    expect(parse({ ...minimal, ...given }), `${name}: ${text}`).toEqual(without);
  }
}

describe('layers', () => {
  const all = sections(chapter(page, '## Layers'));
  const common = all.find(({ names }) => names[0] === 'In every layer')!;
  const shared = Object.keys(documented(common.rows));
  const layers = all
    .filter((section) => section !== common)
    .flatMap((section) => section.names.map((name) => ({ ...section, name })));

  it('are all there', () => {
    expect(layers.map(({ name }) => name).sort()).toEqual(
      knownTo(() => parseLayerSpec({ type: UNKNOWN })).sort(),
    );
    expect(shared).toEqual(knownTo(() => layerDefinition('flatten')!.parse({ [UNKNOWN]: 1 })));
  });

  it.each(layers)('$name', ({ name, rows, text }) => {
    const definition = layerDefinition(name)!;
    expect(text).toContain(`\`${kerasNameOf(name)}\``);
    const input = [8, 8, 3];
    const context = { name, trainable: true, convolution: 'auto' } as const;
    // An initializer by default is not in the spec, but in what is made of it.
    const whole = (options: object): object => {
      const spec = definition.parse(options);
      const inputShapes = definition.inputs === 'several' ? [input, input] : [input];
      const { weights, outputShape } = definition.build(spec, { ...context, inputShapes });
      const settings = Object.entries(spec).filter(([key]) => !key.endsWith('Initializer'));
      return { settings, weights, outputShape };
    };
    checkOptions(documented(rows), whole, shared);
  });
});

/** Rows of a chapter's table: a name, and options as `name: default`, or `name` where there is none. */
function compact(heading: string): { name: string; options: Documented }[] {
  return tableRows(chapter(page, heading)).map(([name, options]) => ({
    name: inBackticks(name!)[0]!,
    options: Object.fromEntries(
      inBackticks(options!).map((each) => {
        const [option, value] = each.split(': ');
        return [option!, value === undefined ? 'required' : `\`${value}\``];
      }),
    ),
  }));
}

const REGULARIZERS = knownTo(() => regularizerOption(UNKNOWN));

describe.each([
  ['## Initializers', INITIALIZERS, initializerOption],
  ['## Regularizers', REGULARIZERS, regularizerOption],
  ['## Losses', LOSSES, (given: object) => configureLoss(given as never)],
  ['## Metrics', METRICS, (given: object) => configureMetric(given as never)],
  ['## Schedules', SCHEDULES, learningRateOption],
] as const)('%s', (heading, names, configure) => {
  const rows = compact(heading);

  it('are all there', () => {
    expect(rows.map(({ name }) => name)).toEqual(names);
  });

  it.each(rows.filter(({ name }) => name !== 'function'))('$name', ({ name, options }) => {
    checkOptions(options, (given) => (configure as (given: object) => unknown)({ name, ...given }), ['name']);
  });
});

describe('optimizers', () => {
  const [common, ...all] = sections(chapter(page, '## Optimizers'));

  it('are all there', () => {
    expect(all.map(({ names: [name] }) => name)).toEqual(OPTIMIZERS);
  });

  it.each(all)('$names', ({ names: [name], rows }) => {
    const options = { ...documented(common!.rows), ...documented(rows) };
    checkOptions(options, (given) => configureOptimizer({ name: name!, ...given } as never), ['name']);
  });
});

describe('activations', () => {
  const rows = tableRows(chapter(page, '## Activations'));
  const swept = read('test/assembly/activation.test.ts');
  const math = read('assembly/activation/vectorMath.ts');

  it('are all there, under all their names', () => {
    const names = rows.flatMap(([name, others]) => [...inBackticks(name!), ...inBackticks(others!)]);
    expect(names.sort()).toEqual(knownTo(() => activationNamed(UNKNOWN)).sort());
    for (const [name, others] of rows) {
      for (const other of inBackticks(others!)) {
        expect(activationNamed(other).name).toBe(inBackticks(name!)[0]);
      }
    }
  });

  // The linear one does nothing, and the softmax works on rows.
  it.each(rows.slice(1, -1))('%s is held to the bounds of its test', (name, _others, _is, ...bounds) => {
    const found = new RegExp(
      String.raw`name: '${inBackticks(name)[0]!}',\s+twin: .*?,\s+forward: (EXACT|\{.*?\}),\s+backward: (EXACT|\{.*?\})`,
    ).exec(swept)!;
    const text = (bound: string): string =>
      bound === 'EXACT'
        ? '0.5 ulp'
        : bound.replace(/\{ ulp: (.*) \}/, '$1 ulp').replace(/\{ absolute: (.*) \}/, '$1 u');
    expect(bounds).toEqual([text(found[1]!), text(found[2]!)]);
  });

  it('are made of functions with the bounds that their comments state', () => {
    const text = chapter(page, '## Activations');
    const functions = tableRows(text.slice(text.indexOf('`assembly/activation/vectorMath.ts`')));
    const stated = [
      ...math.matchAll(
        /within (?:(\d+) ulp|2\^-(\d+)).*\*\/\n\/\/ @ts-ignore: decorator\n@inline\nexport function (\w+)/g,
      ),
    ];
    expect(functions.map(([name, bound]) => [inBackticks(name!)[0], bound])).toEqual(
      stated.map(([, ulp, power, name]) => [name, ulp ? `${ulp} ulp` : `2⁻${superscript(power!)}`]),
    );
  });
});

function superscript(digits: string): string {
  return digits.replace(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]!);
}

describe('training', () => {
  const text = chapter(page, '## Training');
  const names = (heading: string): string[] =>
    Object.keys(documented(tableRows(chapter(text, `### ${heading}`))));
  const layers = [flatten({ inputShape: [1, 1, 2] })];
  const model = sequential(layers);

  it('has the options of models, compile, fit, evaluate and predict, and the hooks of callbacks', async () => {
    const given = { [UNKNOWN]: 1 } as never;
    expect(names('Models')).toEqual(knownTo(() => sequential(layers, given)));
    expect(names('`compile`')).toEqual(
      knownTo(() => {
        model.compile(given);
      }),
    );
    const refused = async (call: Promise<unknown>): Promise<string[]> => {
      const error = await call.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      return knownTo(() => {
        throw error as Error;
      }).sort();
    };
    const x = new Float32Array(2);
    expect(names('`fit`').sort()).toEqual(await refused(model.fit(x, [0], given)));
    expect(names('`evaluate`').sort()).toEqual(await refused(model.evaluate(x, [0], given)));
    expect(names('`predict`')).toEqual(await refused(model.predict(x, given)));
    expect(names('Callbacks')).toEqual(Object.keys(allOf([])));
  });
});

/** The network layer by layer, and the settings of its training. */
import type { NetworkSummary } from '../network.ts';
import {
  defaultTexts,
  readSettings,
  type Field,
  type Limits,
  type Settings,
  type Texts,
} from '../settings.ts';
import type { Context } from './context.ts';
import { byId, h } from './dom.ts';
import { count, threeDigits } from './format.ts';
import { showError } from './notice.ts';
import { isTraining } from './store.ts';

interface FieldText {
  readonly label: string;
  readonly hint?: string;
}

const FIELDS: Readonly<Record<Field, FieldText>> = {
  filters1: { label: 'Filters in conv2d' },
  filters2: { label: 'Filters in conv2d_1' },
  filters3: { label: 'Filters in conv2d_2' },
  units: { label: 'Units in dense' },
  epochs: { label: 'Epochs', hint: 'How often to go through the images' },
  batchSize: { label: 'Batch size', hint: 'Images in a step' },
  learningRate: { label: 'Learning rate', hint: 'The step size of Adam' },
  images: { label: 'Images', hint: 'All, unless a number says how many' },
  seed: { label: 'Seed', hint: 'The same seed, the same result' },
  threads: { label: 'Threads' },
  tier: { label: 'Tier', hint: 'auto is the fastest; simd has the same bits everywhere' },
};

const TIERS = [
  ['auto', 'auto'],
  ['relaxed', 'relaxed'],
  ['simd', 'simd'],
] as const;

export class NetworkView {
  readonly #context: Pick<Context, 'store' | 'trainer'>;
  /** Of a model that was loaded, instead of the form's. */
  #loaded: NetworkSummary | undefined;
  #asked = 0;

  constructor(context: Pick<Context, 'store' | 'trainer'>) {
    this.#context = context;
    const form = byId('settings', HTMLFormElement);
    form.addEventListener('input', () => {
      this.#loaded = undefined;
      void this.#describe();
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
    });
    context.store.subscribe((state, before) => {
      if (state.engine && !before.engine) this.#build(state.engine.mostThreads);
      if (state.engine && state.data && state.data !== before.data) void this.#describe();
      if (isTraining(state) && !isTraining(before) && this.#loaded) {
        // What is trained is the form's.
        this.#loaded = undefined;
        void this.#describe();
      }
      form.toggleAttribute('inert', isTraining(state));
      form.classList.toggle('busy', isTraining(state));
    });
  }

  /** The settings, or undefined if something is wrong with them, which is then shown. */
  settings(): Settings | undefined {
    const { settings, problems } = readSettings(this.#texts(), this.#limits());
    for (const name of Object.keys(FIELDS) as Field[]) this.#mark(name, problems?.[name]);
    return settings;
  }

  /** Goes to the first field that has a problem. */
  showProblem(): void {
    const field = byId('settings').querySelector<HTMLElement>('[aria-invalid=true]');
    field?.scrollIntoView({ block: 'center' });
    field?.focus({ preventScroll: true });
  }

  /** Shows a model's own network. */
  showLoaded(summary: NetworkSummary): void {
    this.#loaded = summary;
    this.#show(summary);
  }

  async #describe(): Promise<void> {
    const settings = this.settings();
    if (!settings || this.#loaded || !this.#context.store.state.data) return;
    const asked = ++this.#asked;
    try {
      const summary = await this.#context.trainer.call('describe', settings);
      if (asked === this.#asked) this.#show(summary);
    } catch (error) {
      showError(error);
    }
  }

  #show({ inputShape, layers, parameters, operations }: NetworkSummary): void {
    const most = Math.max(...layers.map((layer) => layer.parameters));
    const rows = layers.map((layer) => {
      const bar = h('span', { class: 'bar-track', 'aria-hidden': true });
      const fill = h('span', { class: 'bar-fill' });
      fill.style.width = `${(100 * layer.parameters) / most}%`;
      bar.append(fill);
      return h(
        'tr',
        {},
        h('th', { scope: 'row' }, layer.name, h('span', { class: 'muted' }, layer.description)),
        h('td', {}, layer.outputShape.join(' × ')),
        h(
          'td',
          { class: 'number' },
          layer.parameters > 0 ? count(layer.parameters) : '–',
          layer.parameters > 0 ? bar : '',
        ),
      );
    });
    const input = h(
      'tr',
      {},
      h('th', { scope: 'row' }, 'image', h('span', { class: 'muted' }, 'red, green, blue')),
      h('td', {}, inputShape.join(' × ')),
      h('td', { class: 'number' }, '–'),
    );
    byId('layers').replaceChildren(input, ...rows);
    byId('network-summary').textContent =
      `${count(parameters)} parameters; ${threeDigits(operations / 1e6)} million operations to learn from one image.`;
  }

  #limits(): Limits {
    const { data, engine } = this.#context.store.state;
    return { trainImages: data?.trainCount ?? 50_000, cores: engine?.mostThreads ?? 1 };
  }

  #texts(): Texts {
    const entries = (Object.keys(FIELDS) as Field[]).map((name) => [name, this.#input(name)?.value ?? '']);
    return Object.fromEntries(entries) as Texts;
  }

  #input(name: Field): HTMLInputElement | HTMLSelectElement | null {
    return document.querySelector(`#setting-${name}`);
  }

  #mark(name: Field, problem: string | undefined): void {
    const input = this.#input(name);
    const note = document.querySelector<HTMLElement>(`#setting-${name}-note`);
    if (!input || !note) return;
    input.setAttribute('aria-invalid', String(problem !== undefined));
    note.textContent = problem ?? FIELDS[name].hint ?? '';
    note.classList.toggle('problem', problem !== undefined);
  }

  #build(cores: number): void {
    const texts = defaultTexts({ cores });
    const fields = (Object.keys(FIELDS) as Field[]).map((name) => {
      const id = `setting-${name}`;
      const common = { id, name, 'aria-describedby': `${id}-note`, autocomplete: 'off' };
      const input =
        name === 'tier'
          ? h('select', common, ...TIERS.map(([value, text]) => h('option', { value }, text)))
          : h('input', {
              ...common,
              type: 'text',
              inputmode: name === 'learningRate' ? 'decimal' : 'numeric',
              value: texts[name],
              placeholder: name === 'images' ? 'all' : undefined,
            });
      return h(
        'div',
        { class: 'field' },
        h('label', { for: id }, FIELDS[name].label),
        input,
        h('p', { id: `${id}-note`, class: 'hint' }, FIELDS[name].hint ?? ''),
      );
    });
    byId('settings').replaceChildren(...fields);
  }
}

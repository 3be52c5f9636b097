/** The form with the settings of a training: what is asked first, and what is folded away. */
import type { NetworkChoice } from '../network.ts';
import type { RecipeChoice } from '../protocol.ts';
import {
  applies,
  defaultTexts,
  LOADED,
  OPTIMIZERS,
  readSettings,
  SCHEDULES,
  usualTexts,
  type Field,
  type Limits,
  type LoadedChoice,
  type Settings,
  type Texts,
} from '../settings.ts';
import { AugmentationTicks } from './augmentationTicks.ts';
import { byId, h } from './dom.ts';

interface FieldText {
  readonly label: string;
  readonly hint?: string;
  /** The values to choose from; a text otherwise. */
  readonly choices?: readonly string[];
  readonly placeholder?: string;
  readonly decimal?: boolean;
}

const BASIC = {
  recipe: { label: 'Recipe', choices: [] },
  network: { label: 'Network', choices: [] },
  trained: { label: 'Trained', hint: 'The last layer alone learns faster, and from fewer images' },
  filters1: { label: 'Filters in conv2d' },
  filters2: { label: 'Filters in conv2d_1' },
  filters3: { label: 'Filters in conv2d_2' },
  units: { label: 'Units in dense' },
  epochs: { label: 'Epochs', hint: 'How often to go through the images' },
  batchSize: { label: 'Batch size', hint: 'Images in a step' },
  learningRate: { label: 'Learning rate', hint: 'The step size', decimal: true },
  augment: { label: 'Augmentation', hint: 'Changes pictures at random, so that there is more to learn from' },
  imageSize: { label: 'Image size', hint: 'Pixels on a side of your own pictures', placeholder: 'automatic' },
  images: { label: 'Images', hint: 'All, unless a number says how many', placeholder: 'all' },
  seed: { label: 'Seed', hint: 'The same seed, the same result' },
  threads: { label: 'Threads' },
  tier: {
    label: 'Tier',
    hint: 'auto is the fastest; simd has the same bits everywhere',
    choices: ['auto', 'relaxed', 'simd'],
  },
} as const satisfies Partial<Record<Field, FieldText>>;

const ADVANCED = {
  optimizer: { label: 'Optimizer', hint: 'How a step follows from the gradients', choices: OPTIMIZERS },
  momentum: { label: 'Momentum', hint: 'How much of the last step goes on', decimal: true },
  weightDecay: {
    label: 'Weight decay',
    hint: 'What weights lose in a step, times the learning rate',
    placeholder: 'none',
    decimal: true,
  },
  schedule: {
    label: 'Schedule',
    hint: 'The learning rate stays, or falls to zero',
    choices: SCHEDULES,
  },
  dropout: { label: 'Dropout', hint: 'Share left out at random near the end', decimal: true },
  labelSmoothing: { label: 'Label smoothing', hint: 'Share of a label given to all classes', decimal: true },
} as const satisfies Partial<Record<Field, FieldText>>;

const FIELDS: Readonly<Record<Field, FieldText>> = { ...BASIC, ...ADVANCED };

const NAMES = Object.keys(FIELDS) as Field[];

/** What each recipe has texts of its own for, and so has training without one. */
const BY_RECIPE = ['epochs', 'batchSize', 'learningRate'] as const satisfies readonly Field[];

/** What is trained of a loaded model, and what it is called. */
const TRAINED_TEXTS = [
  ['all', 'all layers'],
  ['last', 'last layer'],
] as const satisfies readonly (readonly [Settings['trained'], string])[];

export class SettingsForm {
  readonly #form = byId('settings', HTMLFormElement);
  readonly #limits: () => Limits;
  #networks: readonly NetworkChoice[] = [];
  #recipes: readonly RecipeChoice[] = [];
  /** The name of the one that the form is filled for; '' for none. */
  #recipe = '';
  /** Of the others, what was entered by hand. */
  readonly #enteredBefore = new Map<string, Partial<Texts>>();
  /** Why the recipe or the loaded model cannot have the images. */
  #refusal: string | undefined;
  /** The layers of the loaded model that are made anew. */
  #madeAnew: readonly string[] = [];
  #augmentation: AugmentationTicks | undefined;
  /** What was entered or chosen by hand, and so stays. */
  readonly #entered = new Set<string>();

  /** @param onChange  is called when something was entered or chosen */
  constructor(limits: () => Limits, onChange: () => void) {
    this.#limits = limits;
    this.#form.addEventListener('input', ({ target }) => {
      const { name } = target as HTMLInputElement;
      this.#entered.add(name);
      this.#changeRecipe();
      if (name === 'network' || name === 'trained') this.adapt();
      this.#showWhatApplies();
      onChange();
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
    });
  }

  /** Fills the form, as it is by default. */
  build(cores: number, networks: readonly NetworkChoice[], recipes: readonly RecipeChoice[]): void {
    this.#networks = networks;
    this.#recipes = recipes;
    const texts = defaultTexts({ cores });
    const fields = (names: object): HTMLElement[] =>
      (Object.keys(names) as Field[]).map((name) => this.#field(name, texts[name]));
    this.#form.replaceChildren(
      ...fields(BASIC),
      h(
        'details',
        { id: 'advanced' },
        h('summary', {}, 'Advanced'),
        h('div', { class: 'fields' }, ...fields(ADVANCED)),
      ),
    );
    this.#showWhatApplies();
  }

  /** Chooses the loaded model, which the limits have, in place of another network. */
  chooseLoaded({ name }: LoadedChoice): void {
    const networks = this.#input('network');
    if (!networks) return;
    networks.querySelector(`option[value=${LOADED}]`)?.remove();
    networks.prepend(h('option', { value: LOADED }, `loaded: ${name}`));
    networks.value = LOADED;
    this.#input('recipe')!.value = '';
    this.#changeRecipe();
    this.plan({});
    this.adapt();
  }

  /** Whether a loaded model is chosen. */
  get trainsLoaded(): boolean {
    return this.#recipe === '' && this.#input('network')?.value === LOADED;
  }

  /** Has what was not entered by hand be as is usual for the images there are. */
  adapt(): void {
    const chosen = this.#texts();
    const texts = { ...defaultTexts(this.#limits()), ...usualTexts(this.#limits(), chosen) };
    for (const name of BY_RECIPE) {
      if (this.#entered.has(name)) continue;
      const input = this.#input(name);
      if (input) input.value = texts[name];
    }
    if (this.#augmentation && !this.#entered.has('augment')) this.#augmentation.value = texts.augment;
    this.#showWhatApplies();
  }

  /** The settings, or undefined if something is wrong with them, which is then shown. */
  read(): Settings | undefined {
    const { settings, problems } = readSettings(this.#texts(), this.#limits());
    const decides = settings && decidedBy(settings);
    if (decides === undefined) this.#refusal = undefined;
    for (const name of NAMES)
      this.#mark(name, problems?.[name] ?? (name === decides ? this.#refusal : undefined));
    return settings;
  }

  /** Shows what becomes of the recipe or the loaded model with the images there are: why it cannot have them, or what is made anew. */
  plan({
    refusal,
    madeAnew = [],
  }: {
    refusal?: string | undefined;
    madeAnew?: readonly string[] | undefined;
  }): void {
    this.#refusal = refusal;
    this.#madeAnew = madeAnew;
    this.read();
  }

  /** Goes to the first field that has a problem. */
  showProblem(): void {
    const field = this.#form.querySelector<HTMLElement>('[aria-invalid=true]');
    const fold = field?.closest('details');
    if (fold) fold.open = true;
    field?.scrollIntoView({ block: 'center' });
    field?.focus({ preventScroll: true });
  }

  /** Whether it can be used. */
  enable(enabled: boolean): void {
    this.#form.toggleAttribute('inert', !enabled);
    this.#form.classList.toggle('busy', !enabled);
  }

  #field(name: Field, value: string): HTMLElement {
    const { label, choices, placeholder, decimal } = FIELDS[name];
    const id = `setting-${name}`;
    const common = { id, name, 'aria-describedby': `${id}-note`, autocomplete: 'off' };
    if (name === 'augment')
      return (this.#augmentation = new AugmentationTicks(label, this.#hint(name))).element;
    const options = this.#options(name) ?? choices?.map((each) => [each, each] as const);
    const input = options
      ? h('select', common, ...options.map(([each, text]) => h('option', { value: each }, text)))
      : h('input', {
          ...common,
          type: 'text',
          inputmode: decimal ? 'decimal' : 'numeric',
          value,
          placeholder,
        });
    return h(
      'div',
      { class: name === 'network' || name === 'recipe' ? 'field wide' : 'field' },
      h('label', { for: id }, label),
      input,
      h('p', { id: `${id}-note`, class: 'hint' }, this.#hint(name)),
    );
  }

  /** Of a field whose choices are not the form's: the values and what they are called. */
  #options(name: Field): readonly (readonly [value: string, text: string])[] | undefined {
    if (name === 'network') return this.#networks.map((each) => [each.name, each.name]);
    if (name === 'trained') return TRAINED_TEXTS;
    if (name !== 'recipe') return undefined;
    const recipes = this.#recipes.map((each) => [each.name, `${each.name}: ${each.description}`] as const);
    return [['', 'none: my own settings'], ...recipes];
  }

  #hint(name: Field): string {
    if (name === 'recipe') return this.#recipeHint();
    if (name !== 'network') return FIELDS[name].hint ?? '';
    const chosen = this.#input(name)?.value ?? this.#networks[0]?.name;
    if (chosen === LOADED) return this.#loadedHint();
    const description = this.#networks.find((each) => each.name === chosen)?.description ?? '';
    return `${description.slice(0, 1).toUpperCase()}${description.slice(1)}.`;
  }

  #loadedHint(): string {
    const anew = this.#madeAnew.join(', ');
    return `It is trained on, as it was loaded.${anew && ` Made anew for these classes: ${anew}.`}`;
  }

  #recipeHint(): string {
    if (this.#recipe === '') return 'A network with all that its training needs.';
    const { dataset, testIsValidation } = this.#limits();
    const validated = dataset === 'pictures' || testIsValidation;
    return `It decides on the network and on how to train it.${validated ? '' : ' It learns from all images: none are kept back to check with.'}`;
  }

  /** Where another recipe was chosen: puts away what was entered for the one before, and fills in what is there for this one. */
  #changeRecipe(): void {
    const chosen = this.#input('recipe')?.value ?? '';
    if (chosen === this.#recipe) return;
    const texts = this.#texts();
    const entered = BY_RECIPE.filter((name) => this.#entered.has(name));
    this.#enteredBefore.set(this.#recipe, Object.fromEntries(entered.map((name) => [name, texts[name]])));
    this.#recipe = chosen;
    this.#refusal = undefined;
    const before = this.#enteredBefore.get(chosen) ?? {};
    for (const name of BY_RECIPE) {
      this.#entered.delete(name);
      if (before[name] === undefined) continue;
      this.#entered.add(name);
      this.#input(name)!.value = before[name];
    }
    this.adapt();
  }

  #showWhatApplies(): void {
    const texts = this.#texts();
    document.querySelector<HTMLElement>('#advanced')?.toggleAttribute('hidden', texts.recipe !== '');
    for (const name of NAMES) {
      const field = this.#input(name)?.closest<HTMLElement>('.field');
      if (field) field.hidden = !applies(name, texts, this.#limits());
    }
    // What an optimizer does where nothing is entered.
    this.#input('weightDecay')?.setAttribute('placeholder', texts.optimizer === 'adamw' ? '0.004' : 'none');
  }

  #mark(name: Field, problem: string | undefined): void {
    const input = this.#input(name);
    const note = document.querySelector<HTMLElement>(`#setting-${name}-note`);
    if (!input || !note) return;
    input.setAttribute('aria-invalid', String(problem !== undefined));
    note.textContent = problem ?? this.#hint(name);
    note.classList.toggle('problem', problem !== undefined);
  }

  #texts(): Texts {
    const texts = Object.fromEntries(NAMES.map((name) => [name, this.#input(name)?.value ?? '']));
    return { ...texts, augment: this.#augmentation?.value ?? '' } as Texts;
  }

  #input(name: Field): HTMLInputElement | HTMLSelectElement | null {
    return document.querySelector(`#setting-${name}`);
  }
}

/** What decides on the network beside the images, so that it may be that they do not go together. */
export function decidedBy({ recipe, network }: Pick<Settings, 'recipe' | 'network'>): Field | undefined {
  if (recipe !== undefined) return 'recipe';
  return network === LOADED ? 'network' : undefined;
}

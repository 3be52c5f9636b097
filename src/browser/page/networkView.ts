/** The network layer by layer, beside the settings of its training. */
import type { NetworkSummary } from '../network.ts';
import type { LoadedModel, PlannedNetwork } from '../protocol.ts';
import { RemoteError } from '../rpc.ts';
import type { Limits, Settings } from '../settings.ts';
import type { Context } from './context.ts';
import { byId } from './dom.ts';
import { counted, threeDigits } from './format.ts';
import { hasTracks, layerRows } from './layerTable.ts';
import { problemOf, showError } from './notice.ts';
import { decidedBy, SettingsForm } from './settingsForm.ts';
import { isTraining } from './store.ts';

export class NetworkView {
  readonly #context: Pick<Context, 'store' | 'trainer'>;
  readonly #form: SettingsForm;
  /** A model that was loaded, as long as it is shown instead of what the form says. */
  #loaded: NetworkSummary | undefined;
  #asked = 0;

  constructor(context: Pick<Context, 'store' | 'trainer'>) {
    this.#context = context;
    this.#form = new SettingsForm(
      () => this.#limits(),
      () => {
        this.#loaded = undefined;
        context.store.set({ trainsLoaded: this.#form.trainsLoaded });
        void this.#describe();
      },
    );
    context.store.subscribe((state, before) => {
      if (state.engine && !before.engine)
        this.#form.build(state.engine.mostThreads, state.networks ?? [], state.recipes ?? []);
      if (state.data !== before.data || state.ownPictures !== before.ownPictures) this.#form.adapt();
      if (state.engine && state.data && state.data !== before.data) void this.#describe();
      if (isTraining(state) && !isTraining(before) && this.#loaded) {
        // Of a loaded model, layers may have been made anew.
        this.#loaded = undefined;
        void this.#describe();
      }
      this.#form.enable(!isTraining(state));
    });
  }

  /** The settings, or undefined if something is wrong with them, which is then shown. */
  settings(): Settings | undefined {
    return this.#form.read();
  }

  /** The same, once it is known that the images there are can be trained on so. */
  async possibleSettings(): Promise<Settings | undefined> {
    const settings = this.settings();
    if (!settings || decidedBy(settings) === undefined) return settings;
    return (await this.#summaryOf(settings)) && settings;
  }

  /** Goes to the first field that has a problem. */
  showProblem(): void {
    this.#form.showProblem();
  }

  /** Shows a model's own network, and has it be what is trained on. */
  showLoaded({ network, choice }: LoadedModel): void {
    this.#loaded = network;
    this.#asked++;
    this.#context.store.set({ loaded: choice });
    this.#form.chooseLoaded(choice);
    this.#context.store.set({ trainsLoaded: true });
    this.#show(network);
  }

  async #describe(): Promise<void> {
    const settings = this.settings();
    if (!settings || this.#loaded || !this.#context.store.state.data) return;
    await this.#summaryOf(settings);
  }

  /**
   * The network of the settings, which is then shown; undefined if it cannot be trained on the images there are: then it is shown
   * why.
   */
  async #summaryOf(settings: Settings): Promise<PlannedNetwork | undefined> {
    const asked = ++this.#asked;
    let summary: PlannedNetwork | undefined;
    let refusal: string | undefined;
    try {
      summary = await this.#context.trainer.call('describe', settings);
    } catch (error) {
      if (decidedBy(settings) === undefined || !isRefusal(error)) {
        showError(error);
        return undefined;
      }
      refusal = problemOf(error);
    }
    if (asked === this.#asked) {
      this.#form.plan({ refusal, madeAnew: summary?.madeAnew });
      this.#show(summary);
    }
    return summary;
  }

  #show(summary: NetworkSummary | undefined): void {
    byId('layers').replaceChildren(...(summary ? layerRows(summary) : []));
    byId('layers-track').hidden = !summary || !hasTracks(summary);
    byId('network-summary').textContent = summary ? summaryText(summary) : '';
  }

  #limits(): Limits {
    const { data, engine, ownPictures, recipes, loaded } = this.#context.store.state;
    return {
      dataset: data?.name ?? 'shapes',
      ownPictures,
      trainImages: data?.trainCount ?? 50_000,
      cores: engine?.mostThreads ?? 1,
      testIsValidation: data?.testIsValidation,
      ...{ recipes, loaded },
    };
  }
}

/** Whether an option does not fit, rather than something having gone wrong. */
function isRefusal(error: unknown): boolean {
  return error instanceof RemoteError && error.name === 'OptionError';
}

function summaryText({ layers, parameters, operations }: NetworkSummary): string {
  return (
    `${counted(layers.length, 'layer')}, ${counted(parameters, 'parameter')}; ` +
    `${operationsText(operations)} operations to learn from one image.`
  );
}

function operationsText(operations: number): string {
  return operations < 1e9
    ? `${threeDigits(operations / 1e6)} million`
    : `${threeDigits(operations / 1e9)} billion`;
}

/** Pictures that are chosen, dropped or pasted, and what the network takes them for. */
import { ranking } from '../../evaluation/classification.ts';
import { byId, h } from '../page/dom.ts';
import { count, counted, percent } from '../page/format.ts';
import { rankedBars } from './bars.ts';
import type { Connection } from './connection.ts';
import type { Answer, Pixels } from './protocol.ts';

/** A picture on the list, waiting or answered. */
interface Entry {
  readonly file: File;
  readonly element: HTMLLIElement;
  readonly picture: HTMLElement;
  readonly said: HTMLElement;
  /** For the bars. */
  readonly body: HTMLElement;
}

/** What became of the pictures that have come since all were answered. */
interface Tally {
  done: number;
  total: number;
  failed: number;
  /** How many were taken for a class. */
  readonly taken: Map<string, number>;
  /** What was last said of one of them. */
  last: string;
}

const newTally = (): Tally => ({ done: 0, total: 0, failed: 0, taken: new Map(), last: '' });

export class PicturesView {
  readonly #connection: Promise<Connection>;
  readonly #list = byId('results');
  readonly #waiting: Entry[] = [];
  #tally = newTally();
  #busy = false;

  constructor(connection: Promise<Connection>) {
    this.#connection = connection;
    const input = byId('files', HTMLInputElement);
    input.addEventListener('change', () => {
      this.#add([...(input.files ?? [])]);
      // So that the same file can be chosen again.
      input.value = '';
    });
    document.addEventListener('paste', (event) => {
      this.#add([...(event.clipboardData?.files ?? [])]);
    });
    this.#acceptDrops();
    byId('clear').addEventListener('click', () => {
      this.#clear();
    });
  }

  #acceptDrops(): void {
    const root = document.documentElement;
    const over = (is: boolean): void => {
      root.classList.toggle('dragging', is);
    };
    document.addEventListener('dragover', (event) => {
      event.preventDefault();
      over(true);
    });
    document.addEventListener('dragleave', (event) => {
      if (event.relatedTarget === null) over(false);
    });
    document.addEventListener('drop', (event) => {
      event.preventDefault();
      over(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length === 0) this.#say('That is no file: save the picture first, and drop its file.');
      this.#add(files);
    });
  }

  #add(files: readonly File[]): void {
    if (files.length === 0) return;
    const entries = files.map((file) => this.#entryOf(file));
    this.#list.prepend(...entries.map(({ element }) => element));
    this.#waiting.push(...entries);
    this.#tally.total += entries.length;
    byId('found').hidden = false;
    void this.#work();
  }

  #entryOf(file: File): Entry {
    const picture = h('div', { class: 'picture' });
    const said = h('p', { class: 'muted' }, 'waiting …');
    const body = h('div', { class: 'body' });
    const remove = h('button', { type: 'button', class: 'icon', 'aria-label': `Remove ${file.name}` }, '×');
    const head = h('div', { class: 'head' }, h('h3', { class: 'file' }, file.name), said);
    const element = h('li', { class: 'card result' }, picture, head, body, remove);
    remove.addEventListener('click', () => {
      this.#remove(element);
    });
    return { file, element, picture, said, body };
  }

  #remove(element: HTMLLIElement): void {
    const waiting = this.#waiting.findIndex((entry) => entry.element === element);
    if (waiting >= 0) {
      this.#waiting.splice(waiting, 1);
      this.#tally.total--;
    }
    const next = element.nextElementSibling ?? element.previousElementSibling;
    element.remove();
    if (next) next.querySelector<HTMLElement>('.icon')?.focus();
    else this.#clear();
  }

  #clear(): void {
    this.#waiting.length = 0;
    this.#tally = newTally();
    this.#list.replaceChildren();
    byId('found').hidden = true;
    this.#say('');
    byId('files').focus();
  }

  /** Answers those that wait, one after the other. */
  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let entry = this.#waiting.shift(); entry; entry = this.#waiting.shift()) {
      const tally = this.#tally;
      if (tally.total > 1) this.#say(`Picture ${count(tally.done + 1)} of ${count(tally.total)} …`);
      try {
        const { classifier, description } = await this.#connection;
        const answer = await classifier.classifyFile(entry.file);
        const { label, probability } = ranking(answer.probabilities, 1)[0]!;
        const said = description.classNames[label]!;
        showAnswer(entry, answer, said, description.classNames);
        tally.taken.set(said, (tally.taken.get(said) ?? 0) + 1);
        tally.last = `${entry.file.name}: ${said}, ${percent(probability)}.`;
      } catch (error) {
        tally.failed++;
        tally.last = showProblem(entry, error);
      }
      tally.done++;
    }
    this.#busy = false;
    if (this.#tally.total > 0) this.#say(summary(this.#tally));
    this.#tally = newTally();
  }

  #say(text: string): void {
    byId('status').textContent = text;
  }
}

/** Such as "12 pictures: 7 × cat, 4 × dog; 1 could not be read." */
function summary({ total, failed, taken, last }: Tally): string {
  if (total === 1) return last;
  const classes = [...taken]
    .sort(([, a], [, b]) => b - a)
    .map(([name, times]) => `${count(times)}\u00a0×\u00a0${name}`);
  const shown = classes.length > 8 ? [...classes.slice(0, 7), '…'] : classes;
  const problems = failed > 0 ? [`${count(failed)} could not be read`] : [];
  const parts = [...(shown.length > 0 ? [shown.join(', ')] : []), ...problems];
  return `${counted(total, 'picture')}: ${parts.join('; ')}.`;
}

function showAnswer(
  { picture, said, body, file }: Entry,
  { probabilities, thumbnail }: Answer,
  best: string,
  classNames: readonly string[],
): void {
  picture.append(canvasOf(thumbnail, file.name));
  said.className = 'said';
  said.textContent = best;
  body.append(rankedBars(probabilities, classNames));
}

/** @returns what is wrong, as a sentence */
function showProblem({ picture, said, file }: Entry, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  picture.append(h('span', { class: 'mark', 'aria-hidden': true }, '!'));
  const sentence = /[.!?)]$/.test(message) ? message : `${message}.`;
  said.className = 'problem';
  said.textContent = withoutName(sentence, file.name);
  return sentence;
}

/** Without the file's name, which stands above it already. */
function withoutName(sentence: string, name: string): string {
  if (sentence.startsWith(`${name} `)) return `This ${sentence.slice(name.length + 1)}`;
  const rest = sentence.startsWith(`${name}: `) ? sentence.slice(name.length + 2) : sentence;
  return `${rest[0]!.toUpperCase()}${rest.slice(1)}`;
}

function canvasOf({ width, height, rgba }: Pixels, name: string): HTMLCanvasElement {
  const canvas = h('canvas', { width, height, role: 'img', 'aria-label': name });
  // A few pixels are shown as they are.
  canvas.classList.toggle('tile', Math.max(width, height) <= 64);
  canvas.getContext('2d')!.putImageData(new ImageData(rgba, width, height), 0, 0);
  return canvas;
}

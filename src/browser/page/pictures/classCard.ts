/** A class of one's own: its name, its pictures, and what can be done with them. */
import type { StoredPicture } from '../../pictures/pictureStore.ts';
import { h } from '../dom.ts';
import { counted } from '../format.ts';
import { Recorder } from '../recorder.ts';
import type { OwnClass } from './ownClasses.ts';
import { Thumbnails } from './thumbnails.ts';

/** What a card asks for. */
export interface CardActions {
  add(files: readonly File[]): void;
  /** Adds a picture that the camera took. */
  record(picture: Blob): Promise<void>;
  /** Tells whether the camera waits for the button to be held. */
  cameraWaits(waits: boolean): void;
  /** @returns what is wrong with the name */
  rename(name: string): Promise<string | undefined>;
  remove(): Promise<void>;
  removePicture(picture: StoredPicture): Promise<void>;
}

let cards = 0;

export class ClassCard {
  readonly element: HTMLElement;
  readonly of: OwnClass;
  readonly #actions: CardActions;
  readonly #id = `class-${++cards}`;
  readonly #name: HTMLInputElement;
  readonly #problem: HTMLElement;
  readonly #count = h('p', { class: 'class-count muted small-text' });
  readonly #empty = h('p', { class: 'drop-here' }, 'Drop pictures here, add files, or use the camera.');
  readonly #remove = h('button', { type: 'button', class: 'icon' }, '×');
  readonly #thumbnails: Thumbnails;
  readonly #video = h('video', { muted: true, playsinline: true, hidden: true, 'aria-label': 'The camera' });
  readonly #record = h('button', { type: 'button', class: 'secondary small record' }, 'Hold to record');
  readonly #cameraOff = h('button', { type: 'button', class: 'secondary small', hidden: true }, 'Camera off');
  readonly #cameraProblem = h('p', { class: 'problem small-text', role: 'alert', hidden: true });
  readonly #recorder: Recorder;

  constructor(of: OwnClass, actions: CardActions) {
    this.of = of;
    this.#actions = actions;
    const problem = `${this.#id}-problem`;
    this.#name = h('input', {
      type: 'text',
      class: 'class-name',
      value: of.name,
      'aria-label': 'Name of the class',
      'aria-describedby': problem,
      autocomplete: 'off',
      spellcheck: 'false',
      maxlength: 100,
    });
    this.#problem = h('p', { id: problem, class: 'problem small-text', role: 'alert', hidden: true });
    this.#thumbnails = new Thumbnails((picture) => actions.removePicture(picture));
    const files = h('input', {
      type: 'file',
      multiple: true,
      accept: 'image/png,image/jpeg,image/webp',
      class: 'visually-hidden',
    });
    this.element = h(
      'div',
      { class: 'class-card', role: 'group' },
      h('div', { class: 'class-head' }, this.#name, this.#remove),
      this.#problem,
      // Above all that comes and goes while the button is held.
      h(
        'div',
        { class: 'row' },
        h('label', { class: 'button secondary small' }, 'Add pictures', files),
        this.#record,
        this.#cameraOff,
      ),
      this.#cameraProblem,
      this.#count,
      this.#video,
      this.#thumbnails.element,
      this.#empty,
    );
    this.#recorder = this.#addCamera();
    files.addEventListener('change', () => {
      actions.add([...(files.files ?? [])]);
      files.value = ''; // So that the same files can be chosen again.
    });
    this.#remove.addEventListener('click', () => void actions.remove());
    this.#listenToName();
    this.show();
  }

  /** Has what is shown be as the class is. */
  show(): void {
    const { name, pictures } = this.of;
    if (document.activeElement !== this.#name) this.#name.value = name;
    this.element.setAttribute('aria-label', name);
    this.#count.textContent = pictures.length === 0 ? 'No pictures yet' : counted(pictures.length, 'picture');
    this.#empty.hidden = pictures.length > 0;
    this.#remove.setAttribute('aria-label', `Remove the class ${name}`);
    this.#thumbnails.show(pictures, name);
  }

  /** There is no such class any more. */
  remove(): void {
    this.#recorder.stop();
    this.element.remove();
  }

  focusName(): void {
    this.#name.focus();
    this.#name.select();
  }

  focusPicture(picture: StoredPicture): void {
    this.#thumbnails.focusOn(picture);
  }

  #addCamera(): Recorder {
    const recorder = new Recorder(this.#record, (picture) => this.#actions.record(picture), {
      video: this.#video,
      onCamera: (on) => {
        this.#video.hidden = !on;
        this.#cameraOff.hidden = !on;
        if (!on) this.#actions.cameraWaits(false);
      },
      onWaiting: () => {
        this.#actions.cameraWaits(true);
      },
      onProblem: (problem) => {
        this.#cameraProblem.textContent = problem;
        this.#cameraProblem.hidden = problem === '';
      },
    });
    this.#cameraOff.addEventListener('click', () => {
      recorder.stop();
      this.#record.focus();
    });
    return recorder;
  }

  #listenToName(): void {
    this.#name.addEventListener('blur', () => void this.#rename());
    this.#name.addEventListener('keydown', (event) => {
      // With some keyboards, Enter chooses among characters.
      if (event.key === 'Enter' && !event.isComposing) void this.#rename();
      if (event.key !== 'Escape') return;
      this.#name.value = this.of.name;
      this.#complain(undefined);
    });
  }

  async #rename(): Promise<void> {
    const name = this.#name.value.trim();
    const problem = await this.#actions
      .rename(name)
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    this.#complain(problem);
    // What was entered stays, to be mended; so does what has been entered in the meantime.
    if (problem === undefined && this.#name.value.trim() === name) this.#name.value = this.of.name;
  }

  #complain(problem: string | undefined): void {
    this.#name.setAttribute('aria-invalid', String(problem !== undefined));
    const text = problem === undefined ? '' : `${problem} It is still called “${this.of.name}”.`;
    // Not once more when the field is left: it would be read out again.
    if (this.#problem.textContent === text) return;
    this.#problem.hidden = text === '';
    this.#problem.textContent = text;
  }
}

/** A button that takes pictures with the camera as long as it is held. */
import { Camera, cameraProblem } from './camera.ts';

/** Pictures are taken so many milliseconds after each other, or when what is done with the last is over. */
const INTERVAL = 125;

/** Pixels on a side: more than networks see that are trained in a page. */
const MOST_SIDE = 320;

/** Of 1. Photographs of that quality are as good as others to learn from. */
const QUALITY = 0.9;

/** Milliseconds after which a camera that takes no pictures is switched off. */
const IDLE = 60_000;

export interface RecorderOptions {
  /** Shows what the camera sees, of which the middle is taken, as wide as high. */
  readonly video: HTMLVideoElement;
  /** Tells whether the camera is on. */
  readonly onCamera?: (on: boolean) => void;
  /** Tells that the camera is on, but takes nothing, since the button was let go before. */
  readonly onWaiting?: () => void;
  /** Tells what went wrong in words, and "" when it is tried again. */
  readonly onProblem: (problem: string) => void;
}

/** There is one camera: a recorder that starts takes it from another, by stopping that. */
let stopActive: (() => void) | undefined;

/**
 * Held with a pointer, or with the space bar or Enter, the button takes some eight pictures a second; pressed for a moment, one. The first press
 * switches the camera on, for which the person is asked; it takes pictures only if the button is still held when they see something.
 */
export class Recorder {
  readonly #button: HTMLButtonElement;
  readonly #onPicture: (blob: Blob) => Promise<void> | void;
  readonly #options: RecorderOptions;
  readonly #camera: Camera;
  readonly #canvas = document.createElement('canvas');
  /** What holds the button: a pointer, a key. */
  #held: string | undefined;
  /** Presses of which no picture is taken yet: they may be shorter than that takes. */
  #owed = 0;
  #busy = false;
  #idle: ReturnType<typeof setTimeout> | undefined;
  readonly #stop = (): void => {
    this.stop();
  };

  /** @param onPicture  is given JPEG files; no other is made before it is done */
  constructor(
    button: HTMLButtonElement,
    onPicture: (blob: Blob) => Promise<void> | void,
    options: RecorderOptions,
  ) {
    this.#button = button;
    this.#onPicture = onPicture;
    this.#options = options;
    this.#camera = new Camera({
      video: options.video,
      onLost: (problem) => {
        this.stop();
        options.onProblem(problem);
      },
    });
    this.#listenToPointers();
    this.#listenToKeys();
    // What programs press, for people who use no hands: nothing is held then.
    button.addEventListener('click', ({ detail }) => {
      if (detail === 0 && this.#held === undefined) this.#press('click');
      this.#release('click');
    });
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.stop();
    });
  }

  /** Switches the camera off. */
  stop(): void {
    clearTimeout(this.#idle);
    this.#let();
    this.#owed = 0;
    this.#camera.stop();
    if (stopActive !== this.#stop) return;
    stopActive = undefined;
    this.#options.onCamera?.(false);
  }

  #listenToPointers(): void {
    const button = this.#button;
    // A finger that rests on it would scroll, or open a menu.
    Object.assign(button.style, { touchAction: 'none', userSelect: 'none' });
    button.addEventListener('contextmenu', (event) => {
      event.preventDefault();
    });
    button.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || this.#held !== undefined) return;
      button.setPointerCapture(event.pointerId);
      this.#press(`pointer ${event.pointerId}`);
    });
    for (const type of ['pointerup', 'pointercancel', 'lostpointercapture'] as const) {
      button.addEventListener(type, ({ pointerId }) => {
        this.#release(`pointer ${pointerId}`);
      });
    }
  }

  #listenToKeys(): void {
    const isKey = ({ key }: KeyboardEvent): boolean => key === ' ' || key === 'Enter';
    this.#button.addEventListener('keydown', (event) => {
      if (!isKey(event)) return;
      // It would be clicked, too.
      event.preventDefault();
      if (!event.repeat && this.#held === undefined) this.#press(event.key);
    });
    this.#button.addEventListener('keyup', (event) => {
      if (!isKey(event)) return;
      event.preventDefault();
      this.#release(event.key);
    });
    this.#button.addEventListener('blur', () => {
      this.#let();
    });
  }

  #press(by: string): void {
    if (this.#button.disabled) return;
    this.#held = by;
    if (this.#camera.isOn) this.#owed++;
    this.#button.classList.add('recording');
    if (!this.#busy) void this.#record();
  }

  #release(by: string): void {
    if (this.#held === by) this.#let();
  }

  #let(): void {
    this.#held = undefined;
    this.#button.classList.remove('recording');
  }

  /** Takes pictures until the button is let go. */
  async #record(): Promise<void> {
    this.#busy = true;
    clearTimeout(this.#idle);
    try {
      if (!this.#camera.isOn) {
        if (!(await this.#switchOn())) return;
        if (this.#held === undefined && this.#owed === 0) this.#options.onWaiting?.();
      }
      while (this.#camera.isOn && (this.#held !== undefined || this.#owed > 0)) {
        this.#owed = Math.max(this.#owed - 1, 0);
        const due = performance.now() + INTERVAL;
        await this.#onPicture(await this.#picture());
        await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
      }
    } catch (error) {
      this.stop();
      this.#options.onProblem(cameraProblem(error));
    } finally {
      this.#busy = false;
      if (this.#camera.isOn) this.#waitIdle();
    }
  }

  /** @returns whether it is on */
  async #switchOn(): Promise<boolean> {
    keepInPlace(this.#button, () => {
      stopActive?.();
      this.#options.onProblem('');
    });
    stopActive = this.#stop;
    const signal = await this.#camera.start();
    if (signal.aborted) return false;
    keepInPlace(this.#button, () => {
      this.#options.onCamera?.(true);
    });
    return true;
  }

  #waitIdle(): void {
    this.#idle = setTimeout(() => {
      this.stop();
    }, IDLE);
  }

  /** The middle of what the camera shows. */
  async #picture(): Promise<Blob> {
    const { videoWidth: width, videoHeight: height } = this.#options.video;
    const square = Math.min(width, height);
    const side = Math.min(square, MOST_SIDE);
    Object.assign(this.#canvas, { width: side, height: side });
    const context = this.#canvas.getContext('2d')!;
    context.imageSmoothingQuality = 'high';
    const [left, top] = [(width - square) / 2, (height - square) / 2];
    context.drawImage(this.#options.video, left, top, square, square, 0, 0, side, side);
    const blob = await new Promise<Blob | null>((resolve) => {
      this.#canvas.toBlob(resolve, 'image/jpeg', QUALITY);
    });
    if (!blob) throw new Error('The browser makes no JPEG files.');
    return blob;
  }
}

/** What is shown or hidden above it must not take it away from under the pointer that holds it. */
function keepInPlace(element: HTMLElement, change: () => void): void {
  const { top } = element.getBoundingClientRect();
  change();
  scrollBy({ top: element.getBoundingClientRect().top - top, behavior: 'instant' });
}

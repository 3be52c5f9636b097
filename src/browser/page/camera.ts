/** A camera: asked for, seen in a video element, let go, and its problems in words. */
import { h } from './dom.ts';

/** What is asked of a camera: networks see less than that. */
const FRAME = { width: { ideal: 640 }, height: { ideal: 480 } };

/** Frames a second are counted over so many milliseconds. */
const WINDOW = 1000;

/** How often a screen reader is told of another class, in milliseconds. */
const SPOKEN_EVERY = 2500;

/** Opaque pixels of a frame. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  /** [height, width, 4] */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

export interface CameraOptions {
  readonly video: HTMLVideoElement;
  /** Called when somebody switches it off, with that in words. It is stopped by then. */
  readonly onLost: (problem: string) => void;
  /** Where another one can be chosen, shown only if there are several. */
  readonly choice?: { readonly select: HTMLSelectElement; readonly field: HTMLElement };
}

export class Camera {
  readonly #options: CameraOptions;
  readonly #canvas = document.createElement('canvas');
  #stream: MediaStream | undefined;
  /** Ends what the latest start has begun. */
  #session = new AbortController();

  constructor(options: CameraOptions) {
    this.#options = options;
  }

  get isOn(): boolean {
    return this.#stream !== undefined;
  }

  /**
   * Asks for a camera, and shows it.
   * @param deviceId  of which; without it, of one at the back of a phone, which sees what people point it at
   * @returns what is aborted when it is stopped, as it may be already
   * @throws Error if there is none to be had, which `cameraProblem` puts into words
   */
  async start(deviceId?: string): Promise<AbortSignal> {
    this.stop();
    const { signal } = (this.#session = new AbortController());
    const stream = await askForCamera({
      ...FRAME,
      ...(deviceId === undefined
        ? { facingMode: { ideal: 'environment' } }
        : { deviceId: { exact: deviceId } }),
    });
    if (signal.aborted) {
      stopTracks(stream);
      return signal;
    }
    this.#stream = stream;
    try {
      await this.#show(stream, signal);
    } catch (error) {
      // Whoever stops it keeps it from playing.
      if (this.#stream !== stream) return signal;
      this.stop();
      throw error;
    }
    return signal;
  }

  stop(): void {
    this.#session.abort();
    if (this.#stream) stopTracks(this.#stream);
    this.#stream = undefined;
    this.#options.video.srcObject = null;
  }

  /** Waits for the next frame. @param signal  what `start` gave @returns false if it is stopped */
  async next(signal: AbortSignal): Promise<boolean> {
    if (!signal.aborted) await nextFrame(this.#options.video, signal);
    return !signal.aborted;
  }

  /** What it shows now. */
  frame(): Frame {
    const { videoWidth: width, videoHeight: height } = this.#options.video;
    Object.assign(this.#canvas, { width, height });
    const context = this.#canvas.getContext('2d', { willReadFrequently: true })!;
    context.drawImage(this.#options.video, 0, 0);
    return { width, height, rgba: context.getImageData(0, 0, width, height).data };
  }

  async #show(stream: MediaStream, signal: AbortSignal): Promise<void> {
    const { video, onLost } = this.#options;
    const track = stream.getVideoTracks()[0]!;
    track.addEventListener('ended', () => {
      if (signal.aborted) return;
      this.stop();
      onLost('The camera was switched off or unplugged.');
    });
    const { facingMode, deviceId } = track.getSettings();
    // As in a mirror, if people look at themselves.
    video.classList.toggle('mirrored', facingMode !== 'environment');
    video.srcObject = stream;
    await video.play();
    await this.#listCameras(deviceId);
  }

  async #listCameras(current: string | undefined): Promise<void> {
    const { choice } = this.#options;
    if (!choice) return;
    const devices = await navigator.mediaDevices.enumerateDevices();
    const cameras = devices.filter(({ kind }) => kind === 'videoinput');
    choice.select.replaceChildren(
      ...cameras.map(({ deviceId, label }, i) =>
        h('option', { value: deviceId, selected: deviceId === current }, label || `Camera ${i + 1}`),
      ),
    );
    choice.field.hidden = cameras.length < 2;
  }
}

function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** That there is no camera to be asked for. */
class NoCamera extends Error {
  override name = 'NoCamera';
}

async function askForCamera(video: MediaTrackConstraints): Promise<MediaStream> {
  // Only where it is secure does a browser have them.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) {
    throw new NoCamera(
      'The browser gives no camera to a page that came over an unencrypted connection: open it from this machine, or over https.',
    );
  }
  return devices.getUserMedia({ video, audio: false });
}

/** What is wrong, for people. */
export function cameraProblem(error: unknown): string {
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  switch (name) {
    case 'NoCamera':
      return message;
    case 'NotAllowedError':
    case 'SecurityError':
      return 'The camera stays off, as you or the browser decided. To use it after all, allow it for this page in the browser, and press the button again.';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'There is no camera here. Pictures from files work all the same.';
    case 'NotReadableError':
    case 'AbortError':
      return 'The camera cannot be used now: perhaps another program has it.';
    default:
      return `The camera had to be stopped. ${message}`;
  }
}

/** Waits for a new frame, or where browsers do not tell of them, for the next time that the page is drawn. */
function nextFrame(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done);
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(done);
    else requestAnimationFrame(done);
  });
}

/** Shows how many frames a second are counted. */
export class FrameMeter {
  readonly #element: HTMLElement;
  #times: number[] = [];
  #shownAt = -Infinity;

  constructor(element: HTMLElement) {
    this.#element = element;
    element.textContent = '';
  }

  count(): void {
    const now = performance.now();
    this.#times.push(now);
    this.#times = this.#times.filter((time) => now - time <= WINDOW);
    if (this.#times.length < 2 || now - this.#shownAt < WINDOW / 2) return;
    this.#shownAt = now;
    const rate = (1000 * (this.#times.length - 1)) / (now - this.#times[0]!);
    this.#element.textContent = `${Math.round(rate)} frames a second`;
  }
}

/** Tells those who cannot see the bars, but not of every change. */
export class Speech {
  readonly #element: HTMLElement;
  #last = '';
  #at = -Infinity;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  say(text: string): void {
    const now = performance.now();
    if (text === this.#last || now - this.#at < SPOKEN_EVERY) return;
    [this.#last, this.#at] = [text, now];
    this.#element.textContent = text;
  }
}

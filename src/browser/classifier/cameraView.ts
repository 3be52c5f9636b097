/** What the camera shows, live. It is asked for when the button is pressed, and let go when it is stopped. */
import { ranking } from '../../evaluation/classification.ts';
import { byId, h } from '../page/dom.ts';
import { LiveBars } from './bars.ts';
import type { Connection } from './connection.ts';
import type { Pixels } from './protocol.ts';

/** What is asked of the camera: networks see less than that. */
const FRAME = { width: { ideal: 640 }, height: { ideal: 480 } };

/** Frames a second are counted over so many milliseconds. */
const WINDOW = 1000;

/** How often a screen reader is told of another class, in milliseconds. */
const SPOKEN_EVERY = 2500;

export class CameraView {
  readonly #connection: Promise<Connection>;
  readonly #video = byId('video', HTMLVideoElement);
  readonly #choice = byId('cameras', HTMLSelectElement);
  readonly #canvas = document.createElement('canvas');
  #stream: MediaStream | undefined;
  /** Of the latest start; whatever belongs to an earlier one ends. */
  #turn = 0;

  constructor(connection: Promise<Connection>) {
    this.#connection = connection;
    byId('camera').addEventListener('click', () => {
      // Phones have one at the back, which sees what people point it at.
      void this.#start({ facingMode: { ideal: 'environment' } });
    });
    byId('stop').addEventListener('click', () => {
      this.#stop();
      byId('camera').focus();
    });
    this.#choice.addEventListener('change', () => {
      this.#stop();
      void this.#start({ deviceId: { exact: this.#choice.value } });
    });
  }

  async #start(which: MediaTrackConstraints): Promise<void> {
    const turn = ++this.#turn;
    const button = byId('camera', HTMLButtonElement);
    button.disabled = true;
    this.#complain('');
    try {
      const stream = await askForCamera({ ...FRAME, ...which });
      this.#stream = stream;
      await this.#show(stream, turn);
      void this.#follow(turn);
    } catch (error) {
      this.#stop();
      this.#complain(problem(error));
    } finally {
      button.disabled = false;
    }
  }

  async #show(stream: MediaStream, turn: number): Promise<void> {
    const [track] = stream.getVideoTracks();
    track!.addEventListener('ended', () => {
      if (turn !== this.#turn) return;
      this.#stop();
      this.#complain('The camera was switched off or unplugged.');
    });
    const { description } = await this.#connection;
    const [height, width] = description.inputShape;
    this.#video.style.aspectRatio = `${width} / ${height}`;
    const facing = track!.getSettings().facingMode;
    // As in a mirror, if people look at themselves.
    this.#video.classList.toggle('mirrored', facing !== 'environment');
    this.#video.srcObject = stream;
    await this.#video.play();
    byId('live').hidden = false;
    byId('camera').hidden = true;
    byId('stop').focus();
    await this.#listCameras(track!.getSettings().deviceId);
  }

  async #listCameras(current: string | undefined): Promise<void> {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const cameras = devices.filter(({ kind }) => kind === 'videoinput');
    this.#choice.replaceChildren(
      ...cameras.map(({ deviceId, label }, i) =>
        h('option', { value: deviceId, selected: deviceId === current }, label || `Camera ${i + 1}`),
      ),
    );
    byId('cameras-field').hidden = cameras.length < 2;
  }

  /** Classifies frame after frame, the next one as soon as the last is answered. */
  async #follow(turn: number): Promise<void> {
    try {
      const { classifier, description } = await this.#connection;
      const { classNames } = description;
      const bars = new LiveBars(byId('live-bars'), classNames);
      const meter = new FrameMeter();
      const speech = new Speech();
      for (;;) {
        await nextFrame(this.#video);
        if (turn !== this.#turn) return;
        const probabilities = await classifier.classifyFrame(this.#grab());
        if (turn !== this.#turn) return;
        bars.show(probabilities);
        const said = classNames[ranking(probabilities, 1)[0]!.label]!;
        byId('live-said').textContent = said;
        speech.say(said);
        meter.count();
      }
    } catch (error) {
      this.#stop();
      this.#complain(problem(error));
    }
  }

  #grab(): Pixels {
    const { videoWidth: width, videoHeight: height } = this.#video;
    Object.assign(this.#canvas, { width, height });
    const context = this.#canvas.getContext('2d', { willReadFrequently: true })!;
    context.drawImage(this.#video, 0, 0);
    return { width, height, rgba: context.getImageData(0, 0, width, height).data };
  }

  #stop(): void {
    this.#turn++;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
    this.#video.srcObject = null;
    byId('live').hidden = true;
    byId('camera').hidden = false;
  }

  #complain(text: string): void {
    const notice = byId('camera-problem');
    notice.textContent = text;
    notice.hidden = text === '';
  }
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
      'The browser gives no camera to a page that came over an unencrypted connection: open the file from this machine, or over https.',
    );
  }
  return devices.getUserMedia({ video, audio: false });
}

/** In words for people. */
function problem(error: unknown): string {
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
function nextFrame(video: HTMLVideoElement): Promise<unknown> {
  return new Promise((resolve) => {
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(resolve);
    else requestAnimationFrame(resolve);
  });
}

/** Shows how many frames a second are classified. */
class FrameMeter {
  #times: number[] = [];
  #shownAt = -Infinity;

  count(): void {
    const now = performance.now();
    this.#times.push(now);
    this.#times = this.#times.filter((time) => now - time <= WINDOW);
    if (this.#times.length < 2 || now - this.#shownAt < WINDOW / 2) return;
    this.#shownAt = now;
    const rate = (1000 * (this.#times.length - 1)) / (now - this.#times[0]!);
    byId('rate').textContent = `${Math.round(rate)} frames a second`;
  }
}

/** Tells those who cannot see the bars, but not of every change. */
class Speech {
  #last = '';
  #at = -Infinity;

  say(text: string): void {
    const now = performance.now();
    if (text === this.#last || now - this.#at < SPOKEN_EVERY) return;
    [this.#last, this.#at] = [text, now];
    byId('spoken').textContent = text;
  }
}

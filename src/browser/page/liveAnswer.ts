/** What a network says about what a camera shows, frame after frame: a bar for each class. Shared by all pages that have a camera. */
import { LiveBars } from '../classifier/bars.ts';
import { ranking } from '../../evaluation/classification.ts';
import { Camera, cameraProblem, FrameMeter, Speech, type Frame } from './camera.ts';
import { byId } from './dom.ts';

export interface LiveNetwork {
  readonly classNames: readonly string[];
  readonly height: number;
  readonly width: number;
  /** @returns the probabilities of what is in the middle of the frame, by class */
  readonly classify: (frame: Frame) => Promise<Float32Array>;
}

/** Works with the elements whose ids begin with "live". */
export class LiveAnswer {
  readonly #network: () => Promise<LiveNetwork>;
  readonly #camera: Camera;

  /** @param network  asked for whenever the camera is started */
  constructor(network: () => Promise<LiveNetwork>) {
    this.#network = network;
    const select = byId('live-cameras', HTMLSelectElement);
    this.#camera = new Camera({
      video: byId('live-video', HTMLVideoElement),
      choice: { select, field: byId('live-cameras-field') },
      onLost: (problem) => {
        this.#fail(problem);
      },
    });
    byId('live-start').addEventListener('click', () => void this.#start());
    byId('live-stop').addEventListener('click', () => {
      this.stop();
      byId('live-start').focus();
    });
    select.addEventListener('change', () => void this.#start(select.value));
  }

  stop(): void {
    this.#camera.stop();
    byId('live').hidden = true;
    byId('live-start').hidden = false;
  }

  async #start(deviceId?: string): Promise<void> {
    const button = byId('live-start', HTMLButtonElement);
    button.disabled = true;
    this.#complain('');
    try {
      const network = await this.#network();
      byId('live-video').style.aspectRatio = `${network.width} / ${network.height}`;
      const signal = await this.#camera.start(deviceId);
      if (signal.aborted) return;
      byId('live').hidden = false;
      button.hidden = true;
      if (deviceId === undefined) byId('live-stop').focus();
      void this.#follow(network, signal);
    } catch (error) {
      this.#fail(cameraProblem(error));
    } finally {
      button.disabled = false;
    }
  }

  /** The next frame is taken as soon as the last is answered. */
  async #follow({ classNames, classify }: LiveNetwork, signal: AbortSignal): Promise<void> {
    const bars = new LiveBars(byId('live-bars'), classNames);
    const meter = new FrameMeter(byId('live-rate'));
    const speech = new Speech(byId('live-spoken'));
    try {
      while (await this.#camera.next(signal)) {
        const probabilities = await classify(this.#camera.frame());
        if (signal.aborted) return;
        bars.show(probabilities);
        const said = classNames[ranking(probabilities, 1)[0]!.label]!;
        byId('live-said').textContent = said;
        speech.say(said);
        meter.count();
      }
    } catch (error) {
      if (!signal.aborted) this.#fail(cameraProblem(error));
    }
  }

  #fail(problem: string): void {
    this.stop();
    this.#complain(problem);
  }

  #complain(text: string): void {
    const notice = byId('live-problem');
    notice.textContent = text;
    notice.hidden = text === '';
  }
}

/** A camera for Chromium that always shows the same, and what a page did with it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** The switch with which whoever asks for a camera gets it. Without it, and without anybody to be asked, Chromium refuses. */
export const GRANTED = '--use-fake-ui-for-media-stream';

/** The switches for the camera. @param folder  where its picture is to be put */
export async function fakeCamera(folder: string): Promise<string[]> {
  const video = join(folder, 'camera.y4m');
  await writeFile(video, frame());
  return ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${video}`];
}

/** What cameras are told in luma and chroma, by ITU-R BT.601. */
const YUV = { red: [81, 90, 240], green: [145, 54, 34], black: [16, 128, 128] } as const;

/**
 * A frame of 640×480 in the format that Chromium takes for a camera's. In its middle, as wide as high, 3 pixels in 10 are red; beside that it is
 * green, which is more than red on the whole, and none within the middle.
 */
function frame(): Uint8Array {
  const [width, height] = [640, 480];
  const colourAt = (x: number, y: number) => {
    if (x < 80 || x >= 560) return YUV.green;
    return y < 0.3 * height ? YUV.red : YUV.black;
  };
  const plane = (component: 0 | 1 | 2, step: number): Uint8Array =>
    Uint8Array.from({ length: (width * height) / (step * step) }, (_, i) => {
      const row = width / step;
      return colourAt((i % row) * step, Math.floor(i / row) * step)[component];
    });
  const header = new TextEncoder().encode(`YUV4MPEG2 W${width} H${height} F30:1 Ip A1:1 C420jpeg\nFRAME\n`);
  return Buffer.concat([header, plane(0, 1), plane(1, 2), plane(2, 2)]);
}

/** What the page asked the browser for, and got. */
export interface Asked {
  readonly constraints: MediaStreamConstraints[];
  readonly streams: MediaStream[];
}

/** Notes what the page asks for. To be run in a page before anything else. */
export function watchCamera(): void {
  const asked: Asked = { constraints: [], streams: [] };
  Object.assign(globalThis, { asked });
  const { mediaDevices } = navigator;
  const ask = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints = {}) => {
    asked.constraints.push(constraints);
    const stream = await ask(constraints);
    asked.streams.push(stream);
    return stream;
  };
}

export const asked = (page: Page): Promise<{ times: number; audio: unknown; states: string[] }> =>
  page.evaluate(() => {
    const { constraints, streams } = (globalThis as unknown as { asked: Asked }).asked;
    const tracks = streams.flatMap((stream) => stream.getTracks());
    return {
      times: constraints.length,
      audio: constraints[0]?.audio,
      states: tracks.map(({ readyState }) => readyState),
    };
  });

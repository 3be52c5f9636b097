/**
 * One HTML file that classifies pictures with a model, without a network: the template of src/browser/classifier, which has the engine, the
 * decoders and the page, and the parts that are put into it. The same in Node and in a page.
 */
import type { Fit } from '../data/fitPicture.ts';
import { OptionError } from '../errors.ts';

/** What a template is completed with. */
export interface ClassifierParts {
  /** The heading. */
  readonly title: string;
  /** The bytes of a model's file. */
  readonly model: Uint8Array<ArrayBuffer>;
  /** How pictures become the network's input; as the model says by default. */
  readonly fit?: Fit;
}

/** What the page reads of itself, as JSON in its element "settings". */
export interface ClassifierSettings {
  readonly title: string;
  readonly fit?: Fit | undefined;
}

/** Bytes of a model: in base64 it must fit into the longest text that there can be, with room to spare. */
export const MOST_MODEL_BYTES = 256 * 1024 * 1024;

/** A multiple of three, so that base64 can be joined. */
const CHUNK = 3 * 8192;

/**
 * @param template  with {{title}}, {{settings}} and {{model}}
 * @throws OptionError if the model is too large for a page
 */
export async function classifierPage(
  template: string,
  { title, model, fit }: ClassifierParts,
): Promise<string> {
  if (model.length > MOST_MODEL_BYTES) {
    throw new OptionError(
      `The model has ${model.length.toLocaleString('en')} bytes, and a page takes at most ${MOST_MODEL_BYTES.toLocaleString('en')}: use a smaller network.`,
    );
  }
  const settings: ClassifierSettings = { title, fit };
  const parts: Readonly<Record<string, string>> = {
    title: escaped(title),
    // Within a script element only "<" could end it, or begin a comment.
    settings: JSON.stringify(settings).replaceAll('<', '\\u003c'),
    model: base64(await deflated(model)),
  };
  return template.replace(/\{\{(title|settings|model)\}\}/g, (_, name: string) => parts[name]!);
}

/** Text as HTML. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** As a zlib stream. */
async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK)
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + CHUNK)));
  return text;
}

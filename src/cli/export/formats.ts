/** What models can be exported to: a line each. */
import type { Fit } from '../../data/fitPicture.ts';
import type { ExportedFile } from '../../exchange/exported.ts';
import type { Layout } from '../../nn/shape.ts';
import type { Model } from '../../training/model.ts';

/** A model to be exported. */
export interface ExportedModel {
  readonly model: Model;
  /** Where it is from, for messages. */
  readonly path: string;
  /** What the files are called, without an extension. */
  readonly name: string;
  /** What it is called, for people. */
  readonly title: string;
  /** How pictures become its input. */
  readonly fit: Fit;
  readonly layout: Layout | undefined;
}

/** Files, and what to say of what they hold. */
export interface Exported {
  /** The first is the one to open. */
  readonly files: readonly ExportedFile[];
  readonly contents: string;
}

export interface ExportFormat {
  /** Of the first file, with its dot. */
  readonly extension: string;
  /** What is put behind the model's name, so that the files do not take the place of others. */
  readonly suffix?: string;
  /** Whether the files get a folder of their own. */
  readonly folder?: boolean;
  /** @throws OptionError for a model that it has no place for */
  readonly encode: (model: ExportedModel) => Promise<Exported>;
}

/** Loads only the one that is asked for. */
export const EXPORT_FORMATS = {
  onnx: async () => ({ format: (await import('./exchange.ts')).onnx }),
  keras: async () => ({ format: (await import('./exchange.ts')).keras }),
  tfjs: async () => ({ format: (await import('./exchange.ts')).tfjs }),
  pytorch: async () => ({ format: (await import('./exchange.ts')).pytorch }),
  html: () => import('./html.ts'),
} as const satisfies Record<string, () => Promise<{ format: ExportFormat }>>;

export type ExportFormatName = keyof typeof EXPORT_FORMATS;

/** What models can be exported to: a line each. */
import type { Fit } from '../../data/fitPicture.ts';
import type { Model } from '../../training/model.ts';

/** A model to be exported, as it was read from its file. */
export interface ExportedModel {
  readonly model: Model;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The file, for messages. */
  readonly path: string;
  /** What it is called, for people. */
  readonly title: string;
  /** How pictures become its input. */
  readonly fit: Fit;
}

/** A file, and what to say of what it holds. */
export interface ExportedFile {
  readonly content: Uint8Array | string;
  readonly contents: string;
}

export interface ExportFormat {
  /** Of the file, with its dot. */
  readonly extension: string;
  /** @throws OptionError for a model that it has no place for */
  readonly encode: (model: ExportedModel) => Promise<ExportedFile>;
}

/** Loads only the one that is asked for. */
export const EXPORT_FORMATS = {
  html: () => import('./html.ts'),
} as const satisfies Record<string, () => Promise<{ format: ExportFormat }>>;

export type ExportFormatName = keyof typeof EXPORT_FORMATS;

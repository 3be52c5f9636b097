import type { BuildOptions } from 'esbuild';

export const root: string;
export const ENGINES: readonly string[];
export function browserOptions(...conditions: string[]): BuildOptions;
export function embeddedOptions(): Promise<BuildOptions>;
export function deflatedText(bytes: Buffer): Promise<string>;

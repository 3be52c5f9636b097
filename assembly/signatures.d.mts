/** The text of src/engine/kernels.ts. @param root  the folder of the project, with a slash at its end */
export function kernelsModule(root: string): Promise<string>;
/** Brings src/engine/kernels.ts up to date. */
export function writeKernels(root: string): Promise<void>;

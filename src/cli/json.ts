/** One line of JSON on stdout, for other programs; these keep every digit. */
export function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

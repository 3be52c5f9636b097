/** Paths with values of an epoch in them, such as `model-{epoch:02d}-{val_loss:.2f}.safetensors`, as Python formats them. */
import { OptionError } from '../../../errors.ts';
import { mustKnow } from '../monitor.ts';

/** What stands between braces, or a doubled brace. */
const PLACEHOLDER = /\{\{|\}\}|\{([^{}]*)\}/g;

/** Zeros, width, digits behind the point, and how: `d` as a whole number, `f` with a point, `e` with a power of ten. */
const FORMAT = /^(0?)(\d{0,2})(?:\.(\d{1,2}))?([dfe]?)$/;

/**
 * Checks a pattern before it is used.
 * @throws OptionError if it names what there is not, or is formatted as it cannot be
 */
export function checkPattern(what: string, pattern: string, metrics: readonly string[]): void {
  const zeros = Object.fromEntries(metrics.map((metric) => [metric, 0]));
  for (const [, inside] of pattern.matchAll(PLACEHOLDER)) {
    if (inside === undefined) continue;
    const [name] = inside.split(':');
    mustKnow(`${what}: filepath`, name!, ['epoch', ...metrics]);
  }
  filled(what, pattern, 0, zeros);
}

/**
 * The path of an epoch.
 * @param epoch  counted from 0; the path has it counted from 1, as in Keras
 * @throws OptionError for a format that is not known
 */
export function filled(
  what: string,
  pattern: string,
  epoch: number,
  logs: Readonly<Record<string, number>>,
): string {
  return pattern.replace(PLACEHOLDER, (all, inside: string | undefined) => {
    if (inside === undefined) return all[0]!;
    const [name, format = ''] = inside.split(':');
    const text =
      name === 'epoch' ? formatted(format, epoch + 1, true) : formatted(format, logs[name!]!, false);
    if (text !== undefined) return text;
    throw new OptionError(
      `${what}: ${all} is no format; there are {epoch:02d}, {loss:.4f}, {loss:.2e}, and their like.`,
    );
  });
}

function formatted(format: string, value: number, whole: boolean): string | undefined {
  const [, zeros, width, digits, type] = FORMAT.exec(format) ?? [];
  // As in Python, only a whole number is written as one, and it has no digits behind the point.
  if (type === undefined || (type === 'd' && !whole) || (digits !== undefined && !/[fe]/.test(type))) {
    return undefined;
  }
  return decimals(value, type, Number(digits ?? 6)).padStart(Number(width), zeros ? '0' : ' ');
}

function decimals(value: number, type: string, digits: number): string {
  if (type === 'f') return value.toFixed(digits);
  // Python's exponents have two digits at least.
  if (type === 'e') return value.toExponential(digits).replace(/(e[+-])(\d)$/, '$10$2');
  return String(value);
}

/** Numbers as people read them. Pure. */

/** Such as 50,000. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** Such as 1 image or 1,000 images. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A share from 0 to 1, such as 96.4 %. */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** Such as 12 s, 2 min 05 s or 1 h 02 min. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${two(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** Three significant digits, such as 140, 27.3 or 0.12. */
export function threeDigits(value: number): string {
  if (value >= 100) return count(value);
  return value.toPrecision(3).replace(/(?<=\d\.\d{2})\d+$/, '');
}

/** "a circle" or "an hourglass". */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/i.test(noun) || noun.startsWith('hour') ? 'an' : 'a'} ${noun}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

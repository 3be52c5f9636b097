/** Numbers as people read them. */

/** Such as 12.3s, 2m 05s or 1h 02m. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m ${two(whole % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
}

/** Such as 50,000. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** Such as 3,120 images/s; with a decimal while it is slow. */
export function rate(imagesPerSecond: number): string {
  const digits = imagesPerSecond < 10 ? 1 : 0;
  return imagesPerSecond.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** Such as 170.1 MB: millions of bytes, as download pages count. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** The size of a file, such as 373 KB or 2.0 MB. */
export function sizeOf(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1000)} KB` : megabytes(bytes);
}

/** A loss: four decimals, or three significant digits when it is huge. */
export function loss(value: number): string {
  return Math.abs(value) < 1e5 ? value.toFixed(4) : value.toPrecision(3);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/**
 * An SVG of ECharts without what a Content-Security-Policy forbids in a page: properties of a `style` become attributes of their own,
 * which SVG has for all of them, and the style sheet goes, which only says what changes under the mouse.
 */
export function plainSvg(svg: string): string {
  return svg
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ class="[^"]*"/g, '')
    .replace(/ style="([^"]*)"/g, (_, style: string) => style.split(';').map(asAttribute).join(''));
}

function asAttribute(property: string): string {
  const [, name, value] = /^\s*([\w-]+)\s*:\s*(.*\S)\s*$/.exec(property) ?? [];
  return name === undefined ? '' : ` ${name}="${value}"`;
}

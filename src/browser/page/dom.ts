/** The little that is needed of the DOM. */

/** The element with the id, which index.html has. @param type  what it must be */
export function byId<T extends HTMLElement = HTMLElement>(
  id: string,
  type: new () => T = HTMLElement as new () => T,
): T {
  const element = document.getElementById(id);
  if (element instanceof type) return element;
  throw new Error(`index.html has no ${type.name} "${id}".`);
}

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** A new element. Attributes that are false or undefined are left out, true ones are empty. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    // As an attribute, a style is forbidden by the page's policy; as a property it is not.
    if (name === 'style') element.style.cssText = String(value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children);
  return element;
}

/** Offers bytes or text as a file. */
export function download(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  h('a', { href: url, download: name }).click();
  // The browser has taken hold of it once this task is over.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}

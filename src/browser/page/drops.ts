/** Files and folders that are dropped: anywhere on an element, or on a part of it. */

/**
 * @param onDrop  must read what was dropped at once; is given the part, if it was dropped on one
 * @param parts  a selector of the parts that take what is dropped on them; none if left out
 */
export function acceptDrops(
  element: HTMLElement,
  onDrop: (transfer: DataTransfer, part: Element | null) => void,
  parts?: string,
): void {
  const mark = (over: Element | null): void => {
    for (const marked of document.querySelectorAll('.over')) marked.classList.remove('over');
    over?.classList.add('over');
  };
  const partAt = ({ target }: Event): Element | null =>
    parts !== undefined && target instanceof Element ? target.closest(parts) : null;
  element.addEventListener('dragover', (event) => {
    event.preventDefault();
    mark(partAt(event) ?? element);
  });
  element.addEventListener('dragleave', (event) => {
    if (!(event.relatedTarget instanceof Node && element.contains(event.relatedTarget))) mark(null);
  });
  element.addEventListener('drop', (event) => {
    event.preventDefault();
    mark(null);
    if (event.dataTransfer) onDrop(event.dataTransfer, partAt(event));
  });
}

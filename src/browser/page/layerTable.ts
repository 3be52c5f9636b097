/** A network layer by layer, as rows of a table. */
import type { LayerRow, NetworkSummary } from '../network.ts';
import { h } from './dom.ts';
import { count } from './format.ts';
import { tracksOf, type Track } from './tracks.ts';

const SVG = 'http://www.w3.org/2000/svg';

/** Pixels from a lane to the next. */
const LANE = 12;

/** The image, and every layer with what it takes where that is not just the layer above. */
export function layerRows({ inputShape, layers }: NetworkSummary): HTMLTableRowElement[] {
  // The image is row 0, and so layers are a row further down than they count themselves.
  const tracks = tracksOf([[], ...layers.map(({ from }) => from.map((row) => row + 1))]);
  const lanes = Math.max(0, ...tracks.flatMap(({ opens }) => opens));
  const most = Math.max(1, ...layers.map(({ parameters }) => parameters));
  const track = (row: number): Node[] => (tracks[row] ? [trackCell(tracks[row], lanes)] : []);
  const image = h(
    'tr',
    {},
    ...track(0),
    h('th', { scope: 'row' }, 'image', h('span', { class: 'muted' }, channelsText(inputShape.at(-1)))),
    h('td', {}, inputShape.join(' × ')),
    h('td', { class: 'number' }, '–'),
  );
  const rows = layers.map((layer, i) => {
    const from = sourcesText(layer, i, layers);
    return h(
      'tr',
      {},
      ...track(i + 1),
      h(
        'th',
        { scope: 'row' },
        layer.name,
        h('span', { class: 'muted' }, layer.description),
        ...(from ? [h('span', { class: 'muted' }, from)] : []),
      ),
      h('td', {}, layer.outputShape.join(' × ')),
      h('td', { class: 'number' }, ...parametersText(layer.parameters, most)),
    );
  });
  return [image, ...rows];
}

/** Whether the rows have a column for lines in front. */
export function hasTracks({ layers }: NetworkSummary): boolean {
  return layers.some(({ from }, i) => from.length !== 1 || from[0] !== i - 1);
}

/** "from conv2d_3 and add_1"; nothing where it takes the layer above. */
function sourcesText({ from }: LayerRow, row: number, layers: readonly LayerRow[]): string | undefined {
  if (from.length === 1 && from[0] === row - 1) return undefined;
  const names = from.map((source) => layers[source]?.name ?? 'the image');
  const last = names.pop()!;
  return `from ${names.length > 0 ? `${names.join(', ')} and ` : ''}${last}`;
}

function channelsText(channels: number | undefined): string {
  if (channels === 3) return 'red, green, blue';
  return channels === 1 ? 'grey' : `${channels ?? 0} channels`;
}

function parametersText(parameters: number, most: number): (Node | string)[] {
  if (parameters === 0) return ['–'];
  const fill = h('span', { class: 'bar-fill' });
  fill.style.width = `${(100 * parameters) / most}%`;
  return [count(parameters), h('span', { class: 'bar-track', 'aria-hidden': true }, fill)];
}

/** The lines of a row. They repeat what is said in words, so that who cannot see them misses nothing. */
function trackCell({ above, below, opens, closes, passes }: Track, lanes: number): HTMLElement {
  const x = (lane: number): number => (lane + 0.5) * LANE;
  const curves = [
    ...(above ? [`M${x(0)} 0V50`] : []),
    ...(below ? [`M${x(0)} 50V100`] : []),
    ...passes.map((lane) => `M${x(lane)} 0V100`),
    ...opens.map((lane) => `M${x(0)} 50C${x(lane)} 50 ${x(lane)} 60 ${x(lane)} 100`),
    ...closes.map((lane) => `M${x(lane)} 0C${x(lane)} 40 ${x(lane)} 50 ${x(0)} 50`),
  ];
  const width = (lanes + 1) * LANE;
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${width} 100`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('width', String(width));
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', curves.join(''));
  svg.append(path);
  const cell = h('td', { class: 'track', 'aria-hidden': true }, h('span', { class: 'dot' }));
  cell.style.width = `${width + LANE}px`;
  cell.append(svg);
  return cell;
}

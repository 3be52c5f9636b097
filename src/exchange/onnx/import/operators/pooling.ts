import type { Pair } from '../../../../nn/shape.ts';
import { LOWEST_PADDING } from '../layers.ts';
import { CHANNELS_FIRST, type Site } from '../site.ts';
import type { Feature } from '../value.ts';
import { paddingOption, pairOf, windowOf, type Sides, type Window } from '../windows.ts';
import type { Operators } from './operator.ts';

export const poolings: Operators = {
  MaxPool: { notes: '`maxPooling2d`. No dilations; only the values, not their indices.', read: readMaxPool },
  AveragePool: {
    notes: '`averagePooling2d`; with `zeroPadding2d` in front where padding counts.',
    read: readAveragePool,
  },
  GlobalAveragePool: { notes: '`globalAveragePooling2d`', read: (site) => readGlobal(site, 'Average') },
  GlobalMaxPool: { notes: '`globalMaxPooling2d`', read: (site) => readGlobal(site, 'Max') },
};

function readMaxPool(site: Site): Feature {
  const { layer, shape } = site.images(site.feature(0));
  const window = poolWindow(site, shape);
  const padded = layer < 0 ? undefined : site.graph.layers.nodes[layer]!;
  if (padded?.type !== LOWEST_PADDING) return pool(site, 'maxPooling2d', layer, shape, window);
  // Padding never takes part in a maximum, as what is below all numbers does not.
  const image = site.graph.layers.shapeOf(padded.inputs[0]!);
  const pads = added(padded.options.padding as Sides, window.pads);
  return pool(site, 'maxPooling2d', padded.inputs[0]!, image, { ...window, pads });
}

function readAveragePool(site: Site): Feature {
  const { layer, shape } = site.images(site.feature(0));
  const window = poolWindow(site, shape);
  const [top, left, bottom, right] = site.ints('pads') ?? [0, 0, 0, 0];
  const counts = site.int('count_include_pad', 0) !== 0 && window.pads.flat().some((pad) => pad > 0);
  if (!counts) return pool(site, 'averagePooling2d', layer, shape, window);
  if (site.text('auto_pad', 'NOTSET') !== 'NOTSET') {
    throw site.refused('auto_pad together with count_include_pad is not supported: export it with pads.');
  }
  // What ceil_mode adds does not count.
  const zeros: Sides = [
    [top!, bottom!],
    [left!, right!],
  ];
  const around = site.layer('zeroPadding2d', [layer], { padding: zeros });
  const pads = added(
    window.pads,
    zeros.map(([begin, end]): Pair => [-begin, -end]),
  );
  return pool(site, 'averagePooling2d', around, site.graph.layers.shapeOf(around), { ...window, pads });
}

function readGlobal(site: Site, kind: 'Average' | 'Max'): Feature {
  const { layer } = site.images(site.feature(0));
  return site.output(site.layer(`global${kind}Pooling2d`, [layer], { keepdims: true }), CHANNELS_FIRST);
}

function poolWindow(site: Site, image: readonly number[]): Window {
  if (!site.ints('kernel_shape')) throw site.refused('it has no kernel_shape: the file is damaged.');
  const window = windowOf(site, image, pairOf(site, 'kernel_shape'));
  if (window.dilations.some((dilation) => dilation > 1)) {
    throw site.refused('dilations are not supported, only [1, 1].');
  }
  return window;
}

function pool(site: Site, type: string, layer: number, image: readonly number[], window: Window): Feature {
  const options = {
    poolSize: window.size,
    strides: window.strides,
    padding: paddingOption(window, image),
  };
  return site.output(site.layer(type, [layer], options), CHANNELS_FIRST);
}

function added(a: Sides, b: readonly Pair[]): Sides {
  return a.map((side, i): Pair => [side[0] + b[i]![0], side[1] + b[i]![1]]) as unknown as Sides;
}

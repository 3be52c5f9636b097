/**
 * What the figures need of ECharts. Nothing else imports its code, so that the build can put these parts of it into one
 * file in place of this one: half a megabyte travels with the package, instead of the sixty that would be installed.
 */
import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, setPlatformAPI, use, type ECharts } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { FigureSize } from './style.ts';

export { setPlatformAPI };

/** An empty chart without a page, to be drawn as SVG and then disposed of. */
export function createChart({ width, height }: FigureSize): ECharts {
  // Not beside the imports: package.json promises bundlers that importing does nothing.
  use([BarChart, LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);
  return init(null, null, { renderer: 'svg', ssr: true, width, height });
}

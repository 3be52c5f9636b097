/** A training as it goes on, as an ECharts option: accuracy and loss against the step. Pure; for the web page. */
import type { EChartsOption } from 'echarts';
import { OptionError } from '../errors.ts';
import { averageSteps, MOST_POINTS, type StepValues } from './averageSteps.ts';
import { HISTORY_SIZE, TRAINING_PANELS } from './historyChart.ts';
import { lineFigure, type Curve, type CurveName, type HorizontalAxis } from './lineFigure.ts';
import { niceScale, ticksOf } from './niceScale.ts';
import { fileTheme, type FigureSize, type FigureTheme } from './style.ts';

export interface StepsData {
  /** Of the images of each step. */
  readonly train: readonly StepValues[];
  /** Of the validation images, after the last step of each epoch. */
  readonly val: readonly StepValues[];
  /** How many steps the axis has room for. As many as there are by default. */
  readonly steps?: number;
}

/**
 * @param size of the whole figure, in CSS pixels, as for `historyChart`
 * @throws OptionError when there are no steps, and when the size is too small
 */
export function stepsChart(
  data: StepsData,
  size: FigureSize = HISTORY_SIZE,
  theme: FigureTheme = fileTheme,
): EChartsOption {
  if (data.train.length === 0) throw new OptionError('there are no steps to draw yet');
  const train = averageSteps(data.train, MOST_POINTS);
  const panels = TRAINING_PANELS.map((panel) => {
    const curve = (name: CurveName, values: readonly StepValues[], marked: boolean): Curve => ({
      name,
      points: values.map((value) => [value.step, value[panel.metric]] as const),
      marked,
    });
    const curves = [curve('train', train, false)];
    if (data.val.length > 0) curves.push(curve('val', data.val, data.val.length <= 40));
    return { ...panel, curves };
  });
  const last = Math.max(data.train.at(-1)!.step, data.steps ?? 0, 2);
  return lineFigure(panels, stepAxis(last), size, theme);
}

function stepAxis(last: number): HorizontalAxis {
  const ticks = ticksOf(niceScale(0, last)).filter((tick) => Number.isInteger(tick) && tick <= last);
  return { name: 'step', min: 0, max: last * 1.02, ticks };
}

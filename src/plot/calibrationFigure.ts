/** Whether a network is right as often as it says, as an SVG: a reliability diagram, and how sure it is how often. Pure. */
import type { Calibration, CalibrationBin } from '../evaluation/calibration.ts';
import { formatTick, niceScale, ticksOf, type Scale } from './niceScale.ts';
import { colours, fontSize, type FigureSize } from './style.ts';
import { mix, percent, svgBox, svgDocument, svgLine, svgText } from './svgParts.ts';
import { textWidth } from './textWidth.ts';

const SIZE: FigureSize = { width: 1000, height: 440 };

/** Where the left panel's axes are; the right one has the same size. */
const AREA = { left: 68, top: 74, width: 412, height: 306 };
const SECOND_LEFT = 568;

const UNIT: Scale = { min: 0, max: 1, step: 0.2 };

/** What lies between confidence and accuracy, in the two cases. */
const TOO_SURE = mix(colours.background, colours.vermilion, 0.4);
const NOT_SURE_ENOUGH = mix(colours.background, colours.blue, 0.4);

interface Panel {
  readonly left: number;
  readonly vertical: Scale;
}

export function calibrationSvg(
  { bins, expectedCalibrationError }: Calibration,
  negativeLogLikelihood: number,
): { readonly svg: string; readonly size: FigureSize } {
  const count = bins.reduce((sum, bin) => sum + bin.count, 0);
  const most = Math.max(...bins.map((bin) => bin.count / count));
  const reliability: Panel = { left: AREA.left, vertical: UNIT };
  const confidence: Panel = { left: SECOND_LEFT, vertical: niceScale(0, most, { min: 0 }) };
  const figures = `expected calibration error ${percent(expectedCalibrationError)}, negative log-likelihood ${negativeLogLikelihood.toFixed(3)}`;
  const parts = [
    svgText('Reliability', AREA.left, 24, { size: fontSize.title }),
    svgText(figures, AREA.left, 48, { colour: colours.mutedText }),
    ...legend(AREA.left + AREA.width, 24),
    ...axes(reliability, 'accuracy'),
    ...bins.flatMap((bin) => reliabilityBar(bin)),
    svgLine(place(reliability, 0, 0), place(reliability, 1, 1), colours.axis, '5 4'),
    svgText('Confidence', SECOND_LEFT, 24, { size: fontSize.title }),
    svgText(`of ${count === 1 ? '1 answer' : `${count.toLocaleString('en')} answers`}`, SECOND_LEFT, 48, {
      colour: colours.mutedText,
    }),
    ...axes(confidence, 'share of the answers'),
    ...bins.map((bin) => bar(confidence, bin, 0, bin.count / count, colours.muted)),
    ...[reliability, confidence].map(({ left }) => baseline(left)),
  ];
  return { svg: svgDocument(SIZE, parts), size: SIZE };
}

/** As high as the answers are right; in front of that, and narrower, what is between it and how sure they were. */
function reliabilityBar(bin: CalibrationBin): string[] {
  const { accuracy, confidence } = bin;
  if (accuracy === null || confidence === null) return [];
  const panel = { left: AREA.left, vertical: UNIT };
  const sure = Math.min(confidence, 1);
  const inset = (bin.upper - bin.lower) / 4;
  const inner = { lower: bin.lower + inset, upper: bin.upper - inset };
  return [
    bar(panel, bin, 0, accuracy, colours.blue),
    accuracy < sure
      ? bar(panel, inner, accuracy, sure, TOO_SURE)
      : bar(panel, inner, sure, accuracy, NOT_SURE_ENOUGH),
  ];
}

/** Where a point of a panel is. */
function place({ left, vertical }: Panel, x: number, y: number): readonly [number, number] {
  return [left + x * AREA.width, AREA.top + AREA.height * (1 - y / vertical.max)];
}

function bar(
  panel: Panel,
  { lower, upper }: Pick<CalibrationBin, 'lower' | 'upper'>,
  from: number,
  to: number,
  colour: string,
): string {
  const [x, top] = place(panel, lower, to);
  const [end, bottom] = place(panel, upper, from);
  return svgBox(x + 1, top, end - x - 2, bottom - top, colour);
}

function axes(panel: Panel, name: string): string[] {
  const { left, vertical } = panel;
  const bottom = AREA.top + AREA.height;
  const widest = Math.max(
    ...ticksOf(vertical).map((tick) => textWidth(formatTick(tick, vertical.step), fontSize.body)),
  );
  return [
    ...ticksOf(vertical).flatMap((tick) => {
      const [, y] = place(panel, 0, tick);
      return [
        svgLine([left, y], [left + AREA.width, y], colours.grid),
        svgLine([left - 5, y], [left, y], colours.axis),
        svgText(formatTick(tick, vertical.step), left - 10, y, { anchor: 'end' }),
      ];
    }),
    ...ticksOf(UNIT).flatMap((tick) => {
      const [x] = place(panel, tick, 0);
      return [
        svgLine([x, bottom], [x, bottom + 5], colours.axis),
        svgText(formatTick(tick, UNIT.step), x, bottom + 16, { anchor: 'middle' }),
      ];
    }),
    svgLine([left, AREA.top], [left, bottom], colours.axis),
    svgText('confidence', left + AREA.width / 2, bottom + 40, { anchor: 'middle' }),
    svgText(name, left - 10 - widest - 18, AREA.top + AREA.height / 2, { anchor: 'middle', turned: true }),
  ];
}

/** In front of the bars. */
function baseline(left: number): string {
  const y = AREA.top + AREA.height;
  return svgLine([left, y], [left + AREA.width, y], colours.axis);
}

/** Its entries end at `right`. */
function legend(right: number, y: number): string[] {
  const entries = [
    ['right', colours.blue],
    ['too sure', TOO_SURE],
    ['not sure enough', NOT_SURE_ENOUGH],
  ] as const;
  let x = right;
  return entries.toReversed().flatMap(([name, colour]) => {
    x -= textWidth(name, fontSize.body);
    const parts = [svgText(name, x, y), svgBox(x - 18, y - 6, 12, 12, colour, { radius: 2 })];
    x -= 34;
    return parts;
  });
}

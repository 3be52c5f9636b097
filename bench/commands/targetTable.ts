/** What training was to reach, and what it does: of the roofline, and against PyTorch. */
import type { Tier } from '../../src/engine/tier.ts';
import { shareOf, type NetworkRow } from '../networkRow.ts';
import { figure, type Table } from '../report.ts';
import { geometricMean, median, ratio } from '../statistics.ts';
import { floorsOf, PYTORCH_RATIOS, verdictOn } from '../targets.ts';

/** How many times as fast as PyTorch simdnet trains. */
interface Lead {
  readonly network: string;
  readonly ratio: number;
  /** How many times it could be, by the bound with bytes. */
  readonly bound?: number;
}

/** @param tier  the build that is judged: the fastest that was measured */
export function targetParts(rows: readonly NetworkRow[], tier: Tier): (Table | string)[] {
  const training = rows.filter(({ kind }) => kind === 'training');
  const own = training.filter(({ who }) => who === `simdnet ${tier}`);
  const leads = leadsOf(training, own);
  return [targetTable(own, leads, tier), ...(leads.length > 0 ? [leadText(leads, tier)] : [])];
}

function leadsOf(training: readonly NetworkRow[], own: readonly NetworkRow[]): Lead[] {
  return own.flatMap((row) => {
    const peer = training.find(({ network, who }) => network === row.network && who.startsWith('PyTorch'));
    if (!peer) return [];
    const lead = ratio(row.rates, peer.rates).median;
    const { network, bound } = row;
    return [{ network, ratio: lead, ...(bound && { bound: (lead * bound.withBytes) / shareOf(row) }) }];
  });
}

function targetTable(own: readonly NetworkRow[], leads: readonly Lead[], tier: Tier): Table {
  const number = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(2));
  return {
    title: `What training is to reach, ${tier}`,
    columns: [
      ...[
        'network',
        'batch',
        'images/s',
        'share of roofline',
        `${tier === 'turbo' ? 'turbo ' : ''}at least`,
        'aim',
      ],
      ...['met', 'bound: products', 'bound: bytes too', '÷ PyTorch', '÷ PyTorch at the bound'],
    ],
    rows: own.map((row) => {
      const share = shareOf(row);
      const floors = floorsOf(row.network, tier);
      const lead = leads.find(({ network }) => network === row.network);
      return [
        row.network,
        String(row.batch),
        figure(median(row.rates)),
        number(share),
        number(floors?.atLeast),
        number(floors?.aim),
        verdictOn(share, floors, row.bound?.products),
        number(row.bound?.products),
        number(row.bound?.withBytes),
        number(lead?.ratio),
        number(lead?.bound),
      ];
    }),
  };
}

function leadText(leads: readonly Lead[], tier: Tier): string {
  const mean = geometricMean(leads.map(({ ratio }) => ratio));
  const floor = tier === 'turbo' ? PYTORCH_RATIOS.turboMean : PYTORCH_RATIOS.mean;
  const slower = leads.filter(({ ratio }) => ratio < PYTORCH_RATIOS.each).map(({ network }) => network);
  const bounds = leads.map(({ bound }) => bound).filter((bound) => bound !== undefined);
  const bound =
    bounds.length === leads.length ? `, where the bound is ${geometricMean(bounds).toFixed(2)}` : '';
  const count = `${leads.length} network${leads.length > 1 ? 's' : ''}`;
  return (
    `simdnet ÷ PyTorch, training: the geometric mean of ${count} is ${mean.toFixed(2)}, at least ${floor}: ` +
    `${mean < floor ? `missed${bound}` : 'met'}. ` +
    (slower.length > 0 ? `Slower than PyTorch: ${slower.join(', ')}.` : 'None is slower than PyTorch.')
  );
}

/** What stands in for each other has the same shape; checked by `npm run typecheck`. */
import { expectTypeOf, it } from 'vitest';
import type * as browser from '../../src/platform/browser.ts';
import type * as browserDecoders from '../../src/platform/browserDecoders.ts';
import type * as embedded from '../../src/platform/embeddedAssets.ts';
import type * as embeddedDecoders from '../../src/platform/embeddedDecoders.ts';
import type * as node from '../../src/platform/node.ts';
import type * as streamed from '../../src/platform/streamedAssets.ts';

it('is the same on every platform', () => {
  expectTypeOf<typeof browser>().toEqualTypeOf<typeof node>();
});

it('is the same wherever assets come from', () => {
  // Their remedies are different texts.
  expectTypeOf<Omit<typeof streamed, 'remedy'>>().toEqualTypeOf<Omit<typeof embedded, 'remedy'>>();
  expectTypeOf<(typeof streamed)['remedy']>().toExtend<string>();
});

it('is the same wherever decoders come from', () => {
  expectTypeOf<typeof embeddedDecoders>().toEqualTypeOf<typeof browserDecoders>();
});

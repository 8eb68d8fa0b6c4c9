import { expect, it } from 'vitest';
// @ts-expect-error the tools are plain JavaScript
import { made } from '../dev/types.mjs';
import kept from '../src/lib/schemas.ts?raw';

it('the types are those of the published OpenAPI document; run `npm run types` when it has changed', { timeout: 60_000 }, async () => {
  expect(await made()).toBe(kept);
});

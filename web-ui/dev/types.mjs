// Writes the types of what the gateway sends from its published OpenAPI document: `npm run types`. A test compares what is
// checked in with what this makes, so that neither can drift from the other.

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

const DOCUMENT = new URL('../../docs/schemas/openapi.json', import.meta.url);
export const OUT = fileURLToPath(new URL('../src/lib/schemas.ts', import.meta.url));
const HEAD = '/** Made from docs/schemas/openapi.json by `npm run types`; not to be edited. */\n\n';

/** The text of the file: the schemas alone, the page names its routes by itself. */
export async function made() {
  const { openapi, info, components } = JSON.parse(await readFile(DOCUMENT, 'utf8'));
  const ast = await openapiTS({ openapi, info, paths: {}, components: { schemas: joined(components.schemas) } }, { silent: true, arrayLength: true });
  const text = astToString(ast.filter((node) => node.name?.text === 'components'));
  return HEAD + text.replaceAll('    ', '  ').replaceAll('components["schemas"]', "components['schemas']");
}

/** A reference with properties beside it (JSON Schema 2020-12) said as both together, which is all that the generator reads. */
function joined(node) {
  if (Array.isArray(node)) return node.map(joined);
  if (typeof node !== 'object' || node === null) return node;
  const { $ref, properties, required, ...rest } = Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, joined(inner)]));
  const own = { ...(properties && { properties }), ...(required && { required }) };
  if (typeof $ref === 'string') return properties ? { ...rest, type: undefined, allOf: [{ $ref }, { type: 'object', ...own }] } : { ...rest, $ref };
  return { ...rest, ...own };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(OUT, await made());

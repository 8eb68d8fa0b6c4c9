// Prints which npm packages are in the built page, as JSON: `npm run packages`, for the bill of materials. Asked of the bundler
// itself: what it took a module or a style from is in the page, and nothing else is.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/** Folders of the packages whose modules the bundler read for what it wrote; empty and type-only modules leave nothing behind. */
async function folders() {
  const ids = new Set();
  const watch = {
    name: 'packages',
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle))
        for (const [id, { renderedLength }] of Object.entries(chunk.modules ?? {}))
          // A style sheet leaves its rules in a file of their own, and nothing in the chunk.
          if (renderedLength > 0 || id.endsWith('.css')) ids.add(id);
    },
  };
  await build({ root: ROOT, plugins: [watch], build: { write: false }, logLevel: 'silent' });
  const found = [...ids].map((id) => FOLDER.exec(id.replace(/^\0/, ''))?.[1]).filter(Boolean);
  return [...new Set(found)].sort();
}

async function described(folder) {
  const { name, version, license } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
  const lock = JSON.parse(await readFile(`${ROOT}package-lock.json`, 'utf8'));
  const place = folder.slice(ROOT.length);
  return { name, version, license, integrity: lock.packages[place].integrity };
}

console.log(JSON.stringify(await Promise.all((await folders()).map(described)), null, 2));

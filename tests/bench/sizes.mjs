// How much there is of it.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { noted } from './table.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const kB = (bytes) => `${(bytes / 1000).toFixed(0)} kB`;
const filesIn = (folder, end) =>
  readdirSync(join(ROOT, folder), { recursive: true }).filter((name) => name.endsWith(end)).map((name) => join(ROOT, folder, name));
const linesOf = (files) => files.reduce((sum, file) => sum + readFileSync(file, 'utf8').split('\n').length - 1, 0);

export async function sizes() {
  const dist = filesIn('dist', '').filter((file) => statSync(file).isFile());
  const bytes = (files) => files.map((file) => statSync(file).size).reduce((sum, size) => sum + size, 0);
  const [wasm] = dist.filter((file) => file.endsWith('.wasm'));
  noted('size of the WASM module', kB(bytes([wasm])), `gzip ${kB(gzipSync(readFileSync(wasm)).length)}`);
  noted('size of dist/', kB(bytes(dist)), `${dist.length} files`);
  const shim = filesIn('js', 'js').filter((file) => !file.endsWith('build.mjs'));
  noted('lines of src/', String(linesOf(filesIn('src', '.rs'))), `${filesIn('src', '.rs').length} files`);
  noted('lines of js/, the builder aside', String(linesOf(shim)), 'at most 700');
}

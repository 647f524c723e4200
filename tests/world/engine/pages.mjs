// What the app serves: the files that its folder held when it started.
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

/** {path: bytes} of a folder, or of none. */
export function pagesOf(folder) {
  const names = folder ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  const files = names.filter((it) => it.isFile()).map((it) => join(it.parentPath ?? it.path, it.name));
  return new Map(files.map((file) => [file.slice(folder.length), readFileSync(file)]));
}

/** A server of these pages, not listening yet; each request is written to `log`, if there is one. */
export const serverOf = (pages, log) =>
  createServer((request, response) => {
    if (log) appendFileSync(log, `${request.method} ${request.url} ${JSON.stringify(request.headers)}\n`);
    const { pathname } = new URL(request.url, 'http://app');
    const page = pages.get(pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    response.writeHead(page ? 200 : 404, { 'content-type': 'text/html' });
    response.end(page ?? '404 Not Found\n');
  });

// The app as the stand-in for the engine runs it: like engine/start.sh in the real container, it
// reads its folder when it STARTS and serves what it read, so a restart is what makes new files
// live. Arguments: a JSON object with id, folder, port, exitFile, log.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pagesOf, serverOf } from './pages.mjs';

const { folder, port, exitFile, log } = JSON.parse(process.argv[2]);

function end(code) {
  writeFileSync(exitFile, String(code));
  process.exit(code);
}

function number(name) {
  const path = join(folder ?? '/nonexistent', name);
  return existsSync(path) ? Number(readFileSync(path, 'utf8')) : null;
}

function start() {
  const code = number('exit-code');
  if (code !== null) end(code);
  const pages = pagesOf(folder);
  if (port) serverOf(pages, log).once('error', () => end(1)).listen(port, '127.0.0.1');
}

process.on('SIGTERM', () => end(143));
// A service without a port has nothing else to keep it running.
setInterval(() => {}, 60_000);
setTimeout(start, (number('start-delay') ?? 0) * 1000);

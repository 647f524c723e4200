// The app as the stand-in for the engine runs it: like engine/start.sh in the real container, it
// reads its folder when it STARTS and serves what it read, so a restart is what makes new files
// live. Files in the folder steer it: start-delay (seconds), exit-code (end at once with it).
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pagesOf, serverOf } from './pages.mjs';

/** Starts it; gives what ends it. `ended` is called once, with the exit code, however it ends. */
export function startApp({ folder, port, log }, ended) {
  let server = null;
  let timer = null;
  const end = (code) => {
    clearTimeout(timer);
    server?.close().closeAllConnections();
    ended(code);
    ended = () => {};
  };
  const number = (name) => {
    const path = join(folder ?? '/nonexistent', name);
    return existsSync(path) ? Number(readFileSync(path, 'utf8')) : null;
  };
  const start = () => {
    const code = number('exit-code');
    if (code !== null) return end(code);
    const pages = pagesOf(folder);
    if (port) server = serverOf(pages, log).once('error', () => end(1)).listen(port, '127.0.0.1');
  };
  timer = setTimeout(start, (number('start-delay') ?? 0) * 1000);
  return end;
}

// The app as a process of its own. Its argument: a JSON object with id, folder, port, exitFile, log.
import { writeFileSync } from 'node:fs';
import { startApp } from './app.mjs';

const { exitFile, ...settings } = JSON.parse(process.argv[2]);
const end = startApp(settings, (code) => {
  writeFileSync(exitFile, String(code));
  process.exit(code);
});

process.on('SIGTERM', () => end(143));
// A service without a port has nothing else to keep it running.
setInterval(() => {}, 60_000);

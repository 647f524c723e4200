// The stand-in engine as a process of its own. Its argument is the folder with its containers, where it
// writes the port it listens at. It ends when its standard input does: with the test that started it.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dockerServer } from './client.mjs';
import { openContainers } from './containers.mjs';
import { docker } from './docker.mjs';

const [folder] = process.argv.slice(2);
const server = dockerServer((args, cwd) => docker(openContainers(folder), args, cwd));
server.listen(0, '127.0.0.1', () => {
  const file = join(folder, 'port');
  writeFileSync(`${file}.new`, `${server.address().port}\n`);
  renameSync(`${file}.new`, file);
});
process.stdin.on('end', () => process.exit()).resume();

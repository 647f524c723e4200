// A stand-in for the `docker` command on machines without an engine, that needs nothing but Node (for the
// demo): runs the app as a real process. Its folder is in WORLD_ENGINE. What it does is in docker.mjs.
import { openContainers } from './containers.mjs';
import { docker } from './docker.mjs';

const { out, err, exit = 0 } = await docker(openContainers(process.env.WORLD_ENGINE), process.argv.slice(2), process.cwd());
if (err) process.stderr.write(`${err}\n`);
if (out) process.stdout.write(`${out}\n`);
process.exitCode = exit;

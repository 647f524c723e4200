// From a compose file to what the stand-in engine must run: services with their folder, port and
// stop behaviour, and a hash by which a changed service is known. What it cannot do (building an
// image, say) is refused; it never pretends.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { readYaml } from './yaml.mjs';

/** An error with the exit status Compose 2.26 gives for it. */
export class Refusal extends Error {
  constructor(exit, text) {
    super(text);
    this.exit = exit;
  }
}

/** {name, folder, file, services: [{name, hash, image, mount, port, heedsTerm, graceMs}]}; `file` is seen from `cwd`. */
export function readProject({ file, name, cwd }) {
  const path = resolve(cwd, file ?? 'docker-compose.yml');
  if (!existsSync(path)) throw new Refusal(14, `open ${path}: no such file or directory`);
  const folder = realpathSync(dirname(path));
  const content = parse(readFileSync(path, 'utf8'));
  const chosen = name ?? content.name ?? basename(folder).toLowerCase().replace(/[^a-z0-9_-]/g, '');
  const services = Object.entries(content.services ?? {});
  if (services.length === 0) throw new Refusal(15, 'empty compose file');
  return { name: chosen, folder, file: path, services: services.map((it) => service(folder, ...it)) };
}

function parse(text) {
  if (text.includes('${')) throw new Refusal(15, 'the stand-in does not fill in variables');
  try {
    return readYaml(text);
  } catch (error) {
    throw new Refusal(15, error.message);
  }
}

// What it can do, or what changes nothing that the world looks at. `restart` is told by inspect,
// but nothing is started again by itself.
const KEYS = ['image', 'volumes', 'ports', 'init', 'stop_grace_period', 'restart', 'environment', 'labels'];

function service(folder, name, given) {
  if (given?.build) throw new Refusal(17, `service ${name}: the stand-in builds no images`);
  if (!given?.image) throw new Refusal(15, `service "${name}" has neither an image nor a build context specified`);
  const strange = Object.keys(given).find((key) => !KEYS.includes(key));
  if (strange) throw new Refusal(15, `service ${name}: the stand-in does not do ${strange}`);
  const volume = [given.volumes ?? []].flat().find((it) => it.split(':')[1] === '/app');
  const port = [given.ports ?? []].flat()[0]?.split(':').at(-2);
  return {
    name,
    hash: createHash('sha256').update(JSON.stringify(given)).digest('hex'),
    image: given.image,
    mount: volume ? join(folder, volume.split(':')[0]) : null,
    port: port ? Number(port) : null,
    // Without an init, the app is process 1, for which SIGTERM does nothing by default.
    heedsTerm: given.init === 'true',
    graceMs: Number(/^(\d+)s$/.exec(given.stop_grace_period ?? '10s')?.[1] ?? 10) * 1000,
    stopTimeout: given.stop_grace_period ? Number.parseInt(given.stop_grace_period, 10) : null,
    restart: given.restart ?? '',
    init: given.init === undefined ? null : given.init === 'true',
  };
}

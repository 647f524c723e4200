// What the stand-in's `docker compose` does: up, restart, rm, down, ps, config, on real processes. Like the
// real one: `up` leaves a running service alone when nothing of it changed, `restart` starts the
// same containers again and brings no change of the compose file.
import { readProject, Refusal } from './project.mjs';

// Before the command; after it, `-f` is `rm`'s own flag.
const FLAGS_WITH_VALUE = ['-f', '--file', '-p', '--project-name', '--ansi', '--progress'];

/** Carries out `docker compose ARGS` in the folder `cwd`; gives {out, err, exit}. */
export async function compose(containers, args, cwd) {
  const { options, words } = split(args);
  const [command, ...rest] = words;
  if (command === 'version') return { out: options['--short'] ? VERSION : `Docker Compose version ${VERSION}` };
  const work = { up, restart, rm, down, ps, config }[command];
  if (!work) throw new Refusal(1, `unknown docker command: "compose ${command ?? ''}" (stand-in)`);
  const name = options['-p'] ?? options['--project-name'];
  const project = readProject({ file: options['-f'] ?? options['--file'], name, cwd });
  const chosen = rest.map((it) => project.services.find((service) => service.name === it)
    ?? refuse(`no such service: ${it}`));
  const said = [];
  const world = { containers, project, options, said, chosen: chosen.length ? chosen : project.services };
  const out = await work(world);
  return { out, err: said.join('\n') };
}

const VERSION = '2.26.1-stand-in';
const refuse = (text) => {
  throw new Refusal(1, text);
};

function split(args) {
  const options = {};
  const words = [];
  for (let at = 0; at < args.length; at += 1) {
    const [flag, value] = args[at].split(/=(.*)/s);
    if (!flag.startsWith('-')) words.push(args[at]);
    else if (value === undefined && words.length === 0 && FLAGS_WITH_VALUE.includes(flag)) options[flag] = args[(at += 1)];
    else options[flag] = value ?? true;
  }
  return { options, words };
}

const mine = ({ containers, project }) => containers.all.filter((it) => it.project === project.name);
const ofService = (world, name) => mine(world).find((it) => it.service === name);

async function up(world) {
  if (!world.options['-d'] && !world.options['--detach']) refuse('the stand-in only runs in the background: -d');
  await orphans(world);
  for (const service of world.chosen) await upService(world, service);
}

async function upService(world, service) {
  const { containers, said } = world;
  const old = ofService(world, service.name);
  const same = old && old.hash === service.hash && !world.options['--force-recreate'];
  if (same && containers.state(old).Running) {
    said.push(` Container ${old.name}  Running`);
    return;
  }
  if (old && !same) await drop(world, old);
  const container = same ? old : create(world, service);
  containers.start(container);
  said.push(` Container ${container.name}  Started`);
}

function create(world, service) {
  const { project, containers, said } = world;
  const name = `${project.name}-${service.name}-1`;
  said.push(` Container ${name}  Created`);
  const { name: serviceName, ...rest } = service;
  return containers.create({ ...rest, name, service: serviceName, project: project.name, folder: project.folder, file: project.file });
}

async function drop({ containers, said }, container) {
  await containers.stop(container);
  containers.remove(container);
  said.push(` Container ${container.name}  Removed`);
}

async function orphans(world) {
  const known = world.project.services.map((it) => it.name);
  for (const it of [...mine(world)].filter((one) => !known.includes(one.service))) {
    if (world.options['--remove-orphans']) await drop(world, it);
    else world.said.push(`Found orphan containers ([${it.name}]) for this project.`);
  }
}

async function restart(world) {
  for (const service of world.chosen) {
    const container = ofService(world, service.name);
    if (!container) continue;
    await world.containers.stop(container);
    world.containers.start(container);
    world.said.push(` Container ${container.name}  Started`);
  }
}

async function down(world) {
  const known = world.project.services.map((it) => it.name);
  const all = world.options['--remove-orphans'];
  for (const it of mine(world)) if (all || known.includes(it.service)) await drop(world, it);
}

async function rm(world) {
  if (!world.options['--force']) refuse('nobody is here to confirm: --force');
  for (const { name } of world.chosen) {
    const it = ofService(world, name);
    if (it && (world.options['--stop'] || !world.containers.state(it).Running)) await drop(world, it);
  }
}

function config({ project, options }) {
  if (!options['--services']) refuse('the stand-in only tells the services of a file: --services');
  return project.services.map((it) => it.name).join('\n');
}

function ps(world) {
  const shown = mine(world).filter((it) => world.options['-a'] || world.containers.state(it).Running);
  if (world.options['-q']) return shown.map((it) => it.id).join('\n');
  const rows = shown.map((it) => `${it.name}   ${it.image}   ${it.service}   ${world.containers.state(it).Status}`);
  return ['NAME   IMAGE   SERVICE   STATUS', ...rows].join('\n');
}

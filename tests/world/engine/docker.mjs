// What the `docker` command of the stand-in engine does: only the calls that the action makes, and every
// version says that it is a stand-in. Anything else it is asked is an error. Where containers are kept
// is the caller's: see containers.mjs.
import { createHash } from 'node:crypto';
import { compose } from './compose.mjs';
import { filled } from './format.mjs';

/** Carries out `docker ARGS` on these containers, in the folder `cwd`; gives {out, err, exit}, and never throws. */
export async function docker(containers, [command, ...args], cwd) {
  try {
    if (command === 'compose') return await compose(containers, args, cwd);
    if (command === 'ps') return { out: ps(containers, args) };
    if (command === 'inspect') return inspect(containers, args);
    if (command === 'image' && args[0] === 'inspect') return inspectImages(args.slice(1));
    if (command === 'version' && args[0] === '--format') return { out: filled(args[1], { Server: { Version: '20.10.24-stand-in' } }) };
    if (command === '--version' || command === 'version') return { out: 'Docker version 20.10.24 (stand-in, no engine)' };
    return fail(command ?? 'nothing asked');
  } catch (error) {
    return { err: error.message, exit: error.exit ?? 1 };
  }
}

function labels(it) {
  return {
    'com.docker.compose.config-hash': it.hash,
    'com.docker.compose.container-number': '1',
    'com.docker.compose.oneoff': 'False',
    'com.docker.compose.project': it.project,
    'com.docker.compose.project.config_files': it.file,
    'com.docker.compose.project.working_dir': it.folder,
    'com.docker.compose.service': it.service,
    'com.docker.compose.version': '2.26.1',
  };
}

// As Go sees it: an unset field is there, and null. `ID` is Go's name of what JSON calls `Id`.
function inspected(containers, it) {
  return {
    ID: it.id,
    Name: `/${it.name}`,
    Created: it.created,
    Image: imageId(it.image),
    Path: '/bin/sh',
    Args: ['/start.sh'],
    State: { ...containers.state(it), Health: null },
    RestartCount: 0,
    Config: { Image: it.image, Labels: labels(it), StopTimeout: it.stopTimeout },
    HostConfig: { Init: it.init, RestartPolicy: { Name: it.restart, MaximumRetryCount: 0 } },
    Mounts: it.mount ? [{ Type: 'bind', Source: it.mount, Destination: '/app', Mode: 'ro', RW: false }] : [],
  };
}

// As JSON shows it: unset fields are left out.
const raw = ({ ID, ...rest }) => JSON.parse(JSON.stringify({ Id: ID, ...rest }, (key, value) => value ?? undefined));

function listed(containers, it) {
  const { Status, ExitCode } = containers.state(it);
  return {
    Command: '"/bin/sh /start.sh"', CreatedAt: it.created, ID: it.id, Image: it.image,
    Labels: Object.entries(labels(it)).map(([name, value]) => `${name}=${value}`).join(','),
    Names: it.name, State: Status, Status: Status === 'running' ? 'Up Less than a second' : `Exited (${ExitCode}) Less than a second ago`,
  };
}

const FLAGS_WITH_VALUE = ['--filter', '--format', '--type', '-f'];

// {words, filters, format, flags} of a command's arguments.
function read(args) {
  const read = { words: [], filters: [], format: null, flags: [] };
  for (let at = 0; at < args.length; at += 1) {
    const flag = args[at];
    if (!flag.startsWith('-')) read.words.push(flag);
    else if (!FLAGS_WITH_VALUE.includes(flag)) read.flags.push(flag);
    else if (flag === '--filter') read.filters.push(args[(at += 1)]);
    else if (flag === '--format') read.format = args[(at += 1)];
    else if (flag !== '--type' || args[at + 1] !== 'container') fail(`${flag} ${args[at + 1]}`);
    else at += 1;
  }
  return read;
}

function ps(containers, args) {
  const { filters, format, flags } = read(args);
  const wanted = containers.all.filter((it) => filters.every((filter) => {
    const [, name, value] = /^label=([^=]+)(?:=(.*))?$/s.exec(filter) ?? fail(`filter ${filter}`);
    return value === undefined ? name in labels(it) : labels(it)[name] === value;
  }));
  const all = flags.includes('-a') || flags.includes('--all');
  const shown = wanted.filter((it) => all || containers.state(it).Running);
  if (flags.includes('-q') || flags.includes('--quiet')) return shown.map((it) => it.id).join('\n');
  // For people, who ask for nothing: the first and the last of docker's columns.
  if (args.length === 0) return ['CONTAINER ID   NAMES', ...shown.map((it) => `${it.id.slice(0, 12)}   ${it.name}`)].join('\n');
  if (!flags.includes('--no-trunc') || !format) fail('ps needs --no-trunc and --format');
  const line = (it) => filled(format, listed(containers, it), (name) => labels(it)[name] ?? '');
  return shown.map((it) => (format === '{{json .}}' ? JSON.stringify(listed(containers, it)) : line(it))).join('\n');
}

function inspect(containers, args) {
  const { words, format } = read(args);
  const missing = [];
  const found = words.flatMap((name) => {
    const it = containers.all.find((one) => one.name === name || one.id.startsWith(name));
    if (!it) missing.push(`Error: No such container: ${name}`);
    return it ? [inspected(containers, it)] : [];
  });
  const out = format ? found.map((it) => filled(format, it)).join('\n') : JSON.stringify(found.map(raw));
  return { out, err: missing.join('\n'), exit: missing.length ? 1 : 0 };
}

// An image is its name: nothing here builds or pulls one.
const imageId = (name) => `sha256:${createHash('sha256').update(name).digest('hex')}`;

function inspectImages(args) {
  const { words, format } = read(args);
  return { out: words.map((name) => filled(format, { Id: imageId(name) })).join('\n') };
}

function fail(what) {
  throw new Error(`docker (stand-in): cannot do this: ${what}`);
}

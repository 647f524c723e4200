// A stand-in for the `docker` command on machines without an engine (for the demo): knows only
// the calls the action makes, says in every version that it is a stand-in, and runs the app as a
// real process. Its folder is in WORLD_ENGINE. Anything else it is asked is an error.
import { compose } from './compose.mjs';
import { openContainers } from './containers.mjs';

const containers = openContainers(process.env.WORLD_ENGINE);

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

function inspected(it) {
  return {
    Id: it.id,
    Name: `/${it.name}`,
    Created: it.created,
    State: containers.state(it),
    RestartCount: 0,
    Config: { Image: it.image, Labels: labels(it), ...(it.stopTimeout === null ? {} : { StopTimeout: it.stopTimeout }) },
    HostConfig: { Init: it.init, RestartPolicy: { Name: '', MaximumRetryCount: 0 } },
  };
}

function psLine(it) {
  const { Status, ExitCode } = containers.state(it);
  const text = Object.entries(labels(it)).map(([name, value]) => `${name}=${value}`).join(',');
  return JSON.stringify({
    Command: '"/bin/sh /start.sh"', CreatedAt: it.created, ID: it.id, Image: it.image, Labels: text,
    Names: it.name, State: Status, Status: Status === 'running' ? 'Up' : `Exited (${ExitCode})`,
  });
}

function ps(args) {
  const filters = args.flatMap((it, at) => (it === '--filter' || it === '-f' ? [args[at + 1]] : []));
  const wanted = containers.all.filter((it) => filters.every((filter) => {
    const [, name, value] = /^label=([^=]+)(?:=(.*))?$/s.exec(filter) ?? fail(`filter ${filter}`);
    return value === undefined ? name in labels(it) : labels(it)[name] === value;
  }));
  const all = args.includes('-a') || args.includes('--all');
  const shown = wanted.filter((it) => all || containers.state(it).Running);
  if (args.includes('-q') || args.includes('--quiet')) return shown.map((it) => it.id).join('\n');
  if (args[args.indexOf('--format') + 1] !== '{{json .}}') fail('ps needs --format {{json .}}');
  return shown.map(psLine).join('\n');
}

function inspect(names) {
  const missing = [];
  const found = names.flatMap((name) => {
    const it = containers.all.find((one) => one.name === name || one.id.startsWith(name));
    if (!it) missing.push(`Error: No such object: ${name}`);
    return it ? [inspected(it)] : [];
  });
  return { out: JSON.stringify(found), err: missing.join('\n'), exit: missing.length ? 1 : 0 };
}

function fail(what) {
  throw new Error(`docker (stand-in): cannot do this: ${what}`);
}

async function run([command, ...args]) {
  if (command === 'compose') return compose(containers, args);
  if (command === 'ps') return { out: ps(args) };
  if (command === 'inspect') return inspect(args.filter((it) => !it.startsWith('-')));
  if (command === '--version' || command === 'version') return { out: 'Docker version 20.10.24 (stand-in, no engine)' };
  return fail(command ?? 'nothing asked');
}

try {
  const { out, err, exit = 0 } = await run(process.argv.slice(2));
  if (err) process.stderr.write(`${err}\n`);
  if (out) process.stdout.write(`${out}\n`);
  process.exitCode = exit;
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exit ?? 1;
}

// A container image with Python and nothing else, made from this machine's own python3 without any
// pull: the example's `python:3.13-slim` where no registry is in reach.
import { execFileSync } from 'node:child_process';

const IMAGE = 'mangetamain-python:1';
const LEFT_OUT = ['test', 'idlelib', 'site-packages', 'dist-packages', 'ensurepip', 'tkinter', 'turtledemo', 'lib2to3', 'config-*', '__pycache__'];

const ASK = `
import json, os, sys, sysconfig
print(json.dumps({
    "program": os.path.realpath(sys.executable),
    "home": sys.base_prefix,
    "library": os.path.realpath(sysconfig.get_path("stdlib")),
    "dynamic": os.path.realpath(sysconfig.get_config_var("DESTSHARED")),
}))`;

/** Makes the image when the engine has none yet; gives its name. `env` points at the engine. */
export function ensurePythonImage(env = process.env) {
  try {
    execFileSync('docker', ['image', 'inspect', IMAGE], { env, stdio: 'pipe' });
  } catch {
    importImage(env);
  }
  return IMAGE;
}

function importImage(env) {
  const { program, home, library, dynamic } = JSON.parse(execFileSync('python3', ['-c', ASK], { encoding: 'utf8' }));
  const paths = [program, library, ...librariesOf([program, `${dynamic}/*.so`])];
  const excluded = LEFT_OUT.map((name) => `--exclude=${name}`);
  // Links of libraries become files (-h); every path stays where Python looks for it, but its own.
  const tar = ['-C', '/', '-c', '-h', `--transform=s,^${program.slice(1)}$,bin/python,`, ...excluded];
  const image = execFileSync('tar', [...tar, ...new Set(paths.map((path) => path.slice(1)))], { maxBuffer: 512 << 20, stdio: ['ignore', 'pipe', 'pipe'] });
  const changes = ['ENV PATH=/bin', `ENV PYTHONHOME=${home}`].flatMap((change) => ['--change', change]);
  execFileSync('docker', ['import', ...changes, '-', IMAGE], { env, input: image, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** What these programs load, the loader included. */
function librariesOf(programs) {
  const shown = execFileSync('sh', ['-c', `ldd ${programs.join(' ')} 2>/dev/null || true`], { encoding: 'utf8' });
  return [...shown.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path]) => path);
}

// Programs that stand first in PATH: each writes down how it was called, arguments and environment, and
// then does what the real one does, unless a rule says otherwise: wait, do nothing, kill who called.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './scenario.mjs';

const found = (name, path) => {
  try {
    return execFileSync('bash', ['-c', 'type -P "$0"', name], { env: { PATH: path }, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return null;
  }
};

// A rule is a file: behind a `#` on its first line what the call must hold, then what is done, once.
const wrapper = ({ name, real, folder }) => `#!/bin/bash
call='${folder}/calls/'$EPOCHREALTIME-$$
printf '%s\\0' '${name}' "$@" > "$call.args"
env -0 > "$call.env"
REAL='${real}'
for rule in '${folder}'/rules/*.rule; do
  [ -f "$rule" ] && IFS= read -r words < "$rule" || continue
  [[ "${name} $* " == *"\${words:1}"* ]] && mv "$rule" "\${rule%.rule}.begun" 2>/dev/null && . "\${rule%.rule}.begun"
done
exec "$REAL" "$@"
`;

const parts = (file) => readFileSync(file, 'utf8').split('\0').filter(Boolean);

/** Calls that a world's wrapped programs have written down, the first first. */
export function callsIn(world) {
  const folder = join(world.root, 'programs/calls');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.args')).sort() : [];
  const env = (name) => join(folder, name.replace('.args', '.env'));
  return names.filter((name) => existsSync(env(name))).map((name) => ({ args: parts(join(folder, name)), env: parts(env(name)) }));
}

/** Wraps those of `names` that the world's PATH has; `env` makes an action see them. */
export function wrapPrograms(world, names = ['git', 'docker', 'docker-compose', 'flock']) {
  const folder = join(world.root, 'programs');
  for (const name of ['bin', 'calls', 'rules']) mkdirSync(join(folder, name), { recursive: true });
  for (const name of names) {
    const real = found(name, world.engine.env.PATH);
    if (real) writeFileSync(join(folder, 'bin', name), wrapper({ name, real, folder }), { mode: 0o755 });
  }
  let count = 0;
  const at = (name) => join(folder, name);
  const rule = (words, script) => {
    const file = join(folder, 'rules', String((count += 1)));
    writeFileSync(`${file}.new`, `#${words}\n${script}\n`);
    renameSync(`${file}.new`, `${file}.rule`);
    return { begun: () => until(() => existsSync(`${file}.begun`), `a call with "${words}"`) };
  };
  return {
    env: { PATH: `${at('bin')}:${world.engine.env.PATH}` },
    /** [{args, env}], the first call first; the program is the first argument. */
    calls: () => callsIn(world),
    /** The next call that holds these words runs this shell text first; `$REAL "$@"` is the real one. */
    rule,
    /** The next such call waits until it is let go. */
    hold(words) {
      const go = at(`go-${count + 1}`);
      const { begun } = rule(words, `while [ ! -e '${go}' ]; do sleep 0.02; done`);
      return { begun, letGo: () => writeFileSync(go, '') };
    },
  };
}

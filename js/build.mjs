// Builds dist/ from src/ and js/, the same bytes in any folder and at any time. `setup` installs what
// that needs beside npm's packages; `check` builds elsewhere and names each file of dist/ that differs.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import esbuild from 'esbuild';

export const root = resolve(import.meta.dirname, '..');
export const tools = process.env.MANGETAMAIN_TOOLS ?? join(homedir(), '.cache/mangetamain-deploy/cargo');
const path = [join(tools, 'bin'), process.env.PATH].join(delimiter);

// Named one by one: with `--all-features` binaryen writes a module that Node does not load.
const WASM_FEATURES = [
  'bulk-memory', 'bulk-memory-opt', 'multivalue', 'mutable-globals', 'nontrapping-float-to-int',
  'reference-types', 'sign-ext',
].map((name) => `--enable-${name}`);

const output = (program, args) => execFileSync(program, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26, env: { ...process.env, PATH: path } }).trim();

/** The wasm-bindgen version of Cargo.lock: the command's must be the very same. */
export const bindgenVersion = () =>
  /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(readFileSync(join(root, 'Cargo.lock'), 'utf8'))[1];

/** What is installed of the tools that npm does not install; null where nothing is. */
export function toolVersion(name) {
  try {
    return output(name, ['--version']).split(' ')[1];
  } catch {
    return null;
  }
}

function requireTools() {
  const wanted = bindgenVersion();
  if (toolVersion('wasm-bindgen') !== wanted || !toolVersion('wasm-pack')) {
    throw new Error(`wasm-pack and wasm-bindgen ${wanted} are needed: npm run setup`);
  }
}

// Paths of this machine, and what stands for them in panic messages and symbol hashes.
function remaps(target) {
  const cargo = process.env.CARGO_HOME ?? join(homedir(), '.cargo');
  const pairs = [[cargo, '/cargo'], [output('rustc', ['--print', 'sysroot']), '/rust'], [target, '/target'], [root, '/src']];
  return pairs.map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
}

// V8 compiles a function whole when it is first called, so what a run does not need must not be in one with what it
// does: LLVM by itself merges whatever is called from one place only. Its prices of an instruction and of a call
// (5 and 25) times twenty and sixty: small functions are still merged. 12 % less to compile for a deploy.
const INLINING = ['-inline-instr-cost=100', '-inline-call-penalty=1500'].map((option) => `-Cllvm-args=${option}`);

function buildWasm() {
  const target = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target');
  const env = { ...process.env, PATH: path, CARGO_TARGET_DIR: target, CARGO_ENCODED_RUSTFLAGS: [...remaps(target), ...INLINING].join('\x1f') };
  const args = ['build', '--mode', 'no-install', '--release', '--target', 'nodejs', '--no-opt', '--no-pack', '--no-typescript', '--out-dir', 'pkg', '--', '--locked'];
  execFileSync('wasm-pack', args, { cwd: root, env, stdio: 'inherit' });
}

const OPTIONS = ['-Os', '--one-caller-inline-max-function-size=200', ...WASM_FEATURES];

/** Optimises a module, unless it did so the last time with these very bytes: that is half of a build. */
function optimise(from, to) {
  const binaryen = join(root, 'node_modules/binaryen');
  const made = createHash('sha256').update(JSON.stringify([OPTIONS, readFileSync(join(binaryen, 'package.json'), 'utf8')])).update(readFileSync(from)).digest('hex');
  const stamp = `${to}.from`;
  if (existsSync(to) && existsSync(stamp) && readFileSync(stamp, 'utf8') === made) return;
  rmSync(stamp, { force: true });
  execFileSync(process.execPath, [join(binaryen, 'bin/wasm-opt'), ...OPTIONS, from, '-o', to], { stdio: 'inherit' });
  writeFileSync(stamp, made);
}

// @actions/core has one export, its index; its parts are files of their own beside it.
const places = (core) => ({
  name: 'places',
  setup(build) {
    build.onResolve({ filter: /^@actions\/core\/lib\// }, ({ path }) => ({ path: join(root, 'node_modules', path) }));
    build.onResolve({ filter: /\/pkg\/mangetamain_deploy\.js$/ }, () => ({ path: core }));
  },
});

const COMMON = {
  absWorkingDir: root, bundle: true, platform: 'node', format: 'cjs', target: 'node20', charset: 'utf8', banner: { js: '"use strict";' },
  legalComments: 'none', metafile: true, logLevel: 'warning',
  // Each start reads them whole; names stay, for traces.
  minifyWhitespace: true, minifySyntax: true, lineLimit: 160,
};

/** Writes the bundles; tests of the shim give a core of their own. */
export async function bundle(out, core = join(root, 'pkg/mangetamain_deploy.js')) {
  const doors = await esbuild.build({
    ...COMMON,
    entryPoints: ['js/main.js', 'js/cli.js', 'js/watcher.js'],
    outdir: out,
    external: ['./proxy.js'],
    plugins: [places(core)],
    alias: { crypto: './js/out.js' },
    define: { 'process.stdout': 'stdout' },
    inject: ['js/out.inject.mjs'],
  });
  const proxy = await esbuild.build({ ...COMMON, entryPoints: ['js/proxy.js'], outdir: out, external: ['kerberos'] });
  return [...Object.keys(doors.metafile.inputs), ...Object.keys(proxy.metafile.inputs)];
}

/** The licence texts in a package's folder; of those to choose from the MIT one. */
function licenceTexts(folder) {
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|unlicen[cs]e|copying)/i.test(name)).sort();
  const chosen = files.some((name) => /mit/i.test(name)) ? files.filter((name) => /mit|unicode/i.test(name)) : files;
  return chosen.map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim());
}

/** The npm packages that are in the bundles. */
function npmPackages(inputs) {
  const names = inputs.map((input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1]).filter(Boolean);
  return [...new Set(names)].map((name) => {
    const folder = join(root, 'node_modules', name);
    const { version, license, homepage } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return { name, version, license, homepage, folder };
  });
}

const WASM = 'wasm32-unknown-unknown';

/** The crates that are in the module: what the core depends on, but for what runs at build time only. */
export function crates() {
  // `metadata` knows where each is, and also lists what only others than the module ask for; `tree` knows what is in it.
  const tree = output('cargo', ['tree', '--locked', '--edges', 'normal,no-proc-macro', '--target', WASM, '--prefix', 'none', '--format', '{p}']);
  const wanted = new Set(tree.split('\n').map((line) => line.replace(/^(\S+) v(\S+).*/, '$1 $2')));
  const { packages } = JSON.parse(output('cargo', ['metadata', '--locked', '--format-version', '1', '--filter-platform', WASM]));
  return packages.filter(({ name, version, source }) => source && wanted.has(`${name} ${version}`)).map(({ name, version, license, repository, manifest_path: manifest }) =>
    ({ name, version, license, homepage: repository, folder: dirname(manifest) }));
}

/** Name, version, licence and its text of packages, in the order of their names. */
export function licences(packages) {
  const sorted = packages.map((one) => [`${one.name} ${one.version}`, one]).sort(([one], [other]) => (one < other ? -1 : 1));
  return sorted.map(([title, { license, homepage, folder }]) => {
    const texts = licenceTexts(folder);
    return `${title} (${license})\n\n${texts.length > 0 ? texts.join('\n\n') : `Its package holds no text of its licence: ${homepage}`}\n`;
  }).join(`\n${'-'.repeat(72)}\n\n`);
}

const heading = (title) => `${'='.repeat(72)}\n${title}\n${'='.repeat(72)}\n`;

/** What of others is in dist/. */
const notices = (inputs) => [
  heading('npm packages in the bundles'), licences(npmPackages(inputs)),
  heading('Rust crates in the module'), licences(crates()),
  heading("And parts of Rust's standard library (MIT OR Apache-2.0): https://github.com/rust-lang/rust"),
].join('\n');

export async function build(out) {
  requireTools();
  buildWasm();
  const wasm = 'mangetamain_deploy_bg.wasm';
  const optimised = join(root, 'pkg/optimised.wasm');
  optimise(join(root, 'pkg', wasm), optimised);
  // Not earlier: a build that is stopped half way leaves the last one as it was.
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  copyFileSync(optimised, join(out, wasm));
  writeFileSync(join(out, 'LICENCES.txt'), notices(await bundle(out)));
}

/**
 * Installs what npm does not: wasm-bindgen in the version of Cargo.lock, wasm-pack in one of ours. Without optimising, which takes most of the
 * time that they take to build: each then runs for a second of each build of ours.
 */
function setup() {
  const env = { CARGO_PROFILE_RELEASE_OPT_LEVEL: '0', ...process.env };
  const wanted = { 'wasm-pack': '0.15.1', 'wasm-bindgen': bindgenVersion() };
  for (const [name, version] of Object.entries(wanted)) {
    if (toolVersion(name) === version) continue;
    const crate = name === 'wasm-bindgen' ? 'wasm-bindgen-cli' : name;
    const args = ['install', '--force', '--root', tools, '--version', version, crate];
    execFileSync('cargo', args, { stdio: 'inherit', env });
  }
}

function seen(committed, built) {
  if (!existsSync(committed)) return 'missing';
  if (!existsSync(built)) return 'no longer built';
  return readFileSync(committed).equals(readFileSync(built)) ? null : 'stale';
}

/** Is `dist` what the sources build to, byte for byte? */
async function check(dist) {
  const fresh = mkdtempSync(join(tmpdir(), 'dist-'));
  try {
    await build(fresh);
    const names = [...new Set([dist, fresh].flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : [])))].sort();
    const bad = names.map((name) => [name, seen(join(dist, name), join(fresh, name))]).filter(([, word]) => word);
    for (const [name, word] of bad) console.error(`dist/${name}: ${word}`);
    console.log(bad.length ? 'dist/ is not what the sources build to: npm run build, and commit dist/' : `dist/ is current: ${names.length} files`);
    process.exitCode = bad.length ? 1 : 0;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

const COMMANDS = { build, check, setup };

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await COMMANDS[process.argv[2] ?? 'build'](join(root, 'dist'));
}

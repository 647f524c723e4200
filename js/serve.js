// From start to publication: the same for every door.
const { createHost } = require('./host.js');

// In the words of a publication, so that a bug of ours is told like any other failure.
function bug(error) {
  const seen = String(error?.message ?? error).replace(/[^\P{Cc}\n]/gu, ' ').slice(0, 2000);
  const next = 'It stopped at once. The lock frees itself, and the next run finishes or undoes what was begun: mode `status` says what is live.';
  const failure = `This is a bug in mangetamain-deploy, not in your project: ${seen}\n${next}`;
  return { outputs: {}, summary: '', terminal: '', failure, exit: 1 };
}

// Whoever stands in a folder that a reset has removed is told what is live all the same.
const folder = () => { try { return process.cwd(); } catch { process.chdir('/'); return '/'; } };
exports.start = (door, more) => {
  const env = Object.entries(process.env).filter(([name]) => !name.startsWith('INPUT_'));
  const { pid, platform, version: node } = process;
  return { door, env: Object.fromEntries(env), folder: folder(), pid, platform, node, ...more };
};

exports.serve = (start, { say, mask, publish }) => {
  let told = false;
  const end = (publication) => {
    if (told) return;
    told = true;
    publish(publication);
    process.exit(publication.exit);
  };
  const endByBug = (error) => end(bug(error));
  for (const name of ['uncaughtException', 'unhandledRejection']) process.on(name, endByBug);
  process.on('beforeExit', () => endByBug('it waits for something that cannot come'));
  // Checking all functions beforehand costs 7 ms. The flag goes at once: with it, Node's cache of its own modules is void (8 ms).
  const v8 = require('node:v8');
  v8.setFlagsFromString('--wasm-lazy-validation');
  // Required inside, so that a module that cannot be loaded is told too.
  const { run } = require('../pkg/mangetamain_deploy.js');
  v8.setFlagsFromString('--no-wasm-lazy-validation');
  run(JSON.stringify(start), createHost(say, mask)).then((text) => end(JSON.parse(text)), endByBug);
};

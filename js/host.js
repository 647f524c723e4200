// The door: one command in, one reply out, as src/host.rs describes them. It carries out and tells
// what it saw; what that means is for the core. What costs time to load is loaded when first asked for.
const { sleep, unlessStopped } = require('./stop.js');

function run(command, onStop) {
  const held = command.under_lock ? require('./lock.js').fileOf(command.under_lock) : undefined;
  if (command.under_lock && held === undefined) return { is: 'refused', code: 'ENOTHELD', text: command.under_lock };
  return require('./run.js').run(command, onStop, held);
}

const stoppable = (act) => (command) => unlessStopped((onStop) => act(command, onStop));

const ACTS = {
  ...require('./files.js'),
  clock: () => ({ is: 'clock', ms: Date.now() }),
  sleep: stoppable(sleep),
  run: stoppable(run),
  save: stoppable(({ run: command, path }, onStop) => run({ ...command, into: path }, onStop)),
  http: (command) => unlessStopped((onStop) => require('./http.js').http(command, onStop), (reply) => command.method !== 'GET' && reply?.is === 'answered'),
  'last-word': (command) => require('./http.js').http(command, () => {}),
  lock: stoppable((command, onStop) => require('./lock.js').lock(command, onStop)),
  unlock: (command) => require('./lock.js').unlock(command),
  peek: (command) => require('./lock.js').peek(command),
  processes: (command) => require('./processes.js').processes(command),
  detach: (command) => require('./detach.js').detach(command),
};

// As the core reads a reply: its name alone, or an object whose only key is its name.
const wire = ({ is, ...rest }) => (Object.keys(rest).length > 0 ? { [is]: rest } : is);

// `say(level, text)` and `mask(values)` are what differs from door to door.
exports.createHost = (say, mask) => {
  const shown = { say: ({ level, text }) => say(level, text), mask: ({ values }) => mask(values) };
  const perform = async (command) => wire((await (ACTS[command.do] ?? shown[command.do])(command)) ?? { is: 'done' });
  return { perform };
};

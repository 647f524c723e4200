// Being told to stop. The runner sends SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL, and to our
// own pid only: whatever we started has to be told by us, and has ended well within that time. So is,
// when we end, what is still at work though nobody waits for it any more.
const pending = new Set();
let [stopped, armed] = [null, false];

function stop(signal) {
  stopped ??= signal;
  for (const tell of pending) tell();
  pending.clear();
}

// `work(onStop)` ends soon after the function that it gave to `onStop` was called; `isDone(reply)`: it counts all the same.
exports.unlessStopped = async (work, isDone = () => false) => {
  for (const told of armed ? [] : ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit']) process.on(told, stop);
  armed = true;
  let tell;
  const reply = stopped ? null : await work((told) => pending.add((tell = told)));
  pending.delete(tell);
  return stopped && !isDone(reply) ? { is: 'cancelled', signal: stopped } : reply;
};

exports.stopped = () => stopped !== null;
// A longer timer than this would fire at once.
exports.timer = (ms, then) => setTimeout(then, Math.min(ms, 2 ** 31 - 1));

exports.sleep = ({ ms }, onStop) =>
  new Promise((resolve) => {
    const timer = exports.timer(ms, () => resolve({ is: 'done' }));
    onStop(() => resolve(clearTimeout(timer)));
  });

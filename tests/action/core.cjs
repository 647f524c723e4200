// Stands in for the core where the shim alone is tested: performs the commands it is given, one JSON
// object a line, and publishes the replies. `panic` throws the way the real one does: from a task of
// its own, with its promise never settled.
'use strict';

function script(start) {
  return (start.inputs?.script ?? start.args.join('\n')).split('\n').filter(Boolean);
}

exports.run = async (text, door) => {
  const start = JSON.parse(text);
  const outputs = {};
  for (const [at, line] of script(start).entries()) {
    if (line === 'panic') {
      queueMicrotask(() => {
        throw new Error('panicked at src/x.rs:12:3: a bug\u001b[31m');
      });
      await new Promise(() => {});
    }
    if (line === 'stuck') await new Promise(() => {});
    outputs[`r${at}`] = JSON.stringify(line === 'start' ? start : await door.perform(JSON.parse(line)));
  }
  const failure = start.inputs?.failure ?? null;
  const terminal = Object.values(outputs).join('\n');
  return JSON.stringify({ outputs, summary: '# done', terminal, failure, exit: failure ? 1 : 0 });
};

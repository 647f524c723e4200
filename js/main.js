// The action: inputs from the runner, outputs to it.
const { say, mask, publish } = require('./publish.js');
const { serve, start } = require('./serve.js');

function inputs() {
  const given = Object.entries(process.env).filter(([name]) => name.startsWith('INPUT_'));
  return Object.fromEntries(given.map(([name, value]) => [name.slice(6).toLowerCase(), value]));
}

serve(start('action', { inputs: inputs() }), { say, mask, publish });

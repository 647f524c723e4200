// The action: inputs from the runner, outputs to it.
const { say, mask, publish } = require('./publish.js');
const { serve, start } = require('./serve.js');

const given = Object.entries(process.env).filter(([name]) => name.startsWith('INPUT_'));
const inputs = given.map(([name, value]) => [name.slice('INPUT_'.length).toLowerCase(), value]);

serve(start('action', { inputs: Object.fromEntries(inputs) }), { say, mask, publish });

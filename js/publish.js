// What the runner reads: workflow commands and command files, through the parts of @actions/core
// that write them. Its index would load its HTTP client and OIDC too (75 to 88 ms).
const { issueCommand } = require('@actions/core/lib/command.js');
const { stdout } = require('./out.js');

const COMMANDS = { group: 'group', 'end-group': 'endgroup', notice: 'notice', warning: 'warning' };

exports.say = (level, text) => {
  if (level === 'line') stdout.write(`${text}\n`);
  else issueCommand(COMMANDS[level], {}, text);
};

exports.mask = (values) => values.forEach((value) => issueCommand('add-mask', {}, value));

function toFile(command, text) {
  if (!process.env[`GITHUB_${command}`]) return;
  const { issueFileCommand, prepareKeyValueMessage } = require('@actions/core/lib/file-command.js');
  try {
    issueFileCommand(command, text(prepareKeyValueMessage));
  } catch (error) {
    issueCommand('warning', {}, `GITHUB_${command} could not be written: ${error.message}`);
  }
}

exports.publish = ({ outputs, summary, failure }) => {
  const named = Object.entries(outputs);
  if (named.length > 0) toFile('OUTPUT', (pair) => named.map((one) => pair(...one)).join('\n'));
  if (summary) toFile('STEP_SUMMARY', () => summary);
  if (failure) issueCommand('error', {}, failure);
};

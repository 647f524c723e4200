// What the runner reads: workflow commands and command files, through the parts of @actions/core
// that write them. Its index would load its HTTP client and OIDC too (75 to 88 ms).
const { issueCommand } = require('@actions/core/lib/command.js');
const { stdout } = require('./out.js');

const COMMANDS = { group: 'group', 'end-group': 'endgroup', notice: 'notice', warning: 'warning', error: 'error' };

exports.say = (level, text) => {
  if (level === 'line') stdout.write(`${text}\n`);
  else issueCommand(COMMANDS[level], {}, text);
};

exports.mask = (values) => {
  for (const value of values) issueCommand('add-mask', {}, value);
};

function toFile(command, message) {
  try {
    require('@actions/core/lib/file-command.js').issueFileCommand(command, message());
  } catch (error) {
    issueCommand('warning', {}, `GITHUB_${command} could not be written: ${error.message}`);
  }
}

function outputs(values) {
  const { prepareKeyValueMessage } = require('@actions/core/lib/file-command.js');
  return Object.entries(values).map(([name, value]) => prepareKeyValueMessage(name, value)).join('\n');
}

exports.publish = (publication) => {
  const named = Object.keys(publication.outputs).length > 0;
  if (named && process.env.GITHUB_OUTPUT) toFile('OUTPUT', () => outputs(publication.outputs));
  if (publication.summary && process.env.GITHUB_STEP_SUMMARY) toFile('STEP_SUMMARY', () => publication.summary);
  if (publication.failure) issueCommand('error', {}, publication.failure);
};

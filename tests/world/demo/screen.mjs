// How the demo looks: colours where they are wanted, one timeline, and Discord messages the way
// people see them (markdown drawn, escapes and link brackets gone).
const colour = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
const paint = (code) => (text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : String(text));
export const bold = paint(1);
export const dim = paint(2);
export const red = paint(31);
export const green = paint(32);
export const yellow = paint(33);
const cyan = paint(36);

export const say = (text = '') => void process.stdout.write(`${text}\n`);
export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
export const rule = (text) => say(`\n${bold(text)}\n${dim('─'.repeat(78))}`);

const COLOURS = { push: bold, GitHub: yellow, ledger: dim, step: dim, site: (text) => bold(green(text)), runner: dim, Discord: cyan };

/** One line of the timeline: when (ms since the push), who, what. */
export function line(ms, who, what) {
  say(`${dim(`${(ms / 1000).toFixed(2).padStart(6)} s`)}  ${COLOURS[who](who.padEnd(7))}  ${what}`);
}

/** A Discord message in a small box. */
export function box(ms, { content, embeds = [], edited = false }) {
  const rows = drawn(content);
  for (const { title, description = '' } of embeds) rows.push(...(title ? ['', bold(title)] : []), ...drawn(description));
  line(ms, 'Discord', dim(`╭${'─'.repeat(58)}${edited ? ' (edited)' : ''}`));
  for (const row of rows) say(`${' '.repeat(19)}${dim('│')} ${row}`);
  say(`${' '.repeat(19)}${dim(`╰${'─'.repeat(58)}`)}`);
}

function drawn(markdown) {
  let isCode = false;
  return markdown.split('\n').flatMap((row, at) => {
    if (row.startsWith('```')) {
      isCode = !isCode;
      return [];
    }
    if (isCode) return [`  ${red(row)}`];
    const text = plain(row);
    return [at === 0 ? bold(text) : text];
  });
}

const plain = (row) =>
  row.replace(/\[([^\]]+)\]\(<?[^)>]+>?\)/g, '$1').replace(/<(https?:[^>]+)>/g, '$1').replaceAll('**', '').replace(/\\(.)/g, '$1');

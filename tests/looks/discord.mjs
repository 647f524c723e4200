// Discord's look of our messages, in a page of our own: widths, type and colours as the desktop client has
// them (an embed is at most 520 px wide), and of Discord's markup the part that messages of ours use.
// Outside text stays text.
const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escaped = (text) => text.replace(/[&<>"]/g, (letter) => ENTITIES[letter]);

const link = (url, html) => `<a href="${escaped(url)}">${html}</a>`;
const INLINE = /\\([^\w\s])|\*\*([^]+?)\*\*|`([^`\n]+)`|\[([^\]\n]*)\]\(<?([^>)\n]*)>?\)|<(https?:[^ >]*)>|(https?:\/\/[^\s<]+)/g;

function inline(text) {
  let html = '';
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, letter, bold, code, label, target, closed, bare] = found;
    html += escaped(text.slice(end, found.index));
    end = found.index + whole.length;
    if (letter !== undefined) html += escaped(letter);
    else if (bold !== undefined) html += `<strong>${inline(bold)}</strong>`;
    else if (code !== undefined) html += `<code>${escaped(code)}</code>`;
    else if (label !== undefined) html += link(target, inline(label));
    else html += link(closed ?? bare, escaped(closed ?? bare));
  }
  return html + escaped(text.slice(end));
}

/** Discord's markup as HTML. */
export const markup = (text) =>
  text.split(/```(?:\w*\n)?([^]*?)\n?```\n?/).map((part, at) => (at % 2 ? `<pre tabindex="0">${escaped(part)}</pre>` : inline(part).trim().replaceAll('\n', '<br>'))).join('');

const field = ({ name, value, inline: beside }) => `<div class="field${beside ? ' beside' : ''}"><div class="name">${inline(name)}</div>${markup(value)}</div>`;

function embed({ color = 0, title, url, description = '', fields = [], footer }) {
  const head = title ? `<div class="title">${url ? link(url, inline(title)) : inline(title)}</div>` : '';
  const foot = footer ? `<div class="footer">${escaped(footer.text)}</div>` : '';
  const all = fields.length > 0 ? `<div class="fields">${fields.map(field).join('')}</div>` : '';
  return `<div class="embed" style="border-color:#${color.toString(16).padStart(6, '0')}">${head}<div class="description">${markup(description)}</div>${all}${foot}</div>`;
}

const message = ({ content, embeds, edited, at }, { name, mark }) => `<li><div class="face" aria-hidden="true">M</div><div class="body">
<div class="who"><b>${escaped(name)}</b> <span class="app">APP</span> <time>${escaped(at)}</time></div>
<div class="content">${markup(content)}${edited ? ` <small>${mark}</small>` : ''}</div>${embeds.map(embed).join('')}</div></li>`;

const STYLE = `
:root { --ground: #fff; --card: #f2f3f5; --line: #e3e5e8; --text: #2e3035; --faint: #5c5e66; --link: #0053bd; }
@media (prefers-color-scheme: dark) { :root { --ground: #313338; --card: #2b2d31; --line: #1e1f22; --text: #dbdee1; --faint: #a5a9b1; --link: #49b7ff; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 16px; background: var(--ground); color: var(--text); font: 16px/22px "gg sans", "Noto Sans", "DejaVu Sans", sans-serif; }
h1 { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
ul { margin: 0; padding: 0; list-style: none; }
li { display: flex; gap: 16px; margin-bottom: 18px; }
.face { flex: none; width: 40px; height: 40px; border-radius: 50%; background: #b3261e; color: #fff; font: 600 20px/40px sans-serif; text-align: center; }
.body { min-width: 0; flex: 1; }
.who time, small { color: var(--faint); font-size: 12px; }
.app { padding: 1px 4px; border-radius: 3px; background: #4752c4; color: #fff; font-size: 10px; font-weight: 600; vertical-align: 1px; }
.content, .description, .field { overflow-wrap: anywhere; }
.embed { max-width: 520px; margin-top: 4px; padding: 8px 16px 14px 12px; border-left: 4px solid; border-radius: 4px; background: var(--card); font-size: 14px; line-height: 18px; }
.title { margin-bottom: 6px; font-size: 16px; font-weight: 600; }
.fields { display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px; margin-top: 8px; }
.field { grid-column: 1 / -1; } .beside { grid-column: auto; } .name { font-weight: 600; } .footer { margin-top: 8px; font-size: 12px; }
a { color: var(--link); }
code, pre { border: 1px solid var(--line); border-radius: 4px; background: var(--ground); font: 13px/17px "DejaVu Sans Mono", monospace; }
code { padding: 1px 3px; } pre { margin: 6px 0 0; padding: 7px; white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 500px) { li { gap: 10px; } .fields { grid-template-columns: 1fr; } }`;

const WORDS = { fr: { mark: '(modifié)', title: 'Messages' }, en: { mark: '(edited)', title: 'Messages' } };

/** A page with these messages (`{content, embeds, edited, at}`), the first one first; `at`: what stands for the time. */
export function channel(messages, { locale = 'fr', name = 'mangetamain-deploy', at = '14:07' } = {}) {
  const { mark, title } = WORDS[locale];
  const list = messages.map((one) => message({ at, ...one }, { name, mark })).join('\n');
  return `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head><body><main><h1>${title}</h1><ul>${list}</ul></main></body></html>`;
}

// Every form in which a secret could get out, and how a text is looked through for them.
const git = (secret) => `x-access-token:${secret}`;

/** What base64 makes of a text wherever it begins: at one of three places in a group, its ends left out. */
const base64 = (text) => [0, 1, 2].map((before) => {
  const all = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
  return all.toString('base64').slice(before === 0 ? 0 : before + 1, Math.floor((all.length * 8) / 6));
});

const formsOf = (secret) => [
  secret, ...base64(secret), Buffer.from(git(secret)).toString('base64'), encodeURIComponent(secret), Buffer.from(secret).toString('hex'),
];

/** Every secret of a world, in each of its forms. */
export const forms = (world) => [...new Set([...world.secrets, world.discord.webhookUrl].flatMap(formsOf))];

// Nobody's secret is told from another by these: upper-case hexadecimal, base64 in lines or for URLs.
const alike = (text) => text.replace(/\s|\\[nrt]/g, '').toLowerCase().replaceAll('-', '+').replaceAll('_', '/');

/** Tells of a text whether it holds a secret of this world, in any form. */
export function seeker(world) {
  const wanted = forms(world).map(alike);
  return (text) => {
    const all = alike(text);
    return wanted.some((form) => all.includes(form));
  };
}

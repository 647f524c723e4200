// Proves that the stand-in for Discord refuses what Discord refuses and knows who is rung.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startDiscord } from './discord.mjs';

let discord;
before(async () => (discord = await startDiscord()));
after(() => discord.close());

const url = () => discord.webhookUrl.replace('/api/', '/api/v10/');
const send = (message, { query = '', method = 'POST', headers = {}, path = '' } = {}) =>
  fetch(url() + path + query, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof message === 'string' ? message : JSON.stringify(message),
  });
const code = async (message, options) => {
  const answer = await send(message, options);
  return answer.status < 300 ? answer.status : (await answer.json()).code;
};
const embed = (it) => ({ embeds: [it] });
const long = (n) => 'x'.repeat(n);

test('a_message_within_every_limit_is_taken', async () => {
  const fields = Array.from({ length: 25 }, () => ({ name: 'n', value: 'v', inline: true }));
  const whole = { content: long(2000), username: 'Deploy', ...embed({ title: long(256), description: long(4096), fields, color: 0xffffff, footer: { text: 'f' }, timestamp: new Date().toISOString() }) };
  assert.equal(await code(whole), 204);
  assert.equal(await code({ content: `  ${long(2000)}  ` }), 204, 'ends are trimmed before counting');
});

test('each_limit_is_kept', async () => {
  const bad = [
    { content: long(2001) }, { content: '😀'.repeat(1001) }, { content: 5 }, { content: 'a', embeds: {} },
    { content: 'a', embeds: Array(11).fill({ title: 't' }) }, embed({ title: long(257) }),
    embed({ description: long(4097) }), embed({ fields: Array(26).fill({ name: 'n', value: 'v' }) }),
    embed({ fields: [{ name: long(257), value: 'v' }] }), embed({ fields: [{ name: 'n', value: long(1025) }] }),
    embed({ fields: [{ name: 'n' }] }), embed({ fields: [{ name: '', value: 'v' }] }),
    embed({ footer: { text: long(2049) } }), embed({ footer: {} }), embed({ author: { name: long(257) } }),
    embed({ title: 't', color: 0x1000000 }), embed({ title: 't', color: 'red' }), embed({ title: 't', url: 'nope' }),
    embed({ title: 't', timestamp: 'yesterday' }), { embeds: Array(2).fill({ description: long(3001) }) },
    { content: 'a', username: 'My Discord Bot' }, { content: 'a', username: 'Clyde' }, { content: 'a', username: long(81) },
    { content: 'a', allowed_mentions: { parse: ['all'] } }, { content: 'a', allowed_mentions: { parse: ['users'], users: ['1'] } },
  ];
  for (const message of bad) assert.equal(await code(message), 50035, JSON.stringify(message).slice(0, 80));
});

test('an_empty_message_a_wrong_type_and_an_unknown_webhook_are_refused', async () => {
  assert.equal(await code({ content: ' \n ' }), 50006);
  assert.equal(await code({ embeds: [{}] }), 50006);
  assert.equal(await code({ content: 'a' }, { headers: { 'content-type': 'text/plain' } }), 50035);
  assert.equal(await code('{'), 50109);
  assert.equal(await code({ content: 'a' }, { path: 'x' }), 50027);
  const unknown = await fetch(`${discord.url}/api/v10/webhooks/1/x`, { method: 'POST' });
  assert.deepEqual([unknown.status, (await unknown.json()).code], [404, 10015]);
});

test('a_route_without_version_answers_errors_in_the_old_shape', async () => {
  const answer = await fetch(discord.webhookUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ content: long(2001) }) });
  assert.deepEqual(await answer.json(), { content: ['Must be 2000 or fewer in length.'] });
});

test('who_is_rung_follows_allowed_mentions', async () => {
  const content = '@everyone <@1> <@!2> <@&3>';
  const rings = async (allowed_mentions) => {
    await send({ content, allowed_mentions });
    return discord.messages.at(-1).rung;
  };
  assert.deepEqual(await rings(undefined), { everyone: false, users: ['1', '2'], roles: [] });
  assert.deepEqual(await rings({ parse: [] }), { everyone: false, users: [], roles: [] });
  assert.deepEqual(await rings({ parse: [], roles: ['3'] }), { everyone: false, users: [], roles: ['3'] });
  assert.deepEqual(await rings({ parse: ['everyone'] }), { everyone: true, users: [], roles: [] });
  await send({ ...embed({ description: '@everyone <@1>' }), allowed_mentions: { parse: ['everyone', 'users'] } });
  assert.equal(discord.messages.at(-1).rang, false, 'embeds do not ring');
});

test('a_message_that_was_waited_for_can_be_edited_read_and_deleted', async () => {
  const { id } = await (await send({ content: 'one' }, { query: '?wait=true' })).json();
  const path = `/messages/${id}`;
  assert.equal((await (await send({ content: 'two' }, { method: 'PATCH', path })).json()).content, 'two');
  assert.equal((await (await fetch(url() + path)).json()).content, 'two');
  assert.equal((await fetch(url() + path, { method: 'DELETE' })).status, 204);
  assert.equal((await fetch(url() + path)).status, 404);
});

test('faults_come_with_and_without_their_effect', async () => {
  const count = () => discord.messages.length;
  const before = count();
  discord.fault({ kind: '429', retryAfter: 0.25 });
  const limited = await send({ content: 'a' });
  assert.equal(limited.status, 429);
  assert.deepEqual([(await limited.json()).retry_after, limited.headers.get('retry-after')], [0.25, '1']);
  discord.fault({ kind: 'reset' });
  await assert.rejects(send({ content: 'a' }));
  assert.equal(count(), before);
  discord.fault({ kind: 'reset', effect: true });
  await assert.rejects(send({ content: 'a' }));
  assert.equal(count(), before + 1);
});

test('beyond_the_bucket_a_strict_one_answers_429', async () => {
  const strict = await startDiscord({ enforce: true });
  const post = () => fetch(`${strict.url}${new URL(strict.webhookUrl).pathname}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"content":"a"}' });
  const statuses = [];
  for (let n = 0; n < 6; n += 1) statuses.push((await post()).status);
  await strict.close();
  assert.deepEqual(statuses, [204, 204, 204, 204, 204, 429]);
});

test('a_webhook_gone_for_good_stays_gone', async () => {
  discord.fault({ kind: '404' });
  assert.equal(await code({ content: 'a' }), 10015);
  assert.equal(await code({ content: 'a' }), 10015);
  discord.restore();
});

// What rules.mjs knows nothing of: only the description refuses it.
const DESCRIBED = [
  [{ content: 'a', avatar_url: 'nope' }, 'avatar_url', 'URL_TYPE_INVALID_URL'],
  [{ content: 'a', thread_name: long(101) }, 'thread_name', 'BASE_TYPE_MAX_LENGTH'],
  [{ content: 'a', applied_tags: ['one'] }, 'applied_tags.0', 'NUMBER_TYPE_COERCE'],
  [{ content: 'a', allowed_mentions: { users: ['@me'] } }, 'allowed_mentions.users.0', 'NUMBER_TYPE_COERCE'],
  [{ content: 'a', allowed_mentions: { replied_user: 'no' } }, 'allowed_mentions.replied_user', 'BASE_TYPE_BAD_TYPE'],
  [embed({ title: 't', image: { url: 'nope' } }), 'embeds.0.image.url', 'URL_TYPE_INVALID_URL'],
  [embed({ title: 't', url: `https://${long(2048)}` }), 'embeds.0.url', 'BASE_TYPE_MAX_LENGTH'],
  [embed({ fields: [{ name: 'n', value: 'v', inline: 'yes' }] }), 'embeds.0.fields.0.inline', 'BASE_TYPE_BAD_TYPE'],
];

test('what_only_the_published_description_refuses_is_refused_in_a_post_and_in_an_edit', async (t) => {
  const undescribed = await startDiscord({ validate: false });
  t.after(undescribed.close);
  const { id } = await (await send({ content: 'one' }, { query: '?wait=true' })).json();
  for (const [message, path, expected] of DESCRIBED) {
    const editable = !['avatar_url', 'thread_name', 'applied_tags.0'].includes(path);
    for (const options of [{}, ...(editable ? [{ method: 'PATCH', path: `/messages/${id}` }] : [])]) {
      const answer = await send(message, options);
      const { code: all, errors } = await answer.json();
      const [problem] = path.split('.').reduce((at, key) => at?.[key], errors)?._errors ?? [];
      assert.deepEqual([answer.status, all, problem?.code], [400, 50035, expected], path);
    }
    const body = JSON.stringify(message);
    const other = await fetch(undescribed.webhookUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    assert.equal(other.status, 204, `without the description nothing is said of ${path}`);
  }
});

test('what_is_of_no_use_as_a_message_is_refused_by_its_type', async () => {
  for (const message of [[], 5, 'a', { content: 'a', allowed_mentions: { parse: 5 } }, { content: 'a', embeds: ['a'] }]) {
    assert.equal(await code(JSON.stringify(message)), 50035, JSON.stringify(message));
  }
});

test('parameters_are_as_described_and_unknown_ones_are_not_looked_at', async () => {
  assert.equal(await code({ content: 'a' }, { query: '?wait=maybe' }), 50035);
  assert.equal(await code({ content: 'a' }, { query: '?thread_id=here' }), 50035);
  assert.equal(await code({ content: 'a' }, { method: 'PATCH', path: '/messages/last' }), 50035);
  assert.equal(await code({ content: 'a' }, { query: '?from=ci&wait=false' }), 204);
});

test('every_answer_follows_the_published_description', async (t) => {
  const whole = {
    content: '@everyone <@1> <@&3>', username: 'Deploy', allowed_mentions: { parse: ['everyone', 'users', 'roles'] },
    ...embed({ title: 't', description: null, url: 'https://example.org/', color: 1, fields: [{ name: 'n', value: 'v' }], footer: { text: 'f' }, timestamp: new Date().toISOString() }),
  };
  const strict = await startDiscord({ enforce: true });
  t.after(strict.close);
  const ask = async (path, method = 'GET', message) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(strict.webhookUrl.replace('/api/', '/api/v10/') + path, { method, headers, body: message && JSON.stringify(message) });
    return { status: answer.status, text: await answer.text() };
  };
  const posted = await ask('?wait=true', 'POST', whole);
  const path = `/messages/${JSON.parse(posted.text).id}`;
  const answers = [posted, await ask(''), await ask(path), await ask(path, 'PATCH', { ...whole, content: null }), await ask(path, 'DELETE'), await ask(path)];
  for (let n = 0; n < 5; n += 1) answers.push(await ask('', 'POST', { content: 'a' }));
  answers.push(await ask('', 'POST', {}), await ask('', 'POST', { content: 5 }), await ask('', 'PUT'), await ask('', 'DELETE'), await ask(''));
  assert.deepEqual(answers.map((it) => it.status), [200, 200, 200, 200, 204, 404, 204, 204, 204, 204, 429, 400, 400, 405, 204, 404], answers.map((it) => it.text).join('\n'));
});

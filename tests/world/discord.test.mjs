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

// Looks at one site of the world the way its people do and prints what changes, when it changes: the page
// (as curl sees it), the messages in Discord, the ledger. Keeps what it saw.
import { pause } from '../http.mjs';
import { bold, box, line } from './screen.mjs';
import { told } from './words.mjs';

const LOOK_MS = 20;

/**
 * {begin, event, firstSeen, page, end}: `begin()` is a push, from which times are counted. `site`: its
 * {environment, live}, for another than the world's own.
 */
export function startTimeline(world, site = { environment: 'preprod', live: world.live }) {
  const seen = { zero: Date.now(), entries: 0, news: world.discord.news.length, page: null, pages: [], over: false };
  const pending = [];
  const add = (at, show) => pending.push({ at, show });
  const loops = [
    loop(seen, () => {
      lookAtLedger(world.ledger(site.environment), seen, add);
      lookAtDiscord(world, seen, add);
      flush(seen, pending);
    }),
    loop(seen, () => lookAtPage(site, seen, add)),
  ];
  return {
    begin: () => void (seen.zero = Date.now()),
    event: (who, what) => add(Date.now(), (ms) => line(ms, who, what)),
    /** When the page first answered this after a moment, or null. */
    firstSeen: (body, after) => seen.pages.find((one) => one.body === body && one.at >= after)?.at ?? null,
    page: () => seen.page,
    async end() {
      seen.over = true;
      await Promise.all(loops);
      flush(seen, pending);
    },
  };
}

async function loop(seen, look) {
  while (!seen.over) {
    await look();
    await pause(LOOK_MS);
  }
}

function flush(seen, pending) {
  for (const { at, show } of pending.splice(0).toSorted((a, b) => a.at - b.at)) show(Math.max(0, at - seen.zero));
}

function lookAtLedger(entries, seen, add) {
  for (const entry of entries.slice(seen.entries)) {
    const step = entry.fact.began?.step ?? (entry.fact.did ?? entry.fact.failed)?.step;
    if (step === 'compose') seen.isRestarting = Boolean(entry.fact.began);
    const words = told(entry);
    if (words) add(entry.at, (ms) => line(ms, words.who, words.what));
  }
  seen.entries = entries.length;
}

function lookAtDiscord(world, seen, add) {
  for (const message of world.discord.news.slice(seen.news)) add(message.time, (ms) => box(ms, message));
  seen.news = world.discord.news.length;
}

// Not while containers restart: who asks a container that is away waits for a second, and whoever
// asks after him too (ARP on docker's bridge). Looking would lengthen what is looked at.
async function lookAtPage(site, seen, add) {
  if (seen.isRestarting) return;
  const { status, body } = await site.live();
  if (seen.isRestarting || status === 0 || body === seen.page) return;
  const was = seen.page;
  seen.page = body;
  seen.pages.push({ at: Date.now(), body });
  add(Date.now(), (ms) => line(ms, 'site', `LIVE: the page says ${bold(`"${body}"`)}${was ? `, no longer "${was}"` : ''}`));
}

//! What one wants to read first: each environment in one word and one sentence, and what is live, validated,
//! awaited and under way, in words and with since when.

use super::html::{Html, element, link, text};
use super::verdict::{Ill, Overall, Tone, ill, verdict};
use super::{Hand, Shown};
use crate::environment::Watch;
use crate::machine::entry::CiRun;
use crate::messages::colon;
use crate::messages::holder::{holder, who};
use crate::messages::status;
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::health_log::TargetStatus;

/// An environment in a few words, leading to its section.
pub(super) fn card(shown: &Shown, hand: &Hand<'_>) -> Html {
    let found = verdict(shown, hand.now);
    let (word, sentence) = (hand.words.verdict)(&found);
    let name = element("a").attribute("href", &format!("#env-{}", shown.name)).text(&shown.label).done();
    let mut card = element("li")
        .class(tone_class(found.tone()))
        .with(&element("p").class("name").with(&name).done())
        .with(&element("p").class("verdict").with(&mark(&found)).with(&element("strong").text(word).done()).done())
        .with(&element("p").text(&sentence).done());
    if let Some(live) = &shown.state.live {
        let line = version(&live.sha, hand).and(&text(" · ")).and(&text(&ago(live.since, hand)));
        card = card.with(&element("p").class("quiet").with(&line).done());
    }
    card.done()
}

fn tone_class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "card good",
        Tone::Wait => "card wait",
        Tone::Warn => "card warn",
        Tone::Bad => "card bad",
    }
}

/// The verdict's shape: a tick, an hourglass' two dots, an exclamation mark, a cross; each in a form of its own.
fn mark(found: &Overall) -> Html {
    let path = match found.tone() {
        Tone::Good => "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zM7 11.2 3.9 8.1l1.2-1.2L7 8.8l3.9-3.9 1.2 1.2z",
        Tone::Wait => "M3 1h10v3L9.5 8 13 12v3H3v-3l3.500-4L3 4z",
        Tone::Warn => "M8 1 15.500 15H.5zM7.200 6v4.500h1.600V6zm0 6v1.600h1.600V12z",
        Tone::Bad => {
            "M5 1h6l4 4v6l-4 4H5l-4-4V5zm.8 3.600L4.600 5.800 6.800 8l-2.200 2.200 1.200 1.200L8 9.200l2.200 2.200 1.200-1.200L9.200 8l2.200-2.200-1.200-1.200L8 6.800z"
        }
    };
    let path = element("path").attribute("fill-rule", "evenodd").attribute("d", path).alone();
    element("svg").class("mark").attribute("viewBox", "0 0 16 16").attribute("aria-hidden", "true").with(&path).done()
}

/// A version for people: its first digits, linked where commits have a page.
pub(super) fn version(sha: &Sha, hand: &Hand<'_>) -> Html {
    let digits = match hand.repository_url {
        Some(url) => link(&format!("{url}/commit/{sha}"), sha.short()),
        None => text(sha.short()),
    };
    element("code").with(&digits).done()
}

/// The facts, one a row.
pub(super) fn facts(shown: &Shown, hand: &Hand<'_>) -> Html {
    let [live, validated, pending, under_way, unfinished, last, health, ledger] = hand.words.rows;
    let mut rows = vec![
        (live, live_row(shown, hand)),
        (health, health_rows(shown, hand)),
        (validated, validated_row(shown, hand)),
        (pending, pending_row(shown, hand)),
    ];
    let request = &shown.state.operation;
    if request.is_some() || shown.lock.is_some() {
        let word = if shown.lock.is_some() { under_way } else { unfinished };
        rows.push((word, under_way_row(shown, hand)));
    }
    rows.extend(last_row(shown, hand).map(|row| (last, row)));
    let unread = (shown.set_aside > 0).then(|| status::set_aside(hand.words.locale, shown.set_aside));
    let trouble = [shown.problem.clone(), unread];
    rows.extend(trouble.iter().flatten().map(|problem| (ledger, text(problem))));
    let rows: Html = rows
        .iter()
        .map(|(name, value)| element("dt").text(name).done().and(&element("dd").with(value).done()))
        .collect();
    element("dl").with(&rows).done()
}

fn live_row(shown: &Shown, hand: &Hand<'_>) -> Html {
    let Some(live) = &shown.state.live else {
        return text(hand.words.none);
    };
    let commit = shown.state.records.get(&live.sha).and_then(|record| record.commit.as_ref());
    let mut row = version(&live.sha, hand).and(&text(" "));
    if let Some(commit) = commit {
        row = row.and(&element("span").class("subject").text(&commit.subject).done());
        row = row.and(&quiet(&format!(" {}", commit.author)));
    }
    let moved = shown.moved.as_ref().map_or_else(Html::default, |head| {
        let found = text(&format!("{} ", hand.words.found)).and(&version(head, hand));
        element("span").class("line").with(&found).done()
    });
    row.and(&line(&since(live.since, hand))).and(&moved).and(&site(shown))
}

fn site(shown: &Shown) -> Html {
    let url = shown.url.as_ref();
    url.map_or_else(Html::default, |url| element("span").class("line").with(&link(url, url)).done())
}

fn quiet(words: &str) -> Html {
    element("span").class("quiet").text(words).done()
}

fn line(words: &str) -> Html {
    element("span").class("line quiet").text(words).done()
}

fn since(at: Millis, hand: &Hand<'_>) -> String {
    let words = hand.words;
    format!("{} {} UTC, {}", words.since, words.moment(at), ago(at, hand))
}

fn ago(at: Millis, hand: &Hand<'_>) -> String {
    (hand.words.ago)(&hand.words.age(hand.now.since(at)))
}

fn validated_row(shown: &Shown, hand: &Hand<'_>) -> Html {
    let state = &shown.state;
    let named = |words: &str, sha| text(words).and(&text(" ")).and(&version(sha, hand));
    match (state.last_validated(), state.validated.last(), &state.baseline) {
        (Some(one), ..) => {
            let when = format!("{} UTC, {}", hand.words.moment(one.at), ago(one.at, hand));
            let when = element("span").class("line quiet").text(&when).with(&run(one.run.as_ref())).done();
            version(&one.sha, hand).and(&when)
        }
        (None, Some(gone), _) => named(hand.words.none_left, &gone.sha),
        (None, None, Some(sha)) => named(hand.words.baseline, sha),
        (None, None, None) => text(hand.words.none),
    }
}

fn run(run: Option<&CiRun>) -> Html {
    run.map_or_else(Html::default, |run| text(" · ").and(&link(&run.url, &format!("CI {}", run.id))))
}

fn pending_row(shown: &Shown, hand: &Hand<'_>) -> Html {
    let words = hand.words;
    let Some(watch) = shown.state.awaited() else {
        return text(words.none);
    };
    let at = words.moment(watch.until);
    let deadline = if hand.now < watch.until {
        (words.until)(&at, &words.span(watch.until.since(hand.now)))
    } else {
        (words.overdue)(&at, &words.age(hand.now.since(watch.until)))
    };
    let [process, job, event, nobody] = words.followed;
    let by = match watch.how {
        Watch::Detached => process,
        Watch::Inline => job,
        Watch::Event => event,
        Watch::Auto | Watch::None => nobody,
    };
    text("CI ").and(&version(&watch.sha, hand)).and(&text(&format!(" {deadline}"))).and(&line(by))
}

fn under_way_row(shown: &Shown, hand: &Hand<'_>) -> Html {
    let request = shown.state.operation.as_ref();
    let asked = request.map_or_else(String::new, |request| {
        format!("{} {}", status::asked(hand.words.locale, &request.ask), since(request.since, hand))
    });
    let lock = shown.lock.as_ref().map(|lock| holder(lock, hand.words.locale));
    text(&asked).and(&line(&lock.unwrap_or_default()))
}

/// How the last request ended, where that is news.
fn last_row(shown: &Shown, hand: &Hand<'_>) -> Option<Html> {
    let last = shown.state.history.last()?;
    let locale = hand.words.locale;
    let told = [&status::asked(locale, &last.ask), colon(locale), &status::ended(locale, &last.outcome)].concat();
    Some(text(&told).and(&line(&format!("{} UTC, {}", hand.words.moment(last.at), who(&last.by, locale)))))
}

fn health_rows(shown: &Shown, hand: &Hand<'_>) -> Html {
    if shown.targets.is_empty() {
        return text(hand.words.none);
    }
    let [up, down, stale, never] = hand.words.standings;
    let mut all: Vec<_> = shown.targets.iter().collect();
    all.sort_by_key(|target| ill(target, &shown.state) != Some(Ill::Now));
    let rows = all.iter().take(super::TARGETS).map(|target| {
        let Some(last) = &target.last else {
            return element("span").class("line").text(&[&target.url, colon(hand.words.locale), never].concat()).done();
        };
        let word = match last.result {
            TargetStatus::Down => down,
            TargetStatus::Stale => stale,
            _ => up,
        };
        // What is past by now is not shouted, and since when it was so is no news.
        let (class, before) = match ill(target, &shown.state) {
            Some(Ill::Now) => ("word bad", String::new()),
            Some(Ill::Before) => ("quiet", format!("{}, ", hand.words.before_live)),
            None => ("word good", String::new()),
        };
        let ms = last.ms.map_or_else(String::new, |ms| format!(" ({ms} ms)"));
        let age = ago(last.at, hand);
        let since = last.since.filter(|_| before.is_empty());
        let since =
            since.map_or_else(String::new, |at| format!(", {} {} UTC", hand.words.since, hand.words.moment(at)));
        element("span")
            .class("line")
            .with(&element("span").class(class).text(&format!("{word}{ms}")).done())
            .with(&quiet(&format!(" {before}{age}{since} · {}", target.url)))
            .with(&line(&last.why))
            .done()
    });
    rows.collect()
}

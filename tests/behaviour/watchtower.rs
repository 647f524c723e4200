//! A machine that checks its sites by the hour, with a clock of its own: what it asks takes as long as
//! the story says, and nothing is waited for in earnest. It knows files, locks, sites and Discord.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::any_host;
use mangetamain_deploy::host::{Answered, Command, Host, Http, Keep, Phase, Publication, Reply, Start};
use mangetamain_deploy::machine::{Entry, Fact};
use mangetamain_deploy::sha::Sha;
use mangetamain_deploy::time::Millis;

pub const HOUR: u64 = 3_600_000;
pub const DAY: u64 = 24 * HOUR;
/// 2026-01-01T00:00:00Z.
pub const DAWN: u64 = 1_767_225_600_000;
pub const STATE: &str = "/state/prod";
pub const MEMORY: &str = "/state/prod/health.jsonl";
const DISCORD: &str = "https://discord.com/api/webhooks/42/PlantedWebhookToken0123456789";

/// How a site answers.
#[derive(Clone, Debug)]
pub struct Site {
    /// Status and body; none: no answer, which gets as far as `phase`.
    pub answer: Option<(u16, String)>,
    pub phase: Phase,
    /// How long that takes, milliseconds.
    pub ms: u64,
    pub certificate_ends_ms: Option<Millis>,
}

pub fn well() -> Site {
    answering(200, "<title>Mangetamain</title>")
}

pub fn answering(status: u16, body: &str) -> Site {
    Site { answer: Some((status, body.to_owned())), phase: Phase::Answer, ms: 300, certificate_ends_ms: None }
}

pub fn lost(phase: Phase) -> Site {
    Site { answer: None, phase, ms: 5, certificate_ends_ms: None }
}

pub struct Tower {
    pub now: u64,
    pub sites: BTreeMap<String, Site>,
    /// Answers that come before a site's own, in order.
    pub first: BTreeMap<String, VecDeque<Site>>,
    pub files: BTreeMap<String, String>,
    /// Folders that cannot be written, by the beginning of a path.
    pub read_only: Vec<String>,
    /// Locks of others: who, and until when.
    pub held: BTreeMap<String, (String, u64)>,
    /// Facts that somebody writes into the ledger at a time.
    pub deploys: Vec<(u64, Fact)>,
    pub discord_is_down: bool,
    /// Words for which Discord refuses a message.
    pub refused: Option<String>,
    pub messages: Vec<String>,
    pub said: Vec<String>,
    pub inputs: BTreeMap<String, String>,
    pub file: Option<String>,
    asked: Vec<(u64, usize, Command)>,
    replies: BTreeMap<usize, Reply>,
    wakers: BTreeMap<usize, Waker>,
    tickets: usize,
}

#[derive(Clone)]
pub struct Door(Rc<RefCell<Tower>>);

struct Asking {
    tower: Rc<RefCell<Tower>>,
    command: Option<Command>,
    ticket: usize,
}

impl Future for Asking {
    type Output = Reply;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Reply> {
        let tower = self.tower.clone();
        let mut tower = tower.borrow_mut();
        if let Some(command) = self.command.take() {
            self.ticket = tower.ask(command);
        }
        if let Some(reply) = tower.replies.remove(&self.ticket) {
            return Poll::Ready(reply);
        }
        tower.wakers.insert(self.ticket, context.waker().clone());
        Poll::Pending
    }
}

impl Host for Door {
    fn perform(&self, command: Command) -> impl Future<Output = Reply> {
        Asking { tower: self.0.clone(), command: Some(command), ticket: 0 }
    }
}

pub fn tower() -> Tower {
    let inputs = [("mode", "health"), ("locale", "en"), ("state-dir", "/state"), ("discord-webhook", DISCORD)];
    Tower {
        now: DAWN,
        sites: BTreeMap::new(),
        first: BTreeMap::new(),
        files: BTreeMap::new(),
        read_only: Vec::new(),
        held: BTreeMap::new(),
        deploys: Vec::new(),
        discord_is_down: false,
        refused: None,
        messages: Vec::new(),
        said: Vec::new(),
        inputs: inputs.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        file: None,
        asked: Vec::new(),
        replies: BTreeMap::new(),
        wakers: BTreeMap::new(),
        tickets: 0,
    }
}

/// One environment, `prod`, with these sites, all well.
pub fn watching(urls: &[&str]) -> Tower {
    let mut tower = tower();
    tower.set("environment", "prod");
    tower.set("health-url", &urls.join("\n"));
    tower.sites.extend(urls.iter().map(|url| ((*url).to_owned(), well())));
    tower
}

pub fn sha(number: usize) -> Sha {
    Sha::parse(&format!("{number:040x}")).unwrap()
}

impl Tower {
    pub fn set(&mut self, input: &str, value: &str) {
        self.inputs.insert(input.to_owned(), value.to_owned());
    }

    pub fn becomes(&mut self, url: &str, site: Site) {
        self.sites.insert(url.to_owned(), site);
    }

    pub fn write_ledger(&mut self, fact: Fact) {
        let ledger = self.files.entry(format!("{STATE}/ledger.jsonl")).or_default();
        let seq = ledger.lines().count() as u64 + 1;
        let entry = Entry { seq, at: Millis(self.now), by: "run 1.1".to_owned(), fact };
        ledger.push_str(&serde_json::to_string(&entry).unwrap());
        ledger.push('\n');
    }

    /// One run; it takes as long as it takes.
    pub fn run(&mut self) -> Publication {
        let taken = std::mem::replace(self, tower());
        let start = Start {
            door: "action".to_owned(),
            inputs: taken.inputs.clone(),
            env: [("GITHUB_REPOSITORY", "team/site"), ("GITHUB_RUN_ID", "7"), ("HOME", "/home/ci")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            folder: "/work".to_owned(),
            pid: 9,
            platform: "linux".to_owned(),
            file: taken.file.clone(),
            ..Start::default()
        };
        let door = Door(Rc::new(RefCell::new(taken)));
        let published = {
            let mut run = pin!(any_host::run(start, &door));
            let mut context = Context::from_waker(Waker::noop());
            loop {
                if let Poll::Ready(published) = run.as_mut().poll(&mut context) {
                    break published;
                }
                assert!(door.0.borrow_mut().advance(), "the run waits for something that cannot come");
            }
        };
        *self = Rc::into_inner(door.0).unwrap().into_inner();
        self.asked.clear();
        self.wakers.clear();
        published
    }

    /// A run, and then the next hour.
    pub fn hour(&mut self) -> Publication {
        let began = self.now;
        let published = self.run();
        self.now = began + HOUR;
        published
    }

    /// The headlines of the messages that have arrived, taken away.
    pub fn headlines(&mut self) -> Vec<String> {
        let lines = self.messages.drain(..).map(|text| text.lines().next().unwrap_or_default().to_owned());
        lines.collect()
    }

    fn ask(&mut self, command: Command) -> usize {
        self.tickets += 1;
        let (ticket, now) = (self.tickets, self.now);
        match &command {
            Command::Sleep { ms } => self.asked.push((now + ms, ticket, command)),
            Command::Http(http) => {
                let takes = self.site(http).map_or(40, |site| site.ms).min(http.limit_ms);
                self.asked.push((now + takes, ticket, command));
            }
            _ => {
                let reply = self.at_once(command);
                self.replies.insert(ticket, reply);
            }
        }
        ticket
    }

    /// To the next moment at which something is answered.
    fn advance(&mut self) -> bool {
        let next = self.asked.iter().enumerate().min_by_key(|(_, (due, ticket, _))| (*due, *ticket)).map(|(at, _)| at);
        let Some(at) = next else {
            return false;
        };
        let (due, ticket, command) = self.asked.remove(at);
        self.now = self.now.max(due);
        while let Some(at) = self.deploys.iter().position(|(at, _)| *at <= self.now) {
            let (_, fact) = self.deploys.remove(at);
            self.write_ledger(fact);
        }
        let reply = match command {
            Command::Http(http) => self.http(&http),
            _ => Reply::Done,
        };
        self.replies.insert(ticket, reply);
        if let Some(waker) = self.wakers.remove(&ticket) {
            waker.wake();
        }
        true
    }

    fn site(&self, http: &Http) -> Option<&Site> {
        let first = self.first.get(&http.url).and_then(|sites| sites.front());
        first.or_else(|| self.sites.get(&http.url))
    }

    fn http(&mut self, http: &Http) -> Reply {
        if http.url.contains("discord.com") {
            if self.discord_is_down {
                return Reply::Unreached { phase: Phase::Connect, text: "ECONNREFUSED".to_owned() };
            }
            let body: serde_json::Value = serde_json::from_str(http.body.as_deref().unwrap()).unwrap();
            let frame = body["embeds"][0]["description"].as_str().unwrap_or_default();
            let text = format!("{}\n{frame}", body["content"].as_str().unwrap()).replace("**", "");
            if self.refused.as_ref().is_some_and(|words| text.contains(words)) {
                return Reply::Answered(answered(400, "{}".to_owned(), 40, None));
            }
            self.messages.push(text.trim_end().to_owned());
            return Reply::Answered(answered(204, String::new(), 40, None));
        }
        let site = self.site(http).cloned().unwrap_or_else(|| lost(Phase::Resolve));
        if let Some(first) = self.first.get_mut(&http.url) {
            first.pop_front();
        }
        if site.ms > http.limit_ms {
            return Reply::Unreached { phase: Phase::Timeout, text: "no whole answer".to_owned() };
        }
        match site.answer {
            Some((status, body)) => Reply::Answered(answered(status, body, site.ms, site.certificate_ends_ms)),
            None => Reply::Unreached { phase: site.phase, text: "getaddrinfo or connect said no".to_owned() },
        }
    }

    fn at_once(&mut self, command: Command) -> Reply {
        let writes = match &command {
            Command::Append { path, .. }
            | Command::Replace { path, .. }
            | Command::Folder { path }
            | Command::Lock { path, .. } => Some(path),
            _ => None,
        };
        if writes.is_some_and(|path| self.read_only.iter().any(|folder| path.starts_with(folder.as_str()))) {
            return Reply::Refused { code: "EROFS".to_owned(), text: "read-only file system".to_owned() };
        }
        match command {
            Command::Clock => Reply::Clock { ms: Millis(self.now) },
            Command::Read { path, cap, keep } => self.files.get(&path).map_or(Reply::Missing, |text| {
                let (cap, size) = (usize::try_from(cap).unwrap(), text.len());
                let part = if keep == Keep::Tail { &text[size.saturating_sub(cap)..] } else { &text[..size.min(cap)] };
                Reply::Text { text: part.to_owned(), size: size as u64 }
            }),
            Command::Append { path, text } => {
                self.files.entry(path).or_default().push_str(&text);
                Reply::Done
            }
            Command::Replace { path, text } => {
                self.files.insert(path, text);
                Reply::Done
            }
            Command::Peek { path } => match self.held.get(&path) {
                Some((holder, until)) if self.now < *until => Reply::Held { holder: holder.clone() },
                _ => Reply::Missing,
            },
            Command::Lock { .. } => Reply::Locked,
            // Nor git, which would say where each is deployed from.
            Command::Run(run) if run.program == "git" => Reply::Missing,
            // There are no links here.
            Command::Stat { paths } => Reply::Stats { stats: paths.iter().map(|_| None).collect() },
            Command::Say { text, .. } => {
                self.said.push(text);
                Reply::Done
            }
            Command::List { path } => {
                let below = self.files.keys().filter_map(|file| file.strip_prefix(&format!("{path}/")));
                let mut names: Vec<String> =
                    below.filter_map(|rest| rest.split('/').next()).map(str::to_owned).collect();
                names.dedup();
                if names.is_empty() { Reply::Missing } else { Reply::Names { names } }
            }
            Command::Folder { .. } | Command::Unlock { .. } | Command::Mask { .. } => Reply::Done,
            other => panic!("nobody taught the tower: {other:?}"),
        }
    }
}

fn answered(status: u16, body: String, ms: u64, certificate_ends_ms: Option<Millis>) -> Answered {
    Answered { status, headers: BTreeMap::new(), body, whole: true, location: None, ms, certificate_ends_ms }
}

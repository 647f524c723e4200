//! Processes of ours in the pretend world, interleaved by a seed: each `run` is a future, each command
//! takes its time, and the one that is due first is carried out. Faults are rules.

use std::cell::{Ref, RefCell, RefMut};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use mangetamain_deploy::host::{Command, Host, Phase, Publication, Ran, Reply, Start};

use super::check;
use super::world::{APP, COMPOSE, DISCORD, SITE, TOKEN, WATCH_TOKEN, World, sha};

/// What becomes of a command.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Act {
    /// It is refused: it has no effect, and that is told.
    Refuse,
    /// It has its effect, and no answer comes.
    LoseReply,
    /// It has no effect, and no answer comes.
    LoseEffect,
    /// It has no effect, and says that all is well.
    Pretend,
    /// The process is killed before it, in the middle of it, after it.
    KillBefore,
    KillHalf,
    KillAfter,
    /// The process is told to stop.
    Stop,
}

/// Which command.
#[derive(Clone, Copy)]
pub enum Which {
    /// The n-th of the process, from 1; the clock is not counted.
    Nth(usize),
    /// Those that this holds for, so many times.
    Like(fn(&Command) -> bool, usize),
}

/// A fault.
pub struct Rule {
    /// The process, in the order of their starts; none: any.
    pub who: Option<usize>,
    pub which: Which,
    pub act: Act,
}

struct Asked {
    ticket: u64,
    who: usize,
    command: Command,
    due: u64,
    deadline: u64,
}

#[derive(Default)]
struct Desk {
    asked: Vec<Asked>,
    replies: BTreeMap<u64, Reply>,
    tickets: u64,
    fresh: Vec<(u64, usize, Command)>,
}

struct Door {
    desk: Rc<RefCell<Desk>>,
    who: usize,
}

impl Host for Door {
    fn perform(&self, command: Command) -> impl Future<Output = Reply> {
        Asking { desk: self.desk.clone(), who: self.who, command: Some(command), ticket: 0 }
    }
}

struct Asking {
    desk: Rc<RefCell<Desk>>,
    who: usize,
    command: Option<Command>,
    ticket: u64,
}

impl Future for Asking {
    type Output = Reply;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Reply> {
        if let Some(command) = self.command.take() {
            let mut desk = self.desk.borrow_mut();
            desk.tickets += 1;
            let ticket = desk.tickets;
            desk.fresh.push((ticket, self.who, command));
            drop(desk);
            self.ticket = ticket;
            return Poll::Pending;
        }
        self.desk.borrow_mut().replies.remove(&self.ticket).map_or(Poll::Pending, Poll::Ready)
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        let mut desk = self.desk.borrow_mut();
        desk.asked.retain(|asked| asked.ticket != self.ticket);
        desk.fresh.retain(|(ticket, ..)| *ticket != self.ticket);
        desk.replies.remove(&self.ticket);
    }
}

#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Process {
    pid: u32,
    future: Option<Pin<Box<dyn Future<Output = Publication>>>>,
    woken: Arc<Flag>,
    ended: Option<Publication>,
    killed: bool,
    stopped: bool,
    counted: usize,
}

/// The pretend world with our processes in it.
pub struct Town {
    world: Rc<RefCell<World>>,
    desk: Rc<RefCell<Desk>>,
    processes: Vec<Process>,
    pub rules: Vec<Rule>,
    later: Vec<(u64, u64, Start)>,
    pub with: BTreeMap<String, String>,
    runs: u64,
    pub hash: u64,
    steps: usize,
    /// Somebody was killed, or a disk said no: files that follow from the ledger may lag behind.
    pub disturbed: bool,
}

impl Town {
    pub fn new(seed: u64) -> Self {
        let mut world = World::new(seed);
        let compose =
            "services:\n  web:\n    image: python:3.12\n    command: python app.py\n    volumes: ['./:/app']\n";
        world.files.insert(COMPOSE.to_owned(), compose.to_owned());
        let with = [
            ("environment", "preprod"),
            ("app-path", APP),
            ("compose-file", COMPOSE),
            ("health-url", SITE),
            ("url", SITE),
            ("locale", "fr"),
            ("watch", "inline"),
            ("token", TOKEN),
            ("discord-webhook", DISCORD),
        ];
        Self {
            world: Rc::new(RefCell::new(world)),
            desk: Rc::default(),
            processes: Vec::new(),
            rules: Vec::new(),
            later: Vec::new(),
            with: with.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            runs: 9000,
            hash: 0xcbf2_9ce4_8422_2325,
            steps: 0,
            disturbed: false,
        }
    }

    pub fn world(&self) -> RefMut<'_, World> {
        self.world.borrow_mut()
    }

    pub fn seen(&self) -> Ref<'_, World> {
        self.world.borrow()
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.with.insert(name.to_owned(), value.to_owned());
    }

    /// A commit that is pushed now; its CI appears after 5 s and ends after a minute.
    pub fn push(&mut self, subject: &str, conclusion: &str) -> usize {
        self.push_paths(subject, conclusion, &["app.py"])
    }

    pub fn push_paths(&mut self, subject: &str, conclusion: &str, paths: &[&str]) -> usize {
        let mut world = self.world();
        let now = world.now;
        let commit = world.commit(now, subject, paths);
        if conclusion != "never" {
            world.ci(commit, 5_000, 60_000, conclusion);
        }
        commit
    }

    /// A start of a mode, with inputs beside those that always hold.
    pub fn started(&mut self, mode: &str, commit: Option<usize>, more: &[(&str, &str)]) -> Start {
        self.runs += 1;
        let mut inputs = self.with.clone();
        inputs.insert("mode".to_owned(), mode.to_owned());
        inputs.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let env = [
            ("GITHUB_SHA", commit.map(sha).unwrap_or_default()),
            ("GITHUB_REPOSITORY", "team/site".to_owned()),
            ("GITHUB_RUN_ID", self.runs.to_string()),
            ("GITHUB_RUN_ATTEMPT", "1".to_owned()),
            ("GITHUB_ACTOR", "ada".to_owned()),
            ("GITHUB_EVENT_NAME", "push".to_owned()),
            ("HOME", "/home/runner".to_owned()),
            ("PATH", "/usr/bin".to_owned()),
            ("GITHUB_TOKEN", TOKEN.to_owned()),
            ("RUNNER_TRACKING_ID", "github_1".to_owned()),
        ];
        let mut world = self.world();
        world.pids += 1;
        Start {
            door: "action".to_owned(),
            inputs,
            env: env.map(|(name, value)| (name.to_owned(), value)).into(),
            folder: "/home/runner/work".to_owned(),
            pid: world.pids,
            platform: "linux".to_owned(),
            ..Start::default()
        }
    }

    /// Starts a process now; tells its number.
    pub fn begin(&mut self, start: Start) -> usize {
        let who = self.processes.len();
        let pid = start.pid;
        let door = Door { desk: self.desk.clone(), who };
        let future = Box::pin(async move { mangetamain_deploy::run(start, &door).await });
        let woken = Arc::new(Flag::default());
        self.processes.push(Process {
            pid,
            future: Some(future),
            woken,
            ended: None,
            killed: false,
            stopped: false,
            counted: 0,
        });
        self.poll(who);
        who
    }

    /// Starts a process so many milliseconds from now.
    pub fn begin_in(&mut self, ms: u64, start: Start) {
        let at = self.seen().now + ms;
        let order = self.later.len() as u64;
        self.later.push((at, order, start));
        self.later.sort_by_key(|(at, order, _)| (*at, *order));
    }

    pub fn deploy(&mut self, commit: usize, more: &[(&str, &str)]) -> usize {
        let start = self.started("deploy", Some(commit), more);
        self.begin(start)
    }

    /// A deploy, to its end and everybody else's.
    pub fn deployed(&mut self, commit: usize, more: &[(&str, &str)]) -> String {
        let who = self.deploy(commit, more);
        self.settle();
        self.result(who)
    }

    pub fn mode(&mut self, mode: &str, more: &[(&str, &str)]) -> String {
        let start = self.started(mode, None, more);
        let who = self.begin(start);
        self.settle();
        self.result(who)
    }

    /// The start of `watch` that the end of this commit's CI causes.
    pub fn event(&mut self, commit: usize) -> Start {
        let newest = self.seen().runs.iter().filter(|run| run.commit == commit).map(|run| run.attempt).max();
        self.event_of(commit, newest.expect("it has CI"))
    }

    pub fn event_of(&mut self, commit: usize, attempt: u64) -> Start {
        let payload = {
            let world = self.seen();
            let run = world.runs.iter().find(|run| (run.commit, run.attempt) == (commit, attempt)).expect("it has CI");
            let mut listed = world.listed(run);
            listed["status"] = "completed".into();
            listed["conclusion"] = run.conclusion.clone().into();
            serde_json::json!({ "action": "completed", "workflow_run": listed }).to_string()
        };
        let mut start = self.started("watch", Some(0), &[("watch", "event")]);
        let path = format!("/home/runner/event-{}.json", start.pid);
        start.env.insert("GITHUB_EVENT_NAME".to_owned(), "workflow_run".to_owned());
        start.env.insert("GITHUB_EVENT_PATH".to_owned(), path.clone());
        self.world().files.insert(path, payload);
        start
    }

    /// A process's result word and exit code, or that it was killed.
    pub fn result(&self, who: usize) -> String {
        let process = &self.processes[who];
        match &process.ended {
            Some(publication) => format!("{} {}", publication.outputs["result"], publication.exit),
            None if process.killed => "killed".to_owned(),
            None => "at work".to_owned(),
        }
    }

    /// Why a process's step failed.
    pub fn failure(&self, who: usize) -> String {
        self.processes[who].ended.as_ref().and_then(|ended| ended.failure.clone()).unwrap_or_default()
    }

    pub fn counted(&self, who: usize) -> usize {
        self.processes[who].counted
    }

    pub fn processes(&self) -> usize {
        self.processes.len()
    }

    fn poll(&mut self, who: usize) {
        let process = &mut self.processes[who];
        let waker = Waker::from(process.woken.clone());
        let mut context = Context::from_waker(&waker);
        while let Some(future) = &mut process.future {
            process.woken.0.store(false, Ordering::Relaxed);
            if let Poll::Ready(publication) = future.as_mut().poll(&mut context) {
                process.ended = Some(publication);
                process.future = None;
            }
            if !process.woken.0.load(Ordering::Relaxed) {
                break;
            }
        }
        self.queue();
        if self.processes[who].ended.is_some() {
            self.free(who);
            self.check();
        }
    }

    /// Gives every new question its time.
    fn queue(&mut self) {
        let fresh = std::mem::take(&mut self.desk.borrow_mut().fresh);
        for (ticket, who, command) in fresh {
            let mut world = self.world.borrow_mut();
            let cost = cost(&command);
            let due = world.now + cost + world.dice.below(cost / 2 + 1);
            let deadline = match &command {
                Command::Lock { wait_ms, .. } => due + wait_ms,
                _ => due,
            };
            self.desk.borrow_mut().asked.push(Asked { ticket, who, command, due, deadline });
        }
    }

    /// The kernel frees what a process held; who waits for it may look again.
    fn free(&mut self, who: usize) {
        let pid = self.processes[who].pid;
        self.world().locks.retain(|_, held| held.pid != pid);
        self.wake_waiters();
    }

    fn wake_waiters(&mut self) {
        let now = self.seen().now;
        for asked in &mut self.desk.borrow_mut().asked {
            if matches!(asked.command, Command::Lock { .. }) && asked.due > now + 1 {
                asked.due = now + 1;
            }
        }
    }

    /// Goes on until nobody is at work and nobody is to start.
    pub fn settle(&mut self) {
        while self.step() {}
        self.check();
    }

    /// Goes on for so long.
    pub fn pass(&mut self, ms: u64) {
        let until = self.seen().now + ms;
        while self.next_due().is_some_and(|due| due <= until) {
            self.step();
        }
        self.world().now = until;
    }

    fn next_due(&self) -> Option<u64> {
        let asked = self.desk.borrow().asked.iter().map(|asked| asked.due).min();
        let later = self.later.first().map(|(at, ..)| *at);
        asked.into_iter().chain(later).min()
    }

    /// One command, or one start. False: nothing is left to do.
    pub fn step(&mut self) -> bool {
        self.steps += 1;
        assert!(self.steps < 400_000, "this never ends\n{}", self.story());
        let Some(due) = self.next_due() else {
            let stuck = self.processes.iter().any(|process| process.future.is_some());
            assert!(!stuck, "a process waits for nothing\n{}", self.story());
            return false;
        };
        let now = self.seen().now.max(due);
        self.world().now = now;
        if self.later.first().is_some_and(|(at, ..)| *at <= due) {
            let (_, _, start) = self.later.remove(0);
            self.begin(start);
            return true;
        }
        let ties = self.desk.borrow().asked.iter().filter(|asked| asked.due <= due).count();
        let chosen = usize::try_from(self.world().dice.below(ties as u64)).unwrap();
        let asked = {
            let mut desk = self.desk.borrow_mut();
            let at = desk.asked.iter().enumerate().filter(|(_, asked)| asked.due <= due).nth(chosen).unwrap().0;
            desk.asked.remove(at)
        };
        self.carry_out(asked);
        true
    }

    fn carry_out(&mut self, asked: Asked) {
        let Asked { ticket, who, command, deadline, .. } = asked;
        if !matches!(command, Command::Clock) {
            self.processes[who].counted += 1;
        }
        check::no_secret_in(&command);
        let act = self.fault(who, &command);
        if act == Some(Act::Stop) {
            self.processes[who].stopped = true;
        }
        let pid = self.processes[who].pid;
        let reply = match act {
            Some(Act::KillBefore) => return self.kill(who, &command, "before"),
            Some(act @ (Act::KillHalf | Act::KillAfter)) => {
                self.world.borrow_mut().carry_out(pid, &command, act == Act::KillHalf);
                return self.kill(who, &command, "in");
            }
            _ if self.processes[who].stopped && stoppable(&command) => {
                Reply::Cancelled { signal: "SIGTERM".to_owned() }
            }
            Some(Act::Refuse) => refused(&command).unwrap_or_else(|| self.world().carry_out(pid, &command, false)),
            Some(Act::LoseReply) => {
                let reply = self.world().carry_out(pid, &command, false);
                lost(&command).unwrap_or(reply)
            }
            Some(Act::Pretend) => self.seen().ran(0, "", ""),
            Some(Act::LoseEffect) => lost(&command).unwrap_or_else(|| self.world().carry_out(pid, &command, false)),
            _ => self.world().carry_out(pid, &command, false),
        };
        let now = self.seen().now;
        if matches!(reply, Reply::Held { .. }) && matches!(command, Command::Lock { .. }) && now < deadline {
            self.processes[who].counted -= 1;
            let again = Asked { ticket, who, command, due: deadline, deadline };
            return self.desk.borrow_mut().asked.push(again);
        }
        self.note(who, &command, &reply);
        let unlocks = matches!(&command, Command::Unlock { path } if path.ends_with("/lock"));
        if matches!(command, Command::Unlock { .. }) {
            self.wake_waiters();
        }
        if matches!(act, Some(Act::Refuse | Act::LoseReply | Act::LoseEffect)) {
            self.disturbed = true;
        }
        self.desk.borrow_mut().replies.insert(ticket, reply);
        let spawned = std::mem::take(&mut self.world().spawned);
        self.poll(who);
        for (pid, start) in spawned {
            self.begin(Start { pid, ..start });
        }
        if unlocks {
            self.check();
        }
    }

    fn fault(&mut self, who: usize, command: &Command) -> Option<Act> {
        let counted = self.processes[who].counted;
        for rule in self.rules.iter_mut().filter(|rule| rule.who.is_none_or(|one| one == who)) {
            match &mut rule.which {
                Which::Nth(nth) if *nth == counted && !matches!(command, Command::Clock) => return Some(rule.act),
                Which::Like(like, times) if *times > 0 && like(command) => {
                    *times -= 1;
                    return Some(rule.act);
                }
                _ => {}
            }
        }
        None
    }

    fn kill(&mut self, who: usize, command: &Command, when: &str) {
        self.note(who, command, &Reply::Missing);
        let now = self.seen().now;
        self.world().transcript.push(format!("{now} {who} KILLED {when} {}", short(command)));
        self.processes[who].killed = true;
        self.processes[who].future = None;
        self.disturbed = true;
        self.free(who);
        self.check();
    }

    fn note(&mut self, who: usize, command: &Command, reply: &Reply) {
        let now = self.seen().now;
        // Files are told by their length: writing each out again would take most of the time.
        let answer = match reply {
            Reply::Text { text, size } => format!("Text of {} of {size}", text.len()),
            other => format!("{other:?}"),
        };
        for byte in format!("{now} {who} {} {answer}", short(command)).bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if !matches!(command, Command::Clock) {
            let answer: String = answer.chars().take(90).collect();
            self.world().transcript.push(format!("{} {who} {} -> {answer}", now - super::world::DAWN, short(command)));
        }
    }

    /// The rules that hold whenever nobody is at work under the lock.
    pub fn check(&self) {
        let world = self.seen();
        if world.locks.keys().any(|path| path.ends_with("/lock")) {
            return;
        }
        if let Err(broken) = check::settled(&world, self.disturbed) {
            drop(world);
            panic!("{broken}\n{}", self.story());
        }
    }

    /// What happened, for a person.
    pub fn story(&self) -> String {
        let world = self.seen();
        let from = world.transcript.len().saturating_sub(60);
        let ledger = world.files.get(&format!("{}/ledger.jsonl", super::world::STATE)).cloned().unwrap_or_default();
        let facts: Vec<String> = ledger.lines().map(check::fact).collect();
        format!("{}\n--- ledger\n{}", world.transcript[from..].join("\n"), facts.join("\n"))
    }

    /// Everything that was said, for searching.
    pub fn said(&self) -> String {
        self.seen().said.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// The headlines that people read, in order; a message and the edit that says the same count once.
    pub fn headlines(&self) -> Vec<String> {
        let content = |body: &String| {
            let json: serde_json::Value = serde_json::from_str(body).expect("a message is JSON");
            json["content"].as_str().unwrap_or_default().lines().next().unwrap_or_default().to_owned()
        };
        let mut heads: Vec<String> = self.seen().messages.iter().map(content).collect();
        heads.dedup();
        heads
    }

    /// What is so, in one line.
    pub fn told(&self) -> String {
        check::told(&self.seen())
    }
}

fn stoppable(command: &Command) -> bool {
    matches!(command, Command::Sleep { .. } | Command::Run(_) | Command::Http(_) | Command::Lock { .. })
}

fn cost(command: &Command) -> u64 {
    match command {
        Command::Clock | Command::Mask { .. } => 0,
        Command::Sleep { ms } => *ms,
        Command::Run(run) if run.args.iter().any(|arg| arg == "fetch") => 400,
        Command::Run(run) if run.args.iter().any(|arg| arg == "restart" || arg == "up") => 1_200,
        Command::Run(_) => 8,
        Command::Http(_) => 60,
        Command::Detach { .. } => 50,
        _ => 1,
    }
}

fn refused(command: &Command) -> Option<Reply> {
    let ran = |exit| Ran {
        exit: Some(exit),
        signal: None,
        timed_out: false,
        stdout: String::new(),
        stderr: "it says no".to_owned(),
        ms: 1,
    };
    match command {
        Command::Run(run) => Some(Reply::Ran(ran(if run.program == "git" { 128 } else { 1 }))),
        Command::Http(_) => Some(Reply::Unreached { phase: Phase::Connect, text: "ECONNREFUSED".to_owned() }),
        Command::Append { .. } | Command::Replace { .. } | Command::Folder { .. } | Command::Detach { .. } => {
            Some(Reply::Refused { code: "ENOSPC".to_owned(), text: "no space left on device".to_owned() })
        }
        Command::Read { .. } | Command::Lock { .. } | Command::Link { .. } => {
            Some(Reply::Refused { code: "EACCES".to_owned(), text: "permission denied".to_owned() })
        }
        _ => None,
    }
}

fn lost(command: &Command) -> Option<Reply> {
    match command {
        Command::Run(_) => Some(Reply::Ran(Ran {
            exit: None,
            signal: Some("SIGKILL".to_owned()),
            timed_out: true,
            stdout: String::new(),
            stderr: String::new(),
            ms: 1,
        })),
        Command::Http(_) => Some(Reply::Unreached { phase: Phase::Timeout, text: "no answer".to_owned() }),
        Command::Append { .. } | Command::Replace { .. } => {
            Some(Reply::Refused { code: "EIO".to_owned(), text: "input/output error".to_owned() })
        }
        _ => None,
    }
}

fn short(command: &Command) -> String {
    match command {
        Command::Run(run) => {
            let args: Vec<&String> = run.args.iter().filter(|arg| *arg != "-c" && !arg.contains('=')).collect();
            let text = args.iter().map(|arg| arg.as_str()).collect::<Vec<_>>().join(" ");
            format!("{} {}", run.program, text.chars().take(110).collect::<String>())
        }
        Command::Http(http) => format!("{} {}", http.method, http.url.replace(DISCORD, "DISCORD")),
        Command::Say { text, .. } => format!("say {:?}", text.chars().take(160).collect::<String>()),
        Command::Append { path, text } => format!("append {path} {} bytes", text.len()),
        Command::Replace { path, text } => format!("replace {path} {:?}", text.chars().take(50).collect::<String>()),
        Command::Detach { .. } => "detach".to_owned(),
        other => format!("{other:?}").chars().take(120).collect(),
    }
}

/// The token that a watcher of its own may keep.
pub fn lasting() -> (&'static str, &'static str) {
    ("watch-token", WATCH_TOKEN)
}

//! Processes of ours in the pretend world, interleaved by a seed: each `run` is a future, each command
//! takes its time, and the one that is due first is carried out. Faults are rules.

use std::cell::{Cell, Ref, RefCell, RefMut};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

use mangetamain_deploy::host::{Command, Reply, Start};

use super::check;
use super::faults::{Act, Rule, Which, lost, refused, stoppable};
use super::process::{Asked, Desk, Door, Flag, Process, cost, short};
use super::world::{APP, COMPOSE, DISCORD, SITE, TOKEN, World};

/// The pretend world with our processes in it.
pub struct Town {
    world: Rc<RefCell<World>>,
    desk: Rc<RefCell<Desk>>,
    processes: Vec<Process>,
    pub rules: Vec<Rule>,
    pub later: Vec<(u64, u64, Start)>,
    pub with: BTreeMap<String, String>,
    pub runs: u64,
    pub hash: u64,
    steps: usize,
    /// The rules are held at every step; not in a life that is only lived to be compared.
    pub is_held: bool,
    /// What was found well at the last check.
    well: Cell<u64>,
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
            is_held: true,
            well: Cell::new(0),
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
        if self.is_held {
            check::no_secret_in(&command);
            check::under_lock(&self.seen(), self.processes[who].pid, &command);
        }
        let act = self.fault(who, &command);
        match act {
            Some(Act::Stop) => self.processes[who].stopped = true,
            Some(Act::SetClock) => self.set_clock(),
            _ => {}
        }
        let pid = self.processes[who].pid;
        let reply = match act {
            Some(Act::KillBefore) => return self.kill(who, &command, "before"),
            Some(Act::Reboot) => return self.reboot(who, &command),
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

    fn set_clock(&mut self) {
        let mut world = self.world();
        world.ahead_ms = if world.dice.chance(50) { 3_600_000 } else { -3_600_000 };
    }

    /// The machine loses power, with all that runs on it, and comes up again: containers first.
    fn reboot(&mut self, who: usize, command: &Command) {
        self.kill(who, command, "by a reboot before");
        let others: Vec<usize> =
            (0..self.processes.len()).filter(|one| self.processes[*one].future.is_some()).collect();
        others.into_iter().for_each(|one| self.kill(one, &Command::Clock, "by a reboot at"));
        let mut world = self.world();
        world.lose_power();
        world.now += 20_000;
        let (now, ahead_ms, version) = (world.now, world.ahead_ms, world.files_of.clone());
        if let Some(container) = world.container.as_mut().filter(|one| one.running) {
            (container.started_at, container.ahead_ms, container.version) = (now, ahead_ms, version);
        }
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
        let stands = check::fingerprint(&world, self.disturbed);
        if !self.is_held || stands == self.well.get() || world.locks.keys().any(|path| path.ends_with("/lock")) {
            return;
        }
        if let Err(broken) = check::settled(&world, self.disturbed) {
            drop(world);
            panic!("{broken}\n{}", self.story());
        }
        self.well.set(stands);
    }

    /// What happened, for a person.
    pub fn story(&self) -> String {
        let world = self.seen();
        let from = world.transcript.len().saturating_sub(60);
        let facts: Vec<String> = world.ledger().lines().map(check::fact).collect();
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

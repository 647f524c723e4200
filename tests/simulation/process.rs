//! A process of ours: a future whose commands lie on a desk until they are due.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake};

use mangetamain_deploy::host::{Command, Host, Publication, Reply};

use super::world::DISCORD;

pub struct Asked {
    pub ticket: u64,
    pub who: usize,
    pub command: Command,
    pub due: u64,
    pub deadline: u64,
}

#[derive(Default)]
pub struct Desk {
    pub asked: Vec<Asked>,
    pub replies: BTreeMap<u64, Reply>,
    pub tickets: u64,
    pub fresh: Vec<(u64, usize, Command)>,
}

pub struct Door {
    pub desk: Rc<RefCell<Desk>>,
    pub who: usize,
}

impl Host for Door {
    fn perform(&self, command: Command) -> impl Future<Output = Reply> {
        Asking { desk: self.desk.clone(), who: self.who, command: Some(command), ticket: 0 }
    }
}

pub struct Asking {
    pub desk: Rc<RefCell<Desk>>,
    pub who: usize,
    pub command: Option<Command>,
    pub ticket: u64,
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
pub struct Flag(pub AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

pub struct Process {
    pub pid: u32,
    pub future: Option<Pin<Box<dyn Future<Output = Publication>>>>,
    pub woken: Arc<Flag>,
    pub ended: Option<Publication>,
    pub killed: bool,
    pub stopped: bool,
    pub counted: usize,
}

/// How long a command takes, milliseconds.
pub fn cost(command: &Command) -> u64 {
    match command {
        Command::Clock | Command::Mask { .. } => 0,
        Command::Sleep { ms } => *ms,
        Command::Run(run) if run.args.iter().any(|arg| arg == "fetch") => 400,
        Command::Run(run) if run.args.iter().any(|arg| arg == "restart" || arg == "up") => 1_200,
        Command::Run(_) => 8,
        Command::Http(_) | Command::LastWord(_) => 60,
        Command::Detach { .. } => 50,
        _ => 1,
    }
}

/// A command in a few words.
pub fn short(command: &Command) -> String {
    match command {
        Command::Run(run) => {
            let args: Vec<&String> = run.args.iter().filter(|arg| *arg != "-c" && !arg.contains('=')).collect();
            let text = args.iter().map(|arg| arg.as_str()).collect::<Vec<_>>().join(" ");
            format!("{} {}", run.program, text.chars().take(110).collect::<String>())
        }
        Command::Http(http) | Command::LastWord(http) => {
            format!("{} {}", http.method, http.url.replace(DISCORD, "DISCORD"))
        }
        Command::Say { text, .. } => format!("say {:?}", text.chars().take(160).collect::<String>()),
        Command::Append { path, text } => format!("append {path} {} bytes", text.len()),
        Command::Replace { path, text } => format!("replace {path} {:?}", text.chars().take(50).collect::<String>()),
        Command::Detach { .. } => "detach".to_owned(),
        other => format!("{other:?}").chars().take(120).collect(),
    }
}

//! Where the status page is put: in the place of a file, or of what a link leads to, never of a device or a folder.

use std::collections::BTreeMap;

use crate::failure::{Failure, NoFile};
use crate::host::{Command, Host, Reply, Run, Stat};
use crate::tools::path::parent;
use crate::tools::process;
use crate::tools::secret::withheld;

/// Puts a page on disk, for everybody to read; the path that was given may be a link.
pub(super) async fn put<H: Host>(host: &H, given: &str, text: String) -> Result<(), Failure> {
    let path = &target(host, given).await?;
    let command = Command::Replace { path: path.clone(), text };
    let mut reply = host.perform(command.clone()).await;
    let is_lost = matches!(&reply, Reply::Refused { code, .. } if code == "ENOENT");
    // One that stands there keeps its rights.
    if is_lost && seen(host, parent(path)).await.is_none() {
        // As a web server of another user has to come through it, no folder of ours (0700).
        let made = host.perform(Command::Run(program("install", &["-d", "-m", "0755", "--", parent(path)]))).await;
        if process::done(&made).is_ok() {
            reply = host.perform(command).await;
        }
    }
    if reply != Reply::Done {
        return Err(Failure::Page { path: path.clone(), seen: reply.into() });
    }
    // A web server of another user reads it, and so does who uploads it.
    let reply = host.perform(Command::Run(program("chmod", &["0644", "--", path]))).await;
    process::done(&reply).map(drop).map_err(|fault| Failure::Closed { path: path.clone(), fault })
}

/// The file to write: what the path names, or what it leads to.
async fn target<H: Host>(host: &H, given: &str) -> Result<String, Failure> {
    let refused = |why| Failure::NoPage { path: given.to_owned(), why };
    let path = match seen(host, given).await {
        Some(stat) if stat.kind == "link" => {
            let reply = host.perform(Command::Run(program("readlink", &["-f", "--", given]))).await;
            match reply {
                Reply::Ran(ran) if ran.exit == Some(0) && ran.stdout.starts_with('/') => {
                    ran.stdout.strip_suffix('\n').unwrap_or(&ran.stdout).to_owned()
                }
                _ => return Err(refused(NoFile::Nowhere)),
            }
        }
        _ => given.to_owned(),
    };
    let Some(stat) = seen(host, &path).await else {
        return Ok(path);
    };
    match stat.kind.as_str() {
        "file" => Ok(path),
        "folder" => Err(refused(NoFile::Folder)),
        "link" => Err(refused(NoFile::Nowhere)),
        // Whatever stands in a folder that is closed to us looks so: that it cannot be written says why.
        _ if (stat.mode, stat.size, stat.modified_ms) == (0, 0, 0) => Ok(path),
        _ => Err(refused(NoFile::Device)),
    }
}

async fn seen<H: Host>(host: &H, path: &str) -> Option<Stat> {
    match host.perform(Command::Stat { paths: vec![path.to_owned()] }).await {
        Reply::Stats { stats } => stats.into_iter().next().flatten(),
        _ => None,
    }
}

/// A program of this machine, in English, without our secrets.
pub(super) fn program(name: &str, args: &[&str]) -> Run {
    Run {
        program: name.to_owned(),
        args: args.iter().map(|&arg| arg.to_owned()).collect(),
        folder: None,
        env: BTreeMap::from([("LC_ALL".to_owned(), "C".to_owned())]),
        drop: withheld(&[]),
        limit_ms: 30_000,
        cap: 4096,
        under_lock: None,
        noted_in: None,
    }
}

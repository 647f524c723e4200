//! Free space, as `df` tells it.

use crate::host::{Reply, Run};
use crate::tools::process::{ProcessError, output};
use crate::tools::question::{CAP, question};

/// A disk that can hold fewer further files than this is told of its files, not of its bytes.
pub const FEW_FILES: u64 = 20_000;

/// One disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// Where it is mounted.
    pub mount: String,
    /// Bytes in all.
    pub size: u64,
    /// Bytes that we may still use.
    pub free: u64,
    /// Files that it can hold; 0: as many as fit.
    pub files: u64,
    /// Files that it can still hold.
    pub files_free: u64,
}

/// Asks about the disks of these paths (absolute, all there). Read by [`told`].
#[must_use]
pub fn ask(paths: &[String]) -> Run {
    let mut run = question("df", &["--block-size=1", "--output=size,avail,itotal,iavail,target", "--"]);
    run.args.extend(paths.iter().cloned());
    run
}

/// The disk of each path, in the same order.
pub fn told(reply: &Reply, paths: &[String]) -> Result<Vec<Disk>, ProcessError> {
    let rows: Option<Vec<Disk>> = output(reply, CAP)?.lines().skip(1).map(row).collect();
    rows.filter(|rows| rows.len() == paths.len()).ok_or(ProcessError::Unreadable)
}

fn row(line: &str) -> Option<Disk> {
    let mut rest = line;
    let mut number = || {
        let (word, after) = rest.trim_start().split_once(' ')?;
        rest = after;
        // A file system without a fixed number of files says `-`.
        if word == "-" { Some(0) } else { word.parse().ok() }
    };
    let (size, free, files, files_free) = (number()?, number()?, number()?, number()?);
    Some(Disk { mount: rest.trim_start().to_owned(), size, free, files, files_free })
}

//! The two ends of a run: what a process of ours starts with, and what is published of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a process of ours starts with: raw text, nothing parsed yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Start {
    /// `action`, `command` (an operator's terminal) or `watcher`.
    pub door: String,
    /// Inputs by name, untrimmed; inputs that are not set are absent or empty.
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
    /// `command` only: the arguments after the program's name.
    #[serde(default)]
    pub args: Vec<String>,
    /// `command` only: where its standard input and output lead, as the kernel names it.
    #[serde(default)]
    pub open: Vec<String>,
    /// The process environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// The working directory.
    #[serde(default)]
    pub folder: String,
    /// This process.
    #[serde(default)]
    pub pid: u32,
    /// The platform's name as Node says it, such as `linux`.
    #[serde(default)]
    pub platform: String,
    /// Node's version, such as `v24.1.0`.
    #[serde(default)]
    pub node: String,
    /// `watcher` only: the file for its last words.
    #[serde(default)]
    pub log: Option<String>,
    /// `watcher` only: the configuration file's text, read by the job that started it.
    #[serde(default)]
    pub file: Option<String>,
}

/// What a process of ours ends with; the host publishes it and decides nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Publication {
    /// Outputs by name.
    pub outputs: BTreeMap<String, String>,
    /// Markdown for the job's summary; empty: none.
    pub summary: String,
    /// Text for standard output of the `command` door; empty: none.
    pub terminal: String,
    /// Why the step fails, one paragraph; none: it succeeds.
    pub failure: Option<String>,
    /// The process's exit code: 0 well, 1 the step failed, 2 the inputs are wrong.
    pub exit: i32,
}

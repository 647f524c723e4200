//! git: how each question and each change is said.
//!
//! Nothing here decides whether something should be deployed. Hooks, maintenance, prompts and
//! the caller's `GIT_*` variables never take part. A token travels in the environment of commands
//! that reach the remote, and nowhere else. What changes something is in
//! `git/changes.rs` and `git/kept.rs`, submodules in `git/links.rs`, the answers are read in `git/answers.rs`.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::host::Run;
use crate::sha::Sha;
use crate::tools::http::origin;
use crate::tools::secret::{Secret, withheld};

mod answers;
mod changes;
mod differences;
mod kept;
mod links;
mod names;
mod strays;

pub use answers::*;
pub use changes::*;
use changes::{PATHS_AT_ONCE, with_index};
pub use differences::*;
pub use kept::*;
pub use links::*;
pub use names::*;
pub use strays::*;

/// Limit for a question or a change that stays on this machine, in milliseconds.
pub const LOCAL_LIMIT_MS: u64 = 30_000;
/// Limit for a command that asks the remote, and for one that rewrites the work tree.
pub const LONG_LIMIT_MS: u64 = 120_000;
/// Bytes of output kept; an answer that fills them may have lost its beginning.
pub const CAP: u64 = 8 * 1024 * 1024;
/// The same of a list of files: half a million of them and more.
pub const LIST_CAP: u64 = 64 * 1024 * 1024;

/// Held by every command. By default git leaves a small fetch, refs and the index to the kernel's own time
/// (git-config, `core.fsync`): power lost within half a minute of a deploy then leaves a repository that only
/// a person can mend, and may take what was kept before the reset. git before 2.36 goes on without.
const SETTINGS: [&str; 5] =
    ["core.hooksPath=/dev/null", "core.fsmonitor=false", "maintenance.auto=false", "gc.auto=0", "core.fsync=all"];

/// Variables of git's own that an operator sets on purpose and that change no answer.
const WANTED: [&str; 11] = [
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_SSH_VARIANT",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "GIT_SSL_NO_VERIFY",
    "GIT_PROXY_SSL_CAINFO",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_EXEC_PATH",
];

/// What a private https remote asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `https://github.com`, without a path.
    pub server_url: String,
    /// The token; never in an argument.
    pub token: Secret,
}

/// One work tree, and how it may be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Git {
    /// Absolute path of the work tree, or of a folder in one.
    pub work_tree: String,
    /// See [`Git::top`]; none before it is told.
    top: Option<String>,
    /// For the remote; none: public, or the machine's own keys and helpers.
    pub credentials: Option<Credentials>,
    /// Path of the environment's lock, kept by every command that changes the work tree.
    pub lock: Option<String>,
    /// The operator's own git variables (ssh command, certificates, configuration files).
    pub wanted: BTreeMap<String, String>,
}

impl Credentials {
    /// What this remote may be given: the job's token goes only to the server that it is for, and only
    /// over https; everywhere else the machine's own keys are used.
    #[must_use]
    pub fn of(remote: Option<&str>, server_url: &str, token: &Secret) -> Option<Self> {
        let same = remote.and_then(origin).is_some_and(|of_remote| Some(&of_remote) == origin(server_url).as_ref());
        let fits = same && server_url.starts_with("https://");
        fits.then(|| Self { server_url: server_url.to_owned(), token: token.clone() })
    }
}

/// A token as git sends it: Basic credentials, to be struck out like the token itself.
#[must_use]
pub fn basic(token: &Secret) -> String {
    STANDARD.encode(format!("x-access-token:{}", token.expose()))
}

impl Git {
    /// A work tree (absolute path) as the environment of this process sees it.
    #[must_use]
    pub fn at(work_tree: &str, env: &BTreeMap<String, String>) -> Self {
        let wanted = WANTED.iter().filter_map(|name| Some(((*name).to_string(), env.get(*name)?.clone()))).collect();
        Self { work_tree: work_tree.to_string(), top: None, credentials: None, lock: None, wanted }
    }

    /// The same access to a submodule of it (path relative to the top folder).
    #[must_use]
    pub fn submodule(&self, path: &str) -> Self {
        let folder = format!("{}/{path}", self.top());
        Self { work_tree: folder.clone(), top: Some(folder), ..self.clone() }
    }

    /// A path of the repository, absolute.
    #[must_use]
    pub fn at_top(&self, path: &str) -> String {
        format!("{}/{path}", self.top())
    }

    /// This work tree, once [`place_found`] has told where it stands: commands then run in its top folder.
    #[must_use]
    pub fn placed(self, place: &RepositoryLayout) -> Self {
        Self { top: Some(place.top.clone()), ..self }
    }

    /// The top folder of the repository; before it is told, the work tree as it was given.
    #[must_use]
    pub fn top(&self) -> &str {
        self.top.as_deref().unwrap_or(&self.work_tree)
    }

    /// The folders by whose names its files may be called: the work tree as it was given, by way of a link maybe, and
    /// the top folder.
    pub fn roots(&self) -> impl Iterator<Item = &str> {
        let top = self.top.as_deref().filter(|top| *top != self.work_tree);
        std::iter::once(self.work_tree.as_str()).chain(top)
    }

    /// Any git command on this work tree that changes nothing and stays on this machine.
    #[must_use]
    pub fn command(&self, args: &[&str]) -> Run {
        self.trusting(&self.roots().collect::<Vec<_>>(), args)
    }

    /// The same, where files are listed: as many as a repository has.
    fn list(&self, args: &[&str]) -> Run {
        Run { cap: LIST_CAP, ..self.command(args) }
    }

    fn trusting(&self, trusted: &[&str], args: &[&str]) -> Run {
        let mut all = Vec::new();
        let trusted = trusted.iter().map(|path| format!("safe.directory={path}"));
        for setting in trusted.chain(SETTINGS.iter().map(ToString::to_string)) {
            all.extend(["-c".to_string(), setting]);
        }
        all.extend(args.iter().map(ToString::to_string));
        let fixed = [
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_ASKPASS", "true"),
            ("SSH_ASKPASS_REQUIRE", "never"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_LITERAL_PATHSPECS", "1"),
            ("GIT_AUTHOR_NAME", "mangetamain-deploy"),
            ("GIT_AUTHOR_EMAIL", "mangetamain-deploy@localhost"),
            ("GIT_COMMITTER_NAME", "mangetamain-deploy"),
            ("GIT_COMMITTER_EMAIL", "mangetamain-deploy@localhost"),
            ("LC_ALL", "C"),
        ];
        // No GIT_SSH_COMMAND of ours: it would override a deploy key set by core.sshCommand. The
        // host gives the process no terminal, so ssh has nobody to ask either way.
        let mut env = self.wanted.clone();
        env.extend(fixed.map(|(name, value)| (name.to_string(), value.to_string())));
        Run {
            program: "git".to_string(),
            args: all,
            folder: Some(self.top().to_string()),
            env,
            drop: withheld(&["GIT_*"]),
            limit_ms: LOCAL_LIMIT_MS,
            cap: CAP,
            under_lock: None,
            noted_in: None,
        }
    }

    fn locked(&self, run: Run) -> Run {
        Run { under_lock: self.lock.clone(), ..run }
    }

    fn remote(&self, mut run: Run) -> Run {
        run.limit_ms = LONG_LIMIT_MS;
        if let Some(Credentials { server_url, token }) = &self.credentials {
            let key = format!("http.{}/.extraheader", server_url.trim_end_matches('/'));
            // The empty value first: a header that actions/checkout left in the repository's
            // configuration would be sent beside ours, and GitHub refuses two.
            let values = [String::new(), format!("AUTHORIZATION: basic {}", basic(token))];
            run.env.insert("GIT_CONFIG_COUNT".to_string(), values.len().to_string());
            for (index, value) in values.into_iter().enumerate() {
                run.env.insert(format!("GIT_CONFIG_KEY_{index}"), key.clone());
                run.env.insert(format!("GIT_CONFIG_VALUE_{index}"), value);
            }
        }
        run
    }

    /// Where is this work tree? Read by [`place_found`].
    #[must_use]
    pub fn place(&self) -> Run {
        // Trusts whatever it finds: rev-parse runs nothing from a repository's configuration, and
        // the top folder, which trust is about, is not known before it has answered.
        self.trusting(&["*"], &["rev-parse", "--is-shallow-repository", "--absolute-git-dir", "--show-toplevel"])
    }

    /// Where in the repository is the work tree's folder (`app/`, or nothing)? Read by [`prefix_told`].
    #[must_use]
    pub fn prefix(&self) -> Run {
        Run { folder: Some(self.work_tree.clone()), ..self.command(&["rev-parse", "--show-prefix"]) }
    }

    /// Which commit is checked out? Read by [`sha_told`].
    #[must_use]
    pub fn head(&self) -> Run {
        self.command(&["rev-parse", "--verify", "HEAD^{commit}"])
    }

    /// Which commit does `origin/<branch>` name here? Read by [`sha_told`].
    #[must_use]
    pub fn branch_tip(&self, branch: &str) -> Run {
        let name = format!("refs/remotes/origin/{branch}^{{commit}}");
        self.command(&["rev-parse", "--verify", &name])
    }

    /// Which commit do these 7 to 40 hexadecimal digits stand for? None when they are not such.
    /// Read by [`resolved`].
    #[must_use]
    pub fn resolve_short(&self, digits: &str) -> Option<Run> {
        let fits = (7..=40).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        fits.then(|| self.command(&["rev-parse", "--verify", "--quiet", &format!("{digits}^{{commit}}")]))
    }

    /// Where does `origin` live? Read by [`remote_url_told`].
    #[must_use]
    pub fn remote_url(&self) -> Run {
        self.command(&["config", "--get", "remote.origin.url"])
    }

    /// Where is this branch at the remote, and can the remote be read at all? Exit code 2: it has no
    /// such branch. Read by [`listed_tip`].
    #[must_use]
    pub fn list_branch(&self, branch: &str) -> Run {
        let name = format!("refs/heads/{branch}");
        self.remote(self.command(&["ls-remote", "--exit-code", "origin", &name]))
    }

    /// How do the submodules stand? Read by [`submodules_told`].
    #[must_use]
    pub fn submodules(&self) -> Run {
        self.trusting(&["*"], &["submodule", "status", "--recursive"])
    }

    /// Is the commit here? Read by [`answered`].
    #[must_use]
    pub fn has_commit(&self, sha: &Sha) -> Run {
        self.command(&["cat-file", "-e", sha.as_str()])
    }

    /// Is `older` an ancestor of `newer`, or the same? Read by [`answered`]; in a shallow clone
    /// a "no" proves nothing.
    #[must_use]
    pub fn is_ancestor(&self, older: &Sha, newer: &Sha) -> Run {
        self.command(&["merge-base", "--is-ancestor", older.as_str(), newer.as_str()])
    }

    /// How many commits does `newer` have that `older` lacks? Read by [`counted`].
    #[must_use]
    pub fn count(&self, older: &Sha, newer: &Sha) -> Run {
        self.command(&["rev-list", "--count", &format!("{older}..{newer}"), "--"])
    }

    /// Who wrote this commit, and what about? Read by [`commit_facts_told`].
    #[must_use]
    pub fn commit_facts(&self, sha: &Sha) -> Run {
        let format = "--format=%H%x00%an%x00%ct%x00%s%x00";
        let args = ["log", "-1", "--no-patch", "--no-show-signature", "--no-color", "--encoding=UTF-8"];
        self.command(&[&args[..], &[format, sha.as_str(), "--"]].concat())
    }

    /// The newest commits, so many at most, that `newer` has and `older` lacks. Read by [`commits_told`].
    #[must_use]
    pub fn commits_between(&self, older: &Sha, newer: &Sha, most: usize) -> Run {
        let format = "--format=%H%x00%an%x00%ct%x00%s%x00";
        let args = ["log", "--no-patch", "--no-show-signature", "--no-color", "--encoding=UTF-8"];
        let most = format!("--max-count={most}");
        self.command(&[&args[..], &[&most, format, &format!("{older}..{newer}"), "--"]].concat())
    }

    /// Which tracked paths were changed by hand? Read by [`dirty_told`].
    #[must_use]
    pub fn dirty(&self) -> Run {
        let args = ["-c", "status.showStash=false", "status", "--porcelain=v2", "-z", "--untracked-files=no"];
        self.list(&[&args[..], &["--ignore-submodules=untracked", "--no-renames"]].concat())
    }

    /// Which files does it track? Read by [`paths_told`].
    #[must_use]
    pub fn tracked(&self) -> Run {
        self.list(&["ls-files", "-z"])
    }

    /// Which files does it not track, ignored ones too? Read by [`paths_told`].
    #[must_use]
    pub fn untracked(&self) -> Run {
        self.list(&["ls-files", "-z", "--others"])
    }

    /// What stands in a file (path from the top folder) at a commit? Read by [`file_told`].
    #[must_use]
    pub fn file_at(&self, sha: &Sha, path: &str) -> Run {
        self.command(&["cat-file", "blob", &format!("{sha}:{path}")])
    }

    /// Do the attributes of a commit speak of LFS? Read by [`answered`].
    #[must_use]
    pub fn names_lfs(&self, sha: &Sha) -> Run {
        let args = ["grep", "-q", "-F", "-e", "filter=lfs", sha.as_str(), "--", ":(top,glob)**/.gitattributes"];
        let mut run = self.command(&args);
        run.env.remove("GIT_LITERAL_PATHSPECS");
        run
    }

    /// Which tracked paths does LFS look after? Read by [`paths_told`].
    #[must_use]
    pub fn lfs_paths(&self) -> Run {
        let mut run = self.list(&["ls-files", "-z", "--full-name", "--", ":(top,attr:filter=lfs)"]);
        run.env.remove("GIT_LITERAL_PATHSPECS");
        run
    }
}

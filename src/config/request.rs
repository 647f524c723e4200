//! What is asked beside the settings of an environment: inputs only, never the file.

use super::file::Keys;
use super::origin::Origin;
use super::reader::Reader;
use super::{BackupChoice, Confirmation, Force, Intent, Request, Secrets, Target, absolute, args};
use crate::failure::Problem;
use crate::failure::problem::{Form, Needed, Wrong};
use crate::settings::Mode;
use crate::sha::Sha;
use crate::tools::backup::BackupName;
use crate::tools::secret::Secret;

impl Reader<'_> {
    pub(super) fn request(&mut self, mode: Option<Mode>, origin: &Origin) -> Request {
        let is_read = mode != Some(Mode::Rollback);
        let given = if is_read { self.text("sha", "", &Keys::new()) } else { None };
        let sha = given.and_then(|text| Sha::parse(&text).ok()).or_else(|| origin.sha.clone());
        if matches!(mode, Some(Mode::Deploy | Mode::Watch)) && sha.is_none() && self.given("sha").is_none() {
            self.refuse("sha", Wrong::Missing(Needed::Sha));
        }
        // Whoever names a version means that one, and no other.
        if !is_read && self.given("sha").is_some() {
            self.refuse("sha", Wrong::NamedBy("to"));
        }
        let to = match self.text("to", "", &Keys::new()).as_deref() {
            None | Some("last-validated") => Target::LastValidated,
            Some("previous") => Target::Previous,
            Some(digits) => {
                if !(7..=40).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    self.refuse("to", Wrong::Unlike(Form::Target));
                }
                Target::Digits(digits.to_ascii_lowercase())
            }
        };
        let backup = match self.text("backup", "", &Keys::new()).as_deref() {
            None => None,
            Some("latest") => Some(BackupChoice::Latest),
            Some(text) => {
                let named = BackupName::parse(text);
                if named.is_none() {
                    self.refuse("backup", Wrong::Unlike(Form::Backup));
                }
                named.map(BackupChoice::Named)
            }
        };
        // As it was typed: not trimmed, no other case.
        let confirm = match self.start.inputs.get("confirm").map(String::as_str) {
            Some("DEPLOY") => Confirmation::Given,
            other => Confirmation::Missing(other.unwrap_or_default().to_owned()),
        };
        let force = if self.flag("force") { Force::Override } else { Force::Obey };
        let intent = if self.flag("dry-run") { Intent::DryRun } else { Intent::Act };
        let to = if self.given("to").is_none() && backup.is_some() { Target::OfBackup } else { to };
        let page = self.text("status-page", "", &Keys::new());
        if page.as_ref().is_some_and(|path| path == "-" || path.ends_with('/')) {
            self.refuse("status-page", Wrong::Unlike(Form::File));
        }
        let page = page.map(|path| absolute(self.start, &path));
        Request { sha, to, backup, confirm, force, page, intent }
    }

    pub(super) fn secrets(&mut self) -> Secrets {
        let keys = Keys::new();
        let mut secret = |input: &str| {
            let variable = self.start.env.get(args::variable(input)).filter(|_| self.start.door == "command");
            let text = self.text(input, "", &keys).or_else(|| variable.cloned());
            text.filter(|text| !text.trim().is_empty())
        };
        let webhook = secret("discord-webhook");
        let token = secret("token").map(Secret::new);
        let watch_token = secret("watch-token").map(Secret::new);
        let webhook = webhook.and_then(|text| match crate::tools::discord::webhook(&text) {
            Ok(webhook) => Some(webhook),
            Err(why) => {
                self.problems.push(Problem::at("discord-webhook", Wrong::Webhook(why)));
                None
            }
        });
        Secrets { webhook, token, watch_token }
    }
}

//! What a GitHub token tells about itself: its kind by its first letters, its scopes and its end by
//! the headers of any answer. The rest of it is opaque, and never shown.

use crate::host::Answered;
use crate::time::Millis;
use crate::tools::http::header;
use crate::tools::instant::instant;
use crate::tools::secret::Secret;

/// A token's kind (GitHub docs, "About authentication to GitHub": token formats).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// `ghs_`: of a job, or of a GitHub App's installation.
    Installation,
    /// `github_pat_`: a fine-grained personal one.
    FineGrained,
    /// `ghp_`: a classic personal one.
    Classic,
    /// `gho_` or `ghu_`: made for a person by an app.
    Person,
    /// `ghr_`: only good for getting another one.
    Refresh,
    /// Something else, such as of a GitHub Enterprise Server of before 2021.
    Unknown,
}

/// The kind of a token.
#[must_use]
pub fn kind(token: &Secret) -> TokenKind {
    let text = token.expose();
    let kinds = [
        ("ghs_", TokenKind::Installation),
        ("github_pat_", TokenKind::FineGrained),
        ("ghp_", TokenKind::Classic),
        ("gho_", TokenKind::Person),
        ("ghu_", TokenKind::Person),
        ("ghr_", TokenKind::Refresh),
    ];
    kinds.into_iter().find(|(start, _)| text.starts_with(start)).map_or(TokenKind::Unknown, |(_, kind)| kind)
}

/// When the token ends, where the answer says so: `2027-10-12 09:00:00 UTC`.
#[must_use]
pub fn end(answered: &Answered) -> Option<Millis> {
    let text = header(answered, "github-authentication-token-expiration")?;
    let (day, time) = (text.get(..10)?, text.get(11..19)?);
    instant(&format!("{day}T{time}Z"))
}

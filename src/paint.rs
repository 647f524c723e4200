//! Colours of a terminal (ECMA-48, select graphic rendition), and none where nobody sees them. What is painted
//! has been made harmless before: an escape of somebody else's never gets here.

/// What a text is, from which its colour follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tint {
    /// As it is.
    Plain,
    /// A name, or what matters most.
    Strong,
    /// Beside the point.
    Quiet,
    /// Well.
    Good,
    /// To be looked at.
    Warn,
    /// Wrong.
    Bad,
}

/// A painter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    /// Whether colours are seen.
    pub is_coloured: bool,
}

impl Paint {
    /// The text in its colour.
    #[must_use]
    pub fn text(self, tint: Tint, text: &str) -> String {
        let code = match tint {
            Tint::Strong => "1",
            Tint::Quiet => "2",
            Tint::Good => "32",
            Tint::Warn => "33",
            Tint::Bad => "1;31",
            Tint::Plain => return text.to_owned(),
        };
        if self.is_coloured && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

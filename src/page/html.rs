//! HTML that cannot be broken by what stands in it: names of elements and attributes are literals of
//! ours, every text and every attribute's value goes through `escaped`. Decides nothing.

use crate::tools::letters::acts;

/// A piece of a page; only this file makes one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Both, one after the other.
    #[must_use]
    pub fn and(mut self, next: &Self) -> Self {
        self.0.push_str(&next.0);
        self
    }
}

impl FromIterator<Html> for Html {
    fn from_iter<T: IntoIterator<Item = Html>>(parts: T) -> Self {
        let mut all = Self::default();
        for part in parts {
            all.0.push_str(&part.0);
        }
        all
    }
}

/// Text that is only text, in an element as in a quoted attribute: the one place where outside text becomes
/// part of a page. Letters that act (that turn text round, or are not seen) are left out.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\r' | '\t' => safe.push(' '),
            letter if acts(letter) => {}
            letter => safe.push(letter),
        }
    }
    safe
}

/// Outside text.
#[must_use]
pub fn text(text: &str) -> Html {
    Html(escaped(text))
}

/// A link; plain text where the address is none of the web.
#[must_use]
pub fn link(url: &str, label: &str) -> Html {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    if !is_web {
        return text(label);
    }
    element("a").attribute("href", url).attribute("rel", "noreferrer").text(label).done()
}

/// The style sheet, as it is hashed.
#[must_use]
pub fn style(sheet: &'static str) -> Html {
    Html(format!("<style>{sheet}</style>"))
}

/// An element in the making.
#[derive(Debug)]
pub struct Element {
    name: &'static str,
    attributes: String,
    inside: String,
}

/// Begins an element.
#[must_use]
pub fn element(name: &'static str) -> Element {
    Element { name, attributes: String::new(), inside: String::new() }
}

impl Element {
    /// With this attribute.
    #[must_use]
    pub fn attribute(mut self, name: &'static str, value: &str) -> Self {
        self.attributes.push_str(&format!(" {name}=\"{}\"", escaped(value)));
        self
    }

    /// With this class.
    #[must_use]
    pub fn class(self, class: &'static str) -> Self {
        self.attribute("class", class)
    }

    /// With this text in it.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.inside.push_str(&escaped(text));
        self
    }

    /// With this in it.
    #[must_use]
    pub fn with(mut self, html: &Html) -> Self {
        self.inside.push_str(&html.0);
        self
    }

    /// The element, whole.
    #[must_use]
    pub fn done(self) -> Html {
        let Self { name, attributes, inside } = self;
        Html(format!("<{name}{attributes}>{inside}</{name}>"))
    }

    /// The element, which has no inside.
    #[must_use]
    pub fn alone(self) -> Html {
        let Self { name, attributes, .. } = self;
        Html(format!("<{name}{attributes}/>"))
    }
}

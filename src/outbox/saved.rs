//! A message as a file of the state folder keeps it.

use serde::{Deserialize, Serialize};

use crate::tools::discord::{Embed, Message};

/// What a message says: it rings for nobody when it is sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    content: String,
    description: String,
    colour: Option<u32>,
}

impl Saved {
    /// What this message says.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        let (description, colour) = match &message.embed {
            Some(embed) => (embed.description.clone(), embed.colour),
            None => (String::new(), None),
        };
        Self { content: message.content.clone(), description, colour }
    }

    /// The same with a line below its headline.
    #[must_use]
    pub fn with_line(self, line: &str) -> Self {
        let content = match self.content.split_once('\n') {
            Some((headline, rest)) => format!("{headline}\n{line}\n{rest}"),
            None => format!("{}\n{line}", self.content),
        };
        Self { content, ..self }
    }

    /// As it is sent.
    #[must_use]
    pub fn message(&self) -> Message {
        let framed =
            |description: &String| Embed { description: description.clone(), colour: self.colour, ..Embed::default() };
        let embed = Some(&self.description).filter(|text| !text.is_empty()).map(framed);
        Message { content: self.content.clone(), embed, ring: None }
    }
}

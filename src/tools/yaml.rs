//! YAML to a tree of texts, or where and why it cannot be read. The parser is a library's; what is
//! ours is what people expect of a configuration: one document, no key twice, aliases and merge
//! keys expanded within a bound (an anchor bomb is an error, not a hang), tags refused. Scalars
//! stay text as written, so that `1.10` is not `1.1`; plain `null`, `~` and nothing are null.

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};
use serde_json::{Map, Value};

/// Nodes in one document, expanded aliases included.
const NODES: usize = 20_000;
/// Bytes of all texts in one document, expanded aliases included.
const BYTES: usize = 1024 * 1024;
/// Bytes of a key: keys are repeated where places are told.
const KEY: usize = 1024;
/// Levels of nesting.
const DEPTH: usize = 64;

/// Where and why a text is not the YAML that is taken; the words stand in `messages::problem`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotRead {
    /// From 1.
    pub line: usize,
    /// Why.
    pub why: Refused,
}

/// Why a text is not the YAML that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The parser's own words.
    Parser(String),
    /// A document more than one.
    Second,
    /// Something else than a document.
    NoDocument,
    /// Something else than a value.
    NoValue,
    /// Larger than is read, aliases expanded.
    TooLarge,
    /// Nested too deeply.
    TooDeep,
    /// A tag.
    Tag,
    /// An alias without its anchor.
    NoAnchor,
    /// A key that is too long.
    LongKey,
    /// A key that is no text.
    NoTextKey,
    /// A key that stands twice.
    Twice(String),
    /// A merge of something else than a mapping.
    Merge,
}

/// Reads one document; an empty one is null.
pub fn read(text: &str) -> Result<Value, NotRead> {
    let events = Parser::new_from_str(text);
    let mut reader = Reader { events, anchors: BTreeMap::new(), size: Size::default(), line: 1 };
    let mut document = None;
    loop {
        match reader.next()? {
            Event::StreamEnd => return Ok(document.unwrap_or(Value::Null)),
            Event::StreamStart | Event::DocumentEnd => {}
            Event::DocumentStart(..) if document.is_some() => {
                return Err(reader.refuse(Refused::Second));
            }
            Event::DocumentStart(..) => {
                let first = reader.next()?;
                document = Some(reader.node(first, 0)?);
            }
            _ => return Err(reader.refuse(Refused::NoDocument)),
        }
    }
}

struct Reader<'a> {
    events: Parser<'a, StrInput<'a>>,
    anchors: BTreeMap<usize, (Value, Size)>,
    size: Size,
    line: usize,
}

/// How large a document, or a part of it, is.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    nodes: usize,
    bytes: usize,
}

impl<'a> Reader<'a> {
    fn refuse(&self, why: Refused) -> NotRead {
        NotRead { line: self.line, why }
    }

    fn next(&mut self) -> Result<Event<'a>, NotRead> {
        let event: Option<Result<(Event<'a>, Span), ScanError>> = self.events.next();
        match event {
            Some(Ok((event, span))) => {
                self.line = span.start.line();
                Ok(event)
            }
            Some(Err(error)) => Err(NotRead { line: error.marker().line(), why: Refused::Parser(error.info()) }),
            None => Ok(Event::StreamEnd),
        }
    }

    fn count(&mut self, more: Size) -> Result<(), NotRead> {
        let Size { nodes, bytes } = self.size;
        self.size = Size { nodes: nodes.saturating_add(more.nodes), bytes: bytes.saturating_add(more.bytes) };
        let fits = self.size.nodes <= NODES && self.size.bytes <= BYTES;
        if fits { Ok(()) } else { Err(self.refuse(Refused::TooLarge)) }
    }

    fn node(&mut self, event: Event<'a>, depth: usize) -> Result<Value, NotRead> {
        if depth > DEPTH {
            return Err(self.refuse(Refused::TooDeep));
        }
        let before = self.size;
        let bytes = if let Event::Scalar(text, ..) = &event { text.len() } else { 0 };
        self.count(Size { nodes: 1, bytes })?;
        let (value, anchor) = match event {
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, _, Some(_))
            | Event::MappingStart(_, _, Some(_)) => {
                return Err(self.refuse(Refused::Tag));
            }
            Event::Scalar(text, style, anchor, None) => (scalar(&text, style), anchor),
            Event::SequenceStart(_, anchor, None) => (self.sequence(depth)?, anchor),
            Event::MappingStart(_, anchor, None) => (self.mapping(depth)?, anchor),
            Event::Alias(anchor) => {
                let Some((value, size)) = self.anchors.get(&anchor).cloned() else {
                    return Err(self.refuse(Refused::NoAnchor));
                };
                self.count(size)?;
                return Ok(value);
            }
            _ => return Err(self.refuse(Refused::NoValue)),
        };
        if anchor != 0 {
            let Size { nodes, bytes } = self.size;
            self.anchors
                .insert(anchor, (value.clone(), Size { nodes: nodes - before.nodes, bytes: bytes - before.bytes }));
        }
        Ok(value)
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, NotRead> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(Value::Array(items)),
                event => items.push(self.node(event, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, NotRead> {
        let mut own = Map::new();
        let mut merged = Map::new();
        loop {
            let key = match self.next()? {
                Event::MappingEnd => break,
                Event::Scalar(key, ..) if key.len() > KEY => return Err(self.refuse(Refused::LongKey)),
                Event::Scalar(key, ..) => key.into_owned(),
                _ => return Err(self.refuse(Refused::NoTextKey)),
            };
            self.count(Size { nodes: 0, bytes: key.len() })?;
            let line = self.line;
            let event = self.next()?;
            let value = self.node(event, depth + 1)?;
            if key == "<<" {
                self.merge(value, &mut merged)?;
            } else if own.contains_key(&key) {
                return Err(NotRead { line, why: Refused::Twice(key) });
            } else {
                own.insert(key, value);
            }
        }
        merged.extend(own);
        Ok(Value::Object(merged))
    }

    /// YAML's merge key: keys of the mapping itself win, then the first of a list.
    fn merge(&self, value: Value, into: &mut Map<String, Value>) -> Result<(), NotRead> {
        let all = match value {
            Value::Array(list) => list,
            one => vec![one],
        };
        for one in all {
            let Value::Object(map) = one else { return Err(self.refuse(Refused::Merge)) };
            for (key, value) in map {
                into.entry(key).or_insert(value);
            }
        }
        Ok(())
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    let is_null = style == ScalarStyle::Plain && matches!(text, "" | "~" | "null" | "Null" | "NULL");
    if is_null { Value::Null } else { Value::from(text) }
}

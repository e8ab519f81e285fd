//! granit-parser's events, as the composer wants them: places as offsets into the file, tags as what they mean, empty nodes as
//! empty texts, and no more than one document.

use std::borrow::Cow;

use granit_parser::{Event as Raw, Parser, ScalarStyle, Span, StrInput, StructureStyle, options};

use super::block_scalar;
use super::differences;
use super::problem::{Fault, Problem};
use super::tag::Tag;

/// How deep collections may nest: as deep as go-yaml and Go's JSON decoder let them.
pub(super) const MAX_DEPTH: usize = 10_000;

/// What a document is made of, in order.
#[derive(Debug)]
pub(super) enum Event<'a> {
    Scalar(Scalar<'a>),
    Alias {
        anchor: usize,
        start: usize,
        end: usize,
    },
    SequenceStart(Opening),
    MappingStart(Opening),
    /// A collection ends; `end` is the place behind its closing bracket, if it has one.
    End {
        end: usize,
    },
    DocumentEnd,
}

/// A scalar as it is written.
#[derive(Debug)]
pub(super) struct Scalar<'a> {
    pub(super) text: Cow<'a, str>,
    /// It has neither quotes nor a tag, so its text decides about its type.
    pub(super) plain: bool,
    pub(super) tag: Tag,
    /// The number of its anchor; zero for none.
    pub(super) anchor: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The start of a collection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening {
    /// The number of its anchor; zero for none.
    pub(super) anchor: usize,
    pub(super) start: usize,
    /// It stands in brackets.
    pub(super) flow: bool,
}

/// Reads the events of the first document of a text; there is no second one, because the stream was cut before.
pub(super) struct Events<'a> {
    parser: Parser<'a, StrInput<'a>>,
    document: &'a str,
    /// Where the document begins in its file.
    origin: usize,
}

impl<'a> Events<'a> {
    /// Events of the document that begins at `origin` of its file.
    pub(super) fn new(document: &'a str, origin: usize) -> Self {
        let options = options! {
            bom_inside_document_as_content: true,
            flow_nesting_limit: MAX_DEPTH,
            block_nesting_limit: MAX_DEPTH,
            emit_comments: false,
            emit_anchor_events: true,
        };
        Self { parser: Parser::new_from_str_with_options(document, options), document, origin }
    }

    /// The next event. `DocumentEnd` is the last one.
    pub(super) fn next(&mut self) -> Result<Event<'a>, Fault> {
        loop {
            let (raw, span) = match self.parser.next_event() {
                None => return Ok(Event::DocumentEnd),
                Some(Ok(event)) => event,
                Some(Err(error)) => {
                    let at = self.offset(error.marker().byte_offset());
                    return Err(Fault::new(Problem::Syntax(Box::new(error.kind().clone())), at, at));
                }
            };
            let (start, end) = (self.offset(span.start.byte_offset()), self.offset(span.end.byte_offset()));
            return Ok(match raw {
                Raw::Scalar(text, style, anchor, tag) => self.scalar(text, style, anchor, tag, span)?,
                Raw::Alias(anchor) => {
                    self.refuse(differences::name(self.slice(span)), start, end)?;
                    Event::Alias { anchor, start, end }
                }
                Raw::SequenceStart(style, anchor, _) => {
                    Event::SequenceStart(Opening { anchor, start, flow: style == StructureStyle::Flow })
                }
                Raw::MappingStart(style, anchor, _) => {
                    Event::MappingStart(Opening { anchor, start, flow: style == StructureStyle::Flow })
                }
                Raw::SequenceEnd | Raw::MappingEnd => Event::End { end },
                Raw::DocumentEnd | Raw::StreamEnd => Event::DocumentEnd,
                Raw::DocumentStart(_, Some(version)) if (version.major, version.minor) != (1, 1) => {
                    return Err(Fault::new(Problem::Version, self.origin, start));
                }
                Raw::Anchor(..) => {
                    self.refuse(differences::name(self.slice(span)), start, end)?;
                    continue;
                }
                _ => continue,
            });
        }
    }

    fn offset(&self, in_document: Option<usize>) -> usize {
        self.origin.saturating_add(in_document.unwrap_or(0))
    }

    fn slice(&self, span: Span) -> &'a str {
        span.slice(self.document).unwrap_or_default()
    }

    #[expect(clippy::unused_self, reason = "reads like the other steps")]
    fn refuse(&self, problem: Option<Problem>, start: usize, end: usize) -> Result<(), Fault> {
        problem.map_or(Ok(()), |problem| Err(Fault::new(problem, start, end)))
    }

    fn scalar(
        &self,
        text: Cow<'a, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<Cow<'a, granit_parser::Tag>>,
        span: Span,
    ) -> Result<Event<'a>, Fault> {
        let source = self.slice(span);
        let start = self.offset(span.start.byte_offset());
        let mut end = self.offset(span.end.byte_offset());
        let tag = tag.map_or(Tag::None, |tag| Tag::of(&tag));
        // An empty node arrives as a `~` that is written nowhere.
        let empty = style == ScalarStyle::Plain && source.is_empty();
        match style {
            ScalarStyle::DoubleQuoted => {
                if let (Cow::Owned(_), Some((position, problem))) = (&text, differences::escape(source)) {
                    let start = start.saturating_add(position);
                    return Err(Fault::new(problem, start, start.saturating_add(2)));
                }
            }
            ScalarStyle::Literal | ScalarStyle::Folded => {
                end = start.saturating_add(block_scalar::length(source));
            }
            _ => {}
        }
        Ok(Event::Scalar(Scalar {
            text: if empty { Cow::Borrowed("") } else { text },
            plain: style == ScalarStyle::Plain && tag == Tag::None,
            tag,
            anchor,
            start,
            end,
        }))
    }
}

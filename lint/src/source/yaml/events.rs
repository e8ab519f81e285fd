//! granit-parser's events, as the composer wants them: places as offsets into the file, tags as what they mean, empty nodes as
//! empty texts, and no more than one document.

use std::borrow::Cow;

use granit_parser::{Event as Raw, Options, Parser, ScalarStyle, Span, StrInput, StructureStyle};

use super::differences;
use super::problem::{Fault, Problem};
use super::suspicions::Suspicions;
use super::tag::Tag;
use super::{patch, wide_breaks};

/// How deep collections may nest: as deep as go-yaml and Go's JSON decoder let them.
pub(super) const MAX_DEPTH: usize = 10_000;

/// How the parser is to read: as near to go-yaml as it can.
pub(super) fn options() -> Options {
    granit_parser::options! {
        bom_inside_document_as_content: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
        emit_comments: false,
        emit_anchor_events: true,
    }
}

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
pub(super) struct Events<'a, 'p> {
    parser: Parser<'p, StrInput<'p>>,
    /// What the parser reads: the document, or a copy that differs from it here and there but has everything at the same place.
    parsed: &'p str,
    document: &'a str,
    /// Where the document begins in its file.
    origin: usize,
    /// For each open collection, whether it stands in brackets.
    open: Vec<bool>,
    /// Where line breaks stand that the parser takes for characters.
    wide_breaks: Vec<usize>,
}

impl<'a, 'p> Events<'a, 'p> {
    /// Events of the document that begins at `origin` of its file.
    pub(super) fn new(document: &'a str, parsed: &'p str, origin: usize, suspicions: Suspicions) -> Self {
        Self {
            parser: Parser::new_from_str_with_options(parsed, options()),
            parsed,
            document,
            origin,
            open: Vec::with_capacity(16),
            wide_breaks: if suspicions.wide_break() { wide_breaks::find(document) } else { Vec::new() },
        }
    }

    /// The next event. `DocumentEnd` is the last one.
    pub(super) fn next(&mut self) -> Result<Event<'a>, Fault> {
        loop {
            let (raw, span) = match self.parser.next_event() {
                None => return self.end(),
                Some(Ok(event)) => event,
                Some(Err(error)) => {
                    let at = self.offset(error.marker().byte_offset());
                    return Err(Fault::new(Problem::Syntax(Box::new(error.kind().clone())), at, at));
                }
            };
            let (start, end) = (self.offset(span.start.byte_offset()), self.offset(span.end.byte_offset()));
            match raw {
                Raw::Scalar(text, style, anchor, tag) => return self.scalar(text, style, anchor, tag, span),
                Raw::Alias(anchor) => {
                    self.check_name(span, start, end)?;
                    return Ok(Event::Alias { anchor, start, end });
                }
                Raw::SequenceStart(style, anchor, _) => {
                    return Ok(Event::SequenceStart(self.opening(style, anchor, start)));
                }
                Raw::MappingStart(style, anchor, _) => {
                    return Ok(Event::MappingStart(self.opening(style, anchor, start)));
                }
                Raw::SequenceEnd | Raw::MappingEnd => {
                    self.open.pop();
                    return Ok(Event::End { end });
                }
                Raw::DocumentEnd | Raw::StreamEnd => return self.end(),
                Raw::DocumentStart(_, version) => {
                    let version = version.map(|version| (version.major, version.minor));
                    if version.is_some_and(|version| version != (1, 1)) {
                        return Err(Fault::new(Problem::Version, self.origin, start));
                    }
                    if let Some(directive) =
                        differences::directive(self.document, start.saturating_sub(self.origin))
                    {
                        let at = self.origin.saturating_add(directive);
                        return Err(Fault::new(Problem::Directive, at, at.saturating_add(1)));
                    }
                }
                Raw::Anchor(..) => self.check_name(span, start, end)?,
                _ => {}
            }
        }
    }

    /// The document ends. Line breaks that no quotes held would have changed what it says.
    fn end(&self) -> Result<Event<'a>, Fault> {
        match self.wide_breaks.first() {
            Some(place) => {
                let at = self.origin.saturating_add(*place);
                let character =
                    self.document.get(*place..).and_then(|rest| rest.chars().next()).unwrap_or('\u{85}');
                Err(Fault::new(Problem::WideBreak(character), at, at.saturating_add(character.len_utf8())))
            }
            None => Ok(Event::DocumentEnd),
        }
    }

    fn opening(&mut self, style: StructureStyle, anchor: usize, start: usize) -> Opening {
        let flow = style == StructureStyle::Flow;
        self.open.push(flow);
        Opening { anchor, start, flow }
    }

    fn check_name(&self, span: Span, start: usize, end: usize) -> Result<(), Fault> {
        if differences::is_name(self.slice(span)) {
            Ok(())
        } else {
            Err(Fault::new(Problem::Name, start, end))
        }
    }

    fn offset(&self, in_document: Option<usize>) -> usize {
        self.origin.saturating_add(in_document.unwrap_or(0))
    }

    fn slice(&self, span: Span) -> &'a str {
        span.slice(self.document).unwrap_or_default()
    }

    /// The same text as a slice of the document, if it is a slice of what the parser reads.
    fn of_document(&self, text: Cow<'p, str>) -> Cow<'a, str> {
        match text {
            Cow::Owned(text) => Cow::Owned(text),
            Cow::Borrowed(text) => {
                let start = text.as_ptr().addr().wrapping_sub(self.parsed.as_ptr().addr());
                match self.document.get(start..start.saturating_add(text.len())) {
                    Some(slice) => Cow::Borrowed(slice),
                    None => Cow::Owned(text.to_owned()),
                }
            }
        }
    }

    fn scalar(
        &mut self,
        text: Cow<'p, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<Cow<'p, granit_parser::Tag>>,
        span: Span,
    ) -> Result<Event<'a>, Fault> {
        let source = self.slice(span);
        let start = self.offset(span.start.byte_offset());
        let mut end = self.offset(span.end.byte_offset());
        let tag = tag.map_or(Tag::None, |tag| Tag::of(&tag));
        // An empty node arrives as a `~` that is written nowhere.
        let empty = style == ScalarStyle::Plain && source.is_empty();
        let mut text = if empty { Cow::Borrowed("") } else { self.of_document(text) };
        match style {
            ScalarStyle::Plain => {
                let in_brackets = self.open.last().copied().unwrap_or(false);
                if in_brackets && let Some((position, problem)) = differences::in_brackets(source) {
                    let at = start.saturating_add(position);
                    return Err(Fault::new(problem, at, at.saturating_add(1)));
                }
            }
            ScalarStyle::Literal | ScalarStyle::Folded => {
                // The line break at the end belongs to the scalar, but not to its place.
                end = start.saturating_add(source.trim_end().len());
            }
            ScalarStyle::DoubleQuoted => {
                if let (Cow::Owned(decoded), Some((position, problem))) =
                    (&mut text, differences::escape(source))
                {
                    let at = start.saturating_add(position);
                    match problem {
                        Some(problem) => return Err(Fault::new(problem, at, at.saturating_add(2))),
                        None => *decoded = decoded.replace(patch::APOSTROPHE, "'"),
                    }
                }
                self.fold_wide_breaks(&mut text, start, end);
            }
            ScalarStyle::SingleQuoted => self.fold_wide_breaks(&mut text, start, end),
        }
        let plain = style == ScalarStyle::Plain && tag == Tag::None;
        Ok(Event::Scalar(Scalar { text, plain, tag, anchor, start, end }))
    }

    /// Folds the line breaks of a scalar in quotes that the parser took for characters.
    fn fold_wide_breaks(&mut self, text: &mut Cow<'a, str>, start: usize, end: usize) {
        if self.wide_breaks.is_empty() {
            return;
        }
        let origin = self.origin;
        let before = self.wide_breaks.len();
        self.wide_breaks.retain(|place| !(start..end).contains(&origin.saturating_add(*place)));
        if self.wide_breaks.len() < before {
            *text = Cow::Owned(wide_breaks::fold(text));
        }
    }
}

//! Converts granit-parser's events for the composer: places become offsets into the file, tags become their meanings, empty nodes become
//! empty texts, and only one document is read.

use std::borrow::Cow;

use granit_parser::{Event as Raw, Options, Parser, ScalarStyle, Span, StrInput, StructureStyle};

use super::byte_scan::ByteScan;
use super::comments::Written;
use super::differences;
use super::problem::{Fault, Problem};
use super::tag::Tag;
use super::{patch, wide_breaks};

/// The maximum depth of collections, the same as in go-yaml and in Go's JSON decoder.
pub(super) const MAX_DEPTH: usize = 10_000;

/// The parser's options that are closest to go-yaml.
pub(super) fn options() -> Options {
    granit_parser::options! {
        bom_inside_document_as_content: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
        emit_comments: false,
        emit_anchor_events: true,
    }
}

/// The events of a document, in order.
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
    /// The end of a collection; `end` is the offset after its closing bracket, if it has one.
    End {
        end: usize,
    },
    DocumentEnd,
}

/// A scalar as it is written.
#[derive(Debug)]
pub(super) struct Scalar<'a> {
    pub(super) text: Cow<'a, str>,
    /// Whether it has neither quotes nor a tag, so that its text decides its type.
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
    /// Whether it is in brackets.
    pub(super) flow: bool,
}

/// Reads the events of a document. The text has no second document, because the stream was split before.
pub(super) struct Events<'a, 'p> {
    parser: Parser<'p, StrInput<'p>>,
    /// The text that the parser reads: the document, or a patched copy with the same offsets.
    parsed: &'p str,
    document: &'a str,
    /// Where the document begins in its file.
    origin: usize,
    /// For each open collection, whether it is in brackets.
    open: Vec<bool>,
    /// The offsets of line breaks that the parser reads as ordinary characters.
    wide_breaks: Vec<usize>,
    /// Where the scalars are, if comments are looked for.
    pub(super) scalars: Option<Vec<Written>>,
}

impl<'a, 'p> Events<'a, 'p> {
    /// Events of the document that begins at `origin` of its file.
    pub(super) fn new(document: &'a str, parsed: &'p str, origin: usize, scan: ByteScan) -> Self {
        Self {
            parser: Parser::new_from_str_with_options(parsed, options()),
            parsed,
            document,
            origin,
            open: Vec::with_capacity(16),
            wide_breaks: if scan.wide_break() { wide_breaks::find(document) } else { Vec::new() },
            scalars: None,
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
                Raw::SequenceStart(style, anchor, tag) => {
                    if tag.is_some() {
                        self.check_tag(start.saturating_sub(self.origin))?;
                    }
                    return Ok(Event::SequenceStart(self.opening(style, anchor, start)));
                }
                Raw::MappingStart(style, anchor, tag) => {
                    if tag.is_some() {
                        self.check_tag(start.saturating_sub(self.origin))?;
                    }
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

    /// Ends the document. Line breaks of YAML 1.1 outside of quotes are an error, since they would change its meaning.
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

    /// Checks a key between brackets, at `start..end` of the file, that has this number of properties (an anchor, a tag) before it.
    pub(super) fn check_flow_key(&self, start: usize, end: usize, properties: usize) -> Result<(), Fault> {
        let (from, to) = (start.saturating_sub(self.origin), end.saturating_sub(self.origin));
        match differences::flow_key(self.document, from, to, properties) {
            Some(problem) => Err(Fault::new(problem, start, end)),
            None => Ok(()),
        }
    }

    /// Checks that white space follows a tag. `start` is the offset of the node in the document.
    fn check_tag(&self, start: usize) -> Result<(), Fault> {
        match differences::glued_tag(self.document, start) {
            Some(tag) => {
                let at = |place: usize| self.origin.saturating_add(place);
                Err(Fault::new(Problem::GluedTag, at(tag.start), at(tag.end)))
            }
            None => Ok(()),
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
        if let Some(scalars) = &mut self.scalars
            && start < end
        {
            scalars.push((start, end));
        }
        if tag.is_some() {
            self.check_tag(start.saturating_sub(self.origin))?;
        }
        let tag = tag.map_or(Tag::None, |tag| Tag::of(&tag));
        // The parser reports an empty node as a `~` that is not in the text.
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
                // The line break at the end belongs to the scalar, but not to its span.
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

    /// Folds the line breaks of a quoted scalar that the parser reads as ordinary characters.
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

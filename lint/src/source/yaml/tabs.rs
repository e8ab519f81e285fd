//! Finds tabs that go-yaml refuses.
//!
//! YAML 1.2 allows tabs between tokens, and so does granit-parser. libyaml, and therefore go-yaml, accepts a tab as white space only where
//! it cannot be indentation: inside brackets, or after a token on the same line. This module checks the gaps between tokens.

use granit_parser::{ScalarStyle, Scanner, StrInput, Token, TokenType};

use super::events;

/// The offset of the first tab that go-yaml refuses, in a document that the parser reads as `parsed`.
pub(super) fn find(document: &str, parsed: &str) -> Option<usize> {
    let scanner = Scanner::with_options(StrInput::new(parsed), events::options());
    let mut walker = Walker {
        document,
        at: 0,
        key_allowed: true,
        plain: None,
        simple: false,
        flow: 0,
        indents: Vec::new(),
        complete: false,
        ended: false,
    };
    for token in scanner {
        // A scanner error is reported by the parser.
        let Ok(token) = token else { return None };
        if let Some(tab) = walker.pass(&token) {
            return Some(tab);
        }
        if walker.ended {
            return None;
        }
    }
    walker.gap(document.len())
}

/// The state of libyaml's scanner at an offset.
struct Walker<'a> {
    document: &'a str,
    at: usize,
    /// Whether a key may start here, so that a tab would be indentation.
    key_allowed: bool,
    /// If the last token is a plain scalar, the column that its further lines must reach. The scalar includes the white space after it.
    plain: Option<usize>,
    /// Whether the last key has no `?`, so that its value follows on the same line.
    simple: bool,
    flow: usize,
    /// The columns of the open block collections.
    indents: Vec<usize>,
    /// Whether the document's root is complete, so that the next token ends the document.
    complete: bool,
    /// Whether the document has ended. The rest is ignored.
    ended: bool,
}

impl Walker<'_> {
    /// Processes a token and the gap before it. Returns the offset of a refused tab.
    fn pass(&mut self, token: &Token<'_>) -> Option<usize> {
        let range = token.span().byte_range()?;
        let kind = token.token_type();
        match kind {
            // These have no text of their own, or do not affect the next token.
            TokenType::BlockSequenceStart | TokenType::BlockMappingStart => {
                self.indents.push(token.span().start.col());
                return None;
            }
            TokenType::BlockEnd => {
                self.indents.pop();
                self.complete |= self.indents.is_empty();
                return None;
            }
            TokenType::Key if range.is_empty() => {
                self.simple = true;
                return None;
            }
            TokenType::StreamStart | TokenType::StreamEnd => return None,
            _ => {}
        }
        self.ended = self.complete || matches!(kind, TokenType::DocumentEnd);
        let is_end = matches!(
            kind,
            TokenType::Scalar(..)
                | TokenType::Alias(_)
                | TokenType::FlowSequenceEnd
                | TokenType::FlowMappingEnd
        );
        let tab = self.pass_real(kind, range);
        self.complete |= is_end && self.indents.is_empty() && self.flow == 0;
        tab
    }

    /// Processes a token that has a text, and the gap before it.
    fn pass_real(&mut self, kind: &TokenType<'_>, range: std::ops::Range<usize>) -> Option<usize> {
        if let TokenType::Scalar(ScalarStyle::Literal | ScalarStyle::Folded, _) = kind {
            // The token begins with the scalar's text, if there is any; the header is before it.
            let header = self.header(range.start);
            let tab = self.gap(header).or_else(|| self.block_scalar(header));
            (self.plain, self.key_allowed) = (None, true);
            return tab;
        }
        if let Some(tab) = self.gap(range.start) {
            return Some(tab);
        }
        self.plain = None;
        self.at = range.end.max(self.at);
        match kind {
            TokenType::Scalar(ScalarStyle::Plain, _) => {
                self.key_allowed = false;
                self.plain = Some(self.least_column());
                return self.continuation(range.start, range.end);
            }
            TokenType::FlowSequenceStart | TokenType::FlowMappingStart => {
                self.flow = self.flow.saturating_add(1);
                self.key_allowed = true;
            }
            TokenType::FlowSequenceEnd | TokenType::FlowMappingEnd => {
                self.flow = self.flow.saturating_sub(1);
                self.key_allowed = false;
            }
            TokenType::BlockEntry | TokenType::FlowEntry => self.key_allowed = true,
            TokenType::Key => {
                self.simple = false;
                self.key_allowed = self.flow == 0;
            }
            TokenType::Value => {
                self.key_allowed = !self.simple && self.flow == 0;
                self.simple = false;
            }
            _ => self.key_allowed = false,
        }
        None
    }

    /// The column that continuation lines must reach.
    fn least_column(&self) -> usize {
        self.indents.last().map_or(0, |column| column.saturating_add(1))
    }

    /// The offset of the header of the block scalar whose token begins at `start`.
    fn header(&self, start: usize) -> usize {
        let gap = self.document.get(self.at..start).unwrap_or_default();
        let mut place = self.at;
        for line in gap.split_inclusive('\n') {
            let code = line.split(" #").next().unwrap_or_default();
            if let Some(column) = code.find(['|', '>']) {
                return place.saturating_add(column);
            }
            place = place.saturating_add(line.len());
        }
        start
    }

    /// Searches for a tab between the last token and an offset.
    fn gap(&mut self, end: usize) -> Option<usize> {
        let gap = self.document.get(self.at..end)?;
        let mut line_start = None;
        let mut comment = false;
        for (position, byte) in gap.bytes().enumerate() {
            let place = self.at.saturating_add(position);
            match byte {
                b'\n' => {
                    comment = false;
                    line_start = Some(place.saturating_add(1));
                    if self.flow == 0 || self.plain.is_some() {
                        self.key_allowed = true;
                    }
                }
                _ if comment => {}
                b'#' => {
                    comment = true;
                    self.plain = None;
                }
                b'-' if self.flow == 0 => {
                    self.plain = None;
                    self.key_allowed = true;
                }
                b'\t' => {
                    let refused = match (self.plain, line_start) {
                        (Some(least), Some(start)) => place.saturating_sub(start) < least,
                        (Some(_), None) => false,
                        (None, _) => self.flow == 0 && self.key_allowed,
                    };
                    if refused {
                        return Some(place);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Searches for a tab in the indentation of a plain scalar's further lines.
    fn continuation(&self, start: usize, end: usize) -> Option<usize> {
        let least = self.least_column();
        let scalar = self.document.get(start..end)?;
        let mut line_start = start;
        for line in scalar.split_inclusive('\n') {
            if line_start > start {
                let blank = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t'));
                if let Some(tab) = blank.take(least).position(|byte| byte == b'\t') {
                    return Some(line_start.saturating_add(tab));
                }
            }
            line_start = line_start.saturating_add(line.len());
        }
        None
    }

    /// Searches for a tab in the indentation of a block scalar's lines, up to the line that ends it.
    fn block_scalar(&mut self, start: usize) -> Option<usize> {
        let source = self.document.get(start..)?;
        let mut lines = source.split_inclusive('\n');
        let header = lines.next()?;
        let mut line_start = start.saturating_add(header.len());
        let given = header.bytes().skip(1).take(2).find(u8::is_ascii_digit);
        let base = self.indents.last().copied().unwrap_or(0);
        let mut indent = given.map(|digit| base.saturating_add(usize::from(digit.saturating_sub(b'0'))));
        self.at = line_start;
        for line in lines {
            let spaces = line.bytes().take_while(|byte| *byte == b' ').count();
            let short = indent.is_none_or(|indent| spaces < indent);
            match line.as_bytes().get(spaces) {
                Some(b'\t') if short => return Some(line_start.saturating_add(spaces)),
                None | Some(b'\n' | b'\r') => {}
                Some(_) if indent.is_none() && spaces >= self.least_column().max(1) => indent = Some(spaces),
                Some(_) if short => return None,
                Some(_) => {}
            }
            line_start = line_start.saturating_add(line.len());
            self.at = line_start;
        }
        None
    }
}

//! A part of a JSON text that moves along it, so that a file of any size takes little memory.

use std::io::Read;
use std::ops::Range;

use memchr::{memchr2, memchr3};

/// As much is read at once.
const CHUNK: usize = 256 * 1024;

/// Why a text cannot be read on.
#[derive(Debug)]
pub(super) enum Stop {
    /// The source does not give its bytes.
    Source(std::io::Error),
    /// The text is no JSON.
    Syntax {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: &'static str,
    },
}

/// The bytes that are in memory, and the place in them up to which they are understood.
pub(super) struct Window<'r> {
    source: &'r mut dyn Read,
    buffer: Vec<u8>,
    at: usize,
    /// The line of the buffer's first byte.
    first_line: usize,
    ended: bool,
}

impl<'r> Window<'r> {
    /// A window at the start of a text whose first line has this number.
    pub(super) fn new(source: &'r mut dyn Read, first_line: usize) -> Self {
        Self { source, buffer: Vec::new(), at: 0, first_line, ended: false }
    }

    /// The place of the next byte, for [`Window::bytes`].
    pub(super) const fn position(&self) -> usize {
        self.at
    }

    /// The bytes of a range that has not been released.
    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.buffer.get(range).unwrap_or_default()
    }

    /// The line of a byte that has not been released, from 1.
    pub(super) fn line(&self, position: usize) -> usize {
        let before = self.buffer.get(..position).unwrap_or(&self.buffer);
        self.first_line.saturating_add(newlines(before))
    }

    /// Forgets what is understood, once that is worth it. Positions from before mean nothing then.
    pub(super) fn release(&mut self) {
        if self.at < CHUNK {
            return;
        }
        self.first_line = self.line(self.at);
        self.buffer.drain(..self.at.min(self.buffer.len()));
        self.at = 0;
    }

    /// An error at the next byte.
    pub(super) fn syntax(&self, message: &'static str) -> Stop {
        Stop::Syntax { line: self.line(self.at), message }
    }

    /// Steps over a byte.
    pub(super) const fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    /// The next byte that is no white space, which is not stepped over; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<u8>, Stop> {
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            if let Some(skip) = rest.iter().position(|byte| !byte.is_ascii_whitespace()) {
                self.at = self.at.saturating_add(skip);
                return Ok(self.buffer.get(self.at).copied());
            }
            self.at = self.buffer.len();
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// Steps over these bytes, if they are the next ones.
    pub(super) fn skip(&mut self, bytes: &[u8]) -> Result<bool, Stop> {
        let end = self.at.saturating_add(bytes.len());
        while self.buffer.len() < end && self.more()? {}
        let found = self.buffer.get(self.at..end) == Some(bytes);
        if found {
            self.at = end;
        }
        Ok(found)
    }

    /// Steps over a value, which begins at the next byte. Inside it only what nests is looked at.
    pub(super) fn value(&mut self) -> Result<Range<usize>, Stop> {
        let start = self.at;
        match self.next()? {
            Some(b'{') => self.nested(b'{', b'}')?,
            Some(b'[') => self.nested(b'[', b']')?,
            Some(b'"') => self.at = self.string_end(start)?,
            Some(b'}' | b']' | b',' | b':') | None => return Err(self.syntax("a value is missing")),
            Some(_) => self.bare()?,
        }
        Ok(start..self.at)
    }

    fn nested(&mut self, open: u8, close: u8) -> Result<(), Stop> {
        let mut depth = 0_usize;
        let mut at = self.at;
        loop {
            let rest = self.buffer.get(at..).unwrap_or_default();
            let Some(skip) = memchr3(b'"', open, close, rest) else {
                at = self.buffer.len();
                if self.more()? {
                    continue;
                }
                return Err(self.syntax("the text ends inside this object"));
            };
            at = at.saturating_add(skip);
            match self.buffer.get(at) {
                Some(b'"') => at = self.string_end(at)?,
                Some(byte) if *byte == open => {
                    depth = depth.saturating_add(1);
                    at = at.saturating_add(1);
                }
                _ => {
                    depth = depth.saturating_sub(1);
                    at = at.saturating_add(1);
                    if depth == 0 {
                        self.at = at;
                        return Ok(());
                    }
                }
            }
        }
    }

    /// The place behind the string that begins here.
    fn string_end(&mut self, start: usize) -> Result<usize, Stop> {
        let mut at = start.saturating_add(1);
        loop {
            let rest = self.buffer.get(at..).unwrap_or_default();
            match memchr2(b'"', b'\\', rest) {
                Some(skip) => {
                    at = at.saturating_add(skip);
                    if self.buffer.get(at) == Some(&b'"') {
                        return Ok(at.saturating_add(1));
                    }
                    // What is escaped may be a quote, and may not be there yet.
                    at = at.saturating_add(2);
                }
                None => {
                    at = at.max(self.buffer.len());
                    if !self.more()? {
                        return Err(self.syntax("the text ends inside a string"));
                    }
                }
            }
        }
    }

    /// A number or a word.
    fn bare(&mut self) -> Result<(), Stop> {
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b'}' | b']');
            match rest.iter().position(ends) {
                Some(skip) => {
                    self.at = self.at.saturating_add(skip);
                    return Ok(());
                }
                None => {
                    self.at = self.buffer.len();
                    if !self.more()? {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Reads on; false at the end.
    fn more(&mut self) -> Result<bool, Stop> {
        if self.ended {
            return Ok(false);
        }
        let before = self.buffer.len();
        self.buffer.resize(before.saturating_add(CHUNK), 0);
        loop {
            let free = self.buffer.get_mut(before..).unwrap_or_default();
            match self.source.read(free) {
                Ok(count) => {
                    self.buffer.truncate(before.saturating_add(count));
                    self.ended = count == 0;
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.buffer.truncate(before);
                    return Err(Stop::Source(error));
                }
            }
        }
    }
}

fn newlines(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
}

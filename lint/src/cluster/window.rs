//! A window that moves over a JSON text, so that a file of any size takes little memory.

use std::cell::Cell;
use std::io::Read;
use std::ops::Range;

use memchr::{memchr2, memchr3};

use crate::limited_read::{self, MaxFileSize};

/// How many bytes are read at once.
const CHUNK: usize = 256 * 1024;

/// Why reading stops.
#[derive(Debug)]
pub(super) enum Stop {
    /// The source cannot be read.
    Source(std::io::Error),
    /// The text is not JSON.
    Syntax {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: &'static str,
    },
}

/// The bytes in memory, and the position up to which they are parsed.
pub(super) struct Window<'r> {
    source: &'r mut dyn Read,
    buffer: Vec<u8>,
    at: usize,
    /// The line of the buffer's first byte.
    first_line: usize,
    ended: bool,
    max: MaxFileSize,
    /// A position, and the line breaks of the buffer before it: lines are asked for in the order of the text.
    counted: Cell<(usize, usize)>,
}

impl<'r> Window<'r> {
    /// A window at the start of a text whose first line has the number `first_line`. It holds one object, which may have `max` bytes.
    pub(super) fn new(source: &'r mut dyn Read, first_line: usize, max: MaxFileSize) -> Self {
        Self { source, buffer: Vec::new(), at: 0, first_line, ended: false, max, counted: Cell::new((0, 0)) }
    }

    /// The position of the next byte, for [`Window::bytes`].
    pub(super) const fn position(&self) -> usize {
        self.at
    }

    /// The bytes of a range that has not been released.
    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.buffer.get(range).unwrap_or_default()
    }

    /// The line of a byte that has not been released, from 1.
    pub(super) fn line(&self, position: usize) -> usize {
        let position = position.min(self.buffer.len());
        let (from, before) =
            Some(self.counted.get()).filter(|(from, _)| *from <= position).unwrap_or_default();
        let count = before.saturating_add(newlines(self.buffer.get(from..position).unwrap_or_default()));
        self.counted.set((position, count));
        self.first_line.saturating_add(count)
    }

    /// Drops the bytes that are parsed, if they fill a chunk. Earlier positions are invalid after it.
    pub(super) fn release(&mut self) {
        if self.at < CHUNK {
            return;
        }
        self.first_line = self.line(self.at);
        self.buffer.drain(..self.at.min(self.buffer.len()));
        self.at = 0;
        self.counted.set((0, 0));
    }

    /// An error at the next byte.
    pub(super) fn syntax(&self, message: &'static str) -> Stop {
        Stop::Syntax { line: self.line(self.at), message }
    }

    /// Skips a byte.
    pub(super) const fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    /// Skips white space, and returns the next byte without skipping it; `None` at the end.
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

    /// Skips these bytes, if they are the next ones.
    pub(super) fn skip(&mut self, bytes: &[u8]) -> Result<bool, Stop> {
        let end = self.at.saturating_add(bytes.len());
        while self.buffer.len() < end && self.more()? {}
        let found = self.buffer.get(self.at..end) == Some(bytes);
        if found {
            self.at = end;
        }
        Ok(found)
    }

    /// Skips the value that begins at the next byte, and returns its range. Its syntax is checked only as far as its end requires.
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

    /// The position after the string that begins at `start`.
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
                    // The escaped character may be a quote, and may not be in the buffer yet.
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

    /// Skips a number or a word.
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

    /// Reads the next chunk; false at the end.
    fn more(&mut self) -> Result<bool, Stop> {
        if self.ended {
            return Ok(false);
        }
        let before = self.buffer.len();
        // What is before the window's place may still be needed: it is part of the same object.
        if u64::try_from(before).unwrap_or(u64::MAX) > self.max.0 {
            return Err(Stop::Source(std::io::Error::new(
                std::io::ErrorKind::FileTooLarge,
                limited_read::too_large(self.max),
            )));
        }
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

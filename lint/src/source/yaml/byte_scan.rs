//! Scans a document's bytes once, so that checks for rare characters are skipped if the document has none.

/// The kinds of rare bytes in a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct ByteScan(u8);

const TAB: u8 = 1;
const FORBIDDEN: u8 = 2;
const WIDE_BREAK: u8 = 4;

impl ByteScan {
    /// Scans the document. The loop has no branches, since it runs over every byte of every document.
    pub(super) fn of(document: &str) -> Self {
        Self(document.bytes().fold(0, |found, byte| found | suspicion(byte)))
    }

    /// Whether there is a tab.
    pub(super) const fn tab(self) -> bool {
        self.0 & TAB != 0
    }

    /// Whether there may be a line break of several bytes.
    pub(super) const fn wide_break(self) -> bool {
        self.0 & WIDE_BREAK != 0
    }

    /// The offset of the first character that YAML forbids, and the character.
    pub(super) fn forbidden(self, document: &str) -> Option<(usize, char)> {
        if self.0 & FORBIDDEN == 0 {
            return None;
        }
        document.char_indices().find(|(_, character)| is_forbidden(*character))
    }
}

const fn suspicion(byte: u8) -> u8 {
    let tab = (byte == b'\t') as u8;
    let control = (byte < 0x20) & (byte != b'\n') & (byte != b'\t') & (byte != b'\r') | (byte == 0x7F);
    let first_of_forbidden = (control | (byte == 0xC2) | (byte == 0xEF)) as u8;
    let first_of_wide = ((byte == 0xC2) | (byte == 0xE2)) as u8;
    tab.wrapping_mul(TAB)
        | first_of_forbidden.wrapping_mul(FORBIDDEN)
        | first_of_wide.wrapping_mul(WIDE_BREAK)
}

const fn is_forbidden(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}' => true,
        _ => false,
    }
}

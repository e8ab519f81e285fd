//! Characters that no document may hold.

/// Where the first character stands that YAML forbids, and the character.
pub(super) fn find(text: &str) -> Option<(usize, char)> {
    if !text.bytes().fold(false, |suspect, byte| suspect | is_suspect(byte)) {
        return None;
    }
    text.char_indices().find(|(_, character)| is_forbidden(*character))
}

/// Whether a byte can be part of such a character. This looks at every byte of every document, so it has no branches.
const fn is_suspect(byte: u8) -> bool {
    (byte < 0x20) & (byte != b'\n') & (byte != b'\t') & (byte != b'\r')
        | (byte == 0x7F)
        | (byte == 0xC2)
        | (byte == 0xEF)
}

const fn is_forbidden(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}' => true,
        _ => false,
    }
}

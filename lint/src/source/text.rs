//! Decodes the bytes of a file.

use super::json;
use super::stream;
use super::syntax_error::SyntaxError;
use super::yaml::replace_invalid;

/// The text of a file's bytes, without a copy if they are UTF-8.
///
/// # Errors
///
/// An error at the first byte that is not UTF-8. As in Go, strings of JSON may hold any bytes: those that are not UTF-8 are replaced.
pub fn decode(bytes: Vec<u8>) -> Result<String, SyntaxError> {
    if u32::try_from(bytes.len()).is_err() {
        return Err(whole("the file is larger than 4 GiB", 0));
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error.into_bytes(),
    };
    if bytes.starts_with(b"\xFF\xFE\0\0") || bytes.starts_with(b"\0\0\xFE\xFF") {
        let error = whole("the file is encoded in UTF-32, which kubectl does not read", 0);
        return Err(error.with_help("save it as UTF-8"));
    }
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        let error = whole("the file is encoded in UTF-16, which kubectl does not read", 0);
        return Err(error.with_help("save it as UTF-8, in PowerShell with `Out-File -Encoding utf8`"));
    }
    let position = std::str::from_utf8(&bytes).err().map_or(0, |error| error.valid_up_to());
    let text = replace_invalid(&bytes);
    if stream::might_be_json(&text) && json::is_stream(&text) {
        return Ok(text);
    }
    let byte = bytes.get(position).copied().unwrap_or(0);
    let message = format!("the file is not UTF-8: byte {position} is 0x{byte:02X}");
    Err(whole(message, position).with_help("save it as UTF-8, or leave it out if it is not text"))
}

fn whole(message: impl Into<String>, at: usize) -> SyntaxError {
    SyntaxError { rule: "file/encoding", whole_file: true, ..SyntaxError::new(message, at, at) }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn text_is_utf8() {
        assert_eq!(decode("a: ü\n".into()).as_deref(), Ok("a: ü\n"));
        let message = |bytes: &[u8]| decode(bytes.into()).err().map(|error| error.message);
        assert_eq!(message(b"a: b\nc: \xFC").as_deref(), Some("the file is not UTF-8: byte 8 is 0xFC"));
        assert!(message(b"\xFF\xFEa\0").is_some_and(|message| message.contains("UTF-16")));
        assert!(message(b"\xFF\xFE\0\0a\0\0\0").is_some_and(|message| message.contains("UTF-32")));
        assert!(message(b"\0\0\xFE\xFF\0\0\0a").is_some_and(|message| message.contains("UTF-32")));
    }

    #[test]
    fn json_may_hold_any_bytes_in_its_strings() {
        assert_eq!(decode(b"{\"a\": \"\xFC\xFD\"}".into()).as_deref(), Ok("{\"a\": \"\u{FFFD}\u{FFFD}\"}"));
        assert!(decode(b"{a: \xFC}".into()).is_err());
    }
}

//! Damages a review, in its structure or in its bytes.

use crate::json::Json;
use crate::random::Random;

/// Bytes that readers stumble over.
const SPLINTERS: &[&[u8]] = &[
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xef\xbb\xbf",
    b"\x00",
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"\\udc00\\ud800",
    b"\\x41",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"-",
    b".",
    b"e",
    b"1e",
    b"0123",
    b"NaN",
    b"Infinity",
    b"nul",
    b"//",
    b"/* */",
    b"'",
    b"\n",
    b"\r\n\r\n",
    b"\x1f\x8b\x08",
];

/// Numbers that do not fit.
const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "-1",
    "1.5",
    "1e2",
    "1e400",
    "-1e400",
    "1e-400",
    "2147483648",
    "-2147483649",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "1e999999999999",
    "0.00000000000000000000000000000000000000000000001",
];

/// Texts that are more than they seem.
const TEXTS: &[&str] = &[
    "",
    " ",
    "null",
    "true",
    "1",
    "\u{0}",
    "\u{feff}",
    "\u{202e}",
    "\n",
    "\t\r\n",
    "💥💥💥",
    "ﷺ",
    "../../../etc/passwd",
    "%s%n%x",
    "${jndi:ldap://x}",
    "'; DROP TABLE pods; --",
    "$(HOST_IP)",
    "{{ .Values.x }}",
    "1e3Ki",
    "999999999999999999999999Ei",
    "-1m",
    "a.b.c/d/e",
    "2147483648",
    "2026-13-45T99:99:99Z",
    "DELETE",
    "CONNECT",
];

/// Changes one place of a document, anywhere.
pub fn structure(document: &mut Json, random: &mut Random) {
    let mut place = document;
    for _ in 0..random.below(14) {
        let count = place.items().len().max(place.entries().len());
        if count == 0 {
            break;
        }
        let child = random.below(count);
        // The borrow checker wants to know first that there is a child.
        if place.child(child).is_none() {
            break;
        }
        let Some(next) = place.child_mut(child) else { return };
        place = next;
    }
    match (random.below(10), &mut *place) {
        (0, Json::Map(entries)) if !entries.is_empty() => {
            let entry = entries[random.below(entries.len())].clone();
            entries.push(entry);
        }
        (1, Json::Map(entries)) if !entries.is_empty() => {
            let chosen = random.below(entries.len());
            let mut twin = entries[chosen].clone();
            twin.1 = odd_value(random);
            entries.insert(chosen, twin);
        }
        (2, Json::Map(entries)) if !entries.is_empty() => {
            let chosen = random.below(entries.len());
            entries[chosen].0 = odd_text(random);
        }
        (3, Json::Map(entries)) if !entries.is_empty() => {
            entries.remove(random.below(entries.len()));
        }
        (4, Json::Map(entries)) => entries.push((odd_text(random), odd_value(random))),
        (5, Json::List(items)) if !items.is_empty() => {
            let item = items[random.below(items.len())].clone();
            for _ in 0..random.below(200) {
                items.push(item.clone());
            }
        }
        (6, Json::List(items)) => items.push(odd_value(random)),
        (7, place) => {
            let inner = std::mem::replace(place, Json::Null);
            *place = Json::List(vec![inner]);
        }
        (_, place) => *place = odd_value(random),
    }
}

/// A value that is probably of the wrong type.
pub fn odd_value(random: &mut Random) -> Json {
    match random.below(12) {
        0 => Json::Null,
        1 => Json::Bool(random.percent(50)),
        2..5 => Json::Number(odd_number(random)),
        5..8 => Json::String(odd_text(random)),
        8 => Json::List(Vec::new()),
        9 => Json::Map(Vec::new()),
        10 => Json::List(vec![Json::Null, Json::Map(Vec::new()), Json::List(Vec::new())]),
        _ => Json::Map(vec![(odd_text(random), Json::Null), (String::new(), Json::int(1))]),
    }
}

/// A number, as it is written.
pub fn odd_number(random: &mut Random) -> String {
    if random.percent(10) {
        return format!(
            "{}{}",
            if random.percent(50) { "-" } else { "" },
            "7".repeat(1 + random.below(4000))
        );
    }
    random.pick(NUMBERS).copied().unwrap_or("0").to_owned()
}

/// A text that something may stumble over.
pub fn odd_text(random: &mut Random) -> String {
    match random.below(20) {
        0 => "x".repeat(random.below(70_000)),
        1 => "a/".repeat(random.below(300)),
        _ => random.pick(TEXTS).copied().unwrap_or_default().to_owned(),
    }
}

/// Changes a few bytes, anywhere.
pub fn bytes(text: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(3) {
        let place = random.below(text.len() + 1);
        let length = random.below(1 + 64.min(text.len() - place));
        match random.below(8) {
            0 => text.truncate(place),
            1 => {
                text.drain(..place);
            }
            2 => {
                text.drain(place..place + length);
            }
            3 => {
                let copy = text[place..place + length].to_vec();
                let end = place + length;
                text.splice(end..end, copy);
            }
            4 if place < text.len() => text[place] ^= 1 << random.below(8),
            5 if place < text.len() => text[place] = (random.bits() & 255) as u8,
            _ => {
                let splinter = random.pick(SPLINTERS).copied().unwrap_or_default();
                text.splice(place..place, splinter.iter().copied());
            }
        }
    }
}

//! How much memory it can take to judge a review, from one scan of its body.
//!
//! Two bytes of a body may become some kilobytes: each item of a list, whatever it is, may become the largest struct of the API. So what counts is the number
//! of values, and of items of lists. The scan follows the structure of JSON, and nothing else; what it says of a body that is not JSON
//! does not matter, because such a body is refused.

use daemonset_validation::{Entry, Node, NodeId};
use k8s_openapi::api::core::v1::{Container, EphemeralContainer, Volume, VolumeProjection};
use memchr::memchr2;

/// What a review weighs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// The most bytes of memory that judging the review takes, beside the body.
    pub bytes: usize,
    /// The number of JSON values in the body, without the keys.
    pub values: usize,
    /// The number of keys.
    pub keys: usize,
}

/// A review that may take more is heavy: memory is counted while it is judged, which takes longer. Real reviews are far below.
const HEAVY: usize = 64 * 1024 * 1024;

/// The most memory that judging any review takes, in bytes; `tests/webhook/memory.rs` measures it.
pub const MOST: usize = 120 * 1024 * 1024;

/// The most memory that the objects of a heavy review may take together, with their trees, in bytes.
pub(super) const OBJECTS: usize = 72 * 1024 * 1024;

/// A body that is not longer than this is not heavy, whatever is in it, in bytes.
pub(super) const LIGHT: usize = HEAVY / (LARGEST + VALUE);

/// The largest item of a list of the API. A list that grows has up to three times its room for a moment.
const LARGEST: usize = 3 * largest([
    size_of::<Container>(),
    size_of::<EphemeralContainer>(),
    size_of::<Volume>(),
    size_of::<VolumeProjection>(),
]);

/// A value in a tree and in an object, with its key, in bytes.
const VALUE: usize = 512;

/// How often a text of the body is in memory at most.
const COPIES: usize = 6;

/// A finding in full, in bytes, and how many there are at most.
const FINDING: usize = 4096;
const FINDINGS: usize = 1500;

/// What every review takes, in bytes.
const ALWAYS: usize = 64 * 1024;

const fn largest<const N: usize>(sizes: [usize; N]) -> usize {
    let mut largest = 0;
    let mut left: &[usize] = &sizes;
    while let [size, rest @ ..] = left {
        largest = if *size > largest { *size } else { largest };
        left = rest;
    }
    largest
}

impl Weight {
    /// Weighs a body.
    pub fn of(body: &[u8]) -> Self {
        let Scan { values, keys, items, is_deep } = scan(body);
        let findings = values.min(FINDINGS).saturating_mul(FINDING);
        let bytes = body
            .len()
            .saturating_mul(COPIES)
            .saturating_add(values.saturating_mul(VALUE))
            .saturating_add(items.saturating_mul(LARGEST))
            .saturating_add(findings)
            .saturating_add(ALWAYS);
        let bytes = if is_deep { MOST } else { bytes.min(MOST) };
        Self { bytes, values, keys }
    }

    /// What the tree of the text takes, in bytes.
    pub(super) const fn of_tree(self) -> usize {
        let nodes = self.values.saturating_mul(size_of::<Node<'_>>().saturating_add(size_of::<NodeId>()));
        nodes.saturating_add(self.keys.saturating_mul(size_of::<Entry<'_>>().saturating_mul(2)))
    }

    /// Whether memory is counted while the review is judged.
    pub(super) const fn is_heavy(self) -> bool {
        self.bytes > HEAVY
    }
}

#[derive(Debug, Default)]
struct Scan {
    values: usize,
    keys: usize,
    /// Items of lists.
    items: usize,
    /// Deeper than a parser goes; what is a list there is not known.
    is_deep: bool,
}

/// Lists and objects nest as deep as this at most.
const DEPTH: u32 = 128;

fn scan(body: &[u8]) -> Scan {
    let mut scan = Scan::default();
    // One bit for each level; the lowest is the innermost, and 1 means a list.
    let mut lists: u128 = 0;
    let mut depth = 0_u32;
    let mut rest = body;
    let mut commas = 0_usize;
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            b'"' => rest = behind_text(rest),
            b',' => {
                commas = commas.saturating_add(1);
                scan.items = scan.items.saturating_add(usize::from(lists & 1 == 1));
            }
            b':' => scan.keys = scan.keys.saturating_add(1),
            b'[' | b'{' => {
                let is_list = *byte == b'[';
                scan.values = scan.values.saturating_add(1);
                scan.items = scan.items.saturating_add(usize::from(is_list));
                lists = (lists << 1) | u128::from(is_list);
                depth = depth.saturating_add(1);
                scan.is_deep |= depth > DEPTH;
            }
            b']' | b'}' => {
                lists >>= 1;
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
    }
    // Each value is behind a comma, or the first one of its list or object.
    scan.values = scan.values.saturating_add(commas).saturating_add(1);
    scan
}

/// What is behind the end of a text.
fn behind_text(mut rest: &[u8]) -> &[u8] {
    while let Some(place) = memchr2(b'"', b'\\', rest) {
        let is_end = rest.get(place) == Some(&b'"');
        let next = place.saturating_add(if is_end { 1 } else { 2 });
        rest = rest.get(next..).unwrap_or_default();
        if is_end {
            return rest;
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keys_and_items_are_counted() {
        let Scan { values, keys, items, is_deep } = scan(br#"{"a":[1,2,{"b\"]":"[,,]\\"}],"c":{},"d":[]}"#);
        // As many as there may be at most: an empty list or object counts as if it had an item.
        assert_eq!((values, keys, items, is_deep), (10, 4, 4, false));
        assert!(scan(&[b'['; 129]).is_deep && !scan(&[b'['; 128]).is_deep);
    }

    #[test]
    fn a_short_body_is_never_heavy() {
        for text in ["1,", "{},", "\"\","] {
            let body = format!("[{}", text.repeat(LIGHT / text.len()));
            assert!(!Weight::of(&body.as_bytes()[..LIGHT.min(body.len())]).is_heavy(), "{text}");
            assert!(Weight::of(format!("[{}", text.repeat(LIGHT * 4)).as_bytes()).is_heavy(), "{text}");
        }
    }

    #[test]
    fn a_long_text_is_not_heavy() {
        let body = format!("{{\"a\":\"{}\"}}", "x".repeat(3 * 1024 * 1024));
        assert!(!Weight::of(body.as_bytes()).is_heavy());
    }
}

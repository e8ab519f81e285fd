//! Finds the comments of a document that speak to daemonset-lint. The parser does not say where comments are, but it says where scalars
//! are: what looks like a comment and is in none of them is one.
//!
//! Only documents with [`MARK`] in them are looked at.

use daemonset_validation::Span;

use crate::source::syntax_error::span;

/// What such a comment begins with, behind `#`.
pub const MARK: &str = "daemonset-lint:";

/// Where a scalar or a key is: its first byte in the file, and the offset behind it. Of a block scalar, its lines without the header.
pub(super) type Written = (usize, usize);

/// Whether the document may have such a comment.
pub(super) fn may_be_in(document: &str) -> bool {
    memchr::memmem::find(document.as_bytes(), MARK.as_bytes()).is_some()
}

/// The comments of the document at `range` of the file that begin with [`MARK`], each from its `#` to the end of its line. `scalars` are
/// those of the document, in the order of the text.
pub(super) fn find(file: &str, range: std::ops::Range<usize>, scalars: &[Written]) -> Vec<Span> {
    let document = file.get(range.clone()).unwrap_or_default();
    let mut found = Vec::new();
    for hit in memchr::memmem::find_iter(document.as_bytes(), MARK.as_bytes()) {
        let Some(hash) = hash_before(document, hit).map(|hash| range.start.saturating_add(hash)) else {
            continue;
        };
        let behind = scalars.partition_point(|(start, _)| *start <= hash);
        if behind.checked_sub(1).and_then(|at| scalars.get(at)).is_some_and(|(_, end)| hash < *end) {
            continue;
        }
        let line = file.get(hash..range.end).unwrap_or_default();
        let length = line.find(['\n', '\r']).unwrap_or(line.len());
        found.push(span(hash, hash.saturating_add(length)));
    }
    found
}

/// The offset of the `#` before the mark, if it can begin a comment: only white space is between the two, and white space or a line break is
/// before it.
fn hash_before(document: &str, mark: usize) -> Option<usize> {
    let before = document.get(..mark)?.trim_end_matches([' ', '\t']);
    let before = before.strip_suffix('#')?;
    let may_begin = before.is_empty() || before.ends_with([' ', '\t', '\n', '\r', '\u{FEFF}']);
    may_begin.then_some(before.len())
}

#[cfg(test)]
mod tests {
    use crate::source::documents;

    /// The comments that are found in a text, without the mark.
    fn found(text: &str) -> Vec<&str> {
        let spans: Vec<_> = documents(text).flat_map(|document| document.comments).collect();
        let comment = |start: u32, end: u32| text.get(start as usize..end as usize).unwrap_or("outside");
        let comments = spans.iter().map(|span| comment(span.start, span.end));
        comments.map(|comment| comment.trim_start_matches("# daemonset-lint: ")).collect()
    }

    #[test]
    fn comments_are_found_where_they_are() {
        let text = "\
# daemonset-lint: 1
---
a: b # daemonset-lint: 2
\"c # d\": [x, # daemonset-lint: 3
  y] #daemonset-lint: 4
e: # daemonset-lint: 5
  # note # daemonset-lint: 6
  - f: 'g'\t#\tdaemonset-lint: 7
h: | # daemonset-lint: 8
  text
# daemonset-lint: 9
i: >-

  text
 # daemonset-lint: 10
    # daemonset-lint: 11
j: &k !!str l # daemonset-lint: 12
m: *k # daemonset-lint: 13
n: # daemonset-lint: 14
o: one
  two # daemonset-lint: 15
p: {q: r} # daemonset-lint: 16\r
s: |2
   text
# daemonset-lint: 17
t:
- |
 text
# daemonset-lint: 18
";
        let expected = [
            "1",
            "2",
            "3",
            "#daemonset-lint: 4",
            "5",
            "6",
            "#\tdaemonset-lint: 7",
            "8",
            "9",
            "10",
            "11",
            "12",
            "13",
            "14",
            "15",
            "16",
            "17",
            "18",
        ];
        assert_eq!(found(text), expected);
        assert_eq!(found("# daemonset-lint: 1\n"), ["1"]);
        assert_eq!(found("\u{FEFF}# daemonset-lint: 1\n---\n---\n# daemonset-lint: 2"), ["1", "2"]);
    }

    #[test]
    fn what_is_in_a_scalar_is_no_comment() {
        let text = "\
a: \"# daemonset-lint: 1\"
b: '
  # daemonset-lint: 2
  '
c: |
  # daemonset-lint: 3
  text # daemonset-lint: 4

    # daemonset-lint: 5
d: >2-
  # daemonset-lint: 6
e: x# daemonset-lint: 7
f: x#daemonset-lint: 8
g: [\"x # daemonset-lint: 9\"]
? \"h # daemonset-lint: 10\"
: i
j:
  - |
    # daemonset-lint: 11
  - \"two
    lines # daemonset-lint: 12\"
k: \"see `# daemonset-lint: allow`\" # as in `# daemonset-lint: 13`
";
        assert_eq!(found(text), [""; 0]);
        assert_eq!(found("|\n  # daemonset-lint: 1\n"), [""; 0]);
        assert_eq!(found("{\"a\": \"# daemonset-lint: 1\"}"), [""; 0]);
    }

    /// However many comments there are, the tree is the same and none is lost.
    #[test]
    fn many_comments_are_found() {
        let text: String =
            (0..2000).map(|number| format!("k{number}: |\n  x\n# daemonset-lint: y\n")).collect();
        assert_eq!(found(&text).len(), 2000);
        let block = format!("a: b\nc: |\n{}", "  # daemonset-lint: y\n".repeat(2000));
        assert_eq!(found(&block).len(), 0);
    }
}

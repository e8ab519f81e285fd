//! Reads the objects of a JSON text one by one, so the items of a list are never in memory together.

use std::io::Read;
use std::ops::Range;

use daemonset_validation::placement::Kind;

use super::objects::{Objects, take_at};
use super::window::{Stop, Window};
use super::{head, nested};
use crate::limited_read::MaxFileSize;

/// The fields of the list that have been read so far: the kind may come after the items.
#[derive(Default)]
struct Envelope {
    api_version: Option<String>,
    kind: Option<String>,
    /// The kind of items without `kind`.
    of_items: Option<Kind>,
    /// Items whose kind is not known yet, with their lines.
    waiting: Vec<(usize, Vec<u8>)>,
}

/// Reads all documents of a text whose first line has the number `first_line`, and none of whose objects is larger than `max`.
pub(super) fn read(
    source: &mut dyn Read,
    first_line: usize,
    max: MaxFileSize,
    objects: &mut dyn Objects,
) -> Result<(), Stop> {
    let mut window = Window::new(source, first_line, max);
    window.skip(b"\xEF\xBB\xBF")?;
    loop {
        match window.next()? {
            None => return Ok(()),
            Some(b'{') => document(&mut window, objects)?,
            // YAML's separator between JSON documents is skipped.
            Some(b'-') if window.skip(b"---")? => {}
            Some(_) => return Err(window.syntax("expected an object in braces")),
        }
        window.release();
    }
}

fn document(window: &mut Window<'_>, objects: &mut dyn Objects) -> Result<(), Stop> {
    let start = window.position();
    let mut envelope = Envelope::default();
    let mut is_list = false;
    window.step();
    loop {
        match window.next()? {
            Some(b',') => window.step(),
            Some(b'}') => break window.step(),
            Some(b'"') => {
                let key = window.value()?;
                let is = |window: &Window<'_>, name: &[u8]| {
                    let key = window.bytes(key.clone());
                    key.len() == name.len().saturating_add(2)
                        && key.get(1..).is_some_and(|key| key.starts_with(name))
                };
                let (is_items, is_kind) = (is(window, b"items"), is(window, b"kind"));
                let (is_version, is_metadata) = (is(window, b"apiVersion"), is(window, b"metadata"));
                if window.next()? != Some(b':') {
                    return Err(window.syntax("expected a colon"));
                }
                window.step();
                let first = window.next()?;
                if is_items && first == Some(b'[') && envelope.may_be_list() {
                    is_list = true;
                    items(window, &mut envelope, objects)?;
                    continue;
                }
                let value = window.value()?;
                let text = || serde_json::from_slice(window.bytes(value.clone())).ok();
                if is_kind {
                    envelope.kind = text();
                    envelope.of_items =
                        envelope.kind.as_deref().and_then(Kind::of_list).or(envelope.of_items);
                } else if is_version {
                    envelope.api_version = text();
                } else if is_metadata
                    && (is_list || envelope.kind.as_deref().is_some_and(|kind| kind.ends_with("List")))
                {
                    objects.metadata(window.bytes(value));
                }
                if is_list {
                    window.release();
                }
            }
            None => return Err(window.syntax("the text ends inside an object")),
            Some(_) => return Err(window.syntax("expected a key in quotes")),
        }
    }
    if is_list || envelope.kind.as_deref().is_some_and(|kind| kind.ends_with("List")) {
        envelope.finish(objects);
        return Ok(());
    }
    let kind = match &envelope.kind {
        Some(kind) => Kind::of(envelope.api_version.as_deref().unwrap_or_default(), kind),
        None => head::shape(window.bytes(start..window.position())),
    };
    if let Some(kind) = kind {
        take(kind, window.bytes(start..window.position()), window.line(start), objects);
    }
    Ok(())
}

impl Envelope {
    fn may_be_list(&self) -> bool {
        self.kind.as_deref().is_none_or(|kind| kind.ends_with("List"))
    }

    fn finish(self, objects: &mut dyn Objects) {
        let of_items = self.kind.as_deref().and_then(Kind::of_list);
        if let Some(kind) = of_items {
            objects.list(kind);
            for (line, json) in self.waiting {
                take(kind, &json, line, objects);
            }
        }
    }
}

fn items(window: &mut Window<'_>, envelope: &mut Envelope, objects: &mut dyn Objects) -> Result<(), Stop> {
    window.step();
    loop {
        window.release();
        match window.next()? {
            Some(b',') => window.step(),
            Some(b']') => break window.step(),
            None => return Err(window.syntax("the text ends inside a list")),
            Some(b'{') => {
                let range = window.value()?;
                item(window, range, envelope, objects)?;
            }
            Some(_) => {
                window.value()?;
            }
        }
    }
    Ok(())
}

fn item(
    window: &Window<'_>,
    range: Range<usize>,
    envelope: &mut Envelope,
    objects: &mut dyn Objects,
) -> Result<(), Stop> {
    let start = range.start;
    let json = window.bytes(range);
    // Lines are counted from the start of the buffer, so only for objects that cannot be read.
    let line = || window.line(start);
    let own = head::look(json, envelope.of_items.is_some());
    if let Some(kind) = own.kind.as_deref() {
        if kind.ends_with("List") {
            return nested::read(json, line(), objects);
        }
        if let Some(kind) = Kind::of(own.api_version.as_deref().unwrap_or_default(), kind) {
            take_at(kind, json, line, objects);
        }
        return Ok(());
    }
    if envelope.of_items.is_none() {
        envelope.of_items = head::shape(json);
    }
    match envelope.of_items {
        Some(kind) => take_at(kind, json, line, objects),
        None => envelope.waiting.push((line(), json.to_vec())),
    }
    Ok(())
}

fn take(kind: Kind, json: &[u8], line: usize, objects: &mut dyn Objects) {
    take_at(kind, json, || line, objects);
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: MaxFileSize = MaxFileSize(64 << 20);

    /// The calls, a line each.
    #[derive(Default)]
    struct Log(Vec<String>);

    impl Objects for Log {
        fn object(&mut self, kind: Kind, json: &[u8]) -> Result<(), serde_json::Error> {
            let object: serde_json::Value = serde_json::from_slice(json)?;
            let name = object.pointer("/metadata/name").and_then(serde_json::Value::as_str);
            self.0.push(format!("{} {}", kind.as_str(), name.unwrap_or("?")));
            Ok(())
        }

        fn list(&mut self, kind: Kind) {
            self.0.push(format!("all {}", kind.as_str()));
        }

        fn metadata(&mut self, json: &[u8]) {
            self.0.push(String::from_utf8_lossy(json).into_owned());
        }

        fn fault(&mut self, line: usize, message: String) {
            self.0.push(format!("{line}: {message}"));
        }
    }

    /// A reader that returns one byte at a time, so the buffer ends at every possible place.
    struct Slowly<'s>(&'s [u8]);

    impl Read for Slowly<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let length = into.len().min(1);
            self.0.read(into.get_mut(..length).unwrap_or_default())
        }
    }

    fn told(text: &str) -> Vec<String> {
        let (mut at_once, mut slowly) = (Log::default(), Log::default());
        for (source, log) in [
            (&mut text.as_bytes() as &mut dyn Read, &mut at_once),
            (&mut Slowly(text.as_bytes()), &mut slowly),
        ] {
            if let Err(Stop::Syntax { line, message }) = read(source, 1, MAX, log) {
                log.0.push(format!("stopped in {line}: {message}"));
            }
        }
        assert_eq!(at_once.0, slowly.0, "{text}");
        at_once.0
    }

    #[test]
    fn a_list_of_several_kinds_is_read_item_by_item() {
        let text = r#"{ "apiVersion": "v1", "items": [
            { "apiVersion": "v1", "kind": "Node", "metadata": { "name": "a", "x": "}\"{\\" } },
            { "metadata": { "name": "b", "kind": "Secret" }, "spec": [1, {"kind": "x"}, -2.5, null], "kind": "Pod", "apiVersion": "v1" },
            { "apiVersion": "v1", "kind": "Service", "metadata": { "name": "c" } },
            { "apiVersion": "other/v1", "kind": "Pod", "metadata": { "name": "d" } } ],
          "kind": "List", "metadata": { "resourceVersion": "" } }"#;
        assert_eq!(told(text), ["Node a", "Pod b", r#"{ "resourceVersion": "" }"#]);
    }

    #[test]
    fn items_without_a_kind_have_their_lists() {
        let before = r#"{"kind":"PodList","apiVersion":"v1","metadata":{"continue":"x"},"items":[{"metadata":{"name":"a"}}]}"#;
        assert_eq!(told(before), [r#"{"continue":"x"}"#, "Pod a", "all Pod"]);
        let behind = r#"{"apiVersion":"v1","items":[{"metadata":{"name":"a"}}],"kind":"CSINodeList"}"#;
        assert_eq!(told(behind), ["all CSINode", "CSINode a"]);
        let guessed = r#"{"items":[{"metadata":{"name":"a"},"spec":{"containers":[]}},{"metadata":{"name":"b"}}],"kind":"PodList"}"#;
        assert_eq!(told(guessed), ["Pod a", "Pod b", "all Pod"]);
        assert_eq!(told(r#"{"items":[],"kind":"PodList"}"#), ["all Pod"]);
        assert_eq!(told(r#"{"items":null,"kind":"PodList"}"#), ["all Pod"]);
    }

    #[test]
    fn documents_follow_one_another_and_lists_hold_lists() {
        let text = "\u{feff}{\"kind\":\"Node\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\"}}{\"metadata\":{\"name\":\"b\"},\"status\":{\"allocatable\":{}}}\n---\n\
            {\"kind\":\"List\",\"items\":[{\"kind\":\"NodeList\",\"items\":[{\"metadata\":{\"name\":\"c\"}}]}]}";
        assert_eq!(told(text), ["Node a", "Node b", "Node c", "all Node"]);
    }

    /// `depth` lists in each other around a Node; the kind is before or after the items.
    fn lists(depth: usize, kind_first: bool) -> String {
        let (open, close) = match kind_first {
            true => ("{\"kind\":\"List\",\"items\":[", "]}"),
            false => ("{\"items\":[", "],\"kind\":\"List\"}"),
        };
        let node = r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"a"}}"#;
        [open.repeat(depth).as_str(), node, close.repeat(depth).as_str()].concat()
    }

    #[test]
    fn lists_nest_as_deep_as_manifests_and_no_deeper() {
        for kind_first in [true, false] {
            assert_eq!(told(&lists(99, kind_first)), ["Node a"]);
            let mut log = Log::default();
            assert!(read(&mut lists(4_999, kind_first).as_bytes(), 1, MAX, &mut log).is_ok());
            assert_eq!(std::mem::take(&mut log.0), ["Node a"]);
            for depth in [5_000, 20_000, 200_000] {
                let stop = read(&mut lists(depth, kind_first).as_bytes(), 1, MAX, &mut log);
                let message = match stop {
                    Err(Stop::Syntax { message, .. }) => message,
                    _ => "",
                };
                assert_eq!(message, "values nest deeper than 10,000 levels");
            }
            assert!(log.0.is_empty());
        }
    }

    #[test]
    fn items_of_lists_in_lists_keep_their_order_kinds_and_lines() {
        let text = "{\"kind\":\"List\",\"items\":[\n{\"items\":[{\"metadata\":{\"name\":\"a\"}},\n{\"metadata\":\n{\"name\":\"b\",\"x\":tru}},\n\
            {\"kind\":\"List\",\"items\":[{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[{\"metadata\":{\"name\":\"p\"}}, 5]},\n\
            {\"kind\":\"Secret\",\"items\":[{\"kind\":\"Node\",\"apiVersion\":\"v1\"}]},{\"spec\":{\"containers\":[]}}]}],\"kind\":\"NodeList\"},\n\
            {\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"c\"}}]}";
        let told = told(text);
        assert!(
            told.get(1).is_some_and(|fault| fault.starts_with("4: this Node cannot be read")),
            "{told:?}"
        );
        let rest: Vec<&str> =
            told.iter().filter(|line| !line.starts_with("4: ")).map(String::as_str).collect();
        assert_eq!(
            rest,
            ["Node a", r#"{"resourceVersion":"7"}"#, "Pod p", "all Pod", "Pod ?", "all Node", "Node c"]
        );
        let broken = "{\"kind\":\"List\",\"items\":[\n{\"kind\":\"NodeList\",\n\"items\" []}]}";
        assert_eq!(self::told(broken), ["stopped in 3: expected a colon"]);
    }

    #[test]
    fn an_object_without_end_is_not_read_without_end() {
        for start in ["{\"a\":\"", "{\"kind\":\"List\",\"items\":[{\"a\":[", "{\"a\":1", "{ "] {
            let mut endless = start.as_bytes().chain(std::io::repeat(b'1'));
            let stop = read(&mut endless, 1, MaxFileSize(1 << 20), &mut Log::default());
            assert!(matches!(stop, Err(Stop::Source(_) | Stop::Syntax { .. })), "{start}");
        }
    }

    #[test]
    fn errors_have_a_line() {
        let text = "{\"kind\":\"NodeList\",\"items\":[\n{\"metadata\":\n{\"name\":\"a\",\"x\":tru }},\n{\"metadata\":{\"name\":\"b\"}}]}";
        let told_of_it = told(text);
        assert!(told_of_it.first().is_some_and(|first| first.starts_with("3: this Node")), "{told_of_it:?}");
        assert_eq!(told_of_it.get(1).map(String::as_str), Some("Node b"));
        let cut = "{\"kind\":\"NodeList\",\"items\":[\n{\"metadata\":{\"name\":\"a\"}},\n{\"meta";
        assert_eq!(told(cut), ["Node a", "stopped in 3: the text ends inside a string"]);
        assert_eq!(told("{\"a\" 1}"), ["stopped in 1: expected a colon"]);
        assert_eq!(told("{\"a\":}"), ["stopped in 1: a value is missing"]);
        assert_eq!(told("[]"), ["stopped in 1: expected an object in braces"]);
    }
}

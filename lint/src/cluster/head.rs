//! Finds the kind of a JSON object without parsing the object.

use daemonset_validation::placement::Kind;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// `apiVersion` and `kind` of an object, if it has them.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// `apiVersion`.
    pub(super) api_version: Option<String>,
    /// `kind`.
    pub(super) kind: Option<String>,
}

/// Searches the object's keys for them. With `briefly`, which is enough if the list has the kind of its items, the search ends at the
/// first other key.
pub(super) fn look(json: &[u8], briefly: bool) -> Head {
    let mut head = Head::default();
    // If the object is invalid, the error is reported when the object is parsed.
    let _ = search(&mut Slice { json, at: 1 }, briefly, &mut head);
    head
}

struct Slice<'j> {
    json: &'j [u8],
    at: usize,
}

impl<'j> Slice<'j> {
    fn next(&mut self) -> Option<u8> {
        let skip = self.json.get(self.at..)?.iter().position(|byte| !byte.is_ascii_whitespace())?;
        self.at = self.at.saturating_add(skip);
        self.json.get(self.at).copied()
    }

    fn string(&mut self) -> Option<&'j [u8]> {
        let start = self.at.saturating_add(1);
        let mut at = start;
        loop {
            at = at.saturating_add(memchr::memchr2(b'"', b'\\', self.json.get(at..)?)?);
            if self.json.get(at) == Some(&b'"') {
                self.at = at.saturating_add(1);
                return self.json.get(start..at);
            }
            at = at.saturating_add(2);
        }
    }

    /// Skips a value, without checking its syntax.
    fn value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.next()? {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => {
                    depth = depth.saturating_add(1);
                    self.at = self.at.saturating_add(1);
                    continue;
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    self.at = self.at.saturating_add(1);
                }
                b',' | b':' if depth > 0 => {
                    self.at = self.at.saturating_add(1);
                    continue;
                }
                _ => {
                    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b'}' | b']');
                    let length = self.json.get(self.at..)?.iter().position(ends)?;
                    // At least one byte is skipped, since a misplaced colon would otherwise end in an endless loop.
                    self.at = self.at.saturating_add(length.max(1));
                }
            }
            if depth == 0 {
                return Some(());
            }
        }
    }
}

fn search(slice: &mut Slice<'_>, briefly: bool, head: &mut Head) -> Option<()> {
    let mut keys = 0_usize;
    while head.kind.is_none() || head.api_version.is_none() {
        match slice.next()? {
            b',' => slice.at = slice.at.saturating_add(1),
            b'"' => {
                keys = keys.saturating_add(1);
                let key = slice.string()?;
                if briefly && !matches!(key, b"kind" | b"apiVersion") {
                    return None;
                }
                if slice.next()? != b':' {
                    return None;
                }
                slice.at = slice.at.saturating_add(1);
                let is_text = slice.next()? == b'"';
                match key {
                    b"kind" if is_text => head.kind = text(slice.string()?),
                    b"apiVersion" if is_text => head.api_version = text(slice.string()?),
                    _ => slice.value()?,
                }
            }
            _ => return None,
        }
    }
    Some(())
}

fn text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

/// Fields that only one kind has.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Shape {
    spec: SpecShape,
    status: StatusShape,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SpecShape {
    #[serde(rename = "podCIDR")]
    pod_cidr: Option<IgnoredAny>,
    containers: Option<IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct StatusShape {
    node_info: Option<IgnoredAny>,
    allocatable: Option<IgnoredAny>,
}

/// Guesses the kind of an object without `kind`: support bundles hold such nodes and pods.
pub(super) fn shape(json: &[u8]) -> Option<Kind> {
    let Shape { spec, status } = serde_json::from_slice(json).ok()?;
    if spec.containers.is_some() {
        Some(Kind::Pod)
    } else {
        let node = spec.pod_cidr.is_some() || status.node_info.is_some() || status.allocatable.is_some();
        node.then_some(Kind::Node)
    }
}

/// The object's namespace and name in brackets, if it has them.
pub(super) fn name(json: &[u8]) -> String {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Named {
        metadata: Metadata,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Metadata {
        namespace: Option<String>,
        name: Option<String>,
    }
    let named: Named = serde_json::from_slice(json).unwrap_or_default();
    match (named.metadata.namespace, named.metadata.name) {
        (Some(namespace), Some(name)) => format!(" ({namespace}/{name})"),
        (_, Some(name)) => format!(" ({name})"),
        _ => String::new(),
    }
}

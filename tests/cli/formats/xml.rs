//! Reads the elements of an XML document without namespaces, and says where it is not well-formed.

/// A start tag.
#[derive(Debug)]
pub(crate) struct Element {
    /// The name.
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
}

impl Element {
    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// The elements in the order of their start tags.
pub(crate) fn elements(document: &str) -> Result<Vec<Element>, String> {
    let allowed = |one: char| matches!(one, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}');
    if let Some(wrong) = document.chars().find(|one| !allowed(*one)) {
        return Err(format!("no XML document may have {wrong:?}"));
    }
    let mut rest =
        document.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").ok_or("no declaration")?;
    let (mut found, mut open) = (Vec::new(), Vec::new());
    while let Some(at) = rest.find('<') {
        decoded(&rest[..at])?;
        let end = rest[at..].find('>').ok_or("a tag has no end")? + at;
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let opened = open.pop();
            if opened.as_deref() != Some(name) {
                return Err(format!("</{name}> closes {opened:?}"));
            }
            continue;
        }
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut element = Element { name: name.to_owned(), attributes: Vec::new() };
        while !attributes.is_empty() {
            let (key, value) =
                attributes.split_once("=\"").ok_or_else(|| format!("not an attribute: {attributes}"))?;
            let (value, behind) = value.split_once('"').ok_or("an attribute has no end")?;
            element.attributes.push((key.to_owned(), decoded(value)?));
            attributes = behind.trim_start();
        }
        if !is_empty {
            open.push(element.name.clone());
        }
        found.push(element);
    }
    decoded(rest)?;
    if open.is_empty() { Ok(found) } else { Err(format!("not closed: {open:?}")) }
}

fn decoded(text: &str) -> Result<String, String> {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, behind) = rest.split_at(at);
        decoded.push_str(before);
        let known = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&apos;", '\'')];
        let (name, character) = known
            .into_iter()
            .find(|(name, _)| behind.starts_with(name))
            .ok_or_else(|| format!("no reference: {behind}"))?;
        decoded.push(character);
        rest = &behind[name.len()..];
    }
    decoded.push_str(rest);
    Ok(decoded)
}

//! Quotes around the values of an object with very many errors, where nothing is tried: what is a number or a boolean and must be a text
//! can only be meant as that text.

use crate::edit::{Edit, NewValue};
use crate::finding::Finding;
use crate::generated::Kind;
use crate::help::shape::{Shape, shape_of};
use crate::path::PathSegment;
use crate::tree::{NodeId, Tree, Value};

/// Gives the findings about such values their fix.
pub(super) fn advise(tree: &Tree<'_>, root: NodeId, findings: &mut [Finding]) {
    for finding in findings.iter_mut().filter(|finding| finding.rule == "api/decode" && finding.fix.is_none())
    {
        let Some(Shape::Scalar(holds)) = shape_of(&finding.path) else { continue };
        if !matches!(holds.kind, Kind::String) {
            continue;
        }
        let step = |node, segment: &PathSegment| match segment {
            PathSegment::Field(name) | PathSegment::Key(name) => tree.get(node, name),
            PathSegment::Index(index) => tree.items(node).get(*index).copied(),
        };
        let Some(node) = finding.path.segments().iter().try_fold(root, step) else { continue };
        let text = match tree.value(node) {
            Value::Bool(value) => value.to_string(),
            Value::Number(text) => text.to_string(),
            _ => continue,
        };
        let path = finding.path.clone();
        let fixed = std::mem::replace(finding, Finding::new("", finding.severity, path.clone(), ""));
        let help = format!("put it in quotes: `\"{text}\"`");
        *finding = fixed.help(help).fix(true, vec![Edit::Replace { path, value: NewValue::Text(text) }]);
    }
}

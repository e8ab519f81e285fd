//! Patches that stand as texts in a kustomization.

use std::ops::Range;

use daemonset_validation::{NodeId, Tree, Value};

use crate::source::yaml;

/// The patches of DaemonSets in a kustomization, with places in its text. Only literal blocks (`|`) keep the places of their lines; other
/// texts, and those that cannot be parsed or are lists of operations, are left out.
pub(super) fn patches<'t>(tree: &Tree<'_>, text: &'t str) -> Vec<Tree<'t>> {
    if !is_kustomization(tree) {
        return Vec::new();
    }
    let root = tree.root();
    let items = |key: &str| tree.get(root, key).map(|list| tree.items(list)).unwrap_or_default().iter();
    let patches = items("patches").filter_map(|item| tree.get(*item, "patch"));
    let merges = items("patchesStrategicMerge").copied();
    let blocks = patches.chain(merges).filter_map(|node| block(tree, node, text));
    let parsed = blocks.filter_map(|range| yaml::parse(text, range).ok());
    parsed.filter(|tree| matches!(tree.value(tree.root()), Value::Mapping(_))).collect()
}

fn is_kustomization(tree: &Tree<'_>) -> bool {
    let get = |key| tree.get_str(tree.root(), key).unwrap_or_default();
    matches!(get("kind"), "Kustomization" | "Component")
        && get("apiVersion").starts_with("kustomize.config.k8s.io/")
        || get("kind").is_empty()
            && get("apiVersion").is_empty()
            && tree.get(tree.root(), "patches").is_some()
}

/// The lines of a literal block that names the kind.
fn block(tree: &Tree<'_>, node: NodeId, text: &str) -> Option<Range<usize>> {
    let Value::String(value) = tree.value(node) else { return None };
    if !value.contains("DaemonSet") || !value.contains('\n') {
        return None;
    }
    let span = tree.node(node).span;
    let (start, end) = (span.start as usize, span.end as usize);
    // The span begins with the mark of the block, or with its first line.
    let before = text.get(..start)?;
    let marked = text.get(start..end)?.starts_with('|');
    let first = if marked {
        start.saturating_add(text.get(start..)?.find('\n')?).saturating_add(1)
    } else {
        let first = before.rfind('\n')?.saturating_add(1);
        let mark = text.get(..first)?.trim_end().rsplit([' ', '\n']).next()?;
        mark.starts_with('|').then_some(first)?
    };
    Some(first..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Content, documents};

    #[test]
    fn a_literal_block_keeps_its_places() {
        let text = "\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
patches:
  - patch: |-
      kind: DaemonSet
      spec: {}
  - patch: |
      - op: remove
        path: /kind/DaemonSet
  - patch: \"kind: DaemonSet\\nspec: {}\"
patchesStrategicMerge:
  - |
    kind: DaemonSet
    metadata: { name: x }
";
        let trees = documents(text).filter_map(|document| match document.content {
            Content::Tree(tree) => Some(tree),
            _ => None,
        });
        let found: Vec<Tree<'_>> = trees.flat_map(|tree| patches(&tree, text)).collect();
        let places = found
            .iter()
            .map(|tree| tree.entries(tree.root()).first().map(|entry| entry.key_span.start as usize));
        let places: Vec<Option<usize>> = places.collect();
        let expected: Vec<Option<usize>> =
            text.match_indices("    kind: DaemonSet").map(|(at, _)| Some(at.saturating_add(4))).collect();
        // The first block has two more columns.
        assert_eq!(places.len(), 2, "{places:?}");
        assert_eq!(places.last(), expected.last());
    }
}

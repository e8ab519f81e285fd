//! Says by how much a block has to be indented, where that alone moves it to its place.

use daemonset_validation::{Edit, FieldPath, Finding, NodeId, PathSegment, Tree, Value};

use super::locate::Manifest;

/// Replaces the help of a finding whose fix moves a block that only has the wrong indentation.
pub(super) fn advise(finding: &mut Finding, manifest: &Manifest<'_>) {
    let Some(fix) = &finding.fix else { return };
    if let Some(help) = help(&fix.edits, manifest) {
        finding.help = Some(help.into());
    }
}

fn help(edits: &[Edit], manifest: &Manifest<'_>) -> Option<String> {
    let [Edit::Move { path, to }, others @ ..] = edits else { return None };
    let block = Block::at(path, manifest)?;
    let (last, home) = to.segments().split_last()?;
    let (PathSegment::Field(_) | PathSegment::Key(_)) = last else { return None };
    let mut names = vec![block.name];
    let mut taken = None;
    let mut items = 0_usize;
    for edit in others {
        let Edit::Move { path: other, to: other_to } = edit else { return None };
        if to.contains(other) {
            // What the block took from its neighbours stays where it is.
            taken = taken.or_else(|| column_of_taken(path, to, other, manifest));
        } else if to.contains(other_to) {
            items = items.saturating_add(1);
        } else {
            names.push(Block::at(other, manifest).filter(|other| other.column == block.column)?.name);
        }
    }
    let (column, neighbour) = match taken {
        Some((column, name)) => (column, Some(name)),
        None => home_column(home, path, manifest)?,
    };
    let rises = home.len() < path.segments().len() && path.segments().starts_with(home);
    let fits = if rises {
        items > 0 || is_last(path, home, names.len(), manifest)
    } else {
        taken_from(edits) || follows(path, home, manifest)
    };
    if !fits || column == block.column {
        return None;
    }
    let by = column.abs_diff(block.column);
    let direction = if column < block.column { "less" } else { "more" };
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let below = if items > 0 || !block.spans_lines { "" } else { " and the lines below it" };
    let beside = match neighbour {
        Some(name) => format!(", so that it is beside `{name}`"),
        None => String::new(),
    };
    Some(match names.as_slice() {
        [only] => format!("indent {only}{below} by {by} {direction}{beside}"),
        all => format!("indent {} and the lines below them by {by} {direction}", all.join(", ")),
    })
}

/// Whether the block took keys behind it into its own block.
fn taken_from(edits: &[Edit]) -> bool {
    match edits {
        [Edit::Move { to, .. }, Edit::Move { path, .. }, ..] => to.contains(path),
        _ => false,
    }
}

/// An entry whose key begins its line.
struct Block<'m> {
    name: &'m str,
    column: usize,
    spans_lines: bool,
}

impl<'m> Block<'m> {
    fn at(path: &FieldPath, manifest: &'m Manifest<'_>) -> Option<Self> {
        let (last, above) = path.segments().split_last()?;
        let parent = node(manifest, above)?;
        let (PathSegment::Field(name) | PathSegment::Key(name)) = last else { return None };
        let entry = manifest.tree.entry(parent, name)?;
        let (column, begins) = column(entry.key_span.start as usize, manifest)?;
        let end = manifest.tree.node(entry.value).span.end as usize;
        let text = manifest.text.get(entry.key_span.start as usize..end).unwrap_or_default();
        let spans_lines = text.trim_end().contains('\n');
        begins.then_some(Self { name: &entry.key, column, spans_lines })
    }
}

/// The column of an offset, from 0, and whether only spaces are before it on its line.
fn column(offset: usize, manifest: &Manifest<'_>) -> Option<(usize, bool)> {
    let start = manifest.lines.line_start(manifest.lines.line(offset));
    let before = manifest.text.get(start..offset)?;
    let blank = before.chars().all(|character| character == ' ');
    let plain = before.chars().all(|character| matches!(character, ' ' | '-'));
    plain.then_some((before.len(), blank))
}

fn node(manifest: &Manifest<'_>, path: &[PathSegment]) -> Option<NodeId> {
    path.iter().try_fold(manifest.root, |node, segment| step(manifest.tree, node, segment))
}

fn step(tree: &Tree<'_>, node: NodeId, segment: &PathSegment) -> Option<NodeId> {
    match segment {
        PathSegment::Field(name) | PathSegment::Key(name) => tree.get(node, name),
        PathSegment::Index(index) => tree.items(node).get(*index).copied(),
    }
}

/// The column of the keys of a mapping and one of them; below a key without a value, two more than the key's.
fn home_column<'m>(
    home: &[PathSegment],
    moved: &FieldPath,
    manifest: &'m Manifest<'_>,
) -> Option<(usize, Option<&'m str>)> {
    let mapping = node(manifest, home)?;
    let moved = moved.segments().split_last().filter(|(_, above)| *above == home).map(|(last, _)| last);
    let is_moved = |key: &str| matches!(moved, Some(PathSegment::Field(name) | PathSegment::Key(name)) if name.as_ref() == key);
    match manifest.tree.value(mapping) {
        Value::Mapping(_) => {
            let entry = manifest.tree.entries(mapping).iter().find(|entry| !is_moved(&entry.key))?;
            let (column, _) = column(entry.key_span.start as usize, manifest)?;
            Some((column, Some(&entry.key)))
        }
        Value::Null => {
            let (last, above) = home.split_last()?;
            let (PathSegment::Field(name) | PathSegment::Key(name)) = last else { return None };
            let entry = manifest.tree.entry(node(manifest, above)?, name)?;
            let (column, _) = column(entry.key_span.start as usize, manifest)?;
            Some((column.saturating_add(2), None))
        }
        _ => None,
    }
}

/// The column of a key that the block took, and its name. `taken` is its path once the block is at its place.
fn column_of_taken<'m>(
    from: &FieldPath,
    to: &FieldPath,
    taken: &FieldPath,
    manifest: &'m Manifest<'_>,
) -> Option<(usize, &'m str)> {
    let rest = taken.segments().get(to.segments().len()..)?;
    let now = FieldPath::from_segments([from.segments(), rest].concat());
    Block::at(&now, manifest).map(|block| (block.column, block.name))
}

/// Whether nothing but the last `count` entries, the first of which is at the path, is behind it within `home`.
fn is_last(path: &FieldPath, home: &[PathSegment], count: usize, manifest: &Manifest<'_>) -> bool {
    let tree = manifest.tree;
    let mut above = path.segments();
    let mut expected = count;
    while let Some((last, parent)) = above.split_last() {
        if parent.len() < home.len() || parent == home {
            return true;
        }
        let Some(node) = node(manifest, parent) else { return false };
        let (position, length) = match last {
            PathSegment::Index(index) => (Some(*index), tree.items(node).len()),
            PathSegment::Field(name) | PathSegment::Key(name) => {
                let entries = tree.entries(node);
                (entries.iter().rposition(|entry| entry.key == *name), entries.len())
            }
        };
        if position.is_none_or(|position| position.saturating_add(expected) < length) {
            return false;
        }
        expected = 1;
        above = parent;
    }
    true
}

/// Whether the entry comes directly behind the block into which it is moved.
fn follows(path: &FieldPath, home: &[PathSegment], manifest: &Manifest<'_>) -> bool {
    let Some((PathSegment::Field(name) | PathSegment::Key(name), here)) = path.segments().split_last() else {
        return false;
    };
    let Some(rest) = home.strip_prefix(here) else { return false };
    let Some((PathSegment::Field(before), deeper)) = rest.split_first() else { return false };
    let Some(parent) = node(manifest, here) else { return false };
    let entries = manifest.tree.entries(parent);
    let Some(position) = entries.iter().position(|entry| entry.key == *name) else { return false };
    let previous = position.checked_sub(1).and_then(|previous| entries.get(previous));
    let Some(previous) = previous.filter(|previous| previous.key == *before) else { return false };
    // Of a list it must be the last item.
    match deeper {
        [] => true,
        [PathSegment::Index(index)] => index.saturating_add(1) == manifest.tree.items(previous.value).len(),
        _ => false,
    }
}

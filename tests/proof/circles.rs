//! Files of one crate do not use each other in a circle, except where this file allows it and says why.
//!
//! A file uses another if it imports something from it or names a path into it. A re-export (`pub use`) is followed to the file that
//! defines the item, and is no use by itself. Code under `#[cfg(test)]` does not count.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use daemonset_tests::root;
use proc_macro2::{Delimiter, TokenStream, TokenTree};

const CRATES: &[&str] = &["validation", "lint", "webhook", "certs"];

/// Files that may use each other in a circle: why, and which. A circle with any other file is a fault, and so is a file that is
/// listed here and no longer part of a circle.
const ALLOWED: &[(&str, &[&str])] = &[
    (
        "merging is a part of composing: `merge.rs` has methods of `Composer`, which calls them",
        &["lint/src/source/yaml/compose.rs", "lint/src/source/yaml/merge.rs"],
    ),
    (
        "what granit-parser refuses is scanned again: `patch.rs` does so with the scanner's options of `events.rs`, which calls it",
        &["lint/src/source/yaml/events.rs", "lint/src/source/yaml/patch.rs"],
    ),
];

/// A path as it is written, such as `["crate", "path", "FieldPath"]`.
type Names = Vec<String>;

/// One module: a file.
#[derive(Default)]
struct Module {
    file: PathBuf,
    /// Modules that are declared here.
    children: BTreeSet<String>,
    /// What is defined here.
    items: BTreeSet<String>,
    /// What `use` brings in, by its name here, and whether it is only re-exported.
    imports: BTreeMap<String, (Names, bool)>,
    /// Modules of which `use` brings in everything, and whether that is only re-exported.
    globs: Vec<(Names, bool)>,
    /// Paths in the code that have several parts.
    paths: BTreeSet<Names>,
    /// Words in the code outside `use`.
    words: BTreeSet<String>,
}

/// The modules of a crate, by their path from its root.
struct Crate(BTreeMap<Names, Module>);

impl Crate {
    fn read(folder: &Path) -> Self {
        let mut modules = BTreeMap::new();
        let src = folder.join("src");
        let mut pending = vec![(Vec::new(), src.join("lib.rs"), src)];
        while let Some((path, file, folder)) = pending.pop() {
            let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file:?}: {error}"));
            let mut module = Module { file, ..Module::default() };
            module.read(text.parse().unwrap());
            for child in &module.children {
                let (short, long) = (folder.join(format!("{child}.rs")), folder.join(child).join("mod.rs"));
                let file = if short.is_file() { short } else { long };
                pending.push(([&path[..], std::slice::from_ref(child)].concat(), file, folder.join(child)));
            }
            modules.insert(path, module);
        }
        Self(modules)
    }

    /// The module that defines what a path names, or the module itself where the path names one.
    fn resolve<'n>(&'n self, from: &Names, names: &[String], depth: usize) -> Option<Target<'n>> {
        let (first, rest) = names.split_first()?;
        let module = self.0.get(from)?;
        let parent = || from.split_last().map(|(_, above)| above.to_vec());
        match first.as_str() {
            _ if depth > 20 => None,
            "crate" => self.walk(&Vec::new(), rest, depth),
            "self" => self.walk(from, rest, depth),
            "super" => {
                let parent = parent()?;
                match rest.first().map(String::as_str) {
                    Some("super") => self.resolve(&parent, rest, depth),
                    _ => self.walk(&parent, rest, depth),
                }
            }
            name if module.children.contains(name) || module.imports.contains_key(name) => {
                self.walk(from, names, depth)
            }
            _ => None,
        }
    }

    /// What a path below a module names.
    fn walk<'n>(&'n self, from: &Names, names: &[String], depth: usize) -> Option<Target<'n>> {
        let (path, module) = self.0.get_key_value(from)?;
        let Some((first, rest)) = names.split_first() else { return Some(Target::Module(path)) };
        if module.children.contains(first) {
            let below = [&path[..], std::slice::from_ref(first)].concat();
            match self.walk(&below, rest, depth) {
                // A function may have the name of its module, which then is only a part of its path.
                Some(Target::Module(_)) if module.items.contains(first) => return Some(Target::Item(path)),
                found => return found,
            }
        }
        if module.items.contains(first) {
            return Some(Target::Item(path));
        }
        if let Some((import, _)) = module.imports.get(first) {
            return self.resolve(path, &[import, rest].concat(), depth + 1);
        }
        for (glob, _) in &module.globs {
            let Some(Target::Module(inside)) = self.resolve(path, glob, depth + 1) else { continue };
            if let Some(found) = self.walk(inside, names, depth + 1) {
                return Some(found);
            }
        }
        None
    }

    /// The file that each file uses.
    fn uses(&self) -> BTreeMap<&Path, BTreeSet<&Path>> {
        let mut uses = BTreeMap::new();
        for (path, module) in &self.0 {
            let imports = module.imports.iter();
            let imports = imports.filter(|(name, (_, exported))| !exported || module.words.contains(*name));
            let names = imports.map(|(_, (names, _))| names).chain(&module.paths);
            let items = names.filter_map(|names| match self.resolve(path, names, 0) {
                // What is used of the module is seen in the paths that begin with its name.
                Some(Target::Item(found)) => Some(found),
                _ => None,
            });
            let globs = module.globs.iter().filter(|(_, exported)| !exported);
            let globs = globs.filter_map(|(names, _)| match self.resolve(path, names, 0) {
                Some(Target::Item(found) | Target::Module(found)) => Some(found),
                None => None,
            });
            let files = items.chain(globs).map(|found| self.0[found].file.as_path());
            let own = module.file.as_path();
            uses.insert(own, files.filter(|file| *file != own).collect());
        }
        uses
    }
}

/// The files of a crate, without those of its tests, and the files that each of them uses.
pub(super) fn uses_of(name: &str) -> BTreeMap<PathBuf, BTreeSet<PathBuf>> {
    let code = Crate::read(&root().join(name));
    let owned = |used: BTreeSet<&Path>| used.into_iter().map(Path::to_owned).collect();
    code.uses().into_iter().map(|(file, used)| (file.to_owned(), owned(used))).collect()
}

/// What a path names, by the path of a module.
enum Target<'n> {
    Module(&'n Names),
    Item(&'n Names),
}

impl Module {
    fn read(&mut self, stream: TokenStream) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let next = tokens.get(at + 1);
            match token {
                TokenTree::Punct(mark) if mark.as_char() == '#' => {
                    let inner = matches!(next, Some(TokenTree::Punct(_)));
                    let attribute = tokens.get(at + 1 + usize::from(inner)).map(ToString::to_string);
                    at += 2 + usize::from(inner);
                    let attribute = attribute.unwrap_or_default().replace(char::is_whitespace, "");
                    if !inner && attribute == "[cfg(test)]" {
                        at = end_of_item(&tokens, at);
                    }
                    continue;
                }
                TokenTree::Group(group) => self.read(group.stream()),
                TokenTree::Ident(word) => {
                    let word = word.to_string();
                    match (word.as_str(), next) {
                        // `use<'a>` in a type brings nothing in.
                        ("use", Some(TokenTree::Ident(_) | TokenTree::Group(_))) => {
                            let end = end_of_item(&tokens, at);
                            let exported = at > 0 && is_visibility(&tokens[at - 1]);
                            self.import(&tokens[at + 1..end - 1], &Vec::new(), exported);
                            at = end;
                            continue;
                        }
                        ("mod", Some(TokenTree::Ident(name))) => {
                            let file = matches!(tokens.get(at + 2), Some(TokenTree::Punct(_)));
                            assert!(file, "{}: mod {name} is no file", self.file.display());
                            self.children.insert(name.to_string());
                            at += 2;
                            continue;
                        }
                        // Of `const fn name` the second word is followed by the name.
                        ("const", Some(TokenTree::Ident(word))) if word == "fn" => {}
                        (
                            "struct" | "enum" | "fn" | "trait" | "type" | "const" | "static" | "union",
                            Some(TokenTree::Ident(name)),
                        ) => {
                            self.items.insert(name.to_string());
                            at += 2;
                            continue;
                        }
                        ("macro_rules", _) => {
                            self.items.insert(tokens[at + 2].to_string());
                        }
                        _ => {}
                    }
                    let (names, end) = path_at(&tokens, at);
                    let member = at > 0 && is_mark(&tokens[at - 1], '.');
                    if !member {
                        self.words.insert(word);
                        if names.len() > 1 {
                            self.paths.insert(names);
                        }
                    }
                    at = end;
                    continue;
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            at += 1;
        }
    }

    /// Reads what stands between `use` and `;`.
    fn import(&mut self, tokens: &[TokenTree], before: &Names, exported: bool) {
        for tree in tokens.split(|token| is_mark(token, ',')).filter(|tree| !tree.is_empty()) {
            let (mut names, end) = path_at(tree, 0);
            names.splice(0..0, before.iter().cloned());
            match tree.get(end) {
                None => {
                    if names.last().is_some_and(|name| name == "self") && !before.is_empty() {
                        names.pop();
                    }
                    let name = names.last().cloned().unwrap_or_default();
                    self.imports.insert(name, (names, exported));
                }
                Some(TokenTree::Ident(_)) => {
                    if names.last().is_some_and(|name| name == "self") && names.len() > 1 {
                        names.pop();
                    }
                    let alias = tree.get(end + 1).map(ToString::to_string).unwrap_or_default();
                    self.imports.insert(alias, (names, exported));
                }
                Some(TokenTree::Group(group)) => {
                    let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                    self.import(&inside, &names, exported);
                }
                Some(_) => self.globs.push((names, exported)),
            }
        }
    }
}

/// The path that begins at a token, and where it ends: behind its last name, or behind the `::` in front of something else.
fn path_at(tokens: &[TokenTree], mut at: usize) -> (Names, usize) {
    let mut names = Vec::new();
    while let Some(TokenTree::Ident(name)) = tokens.get(at) {
        names.push(name.to_string());
        at += 1;
        let colon = |at: usize| tokens.get(at).is_some_and(|token| is_mark(token, ':'));
        if !(colon(at) && colon(at + 1)) {
            break;
        }
        at += 2;
    }
    (names, at)
}

/// Behind the next `;` or block.
pub(super) fn end_of_item(tokens: &[TokenTree], from: usize) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        other => is_mark(other, ';'),
    };
    // The braces of `use` are not its end.
    let is_use = tokens[from..].iter().take(3).any(|token| token.to_string() == "use");
    let rest = tokens[from..].iter();
    let length =
        if is_use { rest.clone().position(|token| is_mark(token, ';')) } else { rest.clone().position(ends) };
    from + length.map_or(tokens.len() - from, |length| length + 1)
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == mark)
}

/// `pub`, or the parentheses of `pub(crate)`.
fn is_visibility(token: &TokenTree) -> bool {
    match token {
        TokenTree::Ident(word) => word == "pub",
        TokenTree::Group(group) => group.delimiter() == Delimiter::Parenthesis,
        _ => false,
    }
}

/// The groups of files of which each reaches each other one.
fn circles(uses: &BTreeMap<&Path, BTreeSet<&Path>>) -> Vec<BTreeSet<PathBuf>> {
    let reached = |start: &Path| {
        let (mut found, mut pending) = (BTreeSet::new(), vec![start.to_owned()]);
        while let Some(file) = pending.pop() {
            for next in uses.get(file.as_path()).into_iter().flatten() {
                if found.insert((*next).to_owned()) {
                    pending.push((*next).to_owned());
                }
            }
        }
        found
    };
    let reached: BTreeMap<PathBuf, BTreeSet<PathBuf>> =
        uses.keys().map(|file| ((*file).to_owned(), reached(file))).collect();
    let circle = |file: &PathBuf| -> BTreeSet<PathBuf> {
        reached[file].iter().filter(|other| reached[*other].contains(file)).cloned().collect()
    };
    let all: BTreeSet<BTreeSet<PathBuf>> = reached.keys().map(circle).collect();
    all.into_iter().filter(|circle| !circle.is_empty()).collect()
}

#[test]
fn the_scanner_finds_a_circle() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("lib.rs", "mod a; mod b; mod c; mod d; pub use a::{One, two as second}; pub(crate) use d::*;"),
        ("a.rs", "mod inner; pub use self::inner::One; pub const fn two(b: crate::b::Two) {}"),
        (
            "a/inner.rs",
            "pub struct One; pub fn call() -> impl Sized + use<> { super::super::b::call(second()) }",
        ),
        // The first is a re-export of a/inner.rs, the others are from lib.rs itself and from outside.
        ("b.rs", "use crate::{One, second}; use std::fmt; pub struct Two(One); pub fn call(_: ()) {}"),
        ("c.rs", "use crate::four; fn three() { four() } #[cfg(test)] mod tests { use crate::d; }"),
        ("d.rs", "pub fn four() {} #[cfg(test)] use crate::c::three; fn five(x: c) { x.three::<u8>() }"),
    ];
    for (name, text) in files {
        let file = folder.path().join("src").join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let code = Crate::read(folder.path());
    let found = circles(&code.uses());
    let src = folder.path().join("src");
    let circle = ["a.rs", "a/inner.rs", "b.rs"].map(|name| src.join(name));
    assert_eq!(found, [BTreeSet::from(circle)]);
    assert_eq!(code.uses()[src.join("c.rs").as_path()], BTreeSet::from([src.join("d.rs").as_path()]));
}

#[test]
fn files_use_each_other_in_no_circle() {
    let mut faults = Vec::new();
    let allowed = |file: &str| ALLOWED.iter().position(|(_, files)| files.contains(&file));
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for name in CRATES {
        let code = Crate::read(&root().join(name));
        let uses = code.uses();
        for circle in circles(&uses) {
            let shown = |file: &Path| file.strip_prefix(root()).unwrap().display().to_string();
            let entry = circle.first().and_then(|file| allowed(&shown(file)));
            if entry.is_none() || circle.iter().any(|file| allowed(&shown(file)) != entry) {
                let lines = circle.iter().map(|file| {
                    let inside = uses[file.as_path()].iter().filter(|used| circle.contains(**used));
                    let inside: Vec<String> = inside.map(|used| shown(used)).collect();
                    format!("\n  {} uses {}", shown(file), inside.join(", "))
                });
                faults.push(format!("a circle:{}", lines.collect::<String>()));
            }
            seen.extend(circle.iter().map(|file| shown(file)));
        }
    }
    for file in ALLOWED.iter().flat_map(|(_, files)| *files) {
        if !seen.contains(*file) {
            faults.push(format!("{file} is in no circle any more: take it out of ALLOWED"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

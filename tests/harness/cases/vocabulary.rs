//! Reads `vocabulary.txt`: the values to try for each field.

use std::collections::BTreeMap;

use crate::json::Json;
use crate::json_read::read_json;
use crate::schema::{Kind, Schema};

/// What is known of one field, or of the items of a list field.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    /// Values that are fine.
    pub(crate) good: Vec<Json>,
    /// Values at and beyond a limit.
    pub(crate) bad: Vec<Json>,
    /// Keys of a map that are fine.
    pub(crate) good_keys: Vec<String>,
    /// Keys of a map at and beyond a limit.
    pub(crate) bad_keys: Vec<String>,
    /// Whether the values that are known of the kind do not fit.
    pub(crate) only: bool,
}

/// All that is known.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    /// For each struct of the schema and each of its fields.
    pub(crate) fields: Vec<Vec<Words>>,
    /// Whole values by name: of structs and of other things.
    pub(crate) whole: BTreeMap<String, Vec<Json>>,
    /// For each struct of the schema its whole values.
    pub(crate) structs: Vec<Vec<Json>>,
    /// Classes of texts by name, with their `@`, and fields by the name of struct and field.
    pub(crate) classes: BTreeMap<String, Words>,
    kinds: BTreeMap<String, Words>,
}

impl Vocabulary {
    /// Reads the text.
    ///
    /// # Panics
    ///
    /// With the line that is wrong.
    pub(crate) fn read(text: &str, schema: &Schema) -> Self {
        let mut entries: BTreeMap<String, Words> = BTreeMap::new();
        let mut whole: BTreeMap<String, Vec<Json>> = BTreeMap::new();
        let mut names: Vec<String> = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")) {
            let (mark, rest) = line.split_once(' ').unwrap_or(("", line));
            match mark {
                _ if line == "!" => {
                    for name in &names {
                        entries.entry(name.clone()).or_default().only = true;
                    }
                }
                "|" => {
                    let value = json(rest);
                    for name in &names {
                        whole.entry(name.clone()).or_default().push(value.clone());
                    }
                }
                "+" | "-" | "k+" | "k-" | "=" => {
                    let class = entries.get(rest).cloned();
                    for name in &names {
                        add(entries.entry(name.clone()).or_default(), mark, rest, class.as_ref());
                    }
                }
                _ => names = line.split(',').map(str::to_owned).collect(),
            }
        }
        let owned = |name: &str| entries.get(name).cloned();
        let kinds: BTreeMap<String, Words> = entries
            .iter()
            .filter_map(|(name, words)| Some((name.strip_prefix("kind:")?.to_owned(), words.clone())))
            .collect();
        let default = |kind: &Kind| kinds.get(kind_name(kind)).cloned().unwrap_or_default();
        let fields = schema.structs.iter().map(|owner| {
            let words = owner.fields.iter().map(|field| {
                let name = format!("{}.{}", owner.name, field.name);
                match &field.kind {
                    Kind::List(item) => owned(&format!("{name}[]")).unwrap_or_else(|| default(item)),
                    Kind::Map(item) => owned(&name).unwrap_or_else(|| default(item)),
                    other => owned(&name).unwrap_or_else(|| default(other)),
                }
            });
            words.collect()
        });
        let structs = schema.structs.iter().map(|owner| whole.get(&owner.name).cloned().unwrap_or_default());
        let (fields, structs) = (fields.collect(), structs.collect());
        check_names(&entries, schema);
        let classes = entries;
        Self { fields, whole, structs, classes, kinds }
    }

    /// What is known of a field, by the positions of its struct and of itself.
    pub(crate) fn words(&self, owner: usize, field: usize) -> Option<&Words> {
        self.fields.get(owner)?.get(field)
    }

    /// What is known of every value of this kind.
    pub(crate) fn of_kind(&self, kind: &Kind) -> Option<&Words> {
        self.kinds.get(kind_name(kind))
    }
}

const fn kind_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Bool => "bool",
        Kind::Int32 => "int32",
        Kind::Int64 => "int64",
        Kind::Quantity => "quantity",
        Kind::IntOrString => "intorstring",
        Kind::Time => "time",
        Kind::Raw => "raw",
        Kind::List(_) => "list",
        Kind::Map(_) => "map",
        Kind::Struct(_) => "struct",
    }
}

/// A name that names no field is a mistake in the file.
fn check_names(entries: &BTreeMap<String, Words>, schema: &Schema) {
    for name in entries.keys() {
        let Some((owner, field)) = name.split_once('.') else { continue };
        let known = schema.structs.iter().find(|known| known.name == owner);
        let field = field.trim_end_matches("[]");
        assert!(known.is_some_and(|owner| owner.field(field).is_some()), "vocabulary: no field {name}");
    }
}

#[expect(clippy::panic, reason = "a part of the tests")]
fn add(words: &mut Words, mark: &str, rest: &str, class: Option<&Words>) {
    if let Some(class) = class {
        let texts = |values: &[Json]| -> Vec<String> {
            values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
        };
        match mark {
            "=" => {
                words.good.extend_from_slice(&class.good);
                words.bad.extend_from_slice(&class.bad);
            }
            "+" => words.good.extend_from_slice(&class.good),
            "-" => words.bad.extend_from_slice(&class.bad),
            "k+" => words.good_keys.extend(texts(&class.good)),
            _ => words.bad_keys.extend(texts(&class.bad)),
        }
        return;
    }
    assert!(!rest.starts_with('@'), "vocabulary: no class {rest}");
    let values = json(rest);
    let keys = || values.items().iter().filter_map(|value| value.as_str().map(str::to_owned));
    match mark {
        "+" => words.good.extend_from_slice(values.items()),
        "-" => words.bad.extend_from_slice(values.items()),
        "k+" => words.good_keys.extend(keys()),
        "k-" => words.bad_keys.extend(keys()),
        _ => panic!("vocabulary: {mark} {rest}"),
    }
}

/// A JSON value in which `{a*63}` is written out.
#[expect(clippy::panic, reason = "a part of the tests")]
pub(crate) fn json(text: &str) -> Json {
    let mut value = read_json(text).unwrap_or_else(|error| panic!("vocabulary: {error}: {text}"));
    write_out(&mut value);
    value
}

fn write_out(value: &mut Json) {
    match value {
        Json::String(text) => *text = repeat(text),
        Json::List(items) => items.iter_mut().for_each(write_out),
        Json::Map(entries) => {
            for (key, value) in entries {
                *key = repeat(key);
                write_out(value);
            }
        }
        _ => {}
    }
}

fn repeat(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        result.push_str(before);
        let run = behind.split_once('}').and_then(|(inside, after)| {
            let (letter, count) = inside.split_once('*')?;
            let count: usize = count.parse().ok()?;
            (letter.chars().count() == 1).then(|| (letter.repeat(count), after))
        });
        match run {
            Some((run, after)) => {
                result.push_str(&run);
                rest = after;
            }
            None => {
                result.push('{');
                rest = behind;
            }
        }
    }
    result.push_str(rest);
    result
}

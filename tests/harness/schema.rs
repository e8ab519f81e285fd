//! The fields of a DaemonSet and of everything in it, from the facts that the oracle prints.

use std::collections::BTreeMap;

use daemonset_validation::Server;

use crate::root;

/// What a field or an item holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A string.
    Text,
    /// `true` or `false`.
    Bool,
    /// A 32-bit number.
    Int32,
    /// A 64-bit number.
    Int64,
    /// An amount.
    Quantity,
    /// A number or a string.
    IntOrString,
    /// A point in time.
    Time,
    /// Any JSON.
    Raw,
    /// A list.
    List(Box<Kind>),
    /// A map with any keys.
    Map(Box<Kind>),
    /// The struct with this position in the [`Schema`].
    Struct(usize),
}

/// A field of a struct.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name in JSON.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// A bit for each minor that has it, oldest first.
    pub minors: u8,
}

/// A Go struct.
#[derive(Clone, Debug)]
pub struct Struct {
    /// The name in Go, without the package.
    pub name: String,
    /// The fields.
    pub fields: Vec<Field>,
}

impl Struct {
    /// The field with this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// All structs that a DaemonSet reaches.
#[derive(Clone, Debug)]
pub struct Schema {
    /// The structs, sorted by name.
    pub structs: Vec<Struct>,
}

impl Schema {
    /// Reads the facts of all minors.
    ///
    /// # Panics
    ///
    /// Where the facts cannot be read: nothing here works without them.
    #[expect(clippy::panic, reason = "a part of the tests")]
    pub fn read() -> Self {
        let mut fields: BTreeMap<String, BTreeMap<String, (String, u8)>> = BTreeMap::new();
        for (position, minor) in Server::supported().iter().enumerate() {
            let path = root().join(format!("tests/oracle/facts/fields-{minor}.tsv"));
            let text = std::fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
            for line in text.lines() {
                let mut columns = line.split('\t');
                let (Some(owner), Some(field), Some(kind)) = (columns.next(), columns.next(), columns.next())
                else {
                    panic!("a fact with too few columns: {line}");
                };
                let owner = fields.entry(owner.trim_start_matches("v1.").to_owned()).or_default();
                let known = owner.entry(field.to_owned()).or_insert_with(|| (kind.to_owned(), 0));
                known.1 |= 1_u8.checked_shl(u32::try_from(position).unwrap_or(8)).unwrap_or(0);
            }
        }
        let names: Vec<String> = fields.keys().cloned().collect();
        let structs = fields.into_iter().map(|(name, fields)| Struct {
            name,
            fields: fields
                .into_iter()
                .map(|(name, (kind, minors))| Field { name, kind: parse(&kind, &names), minors })
                .collect(),
        });
        Self { structs: structs.collect() }
    }

    /// The position of the struct with this name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.structs.binary_search_by(|known| known.name.as_str().cmp(name)).ok()
    }

    /// The struct at this position.
    pub fn get(&self, position: usize) -> Option<&Struct> {
        self.structs.get(position)
    }
}

#[expect(clippy::panic, reason = "a part of the tests")]
fn parse(kind: &str, names: &[String]) -> Kind {
    if let Some(item) = kind.strip_prefix("list:") {
        return Kind::List(Box::new(parse(item, names)));
    }
    if let Some(item) = kind.strip_prefix("map:") {
        return Kind::Map(Box::new(parse(item, names)));
    }
    if let Some(name) = kind.strip_prefix("struct:v1.") {
        let position = names.iter().position(|known| known == name);
        return Kind::Struct(position.unwrap_or_else(|| panic!("no facts of the struct {name}")));
    }
    match kind {
        "string" => Kind::Text,
        "bool" => Kind::Bool,
        "int32" => Kind::Int32,
        "int64" => Kind::Int64,
        "quantity" => Kind::Quantity,
        "intorstring" => Kind::IntOrString,
        "time" => Kind::Time,
        "raw" => Kind::Raw,
        other => panic!("no kind {other}"),
    }
}

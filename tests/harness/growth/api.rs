//! The lists and maps of the API's DaemonSet, from the facts that the oracle printed.

use std::collections::{BTreeMap, BTreeSet};

use crate::root;

/// What a field, an item of a list or a value of a map holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A scalar: `string`, `int32`, `quantity` and so on.
    Scalar(String),
    /// A struct, by its name such as `v1.PodSpec`.
    Struct(String),
    /// A list.
    List(Box<Holds>),
    /// A map.
    Map(Box<Holds>),
}

impl Holds {
    fn read(kind: &str) -> Self {
        match kind.split_once(':') {
            Some(("list", item)) => Self::List(Box::new(Self::read(item))),
            Some(("map", item)) => Self::Map(Box::new(Self::read(item))),
            Some(("struct", name)) => Self::Struct(name.to_owned()),
            _ => Self::Scalar(kind.to_owned()),
        }
    }
}

/// The structs of the API.
#[derive(Debug)]
pub struct Api(BTreeMap<String, Vec<(String, Holds)>>);

/// A list or a map of the DaemonSet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The struct that has it.
    pub owner: String,
    /// The fields that lead to it; below a list, its first item is meant.
    pub path: Vec<(String, Holds)>,
}

impl Place {
    /// The path as Kubernetes prints it.
    pub fn name(&self) -> String {
        let fields = self.path.iter().enumerate().map(|(number, (name, holds))| match holds {
            Holds::List(_) if number + 1 < self.path.len() => format!("{name}[0]"),
            _ => name.clone(),
        });
        fields.collect::<Vec<_>>().join(".")
    }

    /// What an item, or a value of the map, is.
    pub fn item(&self) -> Option<&Holds> {
        match &self.path.last()?.1 {
            Holds::List(item) | Holds::Map(item) => Some(item),
            _ => None,
        }
    }

    /// Whether it is a map.
    pub fn is_map(&self) -> bool {
        matches!(self.path.last(), Some((_, Holds::Map(_))))
    }
}

impl Api {
    /// The structs of a minor, such as `1.37`.
    ///
    /// # Panics
    ///
    /// Where there are no facts of it.
    pub fn of(minor: &str) -> Self {
        let path = root().join(format!("tests/oracle/facts/fields-{minor}.tsv"));
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut structs: BTreeMap<String, Vec<(String, Holds)>> = BTreeMap::new();
        for line in text.lines() {
            let mut columns = line.split('\t');
            let (Some(owner), Some(field), Some(kind)) = (columns.next(), columns.next(), columns.next())
            else {
                continue;
            };
            structs.entry(owner.to_owned()).or_default().push((field.to_owned(), Holds::read(kind)));
        }
        Self(structs)
    }

    /// The fields of a struct.
    pub fn fields(&self, name: &str) -> &[(String, Holds)] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Each list and each map of the DaemonSet, at one of the shortest paths to it; for each field that holds its struct. `status` is
    /// no part of what is judged.
    pub fn places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        let mut seen = BTreeSet::new();
        let mut level = vec![("v1.DaemonSet".to_owned(), Vec::new())];
        while !level.is_empty() {
            let mut below = Vec::new();
            for (owner, path) in level {
                for (field, holds) in self.fields(&owner) {
                    if field == "status" {
                        continue;
                    }
                    let mut path: Vec<(String, Holds)> = path.clone();
                    let above = path.last().map(|(field, _)| field.clone()).unwrap_or_default();
                    path.push((field.clone(), holds.clone()));
                    let inner = match holds {
                        Holds::Struct(_) => holds,
                        Holds::List(item) | Holds::Map(item) => {
                            if seen.insert((above.clone(), owner.clone(), field.clone())) {
                                places.push(Place { owner: owner.clone(), path: path.clone() });
                            }
                            item
                        }
                        Holds::Scalar(_) => continue,
                    };
                    // No path of the API is longer; the type of claims' templates holds an ObjectMeta again.
                    if let Holds::Struct(name) = inner
                        && path.len() < 12
                        && seen.insert((above, owner.clone(), format!("{field} below")))
                    {
                        below.push((name.clone(), path));
                    }
                }
            }
            level = below;
        }
        places
    }
}

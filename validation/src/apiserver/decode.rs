//! The strict decoder: turns the tree of a document into a typed object, and collects the decoder's errors.
//!
//! The server stops at the first value of a wrong type. This decoder leaves the value out and continues, so that all mistakes are
//! reported at once. The verdict is the same.
//!
//! Upstream: `sigs.k8s.io/json.UnmarshalStrict` as `apimachinery/pkg/runtime/serializer/json` uses it.

use k8s_openapi::api::apps::v1::DaemonSet;

use crate::apiserver::consequences::{self, Consequences};
use crate::apiserver::content::{is_rfc3339, quote};
use crate::apiserver::typed::{self, Holes, TypedError};
use crate::generated::{DAEMON_SET, Kind, Struct, Type};
use crate::ledger::Ledger;
use crate::meter::{Meter, TooLarge};
use crate::path::{FieldPath, PathSegment};
use crate::quantity::Quantity;
use crate::server::Server;
use crate::tree::{JsonKind, NodeId, Tree, Value};

/// An error of the decoder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The kind of error.
    pub kind: FaultKind,
    /// The path, with list indexes and map keys.
    pub path: FieldPath,
    /// The path as the server prints it.
    pub field: String,
    /// The server's message.
    pub message: String,
}

/// The kinds of errors of the decoder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// A field that the struct does not have in this minor.
    UnknownField {
        /// The Go name of the struct, such as `PodSpec`.
        owner: &'static str,
        /// The fields that the struct has in this minor.
        known: Vec<&'static str>,
    },
    /// A duplicate key in a mapping.
    DuplicateKey,
    /// A value of the wrong type.
    WrongType {
        /// The Go type that was wanted.
        wanted: &'static str,
        /// The kind of the value in the document.
        found: JsonKind,
    },
}

/// The result of decoding a document.
#[derive(Debug, Default)]
pub struct Decoded {
    /// The object without the rejected values. All its times are the same, because checks only ask whether a time is set.
    pub daemon_set: DaemonSet,
    /// Whether `spec.selector` is set. The typed object does not distinguish an absent selector from an empty one, but the server
    /// does.
    pub selector_present: bool,
    /// The errors, in source order.
    pub faults: Vec<Fault>,
    /// The first unknown fields that are not among the errors, because these are bounded.
    pub unknown_fields: Vec<Fault>,
    /// The message of the first value of a wrong type.
    pub undecodable: Option<String>,
    /// The places of values that were left out because of their type. Validation errors there are consequences.
    pub holes: Consequences,
}

/// So many unknown fields are known with their places, even if fewer are among the errors: what is missing may be one of them, misspelt.
const UNKNOWN_FIELDS: usize = 1000;

/// What the place of a value that was left out takes, in bytes.
const OF_HOLE: usize = 64;

/// Decodes the mapping at `root` as an `apps/v1` DaemonSet.
pub fn decode(tree: &Tree<'_>, root: NodeId, server: &Server) -> Decoded {
    // No text takes all memory that there is.
    decode_within(tree, root, server, &mut Ledger::default(), &Meter::new(usize::MAX)).unwrap_or_default()
}

/// The same, with the errors that the ledger admits.
///
/// # Errors
///
/// [`TooLarge`] if the object takes more memory than the meter has.
pub(crate) fn decode_within(
    tree: &Tree<'_>,
    root: NodeId,
    server: &Server,
    ledger: &mut Ledger,
    meter: &Meter,
) -> Result<Decoded, TooLarge> {
    let mut walk = Walk {
        tree,
        mask: server.mask(),
        segments: Vec::new(),
        faults: Vec::new(),
        unknown_fields: Vec::new(),
        undecodable: None,
        last: None,
        ledger,
        meter,
        is_too_large: false,
        holes: Holes::new(),
        places: Consequences::default(),
    };
    walk.structure(root, &DAEMON_SET);
    let Walk { mut faults, holes, places, unknown_fields, mut undecodable, is_too_large, .. } = walk;
    if is_too_large {
        return Err(TooLarge);
    }
    let selector_present = tree
        .get(root, "spec")
        .and_then(|spec| tree.get(spec, "selector"))
        .is_some_and(|selector| !matches!(tree.value(selector), Value::Null) && !holes.contains(selector));
    let daemon_set = match typed::daemon_set(tree, root, &holes, meter) {
        Ok(daemon_set) => daemon_set,
        Err(TypedError::TooLarge) => return Err(TooLarge),
        Err(TypedError::Value(message)) => {
            // The walk above rejects everything that the typed object cannot hold, so this is a bug. It must not go unnoticed.
            undecodable.get_or_insert_with(|| message.clone());
            let kind = FaultKind::WrongType { wanted: "v1.DaemonSet", found: JsonKind::Object };
            faults.push(Fault { kind, path: FieldPath::document(), field: String::new(), message });
            DaemonSet::default()
        }
    };
    Ok(Decoded { daemon_set, selector_present, faults, unknown_fields, undecodable, holes: places })
}

/// Why a scalar does not fit its field.
enum Refusal {
    /// `cannot unmarshal … into Go struct field … of type …`, with what was found.
    Mismatch(String),
    /// The same for a type that decodes itself as another type, whose name is given.
    Inside(String, &'static str),
    /// A message of the type's own decoder.
    Sentence(String),
}

struct Walk<'t, 'a> {
    tree: &'t Tree<'a>,
    mask: u16,
    /// The path so far, with the embedded Go structs, which the server's message names.
    segments: Vec<Step<'t>>,
    faults: Vec<Fault>,
    unknown_fields: Vec<Fault>,
    undecodable: Option<String>,
    /// The last error that was only counted: the field and the message.
    last: Option<(String, String)>,
    ledger: &'t mut Ledger,
    meter: &'t Meter,
    is_too_large: bool,
    holes: Holes,
    places: Consequences,
}

#[derive(Clone, Copy)]
enum Step<'t> {
    Field { name: &'t str, via: &'static str, owner: &'static str },
    Index(usize),
    Key(&'t str),
}

impl<'t> Walk<'t, '_> {
    fn structure(&mut self, node: NodeId, shape: &'static Struct) {
        let tree = self.tree;
        for entry in tree.entries(node) {
            let name: &'t str = &entry.key;
            let field = shape.field(name).filter(|field| field.minors & self.mask != 0);
            self.segments.push(Step::Field {
                name,
                via: field.map_or("", |field| field.via),
                owner: shape.name,
            });
            if entry.duplicate {
                self.duplicate(name);
            }
            match field {
                Some(field) => self.value(entry.value, &field.holds),
                None => self.unknown(entry.value, shape),
            }
            self.segments.pop();
        }
    }

    fn value(&mut self, node: NodeId, holds: &'static Type) {
        let tree = self.tree;
        let value = tree.value(node);
        if matches!(value, Value::Null) {
            return;
        }
        match (&holds.kind, value) {
            (Kind::Struct(shape), Value::Mapping(_)) => self.structure(node, shape),
            (Kind::List(item), Value::Sequence(_)) => {
                for (index, child) in tree.items(node).iter().enumerate() {
                    self.segments.push(Step::Index(index));
                    self.value(*child, item);
                    self.segments.pop();
                }
            }
            (Kind::Map(item), Value::Mapping(_)) => {
                for entry in tree.entries(node) {
                    self.segments.push(Step::Key(&entry.key));
                    if entry.duplicate {
                        self.duplicate(&entry.key);
                    }
                    self.value(entry.value, item);
                    self.segments.pop();
                }
            }
            (Kind::Struct(_) | Kind::List(_) | Kind::Map(_), other) => {
                self.refuse(node, Refusal::Mismatch(found(other)), holds.go);
            }
            (kind, value) => match scalar(kind, value) {
                Ok(()) => {
                    // No check reads raw JSON.
                    if matches!(kind, Kind::Raw) {
                        self.holes.insert(node);
                        self.duplicates_below(node);
                    }
                }
                Err(refusal) => self.refuse(node, refusal, holds.go),
            },
        }
    }

    fn unknown(&mut self, node: NodeId, shape: &'static Struct) {
        self.holes.insert(node);
        let field = self.strict_field();
        let message = format!("unknown field {}", quote(&field));
        let is_counted = !self.admits("api/unknown-field", &field, &message);
        if !is_counted || self.unknown_fields.len() < UNKNOWN_FIELDS {
            let fields = shape.fields.iter().filter(|field| field.minors & self.mask != 0);
            let known = fields.map(|field| field.name).collect();
            let kind = FaultKind::UnknownField { owner: shape.name, known };
            let fault = Fault { kind, path: self.field_path(), message, field };
            if is_counted {
                self.unknown_fields.push(fault);
            } else {
                self.faults.push(fault);
            }
        }
        self.duplicates_below(node);
    }

    /// Duplicate keys are rejected everywhere, even below fields that are not decoded. Aliases are not followed, because their
    /// nodes are visited where the anchor is.
    fn duplicates_below(&mut self, node: NodeId) {
        let tree = self.tree;
        let span = tree.node(node).span;
        let inside = |child: NodeId| {
            let place = tree.node(child).span;
            span.start <= place.start && place.end <= span.end
        };
        let depth = self.segments.len();
        let mut pending: Vec<(usize, Option<Step<'t>>, NodeId)> = vec![(depth, None, node)];
        while let Some((level, step, current)) = pending.pop() {
            self.segments.truncate(level);
            self.segments.extend(step);
            let below = self.segments.len();
            for entry in tree.entries(current) {
                let step = Step::Field { name: &entry.key, via: "", owner: "" };
                if entry.duplicate {
                    self.segments.push(step);
                    self.duplicate(&entry.key);
                    self.segments.pop();
                }
                if inside(entry.value) {
                    pending.push((below, Some(step), entry.value));
                }
            }
            for (index, item) in tree.items(current).iter().enumerate() {
                if inside(*item) {
                    pending.push((below, Some(Step::Index(index)), *item));
                }
            }
        }
        self.segments.truncate(depth);
    }

    fn duplicate(&mut self, key: &str) {
        let field = self.strict_field();
        let message = format!("key {} already set in map", quote(key));
        if self.admits("api/duplicate-key", &field, &message) {
            self.faults.push(Fault {
                kind: FaultKind::DuplicateKey,
                path: self.field_path(),
                field,
                message,
            });
        }
    }

    /// Whether an error is made in full. One that equals the last one counts once.
    fn admits(&mut self, rule: &'static str, field: &str, message: &str) -> bool {
        if self.ledger.takes(rule) {
            return true;
        }
        if self.last.as_ref().is_some_and(|(last, said)| last == field && said == message) {
            return false;
        }
        self.last = Some((field.to_owned(), message.to_owned()));
        self.ledger.is_new_and_has_room(rule, field, message)
    }

    fn refuse(&mut self, node: NodeId, refusal: Refusal, wanted: &'static str) {
        if self.meter.take(OF_HOLE).is_err() {
            self.is_too_large = true;
            return;
        }
        self.holes.insert(node);
        self.places.insert(self.segments.iter().map(|step| match *step {
            Step::Field { name, .. } => consequences::Step::Field(name),
            Step::Index(index) => consequences::Step::Index(index),
            Step::Key(key) => consequences::Step::Key(key),
        }));
        let kind = FaultKind::WrongType { wanted, found: self.tree.value(node).kind() };
        let said = |walk: &Self, found: &str, go_type: &str| {
            let (field, owner) = (walk.go_field(), walk.go_owner());
            let message = format!(
                "json: cannot unmarshal {found} into Go struct field {owner}.{field} of type {go_type}"
            );
            (field, message)
        };
        let (field, message) = match refusal {
            Refusal::Mismatch(found) => said(self, &found, wanted),
            Refusal::Inside(found, inside) => said(self, &found, inside),
            Refusal::Sentence(message) => (self.field_path().to_string(), message),
        };
        if self.undecodable.is_none() {
            self.undecodable = Some(message.clone());
        }
        if self.admits("api/decode", &field, &message) {
            self.faults.push(Fault { kind, path: self.field_path(), field, message });
        }
    }

    fn field_path(&self) -> FieldPath {
        let segment = |step: &Step<'_>| match *step {
            Step::Field { name, .. } => PathSegment::Field(name.to_owned().into()),
            Step::Index(index) => PathSegment::Index(index),
            Step::Key(key) => PathSegment::Key(key.to_owned().into()),
        };
        FieldPath::from_segments(self.segments.iter().map(segment).collect())
    }

    /// The path as the strict decoder prints it, with map keys after a dot. Upstream: `appendStrictFieldStackKey`.
    fn strict_field(&self) -> String {
        let mut text = String::new();
        for step in &self.segments {
            match *step {
                Step::Index(index) => {
                    text.push('[');
                    text.push_str(&index.to_string());
                    text.push(']');
                }
                Step::Field { name, .. } | Step::Key(name) => {
                    if !text.is_empty() {
                        text.push('.');
                    }
                    text.push_str(name);
                }
            }
        }
        text
    }

    /// The path as type errors print it: field names only, including embedded structs. Upstream: `errorContext.FieldStack`.
    fn go_field(&self) -> String {
        let mut names: Vec<&str> = Vec::with_capacity(self.segments.len());
        for step in &self.segments {
            if let Step::Field { name, via, .. } = *step {
                if !via.is_empty() {
                    names.push(via);
                }
                names.push(name);
            }
        }
        names.join(".")
    }

    fn go_owner(&self) -> &'static str {
        let owner = self.segments.iter().rev().find_map(|step| match *step {
            Step::Field { owner, .. } => Some(owner),
            _ => None,
        });
        owner.unwrap_or_default()
    }
}

/// The decoder's name for the value. If a number was expected and found, the caller adds its text.
fn found(value: &Value<'_>) -> String {
    value.kind().as_str().to_owned()
}

fn scalar(kind: &Kind, value: &Value<'_>) -> Result<(), Refusal> {
    let mismatch = || Err(Refusal::Mismatch(found(value)));
    match kind {
        Kind::String => match value {
            Value::String(_) => Ok(()),
            _ => mismatch(),
        },
        Kind::Bool => match value {
            Value::Bool(_) => Ok(()),
            _ => mismatch(),
        },
        Kind::Int32 => integer(value, |text| text.parse::<i32>().is_ok()),
        Kind::Int64 => integer(value, |text| text.parse::<i64>().is_ok()),
        Kind::IntOrString => match value {
            Value::String(_) => Ok(()),
            Value::Number(text) if text.parse::<i32>().is_ok() => Ok(()),
            Value::Number(text) => Err(Refusal::Inside(format!("number {text}"), "int32")),
            other => Err(Refusal::Inside(found(other), "int32")),
        },
        Kind::Quantity => {
            let text = match value {
                Value::String(text) | Value::Number(text) => text,
                _ => "?",
            };
            Quantity::decode(text).map(drop).map_err(|error| Refusal::Sentence(error.to_string()))
        }
        Kind::Time => match value {
            Value::String(text) => is_rfc3339(text).map_err(Refusal::Sentence),
            other => Err(Refusal::Inside(found(other), "string")),
        },
        Kind::Raw => Ok(()),
        Kind::Struct(_) | Kind::List(_) | Kind::Map(_) => mismatch(),
    }
}

fn integer(value: &Value<'_>, fits: impl Fn(&str) -> bool) -> Result<(), Refusal> {
    match value {
        Value::Number(text) if fits(text) => Ok(()),
        Value::Number(text) => Err(Refusal::Mismatch(format!("number {text}"))),
        other => Err(Refusal::Mismatch(found(other))),
    }
}

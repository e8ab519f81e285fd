//! The types of the generated tables.

/// A struct of the API.
#[derive(Debug)]
pub(crate) struct Struct {
    /// The name of the Go type without its package, as decode errors print it.
    pub(crate) name: &'static str,
    /// The fields, sorted by name.
    pub(crate) fields: &'static [Field],
}

impl Struct {
    /// The field `name`, whether or not a given minor has it.
    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        let fields: &'static [Field] = self.fields;
        let position = fields.binary_search_by(|field| field.name.cmp(name)).ok()?;
        fields.get(position)
    }
}

/// A field of a struct.
#[derive(Debug)]
pub(crate) struct Field {
    /// The name in JSON.
    pub(crate) name: &'static str,
    /// A bit for each minor that has it; see `minors.rs`.
    pub(crate) minors: u16,
    /// The embedded Go struct that contains it, as decode errors print it; empty if there is none.
    pub(crate) via: &'static str,
    /// The type of its value.
    pub(crate) holds: Type,
}

/// The type of a field, of a list item or of a map value.
#[derive(Debug)]
pub(crate) struct Type {
    pub(crate) kind: Kind,
    /// The Go type as decode errors print it.
    pub(crate) go: &'static str,
}

#[derive(Debug)]
pub(crate) enum Kind {
    String,
    Bool,
    Int32,
    Int64,
    Quantity,
    IntOrString,
    Time,
    /// Any JSON value.
    Raw,
    Struct(&'static Struct),
    List(&'static Type),
    Map(&'static Type),
}

pub(super) const fn f(name: &'static str, minors: u16, go: &'static str, kind: Kind) -> Field {
    Field { name, minors, via: "", holds: Type { kind, go } }
}

pub(super) const fn s(name: &'static str, minors: u16) -> Field {
    f(name, minors, "string", Kind::String)
}

pub(super) const fn via(embedded: &'static str, field: Field) -> Field {
    Field { name: field.name, minors: field.minors, via: embedded, holds: field.holds }
}

pub(super) const fn t(go: &'static str, kind: Kind) -> Type {
    Type { kind, go }
}

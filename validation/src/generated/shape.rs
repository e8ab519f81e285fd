//! What the generated tables are made of.

/// A struct of the API: what the decoder lets stand below it.
#[derive(Debug)]
pub(crate) struct Struct {
    /// The Go type's name without its package, as decode errors print it.
    pub(crate) name: &'static str,
    /// The fields, sorted by name.
    pub(crate) fields: &'static [Field],
}

impl Struct {
    /// The field `name`, in any minor.
    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        let fields: &'static [Field] = self.fields;
        let position = fields.binary_search_by(|field| field.name.cmp(name)).ok()?;
        fields.get(position)
    }
}

/// A field of a struct.
#[derive(Debug)]
pub(crate) struct Field {
    /// Its name in JSON.
    pub(crate) name: &'static str,
    /// A bit for each minor that has it; see `minors.rs`.
    pub(crate) minors: u16,
    /// The embedded Go struct that holds it, which decode errors print; empty where there is none.
    pub(crate) via: &'static str,
    /// What it holds.
    pub(crate) holds: Type,
}

/// What a field, an item or a map's value may be.
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
    /// JSON of any shape.
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

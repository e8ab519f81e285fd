//! Tables made from the server's own types by `UPDATE=1 cargo test -p daemonset-tests --test fields`, and never edited by hand.

#[rustfmt::skip]
mod fields;

pub(crate) use fields::DAEMON_SET;

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
    /// A bit for each minor that has it.
    pub(crate) minors: u8,
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

const fn f(name: &'static str, minors: u8, go: &'static str, kind: Kind) -> Field {
    Field { name, minors, via: "", holds: Type { kind, go } }
}

const fn s(name: &'static str, minors: u8) -> Field {
    f(name, minors, "string", Kind::String)
}

const fn via(embedded: &'static str, field: Field) -> Field {
    Field { name: field.name, minors: field.minors, via: embedded, holds: field.holds }
}

const fn t(go: &'static str, kind: Kind) -> Type {
    Type { kind, go }
}

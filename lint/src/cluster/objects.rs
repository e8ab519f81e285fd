//! Receives the objects of a JSON text.

use daemonset_validation::placement::Kind;

use super::head;

/// Receives the objects.
pub(super) trait Objects {
    /// An object of a kind that placement uses.
    fn object(&mut self, kind: Kind, json: &[u8]) -> Result<(), serde_json::Error>;

    /// A typed list: it holds all objects of the kind, even if it is empty.
    fn list(&mut self, kind: Kind);

    /// The metadata of a list.
    fn metadata(&mut self, json: &[u8]);

    /// An object that cannot be read, with its line and a message.
    fn fault(&mut self, line: usize, message: String);
}

/// Passes on an object. `line` is called only if the object cannot be read.
pub(super) fn take_at(kind: Kind, json: &[u8], line: impl Fn() -> usize, objects: &mut dyn Objects) {
    if let Err(error) = objects.object(kind, json) {
        let full = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let reason = full.strip_suffix(&place).unwrap_or(&full);
        let message = format!("this {}{} cannot be read: {reason}", kind.as_str(), head::name(json));
        objects.fault(line().saturating_add(error.line().saturating_sub(1)), message);
    }
}

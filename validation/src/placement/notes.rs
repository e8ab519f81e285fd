//! What holds for the DaemonSet as a whole.

use super::filters::Cluster;
use super::kind::Kind;
use super::verdict::Note;

/// The notes on a preview.
pub(super) fn notes(cluster: &Cluster<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    if !cluster.snapshot.has(Kind::Pod) {
        let why = match cluster.snapshot.refusal(Kind::Pod) {
            Some(why) => format!("pods could not be read ({why})"),
            None => "no pods were read".to_owned(),
        };
        notes.push(Note {
            id: "pods-not-read",
            message: format!("{why}, so what other pods use and hold on a node is not counted"),
            path: None,
        });
    }
    if !cluster.allocatable_known {
        let message = "no node says what it has (`status.allocatable`), so requests are not compared with it";
        notes.push(Note { id: "allocatable-not-read", message: message.to_owned(), path: None });
    }
    notes
}

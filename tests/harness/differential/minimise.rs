//! Makes a case smaller while it still shows the same difference.

use daemonset_validation::Server;

use crate::cases::Case;
use crate::differential::answer::ours;
use crate::differential::compare::{Difference, compare};
use crate::differential::oracle::Conversation;
use crate::json::Json;

/// At most so many questions are asked for one case.
const QUESTIONS: usize = 1500;

/// A small case with a difference of the same kind at the same place.
///
/// # Errors
///
/// Where the oracle is gone.
pub fn minimise(
    mut case: Case,
    wanted: &Difference,
    server: &Server,
    oracle: &mut Conversation,
) -> std::io::Result<Case> {
    let mut asked = 0_usize;
    let mut shows = |case: &Case| -> std::io::Result<bool> {
        asked = asked.saturating_add(1);
        if asked > QUESTIONS {
            return Ok(false);
        }
        let differences = compare(&oracle.ask(case)?, &ours(case, server));
        Ok(differences.iter().any(|found| found.kind == wanted.kind && found.place == wanted.place))
    };
    let created = Case { document: case.document.clone(), old: None };
    if case.old.is_some() && shows(&created)? {
        case = created;
    }
    loop {
        let before = size(&case);
        for path in paths(&case.document) {
            if case.document.follow(&path).is_none() {
                continue;
            }
            let mut smaller = case.clone();
            smaller.document.take_out(&path);
            // In an update the same place of the stored object usually has to go with it.
            let mut both = smaller.clone();
            if let Some(old) = &mut both.old {
                old.take_out(&path);
                if shows(&both)? {
                    case = both;
                    continue;
                }
            }
            if shows(&smaller)? {
                case = smaller;
            }
        }
        for path in case.old.as_ref().map(paths).unwrap_or_default() {
            let mut smaller = case.clone();
            if let Some(old) = &mut smaller.old {
                old.take_out(&path);
            }
            if shows(&smaller)? {
                case = smaller;
            }
        }
        if size(&case) == before {
            return Ok(case);
        }
    }
}

fn size(case: &Case) -> usize {
    let old = case.old.as_ref().map(|old| old.to_string().len()).unwrap_or_default();
    case.document.to_string().len().saturating_add(old)
}

/// The paths of all values, outer ones first and later siblings before earlier ones, so that taking one out leaves the rest valid.
fn paths(document: &Json) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    let mut level: Vec<Vec<usize>> = vec![Vec::new()];
    while !level.is_empty() {
        let mut next = Vec::new();
        for path in &level {
            let count = document.follow(path).map(Json::len).unwrap_or_default();
            for position in (0..count).rev() {
                let mut below = path.clone();
                below.push(position);
                next.push(below);
            }
        }
        found.extend(next.iter().cloned());
        level = next;
    }
    found
}

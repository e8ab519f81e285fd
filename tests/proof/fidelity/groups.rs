//! Groups differences by their cause. The first case of each group is made small and printed.

#![expect(clippy::arithmetic_side_effects, reason = "these are counts of a run")]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use daemonset_tests::cases::Case;
use daemonset_tests::differential::{Conversation, Difference, compare, minimise, ours};
use daemonset_validation::Server;

use crate::deviations::known;

/// A group.
#[derive(Debug)]
struct Group {
    count: u64,
    number: u64,
    case: Case,
    difference: Difference,
    /// Why it is no fault, where that is known.
    known: Option<&'static str>,
}

/// The groups of a run.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    groups: BTreeMap<(&'static str, String, Option<&'static str>), Group>,
}

impl Groups {
    /// Adds the differences of one case. Of a group the smallest case is kept.
    pub(crate) fn add(&mut self, number: u64, case: &Case, differences: Vec<Difference>) {
        for difference in differences {
            let known = known(&difference);
            // What is known must not hide what is not.
            let key = (difference.kind, difference.place.clone(), known);
            let size = |case: &Case| case.document.to_string().len();
            match self.groups.get_mut(&key) {
                Some(group) => {
                    group.count += 1;
                    if group.count < 20 && size(case) < size(&group.case) {
                        group.case = case.clone();
                        group.difference = difference;
                        group.number = number;
                    }
                }
                None => {
                    let group = Group { count: 1, number, case: case.clone(), difference, known };
                    self.groups.insert(key, group);
                }
            }
        }
    }

    /// How many groups of more than wording there are, known deviations left out.
    pub(crate) fn serious(&self) -> usize {
        let counts = |group: &&Group| !group.difference.wording && group.known.is_none();
        self.groups.values().filter(counts).count()
    }

    /// Shows the largest groups, each with a small case.
    pub(crate) fn show(&self, server: &Server, out: Option<&Path>, most: usize) -> std::io::Result<()> {
        let mut groups: Vec<&Group> = self.groups.values().collect();
        groups.sort_by_key(|group| (group.difference.wording, u64::MAX - group.count));
        if let Some(folder) = out {
            std::fs::create_dir_all(folder)?;
        }
        let mut stdout = std::io::stdout().lock();
        let mut oracle = Conversation::start(server.minor())?;
        for (position, group) in groups.into_iter().take(most).enumerate() {
            let case = minimise(group.case.clone(), &group.difference, server, &mut oracle)?;
            let differences = compare(&oracle.ask(&case)?, &ours(&case, server));
            let same = |found: &&Difference| {
                found.kind == group.difference.kind && found.place == group.difference.place
            };
            let difference = differences.iter().find(same).unwrap_or(&group.difference);
            let mut text = format!(
                "{}x {} — {} (case {})\n  server: {}\n  ours:   {}\n  case: {}\n",
                group.count,
                group.difference.kind,
                group.difference.place,
                group.number,
                difference.theirs,
                difference.ours,
                case.document
            );
            if let Some(old) = &case.old {
                text.push_str(&format!("  old:  {old}\n"));
            }
            if let Some(why) = group.known {
                text.push_str(&format!("  known: {why}\n"));
            }
            let shown: String = text.chars().take(3000).collect();
            writeln!(stdout, "{shown}")?;
            if let Some(folder) = out {
                std::fs::write(folder.join(format!("{position:03}.txt")), &text)?;
            }
        }
        Ok(())
    }
}

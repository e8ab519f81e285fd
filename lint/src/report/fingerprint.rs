//! Fingerprints: the same finding has the same one in the next run, wherever its line is by then.

use std::collections::HashMap;

use super::finding::has_name;
use crate::engine::outcome::{DocumentReport, FileReport, Located};

/// Makes the fingerprints of a run.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    /// How many findings had the same rule, object and field.
    counts: HashMap<u128, u64>,
}

impl Fingerprints {
    /// The fingerprint of the run's next finding: 32 hexadecimal digits, of its rule, its object and its field. Findings that have all of
    /// these in common are told apart by a counter. What belongs to no object is told apart by its file.
    pub(super) fn next(
        &mut self,
        file: &FileReport,
        object: Option<&DocumentReport>,
        located: &Located,
    ) -> String {
        let finding = &located.finding;
        let mut hash = Hash::default();
        match object.filter(|object| has_name(object)) {
            Some(object) => hash.words(&[finding.rule, &object.kind, &object.namespace, &object.name]),
            None => hash.words(&[finding.rule, "", &file.path]),
        }
        hash.words(&[&finding.field]);
        let count = self.counts.entry(hash.0).or_default();
        if *count > 0 {
            hash.words(&[&count.to_string()]);
        }
        *count = count.saturating_add(1);
        format!("{:032x}", hash.0)
    }
}

/// FNV-1a of 128 bits: a value that does not change with the compiler's version.
struct Hash(u128);

impl Default for Hash {
    fn default() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl Hash {
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

    /// Takes in words. Each ends with a zero, so that `a, bc` and `ab, c` differ.
    fn words(&mut self, words: &[&str]) {
        for byte in words.iter().flat_map(|word| word.bytes().chain([0])) {
            self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(Self::PRIME);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;

    fn fingerprints(path: &str, text: &str) -> Vec<String> {
        let file = Engine::default().check(path.to_owned(), text.into());
        let mut fingerprints = Fingerprints::default();
        file.shown_with_objects().map(|(object, located)| fingerprints.next(&file, object, located)).collect()
    }

    #[test]
    fn a_fingerprint_is_that_of_the_field_and_not_of_the_line() {
        let text = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: { name: agent }\nspec: { replicas: 1, selectr: 2 }\n";
        let here = fingerprints("agent.yaml", text);
        assert!(here.len() > 1 && here.iter().all(|one| one.len() == 32), "{here:?}");
        let different: std::collections::HashSet<&String> = here.iter().collect();
        assert_eq!(different.len(), here.len());
        assert_eq!(here, fingerprints("moved/agent.yaml", &format!("# A comment.\n\n{text}")));
        assert_ne!(here, fingerprints("agent.yaml", &text.replace("name: agent", "name: other")));
        let twice = fingerprints("agent.yaml", &format!("{text}---\n{text}"));
        let different: std::collections::HashSet<&String> = twice.iter().collect();
        assert_eq!(different.len(), twice.len());
        assert!(here.iter().all(|one| twice.contains(one)));
    }

    #[test]
    fn the_hash_is_the_published_one() {
        let mut hash = Hash::default();
        hash.words(&["a"]);
        let mut bare = Hash::default();
        bare.0 = (bare.0 ^ u128::from(b'a')).wrapping_mul(Hash::PRIME);
        // The published value of "a".
        assert_eq!(bare.0, 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
        assert_ne!(hash.0, bare.0);
    }
}

//! What practice advises beyond the server's own rules. Each rule is a page (`<rule>.md`) and a file; this is the list.

pub mod overlapping_selectors;

/// A rule: what the reports call it and where it is explained.
#[derive(Debug)]
pub struct Rule {
    /// The id in every report; it completes "allow …".
    pub id: &'static str,
    /// One line on what it finds.
    pub summary: &'static str,
    /// The page.
    pub doc: &'static str,
}

/// All rules, sorted by id.
pub static RULES: &[&Rule] = &[&overlapping_selectors::RULE];

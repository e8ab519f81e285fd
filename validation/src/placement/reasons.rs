//! The reasons that are kept of a node.

use super::reason::Reason;

/// As many reasons of one filter are kept.
pub(super) const OF_A_FILTER: usize = 8;

/// As many are kept in all; of each filter at least one is.
const OF_A_NODE: usize = 16;

/// Collects the reasons of one node after another filter. A pod may be refused for thousands of reasons on each of thousands of nodes: of
/// each filter the first ones are kept, and the others are counted.
#[derive(Debug)]
pub(super) struct Reasons {
    list: Vec<Reason>,
    /// Where the reasons of the filter that is asked now begin.
    start: usize,
    /// Whether one of the filter's reasons is a refusal; the others say that something is not known.
    refused: bool,
    of_a_filter: usize,
}

impl Reasons {
    /// None yet.
    pub(super) const fn new() -> Self {
        Self { list: Vec::new(), start: 0, refused: false, of_a_filter: OF_A_FILTER }
    }

    /// Reasons of filters that were asked before.
    pub(super) fn of(list: Vec<Reason>) -> Self {
        Self { start: list.len(), list, ..Self::new() }
    }

    /// None yet, where all that is asked is whether there is any.
    pub(super) fn whether() -> Self {
        Self { of_a_filter: 1, ..Self::new() }
    }

    /// What follows is of another filter.
    pub(super) const fn next_filter(&mut self) {
        self.start = self.list.len();
        self.refused = false;
    }

    /// Adds a reason. Beside reasons that only say that something is not known, the first refusal is kept always.
    pub(super) fn push(&mut self, reason: Reason) {
        let is_refusal = reason.missing.is_none();
        if self.room() > 0 || (is_refusal && !self.refused) {
            self.refused |= is_refusal;
            self.list.push(reason);
        } else {
            self.omit(1);
        }
    }

    /// How many more reasons of this filter are kept.
    pub(super) fn room(&self) -> usize {
        let of_this = self.list.len().saturating_sub(self.start);
        let of_node = OF_A_NODE.saturating_sub(self.list.len()).max(usize::from(of_this == 0));
        self.of_a_filter.saturating_sub(of_this).min(of_node)
    }

    /// Counts reasons of this filter that are not made.
    pub(super) fn omit(&mut self, reasons: usize) {
        if let Some(last) = self.list.last_mut() {
            last.more = last.more.saturating_add(reasons);
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The reasons.
    pub(super) fn into_list(self) -> Vec<Reason> {
        self.list
    }
}

impl Extend<Reason> for Reasons {
    fn extend<I: IntoIterator<Item = Reason>>(&mut self, reasons: I) {
        for reason in reasons {
            self.push(reason);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::FieldPath;
    use crate::placement::cause::Cause;
    use crate::placement::filter::Filter;
    use crate::placement::reason::Missing;

    fn reason() -> Reason {
        Reason::new(Filter::NodePorts, Cause::Unschedulable, FieldPath::document())
    }

    #[test]
    fn of_each_filter_the_first_reasons_are_kept_and_the_others_counted() {
        let mut reasons = Reasons::new();
        for _ in 0..6 {
            reasons.next_filter();
            for _ in 0..100 {
                reasons.push(reason());
            }
        }
        let list = reasons.into_list();
        // Two filters have all of theirs; of each of the others one is kept.
        assert_eq!(list.len(), OF_A_NODE + 4);
        let more: usize = list.iter().map(|reason| reason.more).sum();
        assert_eq!(list.len().saturating_add(more), 600);
    }

    #[test]
    fn a_refusal_is_not_lost_among_what_is_not_known() {
        let mut reasons = Reasons::new();
        for _ in 0..50 {
            reasons.push(reason().missing(Missing::Allocatable));
        }
        reasons.push(reason());
        reasons.push(reason());
        let list = reasons.into_list();
        assert_eq!(list.len(), OF_A_FILTER + 1);
        assert!(list.last().is_some_and(|last| last.missing.is_none() && last.more == 1));
    }
}

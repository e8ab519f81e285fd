//! Where the page of a rule can be read in a browser.

use daemonset_validation::rules::{Rule, find};

/// The address of the public repository, from `Cargo.toml`. It is empty as long as there is none.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// The address of the page of a rule. Where no repository is public, it is that of Kubernetes' own page on the subject.
pub(super) fn of(rule: &str) -> String {
    in_repository(REPOSITORY, rule).unwrap_or_else(|| of_subject(rule).to_owned())
}

/// The address of the public repository, if there is one.
pub(super) fn repository() -> Option<&'static str> {
    Some(REPOSITORY).filter(|address| !address.is_empty())
}

fn in_repository(repository: &str, rule: &str) -> Option<String> {
    let path = find(rule)?.page_path();
    let repository = repository.trim_end_matches('/');
    let version = env!("CARGO_PKG_VERSION");
    (!repository.is_empty()).then(|| format!("{repository}/blob/v{version}/{path}"))
}

/// Kubernetes' documentation of what the rule is about.
fn of_subject(rule: &str) -> &'static str {
    if rule.starts_with("api/") {
        "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/daemon-set-v1/"
    } else {
        "https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/"
    }
}

/// The text as a link (OSC 8), for terminals that make links.
pub(super) fn osc8(address: &str, text: &str) -> String {
    format!("\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\")
}

/// The first paragraph of a section of the rule's page, on one line.
pub(super) fn paragraph<'p>(rule: &'p Rule, heading: &str) -> Option<String> {
    let mut lines = rule.page.lines().skip_while(|line| line.strip_prefix("## ") != Some(heading));
    lines.next()?;
    let text: Vec<&'p str> =
        lines.map(str::trim).skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty()).collect();
    (!text.is_empty()).then(|| text.join(" "))
}

#[cfg(test)]
mod tests {
    use daemonset_validation::rules::RULES;

    use super::*;

    #[test]
    fn every_rule_has_an_address_and_a_paragraph() {
        for rule in RULES {
            assert!(of(rule.id).starts_with("https://"), "{}", rule.id);
            let page = in_repository("https://example.com/lint/", rule.id).unwrap_or_default();
            let family = rule.family.as_str();
            assert!(
                page.starts_with("https://example.com/lint/blob/v") && page.contains(&format!("/{family}/")),
                "{page}"
            );
            assert!(paragraph(rule, "What it does").is_some_and(|text| text.len() > 10), "{}", rule.id);
        }
        assert_eq!(in_repository("", "pending"), None);
        assert_eq!(in_repository("https://example.com", "no-such-rule"), None);
    }
}

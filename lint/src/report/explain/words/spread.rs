//! Topology spread constraints.

use daemonset_validation::placement::Skew;

use super::Sentence;

/// The node lacks the label.
pub(super) fn without_label(key: &str) -> Sentence {
    Sentence::new("label ")
        .code(key)
        .text(" is absent, and a topology spread constraint uses it as its topologyKey")
}

/// The node's domain would have too many pods.
pub(super) fn skew(skew: &Skew) -> Sentence {
    let key = &skew.domain.key;
    let there = if skew.here == 1 {
        Sentence::new("is ").count(1).text(" pod")
    } else {
        Sentence::new("are ").count(skew.here).text(" pods")
    };
    let there = there.text(if skew.counts_itself { " and this one" } else { "" });
    if let Some(few) = skew.too_few_domains {
        let (values, are) = if few.domains == 1 { (" value of ", " is") } else { (" values of ", " are") };
        return Sentence::new("only ")
            .count(few.domains)
            .text(values)
            .code(key)
            .text(are)
            .text(" eligible, but ")
            .code("minDomains")
            .text(&format!(" is {}, so each may have at most ", few.min_domains))
            .code("maxSkew")
            .text(&format!(" {} pods: there ", skew.max_skew))
            .join(there);
    }
    Sentence::new("where ")
        .code(key)
        .text(" is ")
        .code_value(&skew.domain.value)
        .text(" there ")
        .join(there)
        .text(", ")
        .count(skew.skew)
        .text(" more than where there are the fewest (")
        .count(skew.least)
        .text("); ")
        .code("maxSkew")
        .text(&format!(" is {}", skew.max_skew))
}

//! Limit ranges: what containers and pods request where they say nothing, and what they may request.

mod constraint;
mod defaults;
mod sums;
pub(super) mod violation;

use std::collections::HashSet;

use k8s_openapi::api::core::v1::{LimitRange, LimitRangeItem, PodSpec, ResourceRequirements};

use self::constraint::{Amounts, ResourceList};
use self::defaults::CONTAINER;
use self::violation::{LimitViolation, Limited};
use super::plugin::Plugin;
use super::pod::Pod;
use super::refusal::{Detail, Refusal};
use crate::path::FieldPath;
use crate::server::Server;

const POD: &str = "Pod";

/// How many violations are told in full. Of more than anybody reads only the number is.
const IN_FULL: usize = 100;

/// Gives containers the requests and limits that they lack, by one range after the other. The server takes the ranges of a namespace
/// in any order; here they are sorted by name.
///
/// Upstream: `plugin/admission/limitranger.LimitRanger.Admit`.
pub(super) fn admit(pod: &mut Pod, ranges: &[&LimitRange]) {
    for range in ranges {
        defaults::apply(pod, items(range));
    }
}

/// The first range that the pod does not keep, with everything about it that it does not keep.
///
/// Upstream: `plugin/admission/limitranger.LimitRanger.Validate`, `plugin/admission/limitranger.PodValidateLimitFunc`.
pub(super) fn validate(pod: &Pod, ranges: &[&LimitRange], server: &Server) -> Option<Refusal> {
    ranges.iter().find_map(|range| {
        let mut violations = Violations::default();
        for item in items(range) {
            match item.type_.as_str() {
                CONTAINER => violations.of_containers(&pod.spec, item),
                POD => violations.of_pod(&pod.spec, item, server),
                _ => {}
            }
        }
        violations.into_refusal(range)
    })
}

fn items(range: &LimitRange) -> &[LimitRangeItem] {
    range.spec.as_ref().map(|spec| spec.limits.as_slice()).unwrap_or_default()
}

/// Violations of one range. A sentence that is there already is left out, as on the server.
#[derive(Default)]
struct Violations {
    sentences: Vec<String>,
    seen: HashSet<String>,
    data: Vec<LimitViolation>,
    /// How many sentences there are besides.
    others: usize,
}

impl Violations {
    fn of_containers(&mut self, spec: &PodSpec, item: &LimitRangeItem) {
        let init = spec.init_containers.iter().flatten();
        let init = init.enumerate().map(|(place, container)| (container, "initContainers", place));
        let main =
            spec.containers.iter().enumerate().map(|(place, container)| (container, "containers", place));
        for (container, list, place) in main.chain(init) {
            let none = ResourceRequirements::default();
            let resources = container.resources.as_ref().unwrap_or(&none);
            let amounts = Amounts::of(resources);
            let limited = || Limited::Container { name: container.name.clone(), list, place };
            self.check(item, &amounts, &limited);
        }
    }

    fn of_pod(&mut self, spec: &PodSpec, item: &LimitRangeItem, server: &Server) {
        let amounts = sums::of_pod(spec, server);
        self.check(item, &amounts, &|| Limited::Pod);
    }

    /// The server goes through the resources in any order, here they are sorted.
    fn check(&mut self, item: &LimitRangeItem, amounts: &Amounts, limited: &dyn Fn() -> Limited) {
        let checks: [(&Option<ResourceList>, constraint::Check); 3] = [
            (&item.min, constraint::minimum),
            (&item.max, constraint::maximum),
            (&item.max_limit_request_ratio, constraint::ratio),
        ];
        for (bounds, check) in checks {
            for (resource, bound) in bounds.iter().flatten() {
                let Some((sentence, broken)) = check(&item.type_, resource, bound, amounts) else { continue };
                if !self.seen.insert(sentence.clone()) {
                    continue;
                }
                if self.data.len() < IN_FULL {
                    self.sentences.push(sentence);
                    self.data.push(broken.by(limited()));
                } else {
                    self.others = self.others.saturating_add(1);
                }
            }
        }
    }

    /// Upstream: `apimachinery/util/errors.NewAggregate`.
    fn into_refusal(mut self, range: &LimitRange) -> Option<Refusal> {
        let first = self.data.first()?;
        if self.others > 0 {
            self.sentences.push(format!("and {} more", self.others));
        }
        let message = match self.sentences.as_slice() {
            [one] => one.clone(),
            several => format!("[{}]", several.join(", ")),
        };
        let path = path(first);
        let limit_range = range.metadata.name.clone().unwrap_or_default();
        let detail = Detail::LimitRange { limit_range, violations: self.data };
        Some(Refusal { plugin: Plugin::LimitRanger, message, path, detail })
    }
}

fn path(violation: &LimitViolation) -> FieldPath {
    let spec = FieldPath::of(&["spec", "template", "spec"]);
    match &violation.limited {
        Limited::Container { list, place, .. } => spec.field(list).index(*place).field("resources"),
        Limited::Pod => spec,
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{Container, LimitRangeSpec};
    use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Written;

    use super::*;

    fn container(number: usize) -> Container {
        let requests = [("cpu".to_owned(), Written(format!("1{number:03}m")))];
        let limits = [("cpu".to_owned(), Written("9".to_owned()))];
        let resources = ResourceRequirements {
            requests: Some(requests.into()),
            limits: Some(limits.into()),
            ..ResourceRequirements::default()
        };
        Container { resources: Some(resources), ..Container::default() }
    }

    fn range() -> LimitRange {
        let min = [("cpu".to_owned(), Written("5".to_owned()))];
        let item = LimitRangeItem {
            type_: CONTAINER.to_owned(),
            min: Some(min.into()),
            ..LimitRangeItem::default()
        };
        LimitRange { spec: Some(LimitRangeSpec { limits: vec![item] }), ..LimitRange::default() }
    }

    #[test]
    fn of_many_violations_the_first_are_told() {
        for (count, last) in [(1, None), (100, None), (150, Some(", and 50 more]"))] {
            let containers = (0..count).flat_map(|number| [container(number), container(number)]).collect();
            let spec = PodSpec { containers, ..PodSpec::default() };
            let pod = Pod { spec, ..Pod::default() };
            let refusal = validate(&pod, &[&range()], &Server::newest()).unwrap();
            assert_eq!(refusal.message.starts_with('['), count > 1);
            assert!(last.is_none_or(|last| refusal.message.ends_with(last)), "{}", refusal.message);
            let Detail::LimitRange { violations, .. } = refusal.detail else { panic!("{count}") };
            assert_eq!(violations.len(), count.min(IN_FULL));
        }
    }
}

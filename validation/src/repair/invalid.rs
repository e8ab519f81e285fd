//! Changes for a value that has the right type and is still not valid.

use crate::apiserver::env::FIELD_PATHS;
use crate::edit::{Edit, NewValue};
use crate::finding::{Anchor, Finding};
use crate::path::{FieldPath, PathSegment};
use crate::tree::Value;

use super::candidate::{Candidate, Rank};
use super::look::{Look, below, last_name, path};
use super::samples::mount_without_volume;

/// Fields of a pod that only a file can have whole.
const FILE_PATHS: &[&str] = &["metadata.labels", "metadata.annotations"];

/// Adds what may resolve the finding.
pub(super) fn candidates(finding: &Finding, look: &Look<'_>, found: &mut Vec<Candidate>) {
    let segments = finding.path.segments();
    let Some((_, here)) = segments.split_last() else { return };
    let name = last_name(segments).unwrap_or_default();
    folded(&finding.path, look, found);
    if let Some(PathSegment::Key(key)) = segments.last() {
        resource(&finding.path, key, found);
        profile(&finding.path, key, look, found);
    }
    match (finding.rule, name) {
        ("api/invalid", "hostPort") => host_port(&finding.path, here, look, found),
        ("api/invalid", "containerPort") => container_port(&finding.path, here, look, found),
        ("api/invalid", "fieldPath") => field_path(&finding.path, look, found),
        ("api/invalid", "operator" | "value") => toleration(here, look, found),
        ("api/invalid", "maxUnavailable" | "maxSurge") => amount(&finding.path, look, found),
        ("api/invalid", "requests") => requests(&finding.path, here, look, found),
        ("api/invalid", "name") => short_name(&finding.path, look, found),
        ("api/invalid", "selector") => empty_selector(&finding.path, look, found),
        ("api/invalid", "mode" | "defaultMode") => octal(&finding.path, look, found),
        ("api/invalid", _) if flag(&finding.path, look, found) => {}
        ("api/invalid", _) => not_negative(&finding.path, name, look, found),
        ("api/duplicate", _) => another_name(&finding.path, look, found),
        ("api/forbidden", _) if look.node(segments).is_some() && one_of(finding, here, name, look, found) => {
        }
        ("api/forbidden", "mountPropagation") => {
            let edit = Edit::Remove { path: finding.path.clone() };
            let help = "write `securityContext: { privileged: true }` in this container, or delete `mountPropagation`";
            found.push(Candidate::new(Rank::Removal, vec![edit], help));
        }
        ("api/forbidden", _) if look.node(segments).is_some() => {
            let edit = Edit::Remove { path: finding.path.clone() };
            let help = format!("delete `{name}`");
            found.push(Candidate::new(Rank::Removal, vec![edit], help));
        }
        _ => {}
    }
}

/// The pod's labels are what an empty selector should select.
fn empty_selector(place: &FieldPath, look: &Look<'_>, found: &mut Vec<Candidate>) {
    let metadata = look.daemon_set.spec.template.metadata.as_ref();
    let Some(labels) = metadata.and_then(|metadata| metadata.labels.as_ref()) else { return };
    let value = super::samples::labels(labels);
    let help = format!("write `matchLabels: {value}` below it");
    let edit = Edit::Insert { path: place.clone(), key: "matchLabels".to_owned(), value };
    found.push(Candidate::new(Rank::Own, vec![edit], help));
}

/// Handlers of a probe.
const HANDLERS: &[&str] = &["exec", "httpGet", "tcpSocket", "grpc"];

/// Of several kinds of volume or of handler only one may be there.
fn one_of(
    finding: &Finding,
    here: &[PathSegment],
    name: &str,
    look: &Look<'_>,
    found: &mut Vec<Candidate>,
) -> bool {
    let volume = matches!(here, [.., PathSegment::Field(list), PathSegment::Index(_)] if list == "volumes");
    let handler = HANDLERS.contains(&name);
    if !volume && !handler {
        return false;
    }
    let Some(node) = look.node(here) else { return false };
    let counts = |key: &str| if volume { key != "name" } else { HANDLERS.contains(&key) };
    let keys: Vec<&str> =
        look.tree.entries(node).iter().map(|entry| &*entry.key).filter(|key| counts(key)).collect();
    let names: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    if names.len() < 2 {
        return false;
    }
    let help = format!("keep one of {}", names.join(" and "));
    let edit = Edit::Remove { path: finding.path.clone() };
    let what = if volume { "volume" } else { "probe" };
    let headline = format!("{} has {} kinds of {what}, but it can have only one", path(here), names.len());
    found.push(Candidate::new(Rank::Removal, vec![edit], help).headline(headline));
    true
}

fn replace(place: &FieldPath, value: NewValue, rank: Rank, found: &mut Vec<Candidate>) {
    let help = match last_name(place.segments()) {
        Some(name) => format!("write `{name}: {value}`"),
        None => format!("write `{value}`"),
    };
    let edit = Edit::Replace { path: place.clone(), value };
    found.push(Candidate::new(rank, vec![edit], help));
}

fn number(look: &Look<'_>, place: &FieldPath) -> Option<i64> {
    look.scalar(look.node(place.segments())?)?.parse().ok()
}

/// The permissions of a file that were written without the zero that makes a number octal.
pub(super) fn octal(place: &FieldPath, look: &Look<'_>, found: &mut Vec<Candidate>) {
    let text = look.node(place.segments()).and_then(|node| look.scalar(node));
    let Some(digits) = text.as_deref().map(|text| text.trim_start_matches('0')) else { return };
    let Some(mode) = i64::from_str_radix(digits, 8).ok().filter(|mode| (0..=0o777).contains(mode)) else {
        return;
    };
    let name = last_name(place.segments()).unwrap_or_default();
    let help =
        format!("write `{name}: 0{digits}`: only a number that begins with 0 is octal; in JSON write {mode}");
    let edit = Edit::Replace { path: place.clone(), value: NewValue::Number(mode) };
    found.push(Candidate::new(Rank::Near, vec![edit], help));
}

/// A flag that has to be set, or not to be set.
fn flag(place: &FieldPath, look: &Look<'_>, found: &mut Vec<Candidate>) -> bool {
    let Some(Value::Bool(set)) = look.node(place.segments()).map(|node| look.tree.value(node)) else {
        return false;
    };
    replace(place, NewValue::Bool(!set), Rank::Near, found);
    true
}

/// An item that is indented more than the one above it continues its text.
fn folded(place: &FieldPath, look: &Look<'_>, found: &mut Vec<Candidate>) {
    let Some((PathSegment::Index(_), list)) = place.segments().split_last() else { return };
    let Some((first, rest)) = look.text(place.segments()).and_then(|text| text.split_once(" - ")) else {
        return;
    };
    let edits = vec![
        Edit::Replace { path: place.clone(), value: NewValue::from(first) },
        Edit::Append { path: path(list), value: NewValue::from(rest) },
    ];
    let help = format!("indent `- {rest}` as the item above it");
    let headline = format!("{place} continues on the next line, because that is indented more");
    found.push(Candidate::new(Rank::Near, edits, help).headline(headline));
}

/// What is before the container's name in an annotation with its AppArmor profile.
const PROFILE: &str = "container.apparmor.security.beta.kubernetes.io/";

/// A profile for a container that the pod does not have.
fn profile(place: &FieldPath, key: &str, look: &Look<'_>, found: &mut Vec<Candidate>) {
    let Some(name) = key.strip_prefix(PROFILE) else { return };
    let Some(pod) = look.daemon_set.spec.template.spec.as_ref() else { return };
    let all = pod.containers.iter().chain(pod.init_containers.iter().flatten());
    let names: Vec<&str> = all.map(|container| container.name.as_str()).collect();
    let only = if let [only] = names.as_slice() { Some(*only) } else { None };
    if let Some(meant) = crate::did_you_mean::did_you_mean(name, names.iter().copied()).or(only) {
        let key = format!("{PROFILE}{meant}");
        let help = format!("write `{key}`");
        let edit = Edit::Rename { path: place.clone(), key };
        found.push(Candidate::new(Rank::Spelling, vec![edit], help));
    }
}

/// Resources that a container may have without a domain in their name.
const RESOURCES: &[&str] = &["cpu", "memory", "ephemeral-storage"];

/// A resource whose name is spelt nearly like this.
fn resource(place: &FieldPath, key: &str, found: &mut Vec<Candidate>) {
    if let Some(meant) = crate::did_you_mean::did_you_mean(key, RESOURCES.iter().copied()) {
        let edit = Edit::Rename { path: place.clone(), key: meant.to_owned() };
        let candidate = Candidate::new(Rank::Spelling, vec![edit], format!("write `{meant}`"));
        found.push(candidate.label(format!("did you mean `{meant}`?")).at(place.clone(), Anchor::Key));
    }
}

/// The port that the container listens on is the host's.
fn host_port(place: &FieldPath, port: &[PathSegment], look: &Look<'_>, found: &mut Vec<Candidate>) {
    let Some(container) = number(look, &below(port, "containerPort")) else { return };
    let help = format!(
        "write `hostPort: {container}` or delete it: with `hostNetwork` the container listens on the node's own port"
    );
    let edit = Edit::Replace { path: place.clone(), value: NewValue::Number(container) };
    found.push(Candidate::new(Rank::Near, vec![edit], help));
}

fn container_port(place: &FieldPath, port: &[PathSegment], look: &Look<'_>, found: &mut Vec<Candidate>) {
    if let Some(host) = number(look, &below(port, "hostPort")) {
        let help = format!("write a port from 1 to 65535; with this host port: `containerPort: {host}`");
        let edit = Edit::Replace { path: place.clone(), value: NewValue::Number(host) };
        found.push(Candidate::new(Rank::Near, vec![edit], help));
    }
    let help = "write a port from 1 to 65535, for example `containerPort: 8080`";
    let edit = Edit::Replace { path: place.clone(), value: NewValue::Number(8080) };
    found.push(Candidate::new(Rank::Sample, vec![edit], help));
}

fn field_path(place: &FieldPath, look: &Look<'_>, found: &mut Vec<Candidate>) {
    let Some(written) = look.text(place.segments()) else { return };
    if let Some(meant) =
        crate::did_you_mean::did_you_mean(written, FIELD_PATHS.iter().chain(FILE_PATHS).copied())
    {
        replace(place, NewValue::from(meant), Rank::Spelling, found);
    }
    let last = written.rsplit('.').next().unwrap_or(written);
    let tail = |known: &&&str| known.rsplit('.').next().is_some_and(|known| known.eq_ignore_ascii_case(last));
    if let Some(meant) = FIELD_PATHS.iter().chain(FILE_PATHS).find(tail) {
        replace(place, NewValue::from(*meant), Rank::Near, found);
    }
}

/// `Exists` has no value.
fn toleration(toleration: &[PathSegment], look: &Look<'_>, found: &mut Vec<Candidate>) {
    let value = below(toleration, "value");
    if look.node(value.segments()).is_some() {
        let help = "delete `value`, or write `operator: Equal` to compare with it";
        let headline = format!("{value} must be empty, because `operator` is `Exists`");
        let candidate = Candidate::new(Rank::Near, vec![Edit::Remove { path: value }], help);
        found.push(candidate.headline(headline));
    }
    let key = look.node(below(toleration, "key").segments());
    if key.is_none() {
        let operator = below(toleration, "operator");
        let edit = if look.node(operator.segments()).is_some() {
            Edit::Replace { path: operator, value: NewValue::from("Exists") }
        } else {
            Edit::Insert {
                path: path(toleration),
                key: "operator".to_owned(),
                value: NewValue::from("Exists"),
            }
        };
        let help = "add a `key`, or tolerate every taint with `operator: Exists`";
        found.push(Candidate::new(Rank::Sample, vec![edit], help));
    }
}

/// A number of nodes, or a percentage of them.
fn amount(place: &FieldPath, look: &Look<'_>, found: &mut Vec<Candidate>) {
    let Some(written) = look.text(place.segments()) else { return };
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    if let Ok(number) = digits.parse::<i64>() {
        let name = last_name(place.segments()).unwrap_or_default();
        let help = format!(
            "write a number without quotes or a percentage: `{name}: {number}` or `{name}: {number}%`"
        );
        let edit = Edit::Replace { path: place.clone(), value: NewValue::Number(number) };
        found.push(Candidate::new(Rank::Near, vec![edit], help));
    }
}

/// A request that is higher than its limit.
fn requests(place: &FieldPath, resources: &[PathSegment], look: &Look<'_>, found: &mut Vec<Candidate>) {
    let Some(node) = look.node(place.segments()) else { return };
    for entry in look.tree.entries(node) {
        let key = PathSegment::Key(entry.key.to_string().into());
        let limit_path = below(resources, "limits").join(key.clone());
        let Some(limit) = look.node(limit_path.segments()).and_then(|node| look.scalar(node)) else {
            continue;
        };
        let Some(request) = look.scalar(entry.value) else { continue };
        let name = &entry.key;
        if let Some(bytes) = limit.strip_suffix('m')
            && name.ends_with("memory")
        {
            let meant = format!("{bytes}Mi");
            let help = format!("write `{name}: {meant}`: `m` is a thousandth of a byte");
            let headline = format!(
                "{limit_path} is {limit}, which is less than a byte and less than the request of {request}"
            );
            let edit = Edit::Replace { path: limit_path.clone(), value: NewValue::from(meant.as_str()) };
            let candidate = Candidate::new(Rank::Spelling, vec![edit], help).headline(headline);
            let label = format!("did you mean `{meant}`?");
            found.push(candidate.label(label).at(limit_path.clone(), Anchor::Value));
        }
        let headline = format!("{} is {request}, more than the limit of {limit}", place.join(key.clone()));
        let help =
            format!("request at most the limit (`{name}: {limit}`), or raise the limit to `{request}`");
        let path = place.join(key);
        let edit = Edit::Replace { path: path.clone(), value: NewValue::from(limit) };
        let candidate = Candidate::new(Rank::Near, vec![edit], help).headline(headline);
        found.push(candidate.at(path, Anchor::Value));
    }
}

/// A name that is too long, in its references as well.
fn short_name(place: &FieldPath, look: &Look<'_>, found: &mut Vec<Candidate>) {
    let Some(written) = look.text(place.segments()) else { return };
    let [.., PathSegment::Field(list), PathSegment::Index(_), _] = place.segments() else { return };
    if list != "ports" || written.len() <= 15 {
        return;
    }
    let short: String = written.chars().take(15).collect();
    let short = short.trim_end_matches('-').to_owned();
    let mut edits = vec![Edit::Replace { path: place.clone(), value: NewValue::from(short.as_str()) }];
    let container = place.segments().get(..place.segments().len().saturating_sub(3)).unwrap_or_default();
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        for handler in ["httpGet", "tcpSocket"] {
            let reference = path(container).field(probe).field(handler).field("port");
            if look.text(reference.segments()) == Some(written) {
                edits.push(Edit::Replace { path: reference, value: NewValue::from(short.as_str()) });
            }
        }
    }
    let everywhere = if edits.len() > 1 { " here and in the probes" } else { "" };
    let help = format!("write a name of at most 15 characters{everywhere}, for example `{short}`");
    found.push(Candidate::new(Rank::Near, edits, help));
}

/// A number that must not be negative.
fn not_negative(place: &FieldPath, name: &str, look: &Look<'_>, found: &mut Vec<Candidate>) {
    let Some(written) = number(look, place).filter(|written| *written <= 0) else { return };
    let help = format!("write a positive number, or delete `{name}` for the default");
    let positive = written.saturating_abs().max(1);
    let edit = Edit::Replace { path: place.clone(), value: NewValue::Number(positive) };
    found.push(Candidate::new(Rank::Near, vec![edit], help.clone()));
    found.push(Candidate::new(Rank::Removal, vec![Edit::Remove { path: place.clone() }], help));
}

/// Another name for an item that has the name of an earlier one.
fn another_name(place: &FieldPath, look: &Look<'_>, found: &mut Vec<Candidate>) {
    let Some(node) = look.node(place.segments()) else { return };
    let pod = look.daemon_set.spec.template.spec.as_ref();
    let volumes = super::volumes::volumes_path();
    if volumes.contains(place)
        && let Some(name) = mount_without_volume(pod)
    {
        let help = format!("write `name: {name}`, which is mounted and has no volume");
        let edit = Edit::Replace { path: place.clone(), value: NewValue::from(name) };
        found.push(Candidate::new(Rank::Spelling, vec![edit], help));
    }
    if let Value::String(text) = look.tree.value(node) {
        let value = NewValue::from(format!("{text}-2"));
        let help = format!("give it another name, for example `{value}`, or delete it");
        let edit = Edit::Replace { path: place.clone(), value };
        found.push(Candidate::new(Rank::Sample, vec![edit], help));
    }
    // The whole item, if its name is only one of its parts.
    let (item, _) = match place.segments().split_last() {
        Some((PathSegment::Field(_), item)) => (item, ()),
        _ => (place.segments(), ()),
    };
    let help = "delete the second one, or give it another name";
    found.push(Candidate::new(Rank::Removal, vec![Edit::Remove { path: path(item) }], help));
}

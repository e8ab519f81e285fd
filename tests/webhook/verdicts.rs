//! The webhook and the command have the same findings for random DaemonSets.
//!
//! `SEED` and `CASES` choose other cases, and more.

use std::collections::BTreeMap;

use daemonset_tests::cases::{Case, Generator};
use daemonset_tests::command::lint;
use daemonset_tests::json::Json;
use daemonset_tests::setting;
use daemonset_validation::Server;
use daemonset_validation::placement::Budget;
use daemonset_webhook::config::{Config, Level};
use daemonset_webhook::policy::Levels;
use daemonset_webhook::review::{self, Context, FaultlessSpecs};
use serde_json::Value;

/// The webhook sends as many reasons at most.
const MOST: usize = 20;

/// Why something is refused, and where.
type Cause = (String, String);

/// What the command says of a document: whether the server would refuse it, and why.
fn command(document: &str, against: Option<&str>, minor: &str) -> (bool, Vec<Refusal>) {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments: Vec<String> =
        ["--format", "json", "--kubernetes-version", minor].map(str::to_owned).into();
    if let Some(old) = against {
        let path = folder.path().join("old.json");
        std::fs::write(&path, as_read_from_a_server(old)).unwrap();
        arguments.extend(["--against".to_owned(), path.to_str().unwrap().to_owned()]);
    }
    arguments.push("-".to_owned());
    let report = lint(arguments, document.as_bytes()).json().unwrap();
    let documents = report["files"][0]["documents"].as_array().unwrap();
    let [one] = documents.as_slice() else { panic!("{documents:?}") };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    // A rule of our own may be an error in the command, and refuses nothing in the webhook.
    let is_of_server =
        |finding: &&Value| finding["rule"].as_str().is_some_and(|rule| rule.starts_with("api/"));
    let findings = one["findings"].as_array().unwrap().iter().filter(is_of_server);
    let findings = findings.filter(|finding| finding["severity"] == "error");
    let findings = findings.map(|finding| Refusal {
        rule: text(&finding["rule"]),
        cause: (text(&finding["cause"]), text(&finding["field"])),
        message: text(&finding["message"]),
    });
    (one["verdict"] == "rejected", findings.collect())
}

/// The stored object with what only a server writes: the webhook gets it as it is stored, whatever a create would say of it.
fn as_read_from_a_server(old: &str) -> String {
    let mut old: Value = serde_json::from_str(old).unwrap();
    if let Some(metadata) = old["metadata"].as_object_mut() {
        metadata.insert("resourceVersion".to_owned(), Value::from("1"));
    }
    old.to_string()
}

/// A finding that refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refusal {
    rule: String,
    cause: Cause,
    message: String,
}

/// Of the findings on a new object those that the old one did not have.
fn introduced(new: Vec<Refusal>, mut old: Vec<Refusal>) -> Vec<Refusal> {
    let is_new = |finding: &Refusal| match old.iter().position(|had| had == finding) {
        Some(place) => {
            old.swap_remove(place);
            false
        }
        None => true,
    };
    new.into_iter().filter(is_new).collect()
}

/// What the webhook says of it: the causes of its denial, if it denies.
fn webhook(
    document: &str,
    old: Option<&str>,
    levels: &Levels,
    server: Server,
    known: &FaultlessSpecs,
) -> Result<Vec<Cause>, String> {
    let operation = if old.is_some() { "UPDATE" } else { "CREATE" };
    let body = format!(
        r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{"uid":"u","operation":"{operation}",
        "kind":{{"group":"apps","version":"v1","kind":"DaemonSet"}},"object":{document},"oldObject":{}}}}}"#,
        old.unwrap_or("null")
    );
    let budget = Budget::unbounded();
    let context = Context {
        levels,
        server: Some(server),
        faultless: known,
        placement: None,
        named_nodes: 3,
        budget: &budget,
    };
    let decision = review::judge(body.as_bytes(), &context).map_err(|error| error.to_string())?.decision;
    let causes = decision.answer.denial.map(|denial| denial.causes).unwrap_or_default();
    Ok(causes.into_iter().map(|cause| (cause.reason, cause.field)).collect())
}

fn levels(of: &[(&str, Level)]) -> Levels {
    let levels = of.iter().map(|(rule, level)| ((*rule).to_owned(), *level)).collect::<BTreeMap<_, _>>();
    Levels::new(&Config { levels, ..Config::default() })
}

fn text(json: &Json) -> String {
    let mut text = String::new();
    json.write(&mut text);
    text
}

/// What the fast path need not see: what the API server would not have decoded, what it has dropped, what it has written itself.
fn is_the_servers_own(finding: &Refusal) -> bool {
    let field = &finding.cause.1;
    matches!(&*finding.rule, "api/unknown-field" | "api/duplicate-key" | "api/decode")
        || field.starts_with("metadata.managedFields")
        || field.starts_with("status")
        || field.contains("managedFields")
}

/// A cause as the webhook sends it: on one line.
fn clean((reason, field): &Cause) -> Cause {
    (reason.clone(), field.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn the_webhook_says_what_the_command_says() {
    let (seed, count) = (setting("SEED", 20_261_126), setting("CASES", 3_000));
    let all = levels(&[("api/*", Level::Deny), ("api/unknown-field", Level::Deny)]);
    let short = levels(&[("api/*", Level::Deny)]);
    let newest = Server::supported().len() - 1;
    let generator = Generator::new(newest, Vec::new());
    let mut known: BTreeMap<&str, FaultlessSpecs> = BTreeMap::new();
    let (mut compared, mut refused, mut updates) = (0_u64, 0_u64, 0_u64);
    for number in 0..count {
        let Case { document, old } = generator.case(seed, number);
        let minor = Server::supported()[usize::try_from(number).unwrap() % Server::supported().len()];
        let server = Server::of_version(minor).unwrap();
        let known = known.entry(minor).or_default();
        let (document, old) = (text(&document), old.as_ref().map(text));
        let value: Value = serde_json::from_str(&document).unwrap_or_default();
        // Documents of other kinds never come to a webhook that asks for DaemonSets; nor does an object that is being deleted count.
        let ours = |value: &Value| value["apiVersion"] == "apps/v1" && value["kind"] == "DaemonSet";
        let dying = !value["metadata"]["deletionTimestamp"].is_null();
        if !ours(&value) || dying {
            continue;
        }
        if let Some(old) = &old {
            let old: Value = serde_json::from_str(old).unwrap_or_default();
            // The command finds what is stored by its name.
            let same = |key: &str| old["metadata"][key] == value["metadata"][key];
            if !ours(&old) || !same("name") || !same("namespace") || !value["metadata"]["name"].is_string() {
                continue;
            }
        }
        compared += 1;
        updates += u64::from(old.is_some());
        let (rejected, findings) = command(&document, old.as_deref(), minor);
        assert_eq!(rejected, !findings.is_empty(), "{document}");
        refused += u64::from(rejected);
        let expected = match &old {
            Some(old) if rejected => introduced(findings, command(old, None, minor).1),
            _ => findings,
        };
        let place = format!("seed {seed} case {number} minor {minor}\n{document}\n{old:?}");
        // The command goes by the lines of the text, the webhook by the server's order.
        let mut causes: Vec<Cause> = expected.iter().map(|finding| clean(&finding.cause)).collect();
        causes.sort_unstable();
        let mut said = webhook(&document, old.as_deref(), &all, server, known)
            .unwrap_or_else(|error| panic!("{error}\n{place}"));
        said.sort_unstable();
        if causes.len() <= MOST {
            assert_eq!(said, causes, "{place}");
        } else {
            assert!(said.len() == MOST && said.iter().all(|cause| causes.contains(cause)), "{place}");
        }
        // The fast path: it need not find what the server itself wrote, and must find everything else.
        let ask = || {
            webhook(&document, old.as_deref(), &short, server, known)
                .unwrap_or_else(|error| panic!("{error}\n{place}"))
        };
        let said = ask();
        assert_eq!(ask(), said, "asked again, it says something else: {place}");
        let matter = expected.iter().any(|finding| !is_the_servers_own(finding));
        if matter {
            assert!(!said.is_empty(), "the fast path found nothing: {place}");
        }
        if !rejected {
            assert!(said.is_empty(), "the fast path found {said:?}: {place}");
        }
    }
    assert!(
        compared > count / 2 && refused > compared / 4 && updates > compared / 20,
        "{compared} {refused} {updates}"
    );
    println!("{compared} DaemonSets ({updates} of them updates, {refused} refused) are judged alike");
}

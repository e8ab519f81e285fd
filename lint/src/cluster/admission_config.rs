//! What the API server's own configuration says of pod security: the file of its `--admission-control-config-file`, which no API shows.

use std::path::Path;

use daemonset_validation::admission::{PodSecurityDefaults, PodSecurityLevel, PodSecurityVersion};
use daemonset_validation::did_you_mean;
use daemonset_validation::{NodeId, Tree, Value};

use crate::limited_read::{self, MaxFileSize};
use crate::shown::{shown, shown_path};
use crate::source::{self, Content, LineIndex};

/// The account by which the controller makes pods, where controllers have accounts of their own.
const CONTROLLER: &str = "system:serviceaccount:kube-system:daemon-set-controller";

/// The file that holds configurations of plugins, and that of the plugin itself.
const KINDS: [&str; 2] = ["AdmissionConfiguration", "PodSecurityConfiguration"];

/// The levels of `defaults`, and the versions.
const DEFAULTS: [&str; 6] = ["enforce", "enforce-version", "audit", "audit-version", "warn", "warn-version"];

const EXEMPTIONS: [&str; 3] = ["usernames", "runtimeClasses", "namespaces"];

/// Reads the file: an `AdmissionConfiguration`, or the `PodSecurityConfiguration` that one names.
///
/// Upstream: `apiserver/admission.ReadAdmissionConfiguration`, `pod-security-admission/admission/api/load` and `…/api/validation`.
///
/// # Errors
///
/// A message that names the file and the place, if it cannot be read or is not what the server takes.
pub(crate) fn read(path: &Path, max: MaxFileSize) -> Result<PodSecurityDefaults, String> {
    read_file(path, max, true)
}

fn read_file(path: &Path, max: MaxFileSize, may_name_another: bool) -> Result<PodSecurityDefaults, String> {
    let shown = shown_path(path);
    let cannot = |reason: String| format!("--admission-config {shown}: {reason}");
    let bytes = limited_read::file(path, max).map_err(cannot)?;
    let text = source::decode(bytes).map_err(|error| cannot(error.message.to_string()))?;
    let lines = LineIndex::new(&text);
    for document in source::documents(&text) {
        let tree = match document.content {
            Content::Empty => continue,
            Content::Tree(tree) => tree,
            Content::Broken(error) => {
                let (line, column) = lines.position(&text, error.span.start as usize);
                return Err(format!("--admission-config {shown}:{line}:{column}: {}", error.message));
            }
        };
        let reader = Reader { tree: &tree, path, max };
        let found = reader.file(may_name_another);
        return found.map_err(|fault| match fault {
            Fault::Of(node, message) => {
                let (line, column) = lines.position(&text, tree.node(node).span.start as usize);
                format!("--admission-config {shown}:{line}:{column}: {message}")
            }
            Fault::OfAnotherFile(message) => message,
        });
    }
    Err(cannot("the file is empty".to_owned()))
}

enum Fault {
    Of(NodeId, String),
    OfAnotherFile(String),
}

struct Reader<'r> {
    tree: &'r Tree<'r>,
    path: &'r Path,
    max: MaxFileSize,
}

impl Reader<'_> {
    fn file(&self, may_name_another: bool) -> Result<PodSecurityDefaults, Fault> {
        let root = self.tree.root();
        match self.tree.get_str(root, "kind") {
            Some("AdmissionConfiguration") if may_name_another => self.plugins(root),
            Some("PodSecurityConfiguration") => self.pod_security(root),
            other => {
                let has = other.map_or_else(|| "no kind".to_owned(), |kind| format!("kind {}", shown(kind)));
                Err(Fault::Of(root, format!("{has}, where {} is expected", KINDS.join(" or "))))
            }
        }
    }

    fn plugins(&self, root: NodeId) -> Result<PodSecurityDefaults, Fault> {
        self.known_keys(root, &["apiVersion", "kind", "plugins"])?;
        let Some(plugins) = self.tree.get(root, "plugins") else { return Ok(PodSecurityDefaults::default()) };
        let is_ours = |plugin: &NodeId| self.tree.get_str(*plugin, "name") == Some("PodSecurity");
        let Some(plugin) = self.items(plugins)?.iter().copied().find(is_ours) else {
            return Ok(PodSecurityDefaults::default());
        };
        match (self.tree.get(plugin, "configuration"), self.tree.get(plugin, "path")) {
            (Some(configuration), _) => self.pod_security(configuration),
            (None, Some(path)) => {
                let named = Path::new(self.text(path)?);
                let beside = self.path.parent().unwrap_or(Path::new("")).join(named);
                read_file(&beside, self.max, false).map_err(Fault::OfAnotherFile)
            }
            (None, None) => Ok(PodSecurityDefaults::default()),
        }
    }

    fn pod_security(&self, root: NodeId) -> Result<PodSecurityDefaults, Fault> {
        self.known_keys(root, &["apiVersion", "kind", "defaults", "exemptions"])?;
        let mut found = PodSecurityDefaults::default();
        if let Some(defaults) = self.tree.get(root, "defaults") {
            self.known_keys(defaults, &DEFAULTS)?;
            for entry in self.tree.entries(defaults) {
                let word = self.text(entry.value)?;
                let is_version = entry.key.ends_with("-version");
                let (is_one, what) = if is_version {
                    (PodSecurityVersion::parse(word).is_some(), "latest, or a minor version such as v1.30")
                } else {
                    (PodSecurityLevel::parse(word).is_some(), "privileged, baseline or restricted")
                };
                if !is_one {
                    return Err(Fault::Of(entry.value, format!("{}: write {what}", shown(word))));
                }
                found.labels.insert(entry.key.to_string(), word.to_owned());
            }
        }
        if let Some(exemptions) = self.tree.get(root, "exemptions") {
            self.known_keys(exemptions, &EXEMPTIONS)?;
            found.exempt_namespaces = self.texts(exemptions, "namespaces")?;
            found.exempt_runtime_classes = self.texts(exemptions, "runtimeClasses")?;
            found.exempts_controller =
                self.texts(exemptions, "usernames")?.iter().any(|user| user == CONTROLLER);
        }
        Ok(found)
    }

    /// The server takes no other keys.
    fn known_keys(&self, mapping: NodeId, known: &[&str]) -> Result<(), Fault> {
        if !matches!(self.tree.value(mapping), Value::Mapping(_) | Value::Null) {
            return Err(Fault::Of(mapping, "a mapping is expected".to_owned()));
        }
        for entry in self.tree.entries(mapping) {
            if !known.contains(&&*entry.key) {
                let hint = match did_you_mean(&entry.key, known.iter().copied()) {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("known keys are {}", known.join(", ")),
                };
                return Err(Fault::Of(entry.value, format!("unknown key {}; {hint}", shown(&entry.key))));
            }
        }
        Ok(())
    }

    fn items(&self, list: NodeId) -> Result<&[NodeId], Fault> {
        match self.tree.value(list) {
            Value::Sequence(_) | Value::Null => Ok(self.tree.items(list)),
            _ => Err(Fault::Of(list, "a list is expected".to_owned())),
        }
    }

    fn texts(&self, mapping: NodeId, key: &str) -> Result<Vec<String>, Fault> {
        let Some(list) = self.tree.get(mapping, key) else { return Ok(Vec::new()) };
        self.items(list)?.iter().map(|item| self.text(*item).map(str::to_owned)).collect()
    }

    fn text(&self, node: NodeId) -> Result<&str, Fault> {
        match self.tree.value(node) {
            Value::String(text) => Ok(text),
            _ => Err(Fault::Of(node, "a text is expected".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<PodSecurityDefaults, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.yaml");
        std::fs::write(&path, text).unwrap();
        let other = "kind: PodSecurityConfiguration\ndefaults: { warn: baseline }\n";
        std::fs::write(folder.path().join("pods.yaml"), other).unwrap();
        let prefix = format!("--admission-config {}", path.display());
        read(&path, MaxFileSize(1 << 20)).map_err(|message| message.replace(&prefix, "FILE"))
    }

    #[test]
    fn reads_the_servers_own_file() {
        let found = read_text(
            "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n- name: EventRateLimit\n  path: x.yaml\n- name: PodSecurity\n  \
             configuration:\n    apiVersion: pod-security.admission.config.k8s.io/v1\n    kind: PodSecurityConfiguration\n    \
             defaults: { enforce: baseline, enforce-version: v1.30 }\n    exemptions:\n      namespaces: [kube-system]\n      \
             runtimeClasses: [kata]\n      usernames: ['system:serviceaccount:kube-system:daemon-set-controller']\n",
        )
        .unwrap();
        assert_eq!(found.labels.get("enforce").map(String::as_str), Some("baseline"));
        assert_eq!(found.labels.get("enforce-version").map(String::as_str), Some("v1.30"));
        assert_eq!(
            (found.exempt_namespaces, found.exempt_runtime_classes),
            (vec!["kube-system".into()], vec!["kata".into()])
        );
        assert!(found.exempts_controller);
        let named =
            read_text("kind: AdmissionConfiguration\nplugins: [{ name: PodSecurity, path: pods.yaml }]\n")
                .unwrap();
        assert_eq!(named.labels.get("warn").map(String::as_str), Some("baseline"));
        let none = read_text("kind: AdmissionConfiguration\nplugins: []\n").unwrap();
        assert_eq!(none, PodSecurityDefaults::default());
    }

    #[test]
    fn says_what_the_server_would_not_take_and_where() {
        for (text, expected) in [
            ("", "FILE: the file is empty"),
            (
                "kind: Pod\n",
                "FILE:1:1: kind Pod, where AdmissionConfiguration or PodSecurityConfiguration is expected",
            ),
            (
                "a: 1\n",
                "FILE:1:1: no kind, where AdmissionConfiguration or PodSecurityConfiguration is expected",
            ),
            (
                "kind: PodSecurityConfiguration\ndefaults: { enforced: baseline }\n",
                "FILE:2:23: unknown key enforced; did you mean enforce?",
            ),
            (
                "kind: PodSecurityConfiguration\ndefaults:\n  warn: basline\n",
                "FILE:3:9: basline: write privileged, baseline or restricted",
            ),
            (
                "kind: PodSecurityConfiguration\ndefaults:\n  warn-version: '1.30'\n",
                "FILE:3:17: 1.30: write latest, or a minor version such as v1.30",
            ),
            (
                "kind: PodSecurityConfiguration\nexemptions: { namespaces: kube-system }\n",
                "FILE:2:27: a list is expected",
            ),
            (
                "kind: PodSecurityConfiguration\nexemptions: { namespaces: [1] }\n",
                "FILE:2:28: a text is expected",
            ),
            ("kind: AdmissionConfiguration\nplugins: { name: x }\n", "FILE:2:10: a list is expected"),
        ] {
            assert_eq!(read_text(text).unwrap_err(), expected, "{text}");
        }
    }
}

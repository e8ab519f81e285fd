//! The command `check-config FILE`: prints the errors of a config file, or its effective settings.

use std::fmt::Write;
use std::path::Path;

use super::file::{Config, KubernetesVersion, read};
use super::pod_security::{PodSecurityConfig, PodSecurityExemptions};
use super::rules;

/// The output and exit code of the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checked {
    /// The text for standard output if the file is valid, for standard error if it is not. Ends with a newline.
    pub(crate) text: String,
    /// 0 if the file is valid, 1 if it is not, 2 if it cannot be read.
    pub(crate) exit_code: u8,
}

/// Reads the file as the webhook does.
pub(crate) fn check_config(path: &Path) -> Checked {
    let name = path.display().to_string();
    let bytes = match read(path) {
        Ok(bytes) => bytes,
        Err(sentence) => return Checked { text: format!("{name}: {sentence}\n"), exit_code: 2 },
    };
    match Config::parse(&bytes, &name) {
        Ok(config) => Checked { text: settings(path, &config), exit_code: 0 },
        Err(errors) => Checked { text: format!("{errors}\n"), exit_code: 1 },
    }
}

/// The effective settings, as text.
fn settings(path: &Path, config: &Config) -> String {
    let mut text = format!("{}: valid\n\n", path.display());
    let version = match config.kubernetes_version {
        KubernetesVersion::Auto => "auto: the version of the API server".to_owned(),
        KubernetesVersion::Minor(server) => server.minor().to_owned(),
    };
    let probe = match config.self_probe_seconds {
        0 => "off".to_owned(),
        seconds => format!("every {seconds} s"),
    };
    let pod_security = pod_security(&config.pod_security);
    // Writing to a string does not fail.
    let _ = write!(
        text,
        "kubernetes version  {version}\nnodes by name       up to {} for each reason\npod security        {pod_security}\nself-probe          {probe}\n\n",
        config.placement.named_nodes
    );
    for (rule, default) in rules::all() {
        let level = config.level(rule.id);
        let mark = if level == default { "" } else { "  (default " };
        let _ = match mark {
            "" => writeln!(text, "{:<23}{level}", rule.id),
            mark => writeln!(text, "{:<23}{:<4}{mark}{})", rule.id, level.as_str(), default),
        };
    }
    text
}

/// What is said of the API server's own configuration, in a line.
fn pod_security(config: &PodSecurityConfig) -> String {
    if *config == PodSecurityConfig::default() {
        return "the labels of the namespaces".to_owned();
    }
    let defaults = config.defaults.iter().map(|(key, value)| format!("{key}: {value}"));
    let exempt = |what: &str, names: &[String]| {
        (!names.is_empty()).then(|| format!("exempt {what}: {}", names.join(", ")))
    };
    let PodSecurityExemptions { namespaces, runtime_classes } = &config.exemptions;
    let exempt = [exempt("namespaces", namespaces), exempt("runtime classes", runtime_classes)];
    defaults.chain(exempt.into_iter().flatten()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valid_file_has_settings_and_an_invalid_one_has_errors() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        std::fs::write(&path, r#"{"schemaVersion": 1, "levels": {"api/*": "off", "lands-nowhere": "deny"}}"#)
            .unwrap();
        let checked = check_config(&path);
        assert_eq!(checked.exit_code, 0);
        assert!(checked.text.contains("config.json: valid\n"), "{}", checked.text);
        assert!(checked.text.contains("\nlands-nowhere          deny  (default warn)\n"), "{}", checked.text);
        assert!(checked.text.contains("\nskips-nodes            warn\n"), "{}", checked.text);
        assert!(checked.text.contains("\napi/required           off   (default warn)\n"), "{}", checked.text);

        std::fs::write(&path, r#"{"schemaVersion": 2}"#).unwrap();
        let checked = check_config(&path);
        assert_eq!(checked.exit_code, 1);
        assert!(
            checked.text.ends_with("config.json: /schemaVersion: 2 is not known; allowed: 1\n"),
            "{}",
            checked.text
        );

        let missing = check_config(&folder.path().join("none.json"));
        assert_eq!(missing.exit_code, 2);
        assert!(missing.text.contains("none.json: cannot be read: No such file"), "{}", missing.text);
        assert_eq!(check_config(folder.path()).exit_code, 2, "a folder is no file");
    }
}

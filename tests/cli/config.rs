//! The config file: its schema has every rule, its documentation is what the command does, and no config makes the command hang, crash or
//! go on without it. `UPDATE=1` writes the schema's rules and the page's output again.

use std::fmt::Write as _;
use std::path::Path;

use daemonset_tests::command::{Output, lint};
use daemonset_tests::session::Session;
use daemonset_tests::{compare_with_file, root};
use daemonset_validation::rules::{Family, RULES};

/// The entries of `$defs/levels/properties`.
fn entries() -> String {
    let mut entries = Vec::new();
    let mut add = |key: &str, description: String, default: Option<&str>| {
        let default = default.map(|level| format!(", \"default\": \"{level}\"")).unwrap_or_default();
        let description = serde_json::Value::from(description);
        entries.push(format!(
            "        \"{key}\": {{ \"$ref\": \"#/$defs/level\", \"description\": {description}{default} }}"
        ));
    };
    let is_free = |family: &Family| RULES.iter().all(|rule| rule.family != *family || rule.fixed().is_none());
    for family in Family::ALL.into_iter().filter(is_free) {
        add(&family.pattern(), format!("All rules of this family: {}.", family.summary()), None);
    }
    for rule in RULES.iter().filter(|rule| rule.fixed().is_none()) {
        let (first, rest) = rule.summary.split_at(1);
        let description = format!("{}{rest}.", first.to_uppercase());
        add(rule.id, description, Some(rule.level.as_str()));
    }
    entries.join(",\n")
}

#[test]
fn the_schema_has_every_rule() {
    let path = root().join("lint/schema/config.schema.json");
    let schema = std::fs::read_to_string(&path).unwrap();
    let (before, levels) =
        schema.split_once("    \"levels\": {\n      \"description\": \"Levels by").unwrap();
    let (head, rest) = levels.split_once("      \"properties\": {\n").unwrap();
    let (_, after) = rest.split_once("\n      }\n").unwrap_or_else(|| rest.split_once("      }\n").unwrap());
    let made = format!(
        "{before}    \"levels\": {{\n      \"description\": \"Levels by{head}      \"properties\": {{\n{}\n      }}\n{after}",
        entries()
    );
    compare_with_file(&path, &made);
}

/// The blocks of a page that begin with a word: what stands behind the word, and the text.
fn blocks<'p>(page: &'p str, word: &str) -> Vec<(&'p str, &'p str)> {
    let mut found = Vec::new();
    let mut rest = page;
    let opening = format!("```{word}");
    while let Some((_, behind)) = rest.split_once(&opening) {
        let (info, behind) = behind.split_once('\n').unwrap();
        let (text, after) = behind.split_once("```").unwrap();
        found.push((info.trim(), text));
        rest = after;
    }
    found
}

/// The page's files are those of its YAML blocks with a name; its console blocks are what the command prints about them.
#[test]
fn the_page_shows_what_the_command_prints() {
    let path = root().join("docs/configuration.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    for (name, text) in blocks(&page, "yaml") {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let mut shown = page.clone();
    let consoles = blocks(&page, "console");
    assert!(consoles.len() >= 3, "the page shows nothing");
    for (_, text) in consoles {
        let printed = Session::parse(text).with_columns(80).run(folder.path()).unwrap();
        let printed: String = printed
            .trim_start()
            .lines()
            .filter(|line| !line.starts_with("[exit "))
            .map(|line| format!("{}\n", line.strip_prefix("stderr: ").unwrap_or(line)))
            .collect();
        shown = shown.replace(&format!("```console\n{text}```"), &format!("```console\n{printed}```"));
    }
    std::env::set_current_dir(root()).unwrap();
    compare_with_file(&path, &shown);
}

#[test]
fn the_page_explains_every_key() {
    let page = std::fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    let schema = std::fs::read_to_string(root().join("lint/schema/config.schema.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    for key in schema["properties"].as_object().unwrap().keys() {
        assert!(page.contains(&format!("| `{key}` |")), "{key}");
    }
}

const MANIFEST: &str = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: { name: agent }\nspec:\n  selector: { matchLabels: { app: agent } }\n  template:\n    metadata: { labels: { app: agent } }\n    spec: { containers: [{ name: agent, image: 'agent:1' }] }\n";

/// Lints a manifest beside a config.
fn with_config(write: impl Fn(&Path)) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    let manifest = folder.path().join("agent.yaml");
    std::fs::write(&manifest, MANIFEST).unwrap();
    write(&folder.path().join(".daemonset-lint.yaml"));
    lint([manifest.as_os_str()], b"")
}

#[test]
fn no_config_is_silently_left_out() {
    let billion = (1..30).fold("a0: &a0 [x, x]\n".to_owned(), |mut text, number| {
        let before = number - 1;
        let _ = writeln!(text, "a{number}: &a{number} [*a{before}, *a{before}]");
        text
    });
    let keys: String = (0..40_000).fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "key{number}: x");
        text
    });
    for (what, text) in [
        ("aliases", billion.as_str()),
        ("keys", keys.as_str()),
        ("deep", "[".repeat(5_000).as_str()),
        ("deep and closed", format!("{}{}", "[".repeat(5_000), "]".repeat(5_000)).as_str()),
        ("deep below a key", format!("exclude: {}{}", "[".repeat(500), "]".repeat(500)).as_str()),
        ("large", "# comment\n".repeat(200_000).as_str()),
        ("list", "- levels\n"),
        ("word", "levels\n"),
        ("broken", "levels: {\n"),
        ("merge", "levels: { <<: 1 }\n"),
        ("null", "levels: ~\n"),
        ("json", "{\"levels\": {\"api/required\": \"off\"}}"),
        ("a second document", "levels: {}\n---\nlevels: {}\n"),
        ("control characters", "failOn: \"\\e[2J\"\n"),
        ("template", "levels: {{ .Values.levels }}\n"),
    ] {
        let Output { code, stdout, stderr } = with_config(|path| std::fs::write(path, text).unwrap());
        assert_eq!((code, stdout.as_str()), (2, ""), "{what}: {stderr}");
        assert!(
            stderr.contains("error[config] ") && stderr.contains("/.daemonset-lint.yaml:"),
            "{what}: {stderr}"
        );
        assert!(stderr.len() < 100_000 && !stderr.contains('\x1b'), "{what}: {} bytes", stderr.len());
    }
    let bytes = with_config(|path| std::fs::write(path, b"levels: \xff\n").unwrap());
    assert!(bytes.code == 2 && bytes.stderr.contains("error[config]"), "{}", bytes.stderr);
    let folder = with_config(|path| std::fs::create_dir(path).unwrap());
    assert!(folder.code == 2 && folder.stderr.contains("it is a folder"), "{}", folder.stderr);
}

#[cfg(unix)]
#[test]
fn a_config_that_is_no_file_does_not_keep_the_command_waiting() {
    let pipe = with_config(|path| {
        let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
        assert!(made.success());
    });
    assert!(pipe.code == 2 && pipe.stderr.contains("it is not a regular file"), "{}", pipe.stderr);
    let broken = with_config(|path| std::os::unix::fs::symlink("nowhere", path).unwrap());
    assert!(broken.code == 2 && broken.stderr.contains("no such file"), "{}", broken.stderr);
    let device = with_config(|path| std::os::unix::fs::symlink("/dev/zero", path).unwrap());
    assert!(device.code == 2 && device.stderr.contains("it is not a regular file"), "{}", device.stderr);
    let own = with_config(|path| std::os::unix::fs::symlink(path.file_name().unwrap(), path).unwrap());
    assert!(own.code == 2 && own.stderr.contains("error[config]"), "{}", own.stderr);
}

#[test]
fn a_config_that_says_nothing_is_one() {
    for text in [
        "",
        "# nothing\n",
        "---\n",
        "{}",
        "exclude: []\noverrides: []\nlevels: {}\n",
        "levels: { skips-nodes: off }\n",
    ] {
        let Output { code, stdout, stderr } = with_config(|path| std::fs::write(path, text).unwrap());
        assert_eq!((code, stderr.as_str()), (0, ""), "{text:?}: {stdout}");
    }
}

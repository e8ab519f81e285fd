//! README.md shows what the command prints on a terminal of 80 columns. `UPDATE=1` writes it again.

use daemonset_tests::session::Session;
use daemonset_tests::{compare_with_file, root};
use daemonset_validation::levels::Level;
use daemonset_validation::rules::{Family, RULES};

#[test]
fn the_readme_shows_what_the_command_prints() {
    let path = root().join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut shown = String::new();
    let mut rest = text.as_str();
    let mut count = 0;
    while let Some((before, behind)) = rest.split_once("```console\n") {
        let (block, after) = behind.split_once("```\n").unwrap();
        let printed = Session::parse(block).with_columns(80).run(&root()).unwrap();
        // A session tells the exit code; a README does not.
        let printed: String = printed
            .trim_start()
            .lines()
            .filter(|line| !line.starts_with("[exit "))
            .map(|line| format!("{line}\n"))
            .collect();
        shown.push_str(before);
        shown.push_str(&format!("```console\n{printed}```\n"));
        rest = after;
        count += 1;
    }
    shown.push_str(rest);
    assert!(count >= 2, "README.md shows nothing");
    compare_with_file(&path, &with_rules(&shown));
}

/// The text with the table of the families of rules between its marks.
fn with_rules(text: &str) -> String {
    let (before, behind) = text.split_once("<!-- rules: ").unwrap();
    let (command, behind) = behind.split_once("-->\n").unwrap();
    let (_, after) = behind.split_once("<!-- end -->").unwrap();
    let mut table = String::from("| family | rules | what they find |\n|---|---|---|\n");
    for family in Family::ALL {
        let rules: Vec<_> = RULES.iter().filter(|rule| rule.family == family).collect();
        let off = rules.iter().filter(|rule| rule.level == Level::Off).count();
        let count =
            if off == 0 { rules.len().to_string() } else { format!("{}, {off} of them off", rules.len()) };
        let (name, summary) = (family.as_str(), family.summary());
        table.push_str(&format!(
            "| [{name}](docs/rules.md#{}) | {count} | {summary} |\n",
            anchor(name, summary)
        ));
    }
    format!("{before}<!-- rules: {command}-->\n{table}<!-- end -->{after}")
}

/// The name that a renderer of Markdown gives to a heading of docs/rules.md.
fn anchor(name: &str, summary: &str) -> String {
    let heading = format!("{name}: {summary}").to_lowercase();
    let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

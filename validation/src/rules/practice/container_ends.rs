//! The rule `container-ends`. Its page is `container_ends.md`.

use super::rule;
use crate::levels::Level;
use crate::rules::pod::{Listed, containers, spec};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "container-ends",
    Level::Warning,
    ("a container runs a script that ends, and is started again for ever", include_str!("container_ends.md")),
    check,
);

/// Programs that end at once.
const SHORT: &[&str] = &[
    "chmod", "chown", "cp", "echo", "exit", "insmod", "ln", "mkdir", "modprobe", "mv", "printf", "rm",
    "rmmod", "swapoff", "sysctl", "touch", "true", "ulimit",
];

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    for listed in containers(spec).filter(Listed::keeps_running) {
        // `sh -c script`, and nothing behind it.
        let mut words = listed.words();
        let (Some(shell), Some(flag), Some(script), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            continue;
        };
        let program = shell.text.rsplit('/').next().unwrap_or_default();
        let is_shell = ["sh", "bash", "ash", "dash"].contains(&program);
        if !is_shell || !["-c", "-ec", "-xc", "-exc"].contains(&flag.text) {
            continue;
        }
        if let Some(last) = last_program(script.text) {
            let message = format!(
                "the script ends with `{last}`: the container stops, is started again, and soon waits in CrashLoopBackOff"
            );
            let help = "run it as an init container, and keep the pod with a container that does nothing, such as `pause`";
            findings.push(RULE.finding(listed.path_of(&script), message).help(help));
        }
    }
}

/// The last program of a script, if all of them end at once.
fn last_program(script: &str) -> Option<&str> {
    let mut last = None;
    for line in script.split(['\n', ';']).flat_map(|line| line.split("&&")).flat_map(|line| line.split("||"))
    {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line.starts_with("set ") {
            continue;
        }
        let program = line.split_whitespace().find(|word| *word != "sudo")?;
        let is_plain = !line.contains(['`', '|', '&', '<', '{', '(']);
        last = Some(SHORT.iter().copied().find(|short| *short == program).filter(|_| is_plain)?);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scripts_whose_every_program_ends_are_told() {
        assert_eq!(last_program("sysctl -w vm.max_map_count=262144"), Some("sysctl"));
        assert_eq!(last_program("set -e\nmkdir -p /a && cp /b /a; echo done"), Some("echo"));
        for script in [
            "sysctl -w a=b && sleep infinity",
            "cp a b; exec agent",
            "agent",
            "",
            "while true; do echo; done",
            "echo $(agent)",
        ] {
            assert_eq!(last_program(script), None, "{script}");
        }
    }
}

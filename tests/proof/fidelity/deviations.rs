//! Known differences and their reasons. They are printed, and do not fail a run.

use daemonset_tests::differential::Difference;

/// Why a difference is one that is known; `None` where it is not.
pub(crate) fn known(difference: &Difference) -> Option<&'static str> {
    let names = ["metadata.managedFields[].manager", "metadata.managedFields[].subresource"];
    if difference.kind == "missing error" && names.iter().any(|name| difference.place.ends_with(name)) {
        return Some(
            "the field manager rewrites managedFields before the server validates what is left of them",
        );
    }
    if difference.kind == "strict errors" && only_duplicates_more(difference) {
        return Some(
            "in JSON the server looks for repeated keys only among those that it knows; we name them as YAML's reader does",
        );
    }
    if difference.kind == "class" && only_an_earlier_annotation(difference) {
        return Some(
            "of two values under one key Go's decoder makes one, and we take the last; the document is refused for the key anyway",
        );
    }
    None
}

/// Whether the server fails on the generation of the template, where we refuse a repeated key above it: of the annotations that came
/// first, what the later ones do not say again is still there for Go.
fn only_an_earlier_annotation(difference: &Difference) -> bool {
    let repeated = ["duplicate field \\\"metadata\\\"", "duplicate field \\\"metadata.annotations\\\""];
    difference.theirs.starts_with("Refused strconv.ParseInt: ")
        && difference.ours.starts_with("Strict ")
        && repeated.iter().any(|text| difference.ours.contains(text))
}

/// Whether we say all that the server says, and besides only that keys stand twice that it calls unknown, or keys below those.
fn only_duplicates_more(difference: &Difference) -> bool {
    let theirs: Vec<&str> = difference.theirs.lines().collect();
    let quoted = |line: &str| line.split('"').nth(1).unwrap_or_default().to_owned();
    let unknown: Vec<String> =
        theirs.iter().filter(|line| line.starts_with("unknown field")).map(|line| quoted(line)).collect();
    let below = |path: &str| {
        unknown
            .iter()
            .filter_map(|known| path.strip_prefix(known.as_str()))
            .any(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let more = |line: &&str| !theirs.contains(line);
    theirs.iter().all(|line| difference.ours.lines().any(|ours| ours == *line))
        && difference
            .ours
            .lines()
            .filter(more)
            .all(|line| line.starts_with("duplicate field") && below(&quoted(line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_generation_is_known_only_where_we_refuse_the_key_above_it() {
        let class = |theirs: &str, ours: &str| Difference {
            kind: "class",
            place: String::new(),
            theirs: theirs.to_owned(),
            ours: ours.to_owned(),
            wording: false,
        };
        let fails = r#"Refused strconv.ParseInt: parsing "x": invalid syntax[]"#;
        for key in ["metadata", "metadata.annotations"] {
            let ours = format!(r#"Strict ["duplicate field \"{key}\""]"#);
            assert!(known(&class(fails, &ours)).is_some(), "{key}");
            assert!(known(&class("Valid []", &ours)).is_none(), "{key}");
        }
        for ours in
            ["Valid []", r#"Strict ["duplicate field \"spec\""]"#, r#"Strict ["unknown field \"metadata\""]"#]
        {
            assert!(known(&class(fails, ours)).is_none(), "{ours}");
        }
    }
}

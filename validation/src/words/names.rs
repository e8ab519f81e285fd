//! Many names in few words.

use super::count::thousands;

/// The names in one phrase: `a`, `a and b`, `a, b and 41 more`.
pub fn folded(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one} and {two}"),
        [one, two, three] => format!("{one}, {two} and {three}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()),
    }
}

/// The first `shown` names: `a, b, c`, or `a, b, c and 12 others`.
pub fn listed<S: AsRef<str>>(names: &[S], shown: usize) -> String {
    let left = names.len().saturating_sub(shown);
    let named: Vec<&str> = names.iter().take(shown).map(AsRef::as_ref).collect();
    let named = named.join(", ");
    match left {
        0 => named,
        1 => format!("{named} and 1 other"),
        _ => format!("{named} and {} others", thousands(left)),
    }
}

/// A key to sort names by, in which numbers count as numbers: `gpu-2` comes before `gpu-10`.
pub fn natural(name: &str) -> Vec<(&str, u64, &str)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let text = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (words, behind) = rest.split_at_checked(text).unwrap_or((rest, ""));
        let digits = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
        let (number, behind) = behind.split_at_checked(digits).unwrap_or((behind, ""));
        parts.push((words, number.parse().unwrap_or(u64::MAX), number));
        rest = behind;
    }
    parts
}

/// [`fold`] gives this many names in full.
pub const IN_FULL: usize = 10;

/// The most ranges or first names that [`fold`] gives for more.
const SHOWN: usize = 3;

/// The names as words to be joined by spaces: all of a few; else ranges such as `worker-[1-437]`, where these say it all;
/// else the first ones. How many there are is said wherever a name is left out.
pub fn fold(names: &[&str]) -> Vec<String> {
    let all = |names: &[&str]| -> Vec<String> {
        let last = names.len().saturating_sub(1);
        let comma = |(index, name): (usize, &&str)| {
            if index < last { format!("{name},") } else { (*name).to_owned() }
        };
        names.iter().enumerate().map(comma).collect()
    };
    if names.len() <= IN_FULL {
        return all(names);
    }
    let mut words = match ranges(names) {
        Some(ranges) => all(&ranges.iter().map(String::as_str).collect::<Vec<_>>()),
        None => {
            let mut words = all(names.get(..SHOWN).unwrap_or(names));
            words.push("…".to_owned());
            words
        }
    };
    words.push(format!("({} nodes)", thousands(names.len())));
    words
}

/// Names that end in numbers, as a few ranges without a gap; `None` where that takes too many.
fn ranges(names: &[&str]) -> Option<Vec<String>> {
    let mut numbered = Vec::with_capacity(names.len());
    for name in names {
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = name.get(stem.len()..)?;
        // A number with zeros in front has a width; without them it has none.
        let width = if digits.starts_with('0') && digits.len() > 1 { digits.len() } else { 0 };
        numbered.push((stem, digits.parse::<u64>().ok()?, width, digits));
    }
    numbered.sort_unstable();
    let mut ranges: Vec<(&str, &str, &str, u64, usize)> = Vec::new();
    for (stem, number, width, digits) in numbered {
        let full = ranges.len() == SHOWN;
        match ranges.last_mut() {
            Some((known, _, last, end, of_width))
                if *known == stem
                    && number.checked_sub(1) == Some(*end)
                    && (*of_width == width || *of_width == digits.len()) =>
            {
                (*last, *end) = (digits, number);
            }
            _ if full => return None,
            _ => ranges.push((stem, digits, digits, number, width)),
        }
    }
    let shown = |(stem, first, last, ..): (&str, &str, &str, u64, usize)| {
        if first == last { format!("{stem}{first}") } else { format!("{stem}[{first}-{last}]") }
    };
    Some(ranges.into_iter().map(shown).collect())
}

#[cfg(test)]
mod tests {
    use super::{fold, folded as phrase, listed, natural};

    fn folded(names: impl Iterator<Item = String>) -> String {
        let names: Vec<String> = names.collect();
        fold(&names.iter().map(String::as_str).collect::<Vec<_>>()).join(" ")
    }

    #[test]
    fn few_names_are_all_given_and_many_are_folded() {
        assert_eq!(folded(["a", "b"].into_iter().map(str::to_owned)), "a, b");
        assert_eq!(folded((1..=12).map(|n| format!("gpu-{n}"))), "gpu-[1-12] (12 nodes)");
        assert_eq!(folded((1..=1200).rev().map(|n| format!("n{n:04}"))), "n[0001-1200] (1,200 nodes)");
        assert_eq!(folded((8..=20).map(|n| format!("w-{n:02}"))), "w-[08-20] (13 nodes)");
        let gap = (1..=12).filter(|n| *n != 4).map(|n| format!("gpu-{n}"));
        assert_eq!(folded(gap), "gpu-[1-3], gpu-[5-12] (11 nodes)");
        let odd = (1..=40).filter(|n| n % 2 == 1).map(|n| format!("gpu-{n}"));
        assert_eq!(folded(odd), "gpu-1, gpu-3, gpu-5 … (20 nodes)");
        let hosts = (10..=30).map(|n| format!("ip-10-0-0-{n}.internal"));
        assert!(folded(hosts).ends_with(" … (21 nodes)"));
    }

    #[test]
    fn a_phrase_names_the_first_and_counts_the_rest() {
        assert_eq!(phrase(&["a", "b", "c"]), "a, b and c");
        assert_eq!(phrase(&["a", "b", "c", "d"]), "a, b and 2 more");
        assert_eq!(listed(&["a", "b"], 3), "a, b");
        assert_eq!(listed(&["a", "b"], 1), "a and 1 other");
        assert_eq!(listed(&["a"; 1_500], 1), "a and 1,499 others");
        let mut names = ["gpu-10", "gpu-2", "cpu-3"];
        names.sort_by(|one, other| natural(one).cmp(&natural(other)));
        assert_eq!(names, ["cpu-3", "gpu-2", "gpu-10"]);
    }
}

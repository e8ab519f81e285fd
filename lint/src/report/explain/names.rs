//! Many nodes' names in few words.

use crate::report::thousands;

/// As many names are given in full.
pub(crate) const IN_FULL: usize = 10;

/// As many ranges, or first names, stand for more.
const SHOWN: usize = 3;

/// The names as words to be put behind each other: all of a few; else ranges such as `worker-[1-437]`, where these say it all;
/// else the first ones. How many there are is said wherever a name is left out.
pub(crate) fn fold(names: &[&str]) -> Vec<String> {
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
    use super::fold;

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
}

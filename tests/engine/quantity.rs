//! Quantities are parsed, rounded and printed as the servers do it: `corpus/quantity.tsv` is the output of `oracle quantity`.

use daemonset_tests::root;
use daemonset_validation::Quantity;

/// Our answer, in the columns of the recording.
fn answer(text: &str) -> String {
    match Quantity::parse(text) {
        Ok(quantity) => {
            format!("{quantity}\t{}\t{}\t{}", quantity.value(), quantity.milli_value(), quantity.sign())
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_quantity_is_what_the_servers_say() {
    let recorded = std::fs::read_to_string(root().join("tests/corpus/quantity.tsv")).unwrap();
    let mut count = 0;
    for line in recorded.lines().filter(|line| !line.starts_with('#')) {
        let (text, expected) = line.split_once('\t').unwrap();
        let text: String = serde_json::from_str(text).unwrap();
        assert_eq!(answer(&text), expected, "{text:?}");
        count += 1;
    }
    assert!(count > 150, "only {count} quantities");
}

//! Parses `--log-level`.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

/// The webhook's own crates.
const OURS: [&str; 3] = ["daemonset_webhook", "daemonset_certs", "daemonset_validation"];

/// Parses a level, which applies to the webhook's own crates while libraries log warnings and errors only, or a list of targets.
///
/// # Errors
///
/// A message, if the text is neither.
pub(super) fn parse(text: &str) -> Result<Targets, String> {
    // An empty text would be parsed as `error`.
    if !text.is_empty()
        && let Ok(level) = text.parse::<LevelFilter>()
    {
        let libraries = level.min(LevelFilter::WARN);
        return Ok(Targets::new().with_default(libraries).with_targets(OURS.map(|name| (name, level))));
    }
    match text.parse::<Targets>() {
        // A single word that is not a level would be parsed as a target with all levels, which is most likely a typo.
        Ok(targets) if text.contains('=') => Ok(targets),
        _ => Err(format!(
            "{text:?} is not a log level; allowed: off, error, warn, info, debug, trace, or a list such as \
             info,kube_client=debug"
        )),
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn a_level_is_for_our_own_code() {
        let filter = parse("debug").unwrap();
        assert!(filter.would_enable("daemonset_webhook::review", &Level::DEBUG));
        assert!(filter.would_enable("daemonset_certs", &Level::DEBUG));
        assert!(!filter.would_enable("hyper::proto", &Level::INFO));
        assert!(filter.would_enable("kube_client", &Level::WARN));
        let filter = parse("off").unwrap();
        assert!(!filter.would_enable("kube_client", &Level::ERROR));
        assert!(!filter.would_enable("daemonset_webhook", &Level::ERROR));
        let filter = parse("error").unwrap();
        assert!(!filter.would_enable("kube_client", &Level::WARN));
    }

    #[test]
    fn a_list_is_taken_as_it_is() {
        let filter = parse("info,kube_client=debug").unwrap();
        assert!(filter.would_enable("kube_client", &Level::DEBUG));
        assert!(filter.would_enable("hyper", &Level::INFO));
        for text in ["", "loud", "daemonset_webhook", "a=b", "info;debug"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}

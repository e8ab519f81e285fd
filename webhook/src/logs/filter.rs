//! What `--log-level` means.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

/// The crates whose lines are the webhook's own.
const OURS: [&str; 3] = ["daemonset_webhook", "daemonset_certs", "daemonset_validation"];

/// A level, which holds for our own crates while libraries say warnings and errors only, or a list of targets.
pub(super) fn parse(text: &str) -> Result<Targets, String> {
    // Nothing at all would be read as `error`.
    if !text.is_empty()
        && let Ok(level) = text.parse::<LevelFilter>()
    {
        let libraries = level.min(LevelFilter::WARN);
        return Ok(Targets::new().with_default(libraries).with_targets(OURS.map(|name| (name, level))));
    }
    match text.parse::<Targets>() {
        // A lone word that is no level would be a target of which everything is logged: surely a slip.
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

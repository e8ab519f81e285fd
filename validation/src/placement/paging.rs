//! The requests by which a client reads the objects of one kind from the API server: a list in pages (`limit`, `continue`), and a watch.
//! Nothing is sent from here; the clients do that.

use std::fmt::Write;

use super::kind::Kind;

/// HTTP 410: the API server no longer has the version that a `continue` token or a watch names.
const GONE: u16 = 410;

/// One list of the objects of a kind in all namespaces, page by page.
#[derive(Clone, Debug)]
pub struct ListPages {
    kind: Kind,
    limit: u32,
    /// The `continue` token of the next page; empty for the first one.
    token: String,
    restarted: bool,
}

impl ListPages {
    /// A list with at most `limit` objects in a page, before its first page.
    pub const fn new(kind: Kind, limit: u32) -> Self {
        Self { kind, limit, token: String::new(), restarted: false }
    }

    /// At most so many objects in the next page and those after it.
    pub const fn set_limit(&mut self, limit: u32) {
        self.limit = limit;
    }

    /// Path and query of the request for the next page.
    pub fn uri(&self) -> String {
        let mut uri = format!("{}?limit={}{}", self.kind.path(), self.limit, filter(self.kind));
        if !self.token.is_empty() {
            uri.push_str("&continue=");
            escape(&self.token, &mut uri);
        }
        uri
    }

    /// Takes over the `continue` token of the page that was read. Returns whether there is another page.
    pub fn advance(&mut self, token: String) -> bool {
        self.token = token;
        !self.token.is_empty()
    }

    /// Whether the list begins again after this HTTP status. It does so once, after a 410: the list took so long that its `continue` token
    /// has expired.
    pub fn restarts_after(&mut self, status: u16) -> bool {
        if status != GONE || self.restarted {
            return false;
        }
        self.token.clear();
        self.restarted = true;
        true
    }
}

/// Path and query of a watch of the objects of a kind in all namespaces, from a resource version on. The API server ends it after so many
/// seconds.
pub fn watch_uri(kind: Kind, resource_version: &str, timeout_seconds: u64) -> String {
    let mut uri = format!("{}?watch=1&allowWatchBookmarks=true&resourceVersion=", kind.path());
    escape(resource_version, &mut uri);
    // Writing to a string does not fail.
    let _ = write!(uri, "&timeoutSeconds={timeout_seconds}{}", filter(kind));
    uri
}

fn filter(kind: Kind) -> String {
    let mut filter = String::new();
    if let Some(selector) = kind.field_selector() {
        filter.push_str("&fieldSelector=");
        escape(selector, &mut filter);
    }
    filter
}

/// Appends a value to a query, percent-encoded except for ASCII letters and digits.
fn escape(value: &str, query: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() {
            query.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(query, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_the_continue_token() {
        let mut pages = ListPages::new(Kind::Node, 500);
        assert_eq!(pages.uri(), "/api/v1/nodes?limit=500");
        assert!(pages.advance("more/=é".to_owned()));
        assert_eq!(pages.uri(), "/api/v1/nodes?limit=500&continue=more%2F%3D%C3%A9");
        assert!(!pages.advance(String::new()));
    }

    #[test]
    fn an_expired_token_restarts_the_list_once() {
        let mut pages = ListPages::new(Kind::Pod, 2);
        let first = pages.uri();
        assert_eq!(
            first,
            "/api/v1/pods?limit=2&fieldSelector=status%2Ephase%21%3DSucceeded%2Cstatus%2Ephase%21%3DFailed"
        );
        assert!(pages.advance("old".to_owned()));
        assert!(!pages.restarts_after(500));
        assert_ne!(pages.uri(), first);
        assert!(pages.restarts_after(410));
        assert_eq!(pages.uri(), first);
        assert!(!pages.restarts_after(410), "a list that never ends is given up");
    }

    #[test]
    fn a_watch_names_its_version() {
        assert_eq!(
            watch_uri(Kind::DaemonSet, "17", 240),
            "/apis/apps/v1/daemonsets?watch=1&allowWatchBookmarks=true&resourceVersion=17&timeoutSeconds=240"
        );
    }
}

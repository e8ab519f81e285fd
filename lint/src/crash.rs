//! Catches a panic while one file is checked or printed, so that the other files are still reported.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// How many calls of [`catch`] this thread is in.
    static INSIDE: Cell<usize> = const { Cell::new(0) };
    /// The message of the last panic on this thread, and its place in the source.
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Does the work.
///
/// # Errors
///
/// The panic's message and its place in the source, if the work panics. The message is not printed.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if INSIDE.get() == 0 {
                return before(info);
            }
            let message = info.payload_as_str().unwrap_or("a panic without a message");
            let place = info.location().map(|place| format!(" ({}:{})", place.file(), place.line()));
            let text = format!("{message}{}", place.unwrap_or_default());
            LAST.with_borrow_mut(|last| *last = Some(text));
        }));
    });
    INSIDE.set(INSIDE.get().saturating_add(1));
    // The values that the work was changing are dropped by the unwinding or by the caller.
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    INSIDE.set(INSIDE.get().saturating_sub(1));
    done.map_err(|_| LAST.with_borrow_mut(Option::take).unwrap_or_default())
}

/// The message about a file that made the program panic.
pub(crate) fn sentence(path: &str, doing: &str, error: &str) -> String {
    format!(
        "{path}: it could not be {doing} because of a bug in daemonset-lint: {error}; please report it, with the file"
    )
}

#[cfg(test)]
#[allow(clippy::panic, reason = "a panic is what is tested")]
mod tests {
    use super::catch;

    #[test]
    fn a_panic_is_an_error_with_its_place() {
        assert_eq!(catch(|| 7), Ok(7));
        let error = catch(|| panic!("index {} is out of range", 3)).err().unwrap_or_default();
        assert!(error.starts_with("index 3 is out of range (") && error.contains("crash.rs:"), "{error}");
        let nested = catch(|| catch(|| panic!("inner")).is_err());
        assert_eq!(nested, Ok(true));
        assert_eq!(catch(|| 8), Ok(8));
    }
}

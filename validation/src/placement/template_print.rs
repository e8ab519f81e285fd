//! The fingerprint of a pod template: a cluster's DaemonSets are kept without most of their templates, which may be large.

use std::fmt::{self, Write};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;

use k8s_openapi::api::core::v1::PodTemplateSpec;

/// One for the process. It is random, so that no author can make two templates with one fingerprint.
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// The fingerprint of a template. Equal templates have the same one in this process.
pub(super) fn template_print(template: &PodTemplateSpec) -> u64 {
    let mut text = Hashed(HASHER.build_hasher());
    // Writing into a hasher cannot fail.
    let _ = write!(text, "{template:?}");
    text.0.finish()
}

struct Hashed<H>(H);

impl<H: Hasher> Write for Hashed<H> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

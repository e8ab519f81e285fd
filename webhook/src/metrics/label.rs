//! A single label of a metric.

use std::fmt;

use prometheus_client::encoding::{EncodeLabelKey, EncodeLabelSet, EncodeLabelValue};

/// A single label: its name and value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Label(pub(super) &'static str, pub(super) &'static str);

impl EncodeLabelSet for Label {
    fn encode(
        &self,
        encoder: &mut prometheus_client::encoding::LabelSetEncoder<'_>,
    ) -> Result<(), fmt::Error> {
        let mut label = encoder.encode_label();
        let mut key = label.encode_label_key()?;
        EncodeLabelKey::encode(&self.0, &mut key)?;
        let mut value = key.encode_label_value()?;
        EncodeLabelValue::encode(&self.1, &mut value)?;
        value.finish()
    }
}

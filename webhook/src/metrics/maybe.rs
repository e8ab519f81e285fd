//! A gauge that is not there until something is known: 0 would be a claim.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use prometheus_client::encoding::{EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;

/// Nothing is known.
const UNKNOWN: i64 = i64::MIN;

/// A gauge without labels that has a value or none.
#[derive(Clone, Debug)]
pub(super) struct Maybe(Arc<AtomicI64>);

impl Default for Maybe {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(UNKNOWN)))
    }
}

impl Maybe {
    /// From now on the gauge is there.
    pub(super) fn set(&self, value: i64) {
        self.0.store(value, Ordering::Relaxed);
    }
}

impl EncodeMetric for Maybe {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), fmt::Error> {
        match self.0.load(Ordering::Relaxed) {
            UNKNOWN => Ok(()),
            value => encoder.encode_gauge(&value),
        }
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Gauge
    }

    fn is_empty(&self) -> bool {
        self.0.load(Ordering::Relaxed) == UNKNOWN
    }
}

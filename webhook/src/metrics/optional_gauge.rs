//! A gauge that is not exported until it has a value. Exporting 0 would be wrong.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use prometheus_client::encoding::{EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;

/// The gauge has no value.
const NO_VALUE: i64 = i64::MIN;

/// A gauge without labels, which may have no value.
#[derive(Clone, Debug)]
pub(super) struct OptionalGauge(Arc<AtomicI64>);

impl Default for OptionalGauge {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(NO_VALUE)))
    }
}

impl OptionalGauge {
    /// Sets the value. From now on the gauge is exported.
    pub(super) fn set(&self, value: i64) {
        self.0.store(value, Ordering::Relaxed);
    }
}

impl EncodeMetric for OptionalGauge {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), fmt::Error> {
        match self.0.load(Ordering::Relaxed) {
            NO_VALUE => Ok(()),
            value => encoder.encode_gauge(&value),
        }
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Gauge
    }

    fn is_empty(&self) -> bool {
        self.0.load(Ordering::Relaxed) == NO_VALUE
    }
}

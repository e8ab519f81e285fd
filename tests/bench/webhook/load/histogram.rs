//! Latencies in buckets, each at most a sixteenth of its value wide.

const SUB: u32 = 4;

/// A histogram of nanoseconds.
#[derive(Clone, Debug)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    sum: u128,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: vec![0; 64 << SUB], count: 0, sum: 0, max: 0 }
    }
}

impl Histogram {
    /// Counts one.
    pub fn record(&mut self, nanoseconds: u64) {
        self.buckets[place(nanoseconds)] += 1;
        self.count += 1;
        self.sum += u128::from(nanoseconds);
        self.max = self.max.max(nanoseconds);
    }

    /// The latency in microseconds that this share (0 to 1) does not exceed.
    pub fn quantile(&self, share: f64) -> f64 {
        let rank = (self.count as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (place, count) in self.buckets.iter().enumerate() {
            seen += count;
            if *count > 0 && seen >= rank {
                return upper(place).min(self.max) as f64 / 1000.0;
            }
        }
        0.0
    }

    /// The usual figures, in microseconds.
    pub fn summary(&self) -> serde_json::Value {
        let round = |value: f64| (value * 10.0).round() / 10.0;
        serde_json::json!({
            "mean": round(self.sum as f64 / self.count.max(1) as f64 / 1000.0),
            "p50": round(self.quantile(0.5)),
            "p90": round(self.quantile(0.9)),
            "p99": round(self.quantile(0.99)),
            "p999": round(self.quantile(0.999)),
            "max": round(self.max as f64 / 1000.0),
        })
    }
}

/// The bucket: the place of the highest bit, and the bits behind it.
fn place(value: u64) -> usize {
    let bits = 64 - value.leading_zeros();
    if bits <= SUB {
        return value as usize;
    }
    let shift = bits - SUB - 1;
    ((shift as usize + 1) << SUB) + ((value >> shift) as usize & ((1 << SUB) - 1))
}

/// The largest value of a bucket.
fn upper(place: usize) -> u64 {
    let group = place >> SUB;
    if group == 0 {
        return place as u64;
    }
    let head = (1_u64 << SUB) + (place as u64 & ((1 << SUB) - 1));
    ((head + 1) << (group - 1)).wrapping_sub(1)
}

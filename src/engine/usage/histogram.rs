//! How values are distributed, in constant memory.

/// Counts values in buckets that are as fine as the values are small: 32 to each power of two, so
/// that a percentile is wrong by no more than one part in 64. Values below 64 are exact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Only as long as the largest value asks for; 60 × 32 at most.
    buckets: Vec<u64>,
    count: u64,
    sum: u64,
    min: u64,
    max: u64,
}

/// Buckets to each power of two, as a power of two.
const FINENESS: u32 = 5;

impl Histogram {
    /// Takes in a value.
    pub fn add(&mut self, value: u64) {
        let bucket = bucket(value);
        if self.buckets.len() <= bucket {
            self.buckets.resize(bucket + 1, 0);
        }
        self.buckets[bucket] += 1;
        self.min = if self.count == 0 { value } else { self.min.min(value) };
        self.count += 1;
        self.sum = self.sum.saturating_add(value);
        self.max = self.max.max(value);
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The largest of them, exactly; 0 where there is none.
    pub fn max(&self) -> u64 {
        self.max
    }

    /// All of them together, exactly.
    pub fn sum(&self) -> u64 {
        self.sum
    }

    /// The value that so many of a hundred do not exceed; none where there are no values.
    pub fn percentile(&self, percent: u64) -> Option<u64> {
        let rank = (self.count * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= rank {
                let (low, high) = bounds(bucket);
                return Some((low + (high - low) / 2).clamp(self.min, self.max));
            }
        }
        None
    }
}

fn bucket(value: u64) -> usize {
    let exponent = 63 - (value | 1).leading_zeros();
    if exponent <= FINENESS {
        return value as usize;
    }
    let shift = exponent - FINENESS;
    let within = (value >> shift) as usize - (1 << FINENESS);
    (((shift + 1) as usize) << FINENESS) + within
}

/// The least and the greatest value of a bucket.
fn bounds(bucket: usize) -> (u64, u64) {
    let fineness = 1 << FINENESS;
    if bucket < 2 * fineness {
        return (bucket as u64, bucket as u64);
    }
    let shift = (bucket >> FINENESS) as u32 - 1;
    let low = ((bucket % fineness + fineness) as u64) << shift;
    (low, low + ((1_u64 << shift) - 1))
}

#[cfg(test)]
mod tests {
    use super::{Histogram, bounds, bucket};

    #[test]
    fn every_value_lies_in_its_bucket_and_buckets_leave_no_gap() {
        let mut next = 0;
        for index in 0..bucket(u64::MAX) {
            let (low, high) = bounds(index);
            assert_eq!(low, next, "bucket {index}");
            assert_eq!((bucket(low), bucket(high)), (index, index));
            assert!(high - low <= low / 32, "bucket {index} is too wide");
            next = high + 1;
        }
    }

    #[test]
    fn percentiles_are_the_values_of_the_sorted_list_within_the_stated_error() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.percentile(50), None);
        let mut values: Vec<u64> = (1..=1_000_u64).map(|value| value * value * 7).collect();
        values.iter().rev().for_each(|value| histogram.add(*value));
        values.sort_unstable();
        for percent in [1, 50, 95, 99, 100] {
            let exact = values[(values.len() * percent as usize).div_ceil(100) - 1];
            let found = histogram.percentile(percent).unwrap();
            assert!(found.abs_diff(exact) * 64 <= exact, "{percent}: {found}, not {exact}");
        }
        assert_eq!(histogram.max(), *values.last().unwrap());
        assert_eq!(histogram.sum(), values.iter().sum::<u64>());
    }
}

//! Fewer points that show the same. Pure.

use serde::Serialize;

/// Points of a trend at most.
pub(super) const POINTS_MAX: usize = 4_000;

/// Time in UTC milliseconds, value, quality; without a value it is a gap.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Point(pub(super) i64, pub(super) Option<f64>, pub(super) &'static str);

/// At most so many points: of each bucket the lowest, the highest and a gap stay, in the order of time.
pub(super) fn thin(points: Vec<Point>, most: usize) -> Vec<Point> {
    if points.len() <= most {
        return points;
    }
    // Three points of a bucket may stay.
    let bucket = points.len().div_ceil((most / 3).max(1));
    let mut kept = Vec::with_capacity(most);
    for bucket in points.chunks(bucket) {
        let value = |point: &&Point| point.1.unwrap_or_default();
        let valued = || bucket.iter().filter(|point| point.1.is_some());
        let lowest = valued().min_by(|a, b| value(a).total_cmp(&value(b)));
        let highest = valued().max_by(|a, b| value(a).total_cmp(&value(b)));
        let gap = bucket.iter().find(|point| point.1.is_none());
        let mut few: Vec<Point> = [lowest, highest, gap].into_iter().flatten().copied().collect();
        few.sort_by_key(|point| point.0);
        few.dedup();
        kept.extend(few);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{Point, thin};

    // Req: PAGE-05
    #[test]
    fn extremes_and_gaps_stay() {
        let point = |at: i64| {
            let value = match at {
                50_001 => Some(99.0),
                70_003 => Some(-99.0),
                80_000 => None,
                _ => Some(37.0),
            };
            Point(at, value, "good")
        };
        let points: Vec<Point> = (0..100_000).map(point).collect();
        let thinned = thin(points, 4_000);
        assert!(thinned.len() <= 4_000, "{}", thinned.len());
        for (at, value) in [(50_001, Some(99.0)), (70_003, Some(-99.0)), (80_000, None)] {
            assert!(thinned.contains(&Point(at, value, "good")), "{at}");
        }
        assert!(thinned.is_sorted_by_key(|point| point.0));
        assert_eq!(thin(vec![point(1)], 4_000), [point(1)]);
        println!("thinning: 6 cases");
    }
}

//! How far a share of runs may be from the chance that it estimates.

/// The 95 % interval of the chance of an event that was seen `k` times in `n` runs, as shares from 0 to 1: Wilson's
/// score interval (Wilson, "Probable inference, the law of succession, and statistical inference", 1927).
/// `None` where there was no run.
pub(crate) fn wilson(k: u64, n: u64) -> Option<[f64; 2]> {
    const Z: f64 = 1.959_963_984_540_054;
    if n == 0 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let (k, n) = (k as f64, n as f64);
    let share = k / n;
    let spread = Z * Z / n;
    let centre = share + spread / 2.0;
    let half = Z * (share * (1.0 - share) / n + spread / (4.0 * n)).sqrt();
    let bound = |it: f64| (it / (1.0 + spread)).clamp(0.0, 1.0);
    Some([bound(centre - half), bound(centre + half)])
}

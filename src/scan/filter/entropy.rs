//! Shannon entropy, judged by length: eight characters can't carry more than
//! three bits each.

/// Entropy of `secret` in bits a byte.
pub(in crate::scan) fn shannon(secret: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for byte in secret {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let total = secret.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / total;
            -share * share.log2()
        })
        .sum()
}

/// Whether `secret` has `least` bits a byte, or 85 % of what its length allows.
pub(in crate::scan) fn enough(secret: &[u8], least: f64) -> bool {
    least <= 0.0 || shannon(secret) >= least.min(0.85 * (secret.len().max(2) as f64).log2())
}

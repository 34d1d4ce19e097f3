//! Effective risk: what an operation risks, on this target.

use super::Sensitivity;
use crate::action::RiskClass::{self, Critical, High, Low, Medium};

/// Rows: class of the operation; columns: public, internal, restricted,
/// critical. The table is Agent-Safe's.
const MATRIX: [[RiskClass; 4]; 4] = [
    [Low, Low, Medium, High],
    [Low, Medium, High, Critical],
    [Medium, High, Critical, Critical],
    [High, Critical, Critical, Critical],
];

/// Risk and class on a target. The risk stays as it is where the class does;
/// where the target moves the class, it is [`RiskClass::score`] of the new one.
#[must_use]
pub fn effective(risk: f64, sensitivity: Sensitivity) -> (f64, RiskClass) {
    let own = RiskClass::of_risk(risk);
    let class = MATRIX[own as usize][sensitivity as usize];
    (if class == own { risk } else { class.score() }, class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn score_and_class_agree() {
        for class in [Low, Medium, High, Critical] {
            assert_eq!(RiskClass::of_risk(class.score()), class);
        }
        assert_eq!(effective(5.5, Sensitivity::Internal), (5.5, Medium));
        assert_eq!(effective(5.5, Sensitivity::Critical), (9.0, Critical));
        assert_eq!(effective(9.9, Sensitivity::Public), (7.5, High));
    }
}

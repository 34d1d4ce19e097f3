//! Who a caller is and what it may show: `tests/corpora/identity`, the
//! commands, and properties that hold for every token.

mod commands;
mod corpus;
mod properties;

use jiff::Timestamp;
use saferun::identity::{Authority, Key, KeySet};

/// Now, in all corpora.
const NOW: i64 = 1_750_000_000;
/// A shared secret of these tests.
const SECRET: &str = "an-example-shared-secret-0123456789";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("a time")
}

fn trusting(key: Key) -> Authority {
    Authority::new(KeySet::new(vec![key]).expect("a key"))
}

fn shared() -> Authority {
    trusting(Key::shared(SECRET).expect("a secret"))
}

fn pair() -> Key {
    Key::generate().expect("randomness")
}

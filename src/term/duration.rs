//! Times as people say them.

/// `4 min left`, from seconds; `no time left` from zero down.
#[must_use]
pub fn time_left(seconds: i64) -> String {
    if seconds <= 0 { "no time left".to_owned() } else { format!("{} left", rough(seconds)) }
}

/// `4 min ago`, from seconds; `just now` below five.
#[must_use]
pub fn time_ago(seconds: i64) -> String {
    if seconds < 5 { "just now".to_owned() } else { format!("{} ago", rough(seconds)) }
}

fn rough(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_down_to_the_unit_that_people_use() {
        let times = [-1, 59, 240, 7_199, 7_200, 172_800].map(time_left);
        let expected =
            ["no time left", "59 s left", "4 min left", "119 min left", "2 h left", "2 days left"];
        assert_eq!(times, expected);
    }
}

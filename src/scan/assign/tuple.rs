//! Several names that are given several values at once:
//! `user, password = "a", "b"`.

use super::Syntax;
use super::cursor::Cursor;
use super::line::names;

/// Longest list of names looked through.
const NAMES: usize = 120;

impl Cursor<'_> {
    /// Whether other names and a sign follow the name: reads these.
    pub(super) fn heads_tuple(&mut self, start: usize) -> bool {
        if self.syntax != Syntax::Code {
            return false;
        }
        let line = self.line(NAMES);
        let Some(sign) = line.iter().position(|byte| *byte == b'=') else { return false };
        let compared = matches!(line.get(sign + 1), Some(b'=' | b'>' | b'~'));
        let behind = line.get(..sign).unwrap_or_default().trim_ascii_end();
        let behind = behind.strip_suffix(b":").unwrap_or(behind).trim_ascii_end();
        let behind = behind.strip_suffix(b")").or_else(|| behind.strip_suffix(b"]"));
        let behind = behind.unwrap_or(line.get(..sign).unwrap_or_default());
        let behind = behind.strip_suffix(b":").unwrap_or(behind);
        let before = self.line_before(start);
        let alone = before.trim_ascii().is_empty() || names(before).is_some();
        let values = line.get(sign + 1..).unwrap_or_default().trim_ascii_end();
        let values = values.strip_suffix(b",").unwrap_or(values);
        let fits = !compared && alone && names(behind).is_some() && values.contains(&b',');
        self.at += if fits { sign + 1 } else { 0 };
        fits
    }

    /// Whether the name is the last of several in brackets: reads up to the value.
    pub(super) fn closes_tuple(&mut self, start: usize) -> bool {
        let several = || names(self.line_before(start)).is_some_and(|count| count > 0);
        let signs = [&b") := "[..], b") = ", b")="];
        let sign = signs.iter().find(|sign| self.rest().starts_with(sign));
        let sign = sign.filter(|_| self.syntax == Syntax::Code && several());
        self.at += sign.map_or(0, |sign| sign.len());
        sign.is_some()
    }

    /// Goes on to the value that has the place of the name among its own.
    pub(super) fn skip_to_same_place(&mut self, start: usize) {
        let at = self.at;
        let Some(place) = names(self.line_before(start)).filter(|place| *place > 0) else { return };
        let _ = self.eat(b"array(") || self.eat(b"(") || self.eat(b"[");
        for _ in 0..place {
            let line = self.line(NAMES);
            let bare = line.iter().take_while(|byte| !b",\"'`()[]{};".contains(byte)).count();
            if self.quoted().is_none() {
                self.at += bare;
            }
            self.spaces(4);
            if !self.eat(b",") {
                self.at = at;
                return;
            }
            self.spaces(4);
        }
    }
}

//! Values below their names: rows of a table whose head names the columns, and
//! what a query inserts.

use memchr::{memchr, memrchr};

use super::{Form, Syntax};

/// How far below its head a table is read, bytes.
const TABLE: usize = 64 << 10;
/// Rows that are read.
const ROWS: usize = 1000;
/// Longest head, bytes.
const HEAD: usize = 1024;
/// Longest row of what is inserted, bytes.
const ROW: usize = 4096;

/// How a value stands there, its first byte, the byte after it.
type Value = (Form, usize, usize);

/// The values of the column that the name at `start..end` is the head of, and
/// how far behind its line others may be added; none where it is no head.
pub(super) fn below(text: &[u8], start: usize, end: usize, syntax: Syntax) -> (Vec<Value>, usize) {
    let rows = inserted(text, start, end)
        .or_else(|| table(text, start, end, syntax))
        .or_else(|| drawn(text, start, end, syntax));
    let reach = if rows.is_some() { TABLE } else { 0 };
    (rows.unwrap_or_default(), reach)
}

/// `INSERT INTO users (name, password) VALUES ('a', 'x'), ('b', 'y')`
fn inserted(text: &[u8], start: usize, end: usize) -> Option<Vec<Value>> {
    let around = |byte: &u8| b"`\"[] \r\n".contains(byte);
    let next = text.get(end..text.len().min(end + 40))?.iter().find(|byte| !around(byte))?;
    if !matches!(next, b',' | b')') {
        return None;
    }
    let before = text.get(start.saturating_sub(HEAD)..start)?;
    let inside = |byte: &u8| {
        byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace() || b"_,`\"[].\\".contains(byte)
    };
    let open = before.iter().rposition(|byte| !inside(byte))?;
    let into = before.get(open.saturating_sub(100)..open)?.to_ascii_lowercase();
    if before.get(open) != Some(&b'(') || memchr::memmem::find(&into, b"into").is_none() {
        return None;
    }
    let column = before.get(open..)?.iter().filter(|byte| **byte == b',').count();
    let after = text.get(end..text.len().min(end + HEAD))?;
    let close = after.iter().position(|byte| !inside(byte))?;
    let rest = after.get(close..)?.strip_prefix(b")")?;
    let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let values = rest.get(blank..blank + 6).filter(|word| word.eq_ignore_ascii_case(b"values"))?;
    let mut at = end + close + 1 + blank + values.len();
    let limit = text.len().min(at + TABLE);
    let text = text.get(..limit)?;
    let mut found = Vec::new();
    for _ in 0..ROWS {
        let Some((row, value)) = tuple(text, at, column) else { break };
        found.extend(value);
        at = row;
    }
    Some(found)
}

/// The byte after the next tuple, and the literal in its `column`.
fn tuple(text: &[u8], at: usize, column: usize) -> Option<(usize, Option<Value>)> {
    let rest = text.get(at..)?;
    let blank = rest.iter().position(|byte| !byte.is_ascii_whitespace() && *byte != b',')?;
    let mut at = at + blank;
    let text = text.get(..text.len().min(at + ROW))?;
    if text.get(at) != Some(&b'(') {
        return None;
    }
    let (mut field, mut found) = (0, None);
    at += 1;
    loop {
        match *text.get(at)? {
            quote @ (b'\'' | b'"') => {
                let end = literal(text, at + 1, quote)?;
                if field == column {
                    found = Some((Form::Quoted, at + 1, end));
                }
                at = end + 1;
            }
            b',' => {
                field += 1;
                at += 1;
            }
            b')' => return Some((at + 1, found)),
            b';' => return None,
            b'(' => {
                if field == column {
                    return None;
                }
                at += 1 + memchr(b')', text.get(at..)?)?;
            }
            _ => at += 1,
        }
    }
}

/// Where the literal that begins at `at` ends.
fn literal(text: &[u8], at: usize, quote: u8) -> Option<usize> {
    let mut length = 0;
    loop {
        match text.get(at + length..)? {
            [b'\\', _, ..] => length += 2,
            [first, second, ..] if *first == quote && *second == quote => length += 2,
            [first, ..] if *first == quote => return Some(at + length),
            [] => return None,
            _ => length += 1,
        }
    }
}

/// Rows below a text's first line, which names the columns.
fn table(text: &[u8], start: usize, end: usize, syntax: Syntax) -> Option<Vec<Value>> {
    if start > HEAD || !matches!(syntax, Syntax::Prose | Syntax::Config) {
        return None;
    }
    let head = text.get(..text.len().min(end + HEAD))?;
    if memrchr(b'\n', head.get(..start)?).is_some() {
        return None;
    }
    let head = head.get(..end + memchr(b'\n', head.get(end..)?)?)?.trim_ascii_end();
    let separator = *head.iter().find(|byte| b",;\t|".contains(byte))?;
    let name = |cell: &[u8]| {
        let cell = unquoted(cell);
        cell.len() <= 40
            && cell.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-. /()".contains(byte))
            && cell.iter().any(u8::is_ascii_alphabetic)
    };
    let count = head.split(|byte| *byte == separator).count();
    if count < 2 || !head.split(|byte| *byte == separator).all(name) {
        return None;
    }
    let column = head.get(..start)?.iter().filter(|byte| **byte == separator).count();
    let rows = text.get(head.len()..text.len().min(head.len() + TABLE))?;
    Some(rows_of(rows, head.len(), separator, (column, count)))
}

/// The literals in a column of so many, in rows that begin at `at`.
fn rows_of(rows: &[u8], mut at: usize, separator: u8, place: (usize, usize)) -> Vec<Value> {
    let (column, count) = place;
    let mut found = Vec::new();
    for row in rows.split(|byte| *byte == b'\n').take(ROWS) {
        let cells = cells(row, separator);
        if let Some((from, to)) = cells.get(column).filter(|_| cells.len() == count) {
            found.push((Form::Quoted, at + from, at + to));
        }
        at += row.len() + 1;
    }
    found.retain(|(_, from, to)| from < to);
    found
}

/// Rows of a table as Markdown draws it.
fn drawn(text: &[u8], start: usize, end: usize, syntax: Syntax) -> Option<Vec<Value>> {
    if syntax != Syntax::Prose {
        return None;
    }
    let before = text.get(start.saturating_sub(HEAD)..start)?;
    let before = before.rsplit(|byte| *byte == b'\n').next()?;
    if !before.trim_ascii_start().starts_with(b"|") {
        return None;
    }
    let after = text.get(end..text.len().min(end + TABLE))?;
    let length = memchr(b'\n', after.get(..after.len().min(HEAD))?)?;
    let (behind, rest) = after.split_at_checked(length + 1)?;
    let line = rest.get(..memchr(b'\n', rest).map_or(rest.len(), |at| at + 1))?;
    let drawn = line.trim_ascii().starts_with(b"|") && is_rule(line);
    if !drawn {
        return Some(Vec::new());
    }
    let bars = |text: &[u8]| text.iter().filter(|byte| **byte == b'|').count();
    let place = (bars(before), bars(before) + bars(behind) + 1);
    let at = end + length + 1 + line.len();
    let rows = rest.get(line.len()..)?;
    let rows = rows.get(..memchr::memmem::find(rows, b"\n\n").unwrap_or(rows.len()))?;
    let end = rows.split_inclusive(|byte| *byte == b'\n').take_while(|row| !is_rule(row));
    let rows = rows.get(..end.map(<[u8]>::len).sum())?;
    Some(rows_of(rows, at, b'|', place))
}

/// `|---|:--|`
fn is_rule(line: &[u8]) -> bool {
    line.trim_ascii().iter().all(|byte| b"|-: ".contains(byte)) && line.contains(&b'-')
}

fn unquoted(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    let within = |quote: &[u8]| cell.strip_prefix(quote).and_then(|cell| cell.strip_suffix(quote));
    within(b"\"").or_else(|| within(b"`")).unwrap_or(cell)
}

/// Where the cells of a row stand, without their quotes.
fn cells(row: &[u8], separator: u8) -> Vec<(usize, usize)> {
    let mut cells = Vec::new();
    let (mut start, mut quoted) = (0, false);
    let mut close = |from: usize, to: usize| {
        let cell = row.get(from..to).unwrap_or_default();
        let lead = cell.len() - cell.trim_ascii_start().len();
        let inner = unquoted(cell);
        let lead = lead + usize::from(inner.len() < cell.trim_ascii().len());
        cells.push((from + lead, from + lead + inner.len()));
    };
    for (at, byte) in row.iter().enumerate() {
        if *byte == b'"' {
            quoted = !quoted;
        } else if *byte == separator && !quoted {
            close(start, at);
            start = at + 1;
        }
    }
    close(start, row.len());
    cells
}

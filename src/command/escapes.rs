//! C's escapes, as `$'…'`, `echo -e` and `printf` read them.

/// `text` with its escapes resolved. Bytes that make no character are replaced.
pub(super) fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'\\' {
            out.push(*first);
            continue;
        }
        let Some((kind, after)) = rest.split_first() else {
            out.push(b'\\');
            break;
        };
        rest = match kind {
            b'x' => number(after, 16, 2, &mut out),
            b'u' => character(after, 4, &mut out),
            b'U' => character(after, 8, &mut out),
            b'0'..=b'7' => number(rest, 8, if *kind == b'0' { 4 } else { 3 }, &mut out),
            b'c' => after.get(1..).unwrap_or_default(),
            _ => {
                single(*kind, &mut out);
                after
            }
        };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn single(kind: u8, out: &mut Vec<u8>) {
    match kind {
        b'n' => out.push(b'\n'),
        b't' => out.push(b'\t'),
        b'r' => out.push(b'\r'),
        b'a' => out.push(7),
        b'b' => out.push(8),
        b'e' | b'E' => out.push(27),
        b'f' => out.push(12),
        b'v' => out.push(11),
        b'\\' | b'\'' | b'"' | b'?' => out.push(kind),
        other => out.extend([b'\\', other]),
    }
}

/// Digits as they stand at the beginning, at most `most`.
fn digits(text: &[u8], radix: u32, most: usize) -> (u32, usize) {
    let digit = |byte: &u8| char::from(*byte).to_digit(radix);
    let count = text.iter().take(most).take_while(|byte| digit(byte).is_some()).count();
    let value = text.iter().take(count).filter_map(digit);
    (value.fold(0, |value, digit| value.wrapping_mul(radix).wrapping_add(digit)), count)
}

fn number<'t>(text: &'t [u8], radix: u32, most: usize, out: &mut Vec<u8>) -> &'t [u8] {
    let (value, count) = digits(text, radix, most);
    if count > 0 {
        out.push(u8::try_from(value & 0xff).unwrap_or_default());
    } else {
        out.extend(b"\\x");
    }
    text.get(count..).unwrap_or_default()
}

fn character<'t>(text: &'t [u8], most: usize, out: &mut Vec<u8>) -> &'t [u8] {
    let (value, count) = digits(text, 16, most);
    if let Some(character) = char::from_u32(value) {
        out.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    text.get(count..).unwrap_or_default()
}

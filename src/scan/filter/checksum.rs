//! Checksums and structures by which tokens prove themselves.

use super::placeholder::placeholder;
use crate::scan::rule::Checksum;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// What a check says about a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The structure is right.
    Proven,
    /// It may be a token that somebody changed or made up.
    Unproven,
    /// It is something else.
    Refuted,
}

/// Checks what the candidate carries.
#[must_use]
pub fn check(kind: Checksum, secret: &[u8]) -> Verdict {
    match kind {
        Checksum::Crc if crc_holds(secret) => Verdict::Proven,
        Checksum::Crc => Verdict::Unproven,
        Checksum::Jwt if jwt_header(secret) => Verdict::Proven,
        Checksum::Basic if basic_pair(secret) => Verdict::Proven,
        Checksum::Jwt | Checksum::Basic => Verdict::Refuted,
    }
}

/// GitHub's and npm's scheme: after the prefix, 30 characters and their CRC-32
/// in six base62 digits (GitHub's engineering blog, "Behind GitHub's new
/// authentication token formats").
fn crc_holds(secret: &[u8]) -> bool {
    let Some(split) = secret.len().checked_sub(6) else { return false };
    let (head, digits) = secret.split_at(split);
    let start = head.iter().position(|byte| *byte == b'_').map_or(0, |at| at + 1);
    head.get(start..).is_some_and(|payload| crc_digits(payload).as_bytes() == digits)
}

/// CRC-32 of `payload` as six base62 digits.
#[must_use]
pub fn crc_digits(payload: &[u8]) -> String {
    let mut value = crc32(payload);
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62.get((value % 62) as usize).copied().unwrap_or(b'0');
        value /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// The CRC-32 of zlib, bit by bit: candidates are short.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

/// RFC 7519: the first part is a JSON object that names an algorithm.
fn jwt_header(secret: &[u8]) -> bool {
    let head = secret.split(|byte| *byte == b'.').next().unwrap_or_default();
    let Some(json) = base64(head) else { return false };
    let value: Result<serde_json::Value, _> = serde_json::from_slice(&json);
    value.is_ok_and(|value| value.get("alg").is_some() || value.get("typ").is_some())
}

/// RFC 7617: `user:password`, both printable.
fn basic_pair(secret: &[u8]) -> bool {
    let Some(pair) = base64(secret) else { return false };
    let Ok(pair) = std::str::from_utf8(&pair) else { return false };
    pair.split_once(':')
        .is_some_and(|(_, password)| password.len() >= 3 && !placeholder(password.as_bytes()))
        && !pair.chars().any(char::is_control)
}

/// Base64 of either alphabet, padded or not.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let (mut bits, mut held) = (0u32, 0u32);
    for byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => return None,
        };
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits & 0xff) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_of_the_standard_check_input() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc_digits(b""), "000000");
    }

    #[test]
    fn a_changed_token_is_unproven() {
        let payload = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5";
        let token = ["gh", "p_", payload, &crc_digits(payload.as_bytes())].concat();
        assert_eq!(check(Checksum::Crc, token.as_bytes()), Verdict::Proven);
        assert_eq!(check(Checksum::Crc, token.replace('a', "b").as_bytes()), Verdict::Unproven);
    }

    #[test]
    fn basic_needs_a_pair() {
        assert_eq!(check(Checksum::Basic, b"dXNlcjpodW50ZXIy"), Verdict::Proven);
        assert_eq!(check(Checksum::Basic, b"understanding"), Verdict::Refuted);
    }
}

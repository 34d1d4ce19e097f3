//! Object ids: SHA-1 (20 bytes) or SHA-256 (32 bytes).

use std::fmt;

/// The hash a repository names its objects with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ObjectFormat {
    /// 20 bytes, 40 hexadecimal digits.
    #[default]
    Sha1,
    /// 32 bytes, 64 hexadecimal digits.
    Sha256,
}

impl ObjectFormat {
    /// Length of an id in bytes.
    #[must_use]
    pub fn id_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The name git's configuration uses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    /// The id of the tree without entries, which git knows without storing it.
    #[must_use]
    pub fn empty_tree(self) -> Oid {
        Oid::of(self, b"tree", b"")
    }
}

/// Name of an object. The bytes beyond a SHA-1's twenty are zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Oid {
    bytes: [u8; 32],
    len: u8,
}

/// Ids are hashes already: eight of their bytes are enough.
impl std::hash::Hash for Oid {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        let (_, bytes) = self.bytes.split_at(4);
        state.write_u64(bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes)));
    }
}

impl Oid {
    /// An id from its 20 or 32 raw bytes.
    #[must_use]
    pub fn from_bytes(raw: &[u8]) -> Option<Self> {
        if raw.len() != 20 && raw.len() != 32 {
            return None;
        }
        let mut bytes = [0; 32];
        bytes.get_mut(..raw.len())?.copy_from_slice(raw);
        Some(Self { bytes, len: u8::try_from(raw.len()).ok()? })
    }

    /// An id from 40 or 64 hexadecimal digits, and nothing else.
    #[must_use]
    pub fn parse(hex: &str) -> Option<Self> {
        Self::parse_bytes(hex.as_bytes())
    }

    /// As [`Oid::parse`], for text that need not be UTF-8.
    #[must_use]
    pub fn parse_bytes(hex: &[u8]) -> Option<Self> {
        if hex.len() != 40 && hex.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            if let [high, low] = pair {
                *byte = digit(*high)? << 4 | digit(*low)?;
            }
        }
        Some(Self { bytes, len: u8::try_from(hex.len() / 2).ok()? })
    }

    /// The id of an object with this kind's name and content.
    #[must_use]
    pub fn of(format: ObjectFormat, kind: &[u8], data: &[u8]) -> Self {
        use sha2::Digest as _;
        let length = data.len().to_string();
        let parts: [&[u8]; 5] = [kind, b" ", length.as_bytes(), b"\0", data];
        let mut bytes = [0; 32];
        match format {
            ObjectFormat::Sha1 => {
                let mut hasher = sha1::Sha1::new();
                parts.iter().for_each(|part| hasher.update(part));
                bytes.iter_mut().zip(hasher.finalize()).for_each(|(to, from)| *to = from);
            }
            ObjectFormat::Sha256 => {
                let mut hasher = sha2::Sha256::new();
                parts.iter().for_each(|part| hasher.update(part));
                bytes = hasher.finalize().into();
            }
        }
        Self { bytes, len: if format == ObjectFormat::Sha1 { 20 } else { 32 } }
    }

    /// The raw bytes, 20 or 32.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or(&self.bytes)
    }

    /// Whether this is the id git writes for "no object".
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.bytes.iter().all(|byte| *byte == 0)
    }

    /// The first `digits` hexadecimal digits.
    #[must_use]
    pub fn short(&self, digits: usize) -> String {
        let mut text = self.to_string();
        text.truncate(digits);
        text
    }
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digit =
            |value: u8| char::from(if value < 10 { b'0' + value } else { b'a' - 10 + value });
        let bytes = self.as_bytes().iter();
        let hex: String = bytes.flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
        f.write_str(&hex)
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_text_goes_in_and_out_and_nothing_else_is_an_id() {
        let sha1 = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
        assert_eq!(Oid::parse(sha1).unwrap().to_string(), sha1);
        assert_eq!(ObjectFormat::Sha1.empty_tree().to_string(), sha1);
        assert_eq!(
            ObjectFormat::Sha256.empty_tree().to_string(),
            "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
        );
        assert!(Oid::parse(&"0".repeat(64)).unwrap().is_zero());
        assert_eq!(Oid::parse(&sha1[..39]), None);
        assert_eq!(Oid::parse(&sha1.replace('4', "g")), None);
    }
}

//! Checkpoints as signed notes: the formats of C2SP's `signed-note` and
//! `tlog-checkpoint`, which transparency logs and their witnesses speak.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::action::Digest;

/// Type byte of an Ed25519 signature.
const ED25519: u8 = 1;
/// Longest note that is looked at, in bytes.
const LONGEST: usize = 64 * 1024;

/// The head of a log's Merkle tree at some size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Names the log.
    pub origin: String,
    /// Number of events.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Digest,
}

/// Why a note is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is not a checkpoint.
    #[error("it is not a checkpoint")]
    Malformed,
    /// No signature is by a key that is known.
    #[error("it is signed by a key that is not known here, `{0}`")]
    UnknownKey(String),
    /// A signature by a known key doesn't hold.
    #[error("its signature does not hold")]
    BadSignature,
}

impl Checkpoint {
    /// The text that is signed.
    fn text(&self) -> String {
        let root = STANDARD.encode(self.root.as_bytes());
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let root = STANDARD.decode(root).ok()?.try_into().ok()?;
        let found = Self {
            origin: origin.to_owned(),
            size: size.parse().ok()?,
            root: Digest::from_bytes(root),
        };
        // Extension lines are for whoever wrote them; the rest has one form.
        let named = is_name(origin) && found.size.to_string() == size;
        (named && lines.all(|line| !line.is_empty())).then_some(found)
    }

    /// The note: the text, signed under the name of the log.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> String {
        let text = self.text();
        let public = key.verifying_key();
        let mut bytes = key_id(&self.origin, &public).to_vec();
        bytes.extend(key.sign(text.as_bytes()).to_bytes());
        format!("{text}\n\u{2014} {} {}\n", self.origin, STANDARD.encode(bytes))
    }

    /// Reads a note that one of `keys` signed.
    ///
    /// # Errors
    /// Where it is no checkpoint, or none that a known key vouches for.
    pub fn open(note: &str, keys: &[VerifyingKey]) -> Result<Self, NoteError> {
        let (checkpoint, text, signatures) = take_apart(note).ok_or(NoteError::Malformed)?;
        let mut unknown = String::new();
        let mut vouched = false;
        for (name, id, signature) in signatures {
            let by_us =
                keys.iter().find(|key| name == checkpoint.origin && key_id(name, key) == id);
            match (by_us, Signature::from_slice(&signature)) {
                (Some(key), Ok(signature)) => key
                    .verify_strict(text.as_bytes(), &signature)
                    .map_err(|_| NoteError::BadSignature)?,
                (Some(_), Err(_)) => return Err(NoteError::BadSignature),
                (None, _) => {
                    unknown = format!("{name}+{}", hex(&id));
                    continue;
                }
            }
            vouched = true;
        }
        if vouched { Ok(checkpoint) } else { Err(NoteError::UnknownKey(unknown)) }
    }

    /// What a note says, whoever signed it.
    #[must_use]
    pub fn unverified(note: &str) -> Option<Self> {
        take_apart(note).map(|(checkpoint, _, _)| checkpoint)
    }
}

/// A note that was kept with a log.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) note: String,
    /// What it says, where the log's key signed it.
    pub(super) signed: Option<Checkpoint>,
}

impl Kept {
    /// The note, looked at with the log's key.
    pub(super) fn of(note: String, key: Option<&VerifyingKey>) -> Self {
        let signed = key.and_then(|key| Checkpoint::open(&note, &[*key]).ok());
        Self { note, signed }
    }
}

type SignatureLine<'a> = (&'a str, [u8; 4], Vec<u8>);

fn take_apart(note: &str) -> Option<(Checkpoint, &str, Vec<SignatureLine<'_>>)> {
    let clean = note.len() <= LONGEST && !note.chars().any(|c| c < ' ' && c != '\n');
    let at = note.rfind("\n\n").filter(|_| clean)?;
    let (text, signatures) = (note.get(..=at)?, note.get(at + 2..)?);
    let lines = signatures.strip_suffix('\n')?.split('\n');
    let lines = lines.map(signature_line).collect::<Option<Vec<_>>>()?;
    Some((Checkpoint::parse(text)?, text, lines))
}

fn signature_line(line: &str) -> Option<SignatureLine<'_>> {
    let (name, encoded) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    let bytes = STANDARD.decode(encoded).ok()?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    is_name(name).then(|| (name, *id, signature.to_vec()))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c == '+')
}

/// First four bytes of the SHA-256 of name, line feed, type and key.
fn key_id(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let mut bytes = format!("{name}\n").into_bytes();
    bytes.push(ED25519);
    bytes.extend(key.as_bytes());
    let [a, b, c, d, ..] = *Digest::of(&bytes).as_bytes();
    [a, b, c, d]
}

/// The key as verifiers of notes write it: `name+id+key`.
#[must_use]
pub fn verifier_key(name: &str, key: &VerifyingKey) -> String {
    let mut bytes = vec![ED25519];
    bytes.extend(key.as_bytes());
    format!("{name}+{}+{}", hex(&key_id(name, key)), STANDARD.encode(bytes))
}

/// Reads `name+id+key`, or the key's 64 hexadecimal characters alone.
#[must_use]
pub fn parse_verifier_key(text: &str) -> Option<VerifyingKey> {
    if let Some(bare) = Digest::from_hex(text) {
        return VerifyingKey::from_bytes(bare.as_bytes()).ok();
    }
    let (name, rest) = text.split_once('+')?;
    let (id, encoded) = rest.split_once('+')?;
    let bytes = STANDARD.decode(encoded).ok()?;
    let (kind, key) = bytes.split_first()?;
    let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
    (*kind == ED25519 && hex(&key_id(name, &key)) == id).then_some(key)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of the Go checksum database, which started the format.
    #[test]
    fn a_verifier_key_is_read_as_others_write_it() {
        let text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
        let key = parse_verifier_key(text).expect("a key");
        assert_eq!(verifier_key("sum.golang.org", &key), text);
        assert!(parse_verifier_key(&text.replace("033d", "033e")).is_none());
    }

    #[test]
    fn a_signature_in_another_name_does_not_count() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = key.verifying_key();
        let checkpoint =
            Checkpoint { origin: "saferun/x".to_owned(), size: 20, root: Digest::of(b"x") };
        let text = checkpoint.text();
        let mut bytes = key_id("saferun/y", &public).to_vec();
        bytes.extend(key.sign(text.as_bytes()).to_bytes());
        let note = format!("{text}\n\u{2014} saferun/y {}\n", STANDARD.encode(bytes));
        assert!(matches!(Checkpoint::open(&note, &[public]), Err(NoteError::UnknownKey(_))));
    }

    #[test]
    fn every_change_of_a_note_shows() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let keys = [key.verifying_key()];
        let checkpoint =
            Checkpoint { origin: "saferun/x".to_owned(), size: 20, root: Digest::of(b"x") };
        let note = checkpoint.sign(&key);
        assert_eq!(Checkpoint::open(&note, &keys), Ok(checkpoint));
        for at in 0..note.len() {
            for bit in 0..8 {
                let mut bytes = note.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                let opened =
                    String::from_utf8(bytes).ok().map(|note| Checkpoint::open(&note, &keys));
                assert!(!matches!(opened, Some(Ok(_))), "byte {at}, bit {bit}");
            }
        }
    }
}

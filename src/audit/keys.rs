//! The Ed25519 key that signs checkpoints.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;

use crate::action::Digest;
use crate::config::{env, paths, private_file};

/// The end of what stands before the seed in a PKCS#8 document (RFC 8410).
const PKCS8_BEFORE_SEED: &[u8] = &[0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
/// Largest key file that is read, in bytes.
const LARGEST: u64 = 16 * 1024;

/// A key file that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It can't be read or made.
    #[error("cannot use the signing key `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others than its owner can read it.
    #[error("others can read the signing key `{}`; `chmod 600` it", .0.display())]
    Open(PathBuf),
    /// It is no key.
    #[error("`{}` is no Ed25519 key: neither PKCS#8 PEM nor 64 hexadecimal characters", .0.display())]
    Malformed(PathBuf),
    /// There is no home directory.
    #[error("there is no home directory to keep the signing key in; set `HOME`, or name a key")]
    NoHome,
}

/// The account's own key file: what `SAFERUN_AUDIT_KEY` names, else
/// `audit-signing.key` in the state directory.
///
/// # Errors
/// Where there is no home directory.
pub fn account_file() -> Result<PathBuf, KeyError> {
    env::var_os(env::SAFERUN_AUDIT_KEY)
        .map(PathBuf::from)
        .or_else(|| Some(paths::state_dir()?.join("audit-signing.key")))
        .ok_or(KeyError::NoHome)
}

/// Reads a key: PKCS#8 PEM as `openssl genpkey -algorithm ed25519` writes it,
/// or the seed's 64 hexadecimal characters.
///
/// # Errors
/// Where it can't be read, isn't private, or is no key.
pub fn load(path: &Path) -> Result<SigningKey, KeyError> {
    let failed = |source| KeyError::Io { path: path.to_owned(), source };
    let found = fs::metadata(path).map_err(failed)?;
    if found.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Open(path.to_owned()));
    }
    if !found.is_file() || found.len() > LARGEST {
        return Err(KeyError::Malformed(path.to_owned()));
    }
    let text = fs::read_to_string(path).map_err(failed)?;
    parse(&text).ok_or_else(|| KeyError::Malformed(path.to_owned()))
}

/// Reads the key in `path`, and makes one where there is none yet.
///
/// # Errors
/// Where it can't be read or made.
pub fn load_or_create(path: &Path) -> Result<SigningKey, KeyError> {
    match load(path) {
        Err(KeyError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
            create(path).map_err(|source| KeyError::Io { path: path.to_owned(), source })?;
            load(path)
        }
        other => other,
    }
}

/// Of several processes that make the key at once, one wins.
fn create(path: &Path) -> io::Result<()> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(io::Error::other)?;
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}.new", std::process::id()));
    let draft = PathBuf::from(draft);
    private_file::write(&draft, &format!("{}\n", Digest::from_bytes(seed)))?;
    let linked = fs::hard_link(&draft, path);
    let _ = fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn parse(text: &str) -> Option<SigningKey> {
    let text = text.trim();
    if let Some(seed) = Digest::from_hex(text) {
        return Some(SigningKey::from_bytes(seed.as_bytes()));
    }
    let body = text.strip_prefix("-----BEGIN PRIVATE KEY-----")?;
    let body = body.strip_suffix("-----END PRIVATE KEY-----")?;
    let bytes = STANDARD.decode(body.split_whitespace().collect::<String>()).ok()?;
    let at = memchr::memmem::find(&bytes, PKCS8_BEFORE_SEED)? + PKCS8_BEFORE_SEED.len();
    Some(SigningKey::from_bytes(bytes.get(at..at + 32)?.try_into().ok()?))
}

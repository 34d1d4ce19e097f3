//! Keys for the gateway, in a file that only this user may read; the
//! environment goes before it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{env, paths, private_file};

/// Where the gateway is, and with which keys to talk to it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// URL of the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_url: Option<String>,
    /// Key that asks for approvals; the only one that hooks use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_key: Option<String>,
    /// Key that answers them; used by a person's own commands only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approve_key: Option<String>,
}

/// Why the credentials are not to be had.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// Neither `XDG_CONFIG_HOME` nor `HOME` is set.
    #[error("there is no home directory to keep credentials in")]
    NoHome,
    /// The file can not be read or written.
    #[error("`{}` can not be used", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file makes no sense.
    #[error("`{}` is not valid: {message}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, without the file's text.
        message: String,
    },
}

impl Credentials {
    /// Path of the file.
    pub fn path() -> Result<PathBuf, CredentialsError> {
        let directory = paths::config_dir().ok_or(CredentialsError::NoHome)?;
        Ok(directory.join("credentials.toml"))
    }

    /// What is stored and what the environment says. A key from the
    /// environment stands for both keys; a URL from there takes no stored key
    /// with it, for a key is sent to the gateway that it was stored for only.
    pub fn load() -> Result<Self, CredentialsError> {
        let stored = match Self::path() {
            Ok(path) => Self::read(&path)?,
            Err(CredentialsError::NoHome) => Self::default(),
            Err(error) => return Err(error),
        };
        let url = env::var(env::SAFERUN_GATEWAY_URL);
        let key = env::var(env::SAFERUN_API_KEY);
        Ok(stored.overridden(url, key))
    }

    fn overridden(self, url: Option<String>, key: Option<String>) -> Self {
        let same = |url: &String| {
            self.gateway_url
                .as_deref()
                .is_some_and(|stored| stored.trim_end_matches('/') == url.trim_end_matches('/'))
        };
        let kept = match &url {
            Some(url) if !same(url) => Self { gateway_url: Some(url.clone()), ..Self::default() },
            _ => self,
        };
        match key {
            Some(key) => Self { request_key: Some(key.clone()), approve_key: Some(key), ..kept },
            None => kept,
        }
    }

    /// Reads a credentials file; a missing one holds nothing.
    pub fn read(path: &Path) -> Result<Self, CredentialsError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(CredentialsError::File { path: path.to_owned(), source }),
        };
        toml::from_str(&text).map_err(|error| {
            let message = error.message().to_owned();
            CredentialsError::Invalid { path: path.to_owned(), message }
        })
    }

    /// Stores the credentials and returns where.
    pub fn store(&self) -> Result<PathBuf, CredentialsError> {
        let path = Self::path()?;
        let invalid = |message| CredentialsError::Invalid { path: path.clone(), message };
        let text = toml::to_string(self).map_err(|error| invalid(error.to_string()))?;
        let file = |source| CredentialsError::File { path: path.clone(), source };
        private_file::write(&path, &text).map_err(file)?;
        Ok(path)
    }

    /// Removes the file; returns whether there was one, and where.
    pub fn forget() -> Result<(bool, PathBuf), CredentialsError> {
        let path = Self::path()?;
        match fs::remove_file(&path) {
            Ok(()) => Ok((true, path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((false, path)),
            Err(source) => Err(CredentialsError::File { path, source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> Credentials {
        let text = |text: &str| Some(text.to_owned());
        Credentials {
            gateway_url: text("http://127.0.0.1:8500"),
            request_key: text("r"),
            approve_key: text("a"),
        }
    }

    #[test]
    fn a_stored_key_never_goes_to_another_gateway() {
        let other = stored().overridden(Some("http://evil.example".into()), None);
        assert_eq!((other.request_key, other.approve_key), (None, None));
        let same = stored().overridden(Some("http://127.0.0.1:8500/".into()), None);
        assert!(same == stored());
    }

    #[test]
    fn a_key_from_the_environment_wins() {
        let overridden = stored().overridden(None, Some("e".into()));
        assert_eq!(overridden.request_key.as_deref(), Some("e"));
        assert_eq!(overridden.gateway_url, stored().gateway_url);
    }
}

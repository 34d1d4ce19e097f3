//! The endpoints, as `rules/verify.toml` has them.

use std::collections::BTreeMap;

use regex::Regex;
use serde::{Deserialize, Deserializer, de};

use super::Error;

const ENDPOINTS: &str = include_str!("../../rules/verify.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    endpoints: Vec<Endpoint>,
}

/// A call that tells whose key one is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Endpoint {
    /// Ids of the rules whose findings it is for.
    pub rules: Vec<String>,
    /// What the secret must match.
    #[serde(default, deserialize_with = "pattern")]
    pub only: Option<Regex>,
    /// Further values that must stand near the secret.
    #[serde(default, deserialize_with = "patterns")]
    pub needs: BTreeMap<String, Regex>,
    #[serde(default = "get")]
    pub method: String,
    pub url: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// `USER:PASSWORD`.
    pub basic: Option<String>,
    pub json: Option<String>,
    pub form: Option<String>,
    /// Whether the request is signed as AWS wants it, by the key that `id` of
    /// `needs` names; the secret itself is not sent.
    #[serde(default)]
    pub aws: bool,
    /// Statuses of a key that works.
    #[serde(default = "ok")]
    pub live: Vec<u16>,
    /// Statuses of one that doesn't.
    #[serde(default = "unauthorized")]
    pub dead: Vec<u16>,
    #[serde(default)]
    pub live_text: Vec<String>,
    #[serde(default)]
    pub dead_text: Vec<String>,
    /// Whether a key that is not known there may work elsewhere.
    #[serde(default)]
    pub elsewhere: bool,
}

/// All endpoints.
///
/// # Errors
/// Where the file has a mistake.
pub(super) fn all() -> Result<Vec<Endpoint>, Error> {
    let file: File =
        toml::from_str(ENDPOINTS).map_err(|error| Error::Endpoints(error.to_string()))?;
    Ok(file.endpoints)
}

fn get() -> String {
    "GET".to_owned()
}

fn ok() -> Vec<u16> {
    vec![200]
}

fn unauthorized() -> Vec<u16> {
    vec![401]
}

fn pattern<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Regex>, D::Error> {
    let text = String::deserialize(from)?;
    Regex::new(&text).map(Some).map_err(de::Error::custom)
}

fn patterns<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Regex>, D::Error> {
    let texts: BTreeMap<String, String> = BTreeMap::deserialize(from)?;
    let compiled = |(name, text): (String, String)| Ok((name, Regex::new(&text)?));
    let compiled: Result<_, regex::Error> = texts.into_iter().map(compiled).collect();
    compiled.map_err(de::Error::custom)
}

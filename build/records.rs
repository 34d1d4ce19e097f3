//! Writes tables for `src/records.rs`.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use serde::Serialize;

use crate::read::toml::parse;

/// Writes the records as `NAME.bin`; the source of a static called `constant`
/// of records of type `kind`, made of their bytes by `read`.
pub fn table<T: Serialize>(
    name: &str,
    constant: &str,
    kind: &str,
    read: &str,
    records: impl IntoIterator<Item = T>,
) -> Result<String, Box<dyn Error>> {
    let (mut bytes, mut ends) = (Vec::new(), Vec::new());
    for record in records {
        bytes.extend(postcard::to_allocvec(&record)?);
        ends.push(bytes.len());
    }
    write(&format!("{name}.bin"), &bytes)?;
    Ok(format!(
        "pub static {constant}: Records<{kind}> = Records::new({}, &{ends:?}, {read});\n",
        include(name)
    ))
}

/// Writes `rules/NAME.toml` as JSON, which is read several times faster.
pub fn document(name: &str) -> Result<(), Box<dyn Error>> {
    let path = format!("rules/{name}.toml");
    let value: toml::Value =
        toml::from_str(&fs::read_to_string(&path)?).map_err(|error| format!("{path}: {error}"))?;
    let file = name.rsplit('/').next().unwrap_or(name);
    write(&format!("{file}.json"), &serde_json::to_vec(&value)?)
}

/// Writes `rules/policies/NAME.toml` as the tree that it is parsed into.
pub fn policy(name: &str) -> Result<(), Box<dyn Error>> {
    let path = format!("rules/policies/{name}.toml");
    let root = parse(&fs::read_to_string(&path)?)
        .map_err(|(line, error)| format!("{path}, line {line}: {error}"))?;
    write(&format!("{name}.policy.bin"), &postcard::to_allocvec(&root)?)
}

fn include(name: &str) -> String {
    format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.bin\"))")
}

#[expect(clippy::disallowed_methods, reason = "cargo tells build scripts where to write this way")]
fn write(name: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let out = env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
    Ok(fs::write(Path::new(&out).join(name), bytes)?)
}

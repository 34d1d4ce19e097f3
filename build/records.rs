//! Writes tables for `src/records.rs`.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use serde::Serialize;

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
    blob(name, &bytes)?;
    Ok(format!(
        "pub static {constant}: Records<{kind}> = Records::new({}, &{ends:?}, {read});\n",
        include(name)
    ))
}

/// Writes one value as `NAME.bin`; the expression that includes its bytes.
pub fn whole<T: Serialize>(name: &str, value: &T) -> Result<String, Box<dyn Error>> {
    blob(name, &postcard::to_allocvec(value)?)?;
    Ok(include(name))
}

fn include(name: &str) -> String {
    format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.bin\"))")
}

#[expect(clippy::disallowed_methods, reason = "cargo tells build scripts where to write this way")]
fn blob(name: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let out = env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
    Ok(fs::write(Path::new(&out).join(format!("{name}.bin")), bytes)?)
}

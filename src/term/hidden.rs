//! Reading a secret from a person.

use std::io::{self, IsTerminal, Read};

use console::Term;

/// Longest secret that is read from standard input, in bytes.
const LONGEST: u64 = 4_096;

/// Reads a secret: at a terminal with `prompt` and without showing what is
/// typed, else the first line of standard input.
pub fn read_secret(prompt: &str) -> io::Result<String> {
    if io::stdin().is_terminal() {
        let terminal = Term::stderr();
        terminal.write_str(prompt)?;
        return terminal.read_secure_line().map(|line| line.trim().to_owned());
    }
    let mut text = String::new();
    io::stdin().take(LONGEST).read_to_string(&mut text)?;
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

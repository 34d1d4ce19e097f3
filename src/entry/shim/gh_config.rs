//! gh's aliases: the mapping `aliases` in its `config.yml`.
//!
//! gh writes this file itself, with every alias as a plain, quoted or block
//! scalar; nothing else of YAML is read here.

use std::fs;
use std::path::PathBuf;

use crate::config::env;

/// Expansion of the alias `name`.
pub(super) fn alias(name: &str) -> Option<String> {
    let text = fs::read_to_string(file()?).ok()?;
    find(&text, name)
}

/// `GH_CONFIG_DIR`, else `gh` in the user's configuration directory.
fn file() -> Option<PathBuf> {
    let own = env::var_os("GH_CONFIG_DIR").map(PathBuf::from);
    let base = env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let home = || crate::config::paths::home().map(|home| home.join(".config"));
    Some(own.or_else(|| Some(base.or_else(home)?.join("gh")))?.join("config.yml"))
}

fn find(text: &str, name: &str) -> Option<String> {
    let mut lines =
        text.lines().skip_while(|line| !line.starts_with("aliases:")).skip(1).peekable();
    while let Some(line) =
        lines.next_if(|line| line.trim().is_empty() || line.starts_with([' ', '\t', '#']))
    {
        let indent = line.len() - line.trim_start().len();
        let Some((key, value)) = line.trim().split_once(':') else { continue };
        let mut value = value.trim().to_owned();
        if value.starts_with(['|', '>']) {
            let deeper = |line: &&str| {
                line.trim().is_empty() || line.len() - line.trim_start().len() > indent
            };
            let mut block = Vec::new();
            while let Some(line) = lines.next_if(deeper) {
                block.push(line.trim());
            }
            value = block.join("\n");
        }
        if unquoted(key) == name {
            return Some(unquoted(&value));
        }
    }
    None
}

fn unquoted(text: &str) -> String {
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    if let Some(text) = inner('\'') {
        return text.replace("''", "'");
    }
    inner('"')
        .map_or_else(|| text.to_owned(), |text| text.replace("\\\"", "\"").replace("\\\\", "\\"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_quoted_and_block_aliases() {
        let text = "version: 1\naliases:\n    co: pr checkout\n    rm: 'repo delete ''x'''\n    sh: |-\n        !gh api \\\n          -X DELETE\n    b: \"a \\\"b\\\"\"\nhttp:\n    co: no\n";
        assert_eq!(find(text, "co").as_deref(), Some("pr checkout"));
        assert_eq!(find(text, "rm").as_deref(), Some("repo delete 'x'"));
        assert_eq!(find(text, "sh").as_deref(), Some("!gh api \\\n-X DELETE"));
        assert_eq!(find(text, "b").as_deref(), Some("a \"b\""));
        assert_eq!(find(text, "http"), None);
    }
}

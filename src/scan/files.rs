//! Files that never belong in a commit, by their names.

/// Why a file should not be committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SensitiveFile {
    /// Name of the kind.
    pub rule_id: &'static str,
    /// What it is.
    pub description: &'static str,
}

struct FileRule {
    id: &'static str,
    description: &'static str,
    names: &'static [&'static str],
    prefixes: &'static [&'static str],
    suffixes: &'static [&'static str],
    paths: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Whether `path` names a file that never belongs in a commit. Templates
/// (`.env.example`) pass.
#[must_use]
pub fn sensitive_file(path: &[u8]) -> Option<SensitiveFile> {
    let path = String::from_utf8_lossy(path).to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or(&path);
    if is_template(name) {
        return None;
    }
    FILES
        .iter()
        .find(|rule| {
            rule.names.contains(&name)
                || rule.prefixes.iter().any(|prefix| name.starts_with(prefix))
                || rule.suffixes.iter().any(|suffix| name.ends_with(suffix))
                || rule.paths.iter().any(|ending| is_below(&path, ending))
        })
        .map(|rule| SensitiveFile { rule_id: rule.id, description: rule.description })
}

/// Whether `path` names a file that is there to hold credentials, also where
/// some of its kind belong in a commit: its content decides.
pub(super) fn usually_holds_credentials(path: &[u8]) -> bool {
    let lower = String::from_utf8_lossy(path).to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    !is_template(name) && (LIKELY.iter().any(|ending| is_below(&lower, ending)) || speaks(name))
        || sensitive_file(path).is_some()
}

/// Whether the name of a file without syntax of its own speaks of credentials:
/// `pool_passwd`, `rsyncd.secrets`, `glassfish.passwords`.
fn speaks(name: &str) -> bool {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let words = ["passw", "secret", "credential", "htpasswd", "authinfo"];
    let speaks = |text: &str| words.iter().any(|word| text.contains(word));
    let plain = [
        "",
        "txt",
        "conf",
        "cfg",
        "ini",
        "properties",
        "db",
        "list",
        "csv",
        "dat",
        "bak",
        "old",
        "key",
    ];
    speaks(ending) || speaks(stem) && plain.contains(&ending)
}

fn is_template(name: &str) -> bool {
    TEMPLATES.iter().any(|ending| {
        name.ends_with(*ending) || name.split(*ending).skip(1).any(|rest| rest.starts_with('.'))
    })
}

fn is_below(path: &str, ending: &str) -> bool {
    path.strip_suffix(ending).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_files_are_named_and_templates_and_sources_pass() {
        for path in [
            ".env",
            "app/.env.production",
            "keys/id_rsa",
            "home/.aws/credentials",
            ".netrc",
            "x/.pgpass",
            ".docker/config.json",
            "release.keystore",
            "cert.p12",
            "infra/terraform.tfstate",
            ".htpasswd",
            ".ENV",
        ] {
            assert!(sensitive_file(path.as_bytes()).is_some(), "{path}");
        }
        for path in [
            ".env.example",
            ".env.sample",
            ".env.template",
            ".env.dist",
            ".env.local.example",
            "tsconfig.json",
            "src/credentials.ts",
            "secrets_test.go",
            "docs/settings.json",
            "config.json",
            "id_rsa.pub",
            ".npmrc",
            "environment.ts",
            "src/env.rs",
            "package.json",
        ] {
            assert_eq!(sensitive_file(path.as_bytes()), None, "{path}");
        }
    }
}

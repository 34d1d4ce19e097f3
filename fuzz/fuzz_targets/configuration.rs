//! What people and repositories configure: rules in gitleaks' format, ignore
//! files, `.saferun.toml`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use saferun::action::CallerKind;
use saferun::config::{RepositoryFile, Settings};
use saferun::policy::own_rules;
use saferun::scan::{Ignores, config};

const TEXT: &[u8] =
    b"token = \"0123456789abcdef\"\npassword: changeme # aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

fuzz_target!(|data: &[u8]| {
    let Some((first, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    match first % 3 {
        0 => {
            let Ok(scanner) = config::parse(text, "rules.toml") else { return };
            let _ = scanner.scan(TEXT, b"src/a.py");
        }
        1 => {
            let mut ignores = Ignores::default();
            ignores.add(text, ".gitleaksignore");
            let _ = ignores.unused(true);
        }
        _ => {
            let text = text.to_owned();
            let file = RepositoryFile { name: ".saferun.toml".into(), committed: true, text };
            let Ok(settings) = Settings::load(CallerKind::Human, Some(&file)) else { return };
            let _ = own_rules(&settings);
        }
    }
});

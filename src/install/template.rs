//! `.saferun.toml` as `saferun init` writes it.

use crate::config::Preset;

/// The file for a preset, every setting explained and at its default.
#[must_use]
pub fn config_template(preset: Preset, gateway: Option<&str>) -> String {
    let gateway = gateway.map_or_else(
        || "# url = \"http://127.0.0.1:8500\"".to_owned(),
        |url| format!("url = {}", toml::Value::from(url)),
    );
    include_str!("../../hooks/saferun.toml")
        .replace("@PRESET@", preset.as_str())
        .replace("@GATEWAY@", &gateway)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::CallerKind;
    use crate::config::{RepositoryFile, Settings};

    #[test]
    fn what_is_written_can_be_read() {
        let text = config_template(Preset::Strict, Some("http://127.0.0.1:1"));
        let file = RepositoryFile { name: ".saferun.toml".into(), committed: true, text };
        let settings = Settings::load(CallerKind::Human, Some(&file)).expect("valid");
        assert!(settings.preset.value >= Preset::Strict);
    }
}

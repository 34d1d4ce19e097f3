//! Which names the gateway answers to. A page of somebody else's whose name
//! was pointed at this machine (DNS rebinding) is turned away here.

use std::net::IpAddr;

/// Names that may stand in a request's `Host`.
#[derive(Debug, Clone, Default)]
pub struct Hosts {
    names: Vec<String>,
}

impl Hosts {
    /// Loopback names and every IP address, which no foreign name can stand
    /// for, and `names` besides.
    #[must_use]
    pub fn new(names: &[String]) -> Self {
        Self { names: names.iter().map(|name| name.to_ascii_lowercase()).collect() }
    }

    /// Whether a `Host` header names this gateway.
    #[must_use]
    pub fn accepts(&self, header: &str) -> bool {
        let name = without_port(header).to_ascii_lowercase();
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        name == "localhost"
            || name.ends_with(".localhost")
            || bare.parse::<IpAddr>().is_ok()
            || self.names.contains(&name)
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            // `::1` without brackets is no port.
            if name.contains(':') && !name.ends_with(']') { host } else { name }
        }
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_to_loopback_addresses_and_configured_names_only() {
        let hosts = Hosts::new(&["Gate.example".to_owned()]);
        for good in
            ["localhost", "127.0.0.1:8500", "[::1]:8500", "::1", "app.localhost:1", "gate.example"]
        {
            assert!(hosts.accepts(good), "{good}");
        }
        for bad in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:8500",
            "gate.example.evil",
        ] {
            assert!(!hosts.accepts(bad), "{bad}");
        }
    }
}

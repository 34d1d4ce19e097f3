//! The endpoints as data.

use std::collections::HashSet;

use reqwest::Url;

use super::*;

#[test]
fn endpoints_are_for_rules_that_are_there_and_name_their_hosts() {
    let scanner = Scanner::builtin();
    let known: HashSet<&str> = scanner.rules().map(|rule| rule.id.as_ref()).collect();
    let mut seen = HashSet::new();
    for endpoint in endpoint::all().unwrap() {
        for rule in &endpoint.rules {
            assert!(known.contains(rule.as_str()), "no rule is called `{rule}`");
            assert!(seen.insert(rule.clone()), "`{rule}` has two endpoints");
        }
        let (_, rest) = endpoint.url.split_once("https://").unwrap();
        let host = rest.split('/').next().unwrap();
        let fixed = host.rsplit('}').next().unwrap();
        assert!(fixed.split('.').filter(|label| !label.is_empty()).count() >= 2, "{host}");
        for (name, pattern) in &endpoint.needs {
            let written = format!("{{{name}}}");
            let used = endpoint.aws || endpoint.url.contains(&written) || endpoint.basic.is_some();
            assert!(used, "{name}");
            if host.contains(&written) {
                for wild in ["a.example.net/.", "x@example.net#.", "a%2e.", "a\\."] {
                    let text = format!("{wild}{fixed}");
                    let group = pattern.captures(&text).and_then(|found| found.get(1));
                    let group = group.map_or("", |group| group.as_str());
                    assert!(
                        group.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
                        "{group}"
                    );
                }
            }
        }
        let places = [&endpoint.basic, &endpoint.json, &endpoint.form, &Some(endpoint.url.clone())];
        let mut places: Vec<String> = places.into_iter().flatten().cloned().collect();
        places.extend(endpoint.headers.values().cloned());
        assert!(
            endpoint.aws || places.iter().any(|place| place.contains("{secret}")),
            "{}",
            endpoint.url
        );
    }
    assert!(seen.len() >= 100, "{} rules", seen.len());
}

#[test]
fn only_this_machine_stands_in_for_providers() {
    let at = |text: &str| local(&Url::parse(text).unwrap()).is_ok();
    assert!(at("http://127.0.0.1:8080") && at("http://[::1]:1") && at("http://localhost"));
    for elsewhere in ["http://example.net", "http://127.0.0.1.example.net", "http://10.0.0.1"] {
        assert!(!at(elsewhere), "{elsewhere}");
    }
}

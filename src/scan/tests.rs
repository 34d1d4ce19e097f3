use proptest::prelude::*;

use super::rule::builtin::RULES;
use super::sample::expand;
use super::*;

fn alone(rule: &Rule) -> Scanner {
    let mut rule = rule.clone();
    rule.redact_only = false;
    Scanner::new(vec![rule], config::Gate::default()).with_confidence(Confidence::Low)
}

fn all() -> Scanner {
    Scanner::builtin().with_confidence(Confidence::Low)
}

fn ids(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule_id.as_ref()).collect()
}

#[test]
fn every_rule_finds_its_examples_and_not_its_counterexamples() {
    let (everything, redaction) = (all(), Scanner::for_redaction());
    let mut wrong = Vec::new();
    for rule in RULES.iter().filter(|rule| !rule.regex.is_empty() || rule.assigns.is_some()) {
        let scanner = alone(rule);
        assert!(
            !rule.examples.is_empty() && !rule.counterexamples.is_empty(),
            "{} has no samples",
            rule.id
        );
        for sample in rule.examples.iter() {
            let text = expand(sample);
            let (path, text) = rule.placed(&text);
            let (path, bytes) = (path.as_bytes(), text.as_bytes());
            let ok = if rule.redact_only {
                !redaction.hits(bytes, path).is_empty()
            } else {
                !scanner.scan(bytes, path).is_empty()
                    && !everything.scan(bytes, path).is_empty()
                    && (rule.confidence == Confidence::Low
                        || !redaction.hits(bytes, path).is_empty())
            };
            if !ok {
                wrong.push(format!("{} misses {text}", rule.id));
            }
        }
        for sample in rule.counterexamples.iter() {
            let text = expand(sample);
            let (path, text) = rule.placed(&text);
            if !scanner.scan(text.as_bytes(), path.as_bytes()).is_empty() {
                wrong.push(format!("{} finds {text}", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rules_are_complete_and_ids_are_unique() {
    let mut seen = std::collections::HashSet::new();
    for rule in RULES.iter() {
        assert!(seen.insert(&rule.id), "{} twice", rule.id);
        assert!(engine::compile(&rule.regex).is_ok(), "{}", rule.id);
        assert!(
            (rule.path.is_some() || !rule.keywords.is_empty())
                && rule.keywords.iter().all(|word| word.len() >= 3),
            "{}",
            rule.id
        );
        assert!(
            rule.redact_only || !rule.rotate.is_empty(),
            "{} does not say where to rotate",
            rule.id
        );
    }
    assert!(RULES.len() >= 600);
    assert_eq!(RULES.iter().count(), RULES.len(), "every record can be read");
    assert!(RULES.iter().all(|rule| rule.allowlists.is_empty()), "the gate knows of none");
}

#[test]
fn places_count_from_one_in_characters() {
    let token = expand("ghp_{36:crc}");
    let text = format!("first\nü = \"{token}\" # end\n");
    let found = all().scan(text.as_bytes(), b"src/a.py");
    assert_eq!(ids(&found), ["github-pat"]);
    let finding = &found[0];
    assert_eq!((finding.start_line, finding.end_line), (2, 2));
    assert_eq!((finding.start_column, finding.end_column), (6, 45));
    assert_eq!(finding.fingerprint, "src/a.py:github-pat:2");
    assert_eq!(finding.confidence, Confidence::High);
    assert_eq!(finding.excerpt, "ü = \"ghp_********\" # end");
    assert!(!serde_json::to_string(&finding.redacted()).unwrap().contains(&token));
}

#[test]
fn a_checksum_that_fails_lowers_confidence_and_tests_lower_it_too() {
    let found =
        |path: &str, text: String| all().scan(text.as_bytes(), path.as_bytes())[0].confidence;
    assert_eq!(found("a.py", expand("ghp_{36}")), Confidence::Medium);
    assert_eq!(found("tests/a.py", expand("sk_{}live_{24}")), Confidence::Medium);
    assert_eq!(found("tests/a.py", expand("connect(password=\"summer\")")), Confidence::Low);
    assert_eq!(found("src/a.py", expand("db_password = \"{16}\"")), Confidence::Medium);
}

#[test]
fn utf16_and_text_with_nul_bytes_are_scanned() {
    let text = format!("x = '{}'\n", expand("sk_{}live_{24}"));
    let units: Vec<u16> = text.encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> =
        [0xfe, 0xff].into_iter().chain(units.iter().flat_map(|unit| unit.to_be_bytes())).collect();
    let marked: Vec<u8> = [0xff, 0xfe].iter().copied().chain(little.clone()).collect();
    let nul = [b"a\0b\0\0\n", text.as_bytes()].concat();
    for bytes in [little, big, marked, nul] {
        assert_eq!(ids(&all().scan(&bytes, b"a")), ["stripe-secret-key"]);
    }
}

#[test]
fn pieces_find_what_the_whole_finds_also_on_one_endless_line() {
    let token = expand("sk_{}live_{24}");
    for filler in ["word \n", "word  "] {
        let mut text = filler.repeat((8 << 20) / 6 - 2);
        text.push_str(&format!(" {token} "));
        text.push_str(&filler.repeat(100_000));
        text.push_str(&token);
        let (found, bytes) = Scanner::builtin().scan_reader(text.as_bytes(), b"big").unwrap();
        assert_eq!(bytes, text.len() as u64);
        assert_eq!(found.len(), 2, "{filler:?}");
        let whole = Scanner::builtin().scan(text.as_bytes(), b"big");
        assert_eq!(found[1].start_line, whole[1].start_line);
    }
}

#[test]
fn encoded_secrets_are_found_where_they_stand() {
    let base64 = |bytes: &[u8]| -> String {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let digit = |word: u32, shift: u32| char::from(DIGITS[(word >> shift & 63) as usize]);
        bytes
            .chunks(3)
            .flat_map(|group| {
                let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
                let word = byte(0) << 16 | byte(1) << 8 | byte(2);
                [18, 12, 6, 0].map(|shift| digit(word, shift)).into_iter().take(group.len() + 1)
            })
            .collect()
    };
    let plain = format!("key: {} # end", expand("sk_{}live_{24}"));
    let once = base64(plain.as_bytes());
    let each = |form: &dyn Fn(u8) -> String| plain.bytes().map(form).collect::<String>();
    for (encoding, text) in [
        ("base64", once.clone()),
        ("base64", base64(once.as_bytes())),
        ("hex", each(&|byte| format!("{byte:02x}"))),
        ("percent", each(&|byte| format!("%{byte:02X}"))),
        ("escapes", each(&|byte| format!("\\u{byte:04x}"))),
    ] {
        let text = format!("first\nx = \"{text}\"\n");
        let found = all().scan(text.as_bytes(), b"a.py");
        assert_eq!(ids(&found), ["stripe-secret-key"], "{text}");
        assert_eq!(found[0].start_line, 2);
        assert!(found[0].start_column > 6 && text.contains(&found[0].secret), "{text}");
        assert!(found[0].tags.contains(&format!("decoded:{encoding}").into()));
        assert!(!crate::redact::redact(&text).contains(&found[0].secret));
    }
}

#[test]
fn utf16_of_any_length_is_read_across_pieces() {
    let token = expand("sk_{}live_{24}");
    let scanner = Scanner::builtin();
    for shift in 0..4 {
        let mut text = "x".repeat(shift) + &"\u{1f511} word\n".repeat((4 << 20) / 10);
        text.push_str(&format!("key = '{token}'\n"));
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        let bytes: Vec<u8> = [0xff, 0xfe].into_iter().chain(units).collect();
        let (found, count) = scanner.scan_reader(bytes.as_slice(), b"wide").unwrap();
        assert_eq!(count, bytes.len() as u64);
        assert_eq!(ids(&found), ["stripe-secret-key"], "{shift}");
        assert_eq!(found[0].start_line, (4 << 20) / 10 + 1);
    }
}

#[test]
fn columns_of_an_endless_line_count_from_its_beginning() {
    let text = "ü ".repeat(5 << 20) + &expand("sk_{}live_{24}");
    let (found, _) = Scanner::builtin().scan_reader(text.as_bytes(), b"big").unwrap();
    assert_eq!((found[0].start_line, found[0].start_column), (1, (10 << 20) + 1));
}

#[test]
fn the_parts_of_a_credential_are_one_finding_where_they_stand_together() {
    let (id, key) = (expand("AKIA{16:UPPER9}"), expand("{40:b64}"));
    let near = format!("aws_access_key_id = {id}\naws_secret_access_key = {key}\n");
    let found = all().scan(near.as_bytes(), b"credentials");
    assert_eq!(found.len(), 1, "{:?}", ids(&found));
    assert_eq!((found[0].confidence, found[0].start_line), (Confidence::High, 2));
    assert!(found[0].matched.contains(&id) && found[0].secret == key);
    let apart = near.replace('\n', &"\n".repeat(400));
    assert_eq!(all().scan(apart.as_bytes(), b"credentials").len(), 2);
    assert!(!crate::redact::redact(&near).contains(&id));
}

#[test]
fn the_name_of_the_directory_asked_for_does_not_count() {
    let text = "connect(password='shopkeeper')\n";
    let found = |scanner: Scanner| scanner.scan(text.as_bytes(), b"/srv/tests/a.py").len();
    assert_eq!(found(Scanner::builtin()), 0);
    assert_eq!(found(Scanner::builtin().within(vec![b"/srv/tests".to_vec()])), 1);
}

#[test]
fn the_most_specific_of_overlapping_rules_is_reported() {
    let text = expand("api_key = \"AIza{35}\"");
    assert_eq!(ids(&all().scan(text.as_bytes(), b"a.py")), ["google-api-key"]);
}

#[test]
fn a_gitleaks_configuration_adds_disables_and_allows() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("rules.toml");
    let config = r#"
title = "ours"
[extend]
useDefault = true
disabledRules = ["stripe-secret-key"]
[[rules]]
id = "acme"
regex = '''acme-([a-z0-9]{8})'''
keywords = ["acme-"]
[[rules.allowlists]]
condition = "AND"
paths = ['''^docs/''']
stopwords = ["demo"]
[allowlist]
paths = ['''(^|/)vendor/''']
"#;
    std::fs::write(&path, config).unwrap();
    let scanner = config::load(&path).unwrap();
    let found = |text: &str, path: &str| scanner.scan(text.as_bytes(), path.as_bytes()).len();
    assert_eq!(found("acme-a1b2c3d4", "a"), 1);
    assert_eq!(found("acme-a1b2c3d4", "vendor/a"), 0);
    assert_eq!(found("acme-demo1234", "docs/a"), 0);
    assert_eq!(found("acme-demo1234", "a"), 1);
    assert_eq!(found(&expand("sk_{}live_{24}"), "a"), 0);
    assert_eq!(found(&expand("AIza{35}"), "a"), 1);
    std::fs::write(&path, "[[rules]]\nid = 'x'\nregx = 'y'\n").unwrap();
    let error = config::load(&path).unwrap_err().to_string();
    assert!(error.contains("line 3") && error.contains("regx"), "{error}");
    std::fs::write(&path, "[[rules]]\nid = 'x'\nregex = '('\n").unwrap();
    assert!(config::load(&path).unwrap_err().to_string().contains("rule `x`"));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000), path in "[a-z/.]{0,20}") {
        let _ = all().scan(&bytes, path.as_bytes());
        let _ = crate::redact::redact_bytes(&bytes);
    }

    #[test]
    fn a_planted_secret_never_survives_redaction(
        before in "[ -~\n]{0,80}[ =:\"'\n]", after in "[ \"'\n,;][ -~\n]{0,80}", which in 0usize..6,
    ) {
        let samples = ["ghp_{36}", "sk_{}live_{24}", "AIza{35}", "glpat-{20}", "npm_{36}", "SG.{22}.{43}"];
        let secret = expand(samples[which]);
        let text = format!("{before}{secret}{after}");
        prop_assert!(!crate::redact::redact(&text).contains(&secret));
        prop_assert!(!text.contains("allow") || !all().hits(text.as_bytes(), b"").is_empty());
    }
}

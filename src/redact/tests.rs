use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

#[test]
fn documented_examples() {
    for (text, wanted) in [
        (
            "export OPENAI_API_KEY=sk-1234567890abcdef",
            "export OPENAI_API_KEY=[REDACTED:OPENAI_API_KEY]",
        ),
        ("API key: sk-1234567890abcdef", "API key: [REDACTED:OPENAI_API_KEY]"),
        ("password=hunter2", "password=[REDACTED:PASSWORD]"),
        ("Basic understanding of things", "Basic understanding of things"),
        ("This is clean text with no secrets", "This is clean text with no secrets"),
        ("", ""),
    ] {
        assert_eq!(redact(text), wanted);
    }
}

#[test]
fn names_are_the_documented_ones() {
    let sample = |text: &str| crate::scan::sample::expand(text);
    for (text, name) in [
        (sample("AKIA{16:UPPER9}"), "AWS_ACCESS_KEY"),
        (sample("aws_secret_access_key={40:b64}"), "AWS_SECRET_KEY"),
        (sample("sk-ant-api03-{93}AA"), "ANTHROPIC_API_KEY"),
        (sample("AIza{35}"), "GOOGLE_API_KEY"),
        (sample("ghu_{36}"), "GITHUB_TOKEN"),
        (sample("api_key: {24}"), "GENERIC_API_KEY"),
        (sample("sk_{}live_{24}"), "STRIPE_KEY"),
        (sample("whsec_{32}"), "STRIPE_SECRET"),
        (sample("eyJhbGciOiJub25lIn0{}.eyJ{}zdWIiOiIxMjM0In0."), "JWT_TOKEN"),
        (sample("-----BEGIN {}PRIVATE KEY-----\n{26:b64}\n(truncated)"), "PRIVATE_KEY"),
        (sample("passwd: Sup3rS3{}cret!"), "PASSWORD"),
        (sample("Bearer {30}"), "BEARER_TOKEN"),
        (sample("Authorization: Basic dXNl{}cjpwYXNzd29yZDEyMw=="), "BASIC_AUTH"),
        (sample("SG.{22}.{43}"), "SENDGRID_API_KEY"),
    ] {
        assert!(
            redact(&text).contains(&format!("[REDACTED:{name}]")),
            "{text} -> {}",
            redact(&text)
        );
    }
}

#[test]
fn json_is_redacted_by_value_and_by_name() {
    let shown =
        redact_json(json!({"user": "bob", "password": "x y", "list": [{"api_key": "abcdefgh1"}]}));
    assert_eq!(shown["user"], "bob");
    assert_eq!(shown["password"], "[REDACTED:PASSWORD]");
    assert_eq!(shown["list"][0]["api_key"], "[REDACTED:GENERIC_API_KEY]");
}

#[test]
fn a_name_that_is_a_secret_hides_no_other() {
    let token = crate::scan::sample::expand("ghp_{36}");
    let shown = redact_json(json!({ format!("{token} password"): "x y", "b": token })).to_string();
    assert!(!shown.contains("x y") && !shown.contains(&token), "{shown}");
}

#[test]
fn a_value_that_escapes_its_quote_is_hidden() {
    for value in ["0A\\", "\u{e9}\\", "tiger lily\\"] {
        let shown = redact_json(json!({ "password": value }));
        assert_eq!(shown["password"], "[REDACTED:PASSWORD]", "{value}");
    }
}

#[test]
fn redacting_twice_changes_nothing() {
    let once = redact("password=hunter2 and Bearer abcdefgh12345678").into_owned();
    assert_eq!(redact(&once), once);
}

#[test]
fn a_stream_has_no_secret_at_any_border() {
    let token = crate::scan::sample::expand("ghp_{36}");
    for shift in [0, 1, 17, 40] {
        let mut text = "x".repeat((1 << 20) - (64 << 10) - 20 + shift);
        text.push_str(&format!(" {token} "));
        text.push_str(&"y ".repeat(60_000));
        text.push_str(&token);
        let mut out = Vec::new();
        Redactor::default().redact_stream(text.as_bytes(), &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(!out.contains(&token));
        assert_eq!(out.matches("[REDACTED:GITHUB_TOKEN]").count(), 2);
    }
}

#[test]
fn variables_and_patterns_are_hidden_too() {
    let redactor = Redactor::default()
        .variable("SECRET_KEY", Some("o\"ne two/three"))
        .unwrap()
        .pattern("TICKET", "ACME-[0-9]+")
        .unwrap();
    let shown = |text: &str| {
        let mut out = Vec::new();
        redactor.redact_stream(text.as_bytes(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    for (text, wanted) in [
        ("SECRET_KEY='abc def'", "SECRET_KEY=[REDACTED:ENV_VAR]"),
        ("secret_key=abc", "SECRET_KEY=[REDACTED:ENV_VAR]"),
        ("SECRET_KEY = abc", "SECRET_KEY=[REDACTED:ENV_VAR]"),
        ("MY_SECRET_KEY=abc", "MY_SECRET_KEY=[REDACTED:ENV_VAR]"),
        ("{\"SECRET_KEY\": \"a b\"}", "{\"SECRET_KEY\": [REDACTED:ENV_VAR]}"),
        ("see ACME-12 and acme-12", "see [REDACTED:TICKET] and acme-12"),
        ("got o\"ne two/three.", "got [REDACTED:ENV_VAR]."),
        ("got \"o\\\"ne two/three\"", "got \"[REDACTED:ENV_VAR]\""),
        ("?q=o%22ne%20two%2Fthree&", "?q=[REDACTED:ENV_VAR]&"),
        ("b64 byJuZSB0d28vdGhyZWU=", "b64 [REDACTED:ENV_VAR]="),
        ("nothing here", "nothing here"),
    ] {
        assert_eq!(shown(text), wanted);
    }
    let straddling = "x".repeat((1 << 20) - (64 << 10) - 4) + " ACME-123456 end";
    assert!(shown(&(straddling + &" y".repeat(1 << 16))).contains("[REDACTED:TICKET] end"));
    assert!(Redactor::default().pattern("A", "x*").is_err());
    assert!(Redactor::default().pattern("A", "(").is_err());
}

/// Redaction of JSON as it is meant: every name, every text alone, and what is
/// left of that together with its name.
fn by_the_book(name: &str, value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let named = format!("{name}: '{text}'");
            let apart = |shown: &str| {
                Some(shown.strip_prefix(&format!("{name}: '"))?.strip_suffix('\'')?.to_owned())
            };
            let plain = !name.is_empty() && !text.contains(['\n', '\'']);
            match redact(text) {
                Cow::Owned(shown) => json!(shown),
                Cow::Borrowed(_) if plain => json!(apart(&redact(&named)).expect("a name's value")),
                Cow::Borrowed(_) => json!(text),
            }
        }
        Value::Array(values) => values.iter().map(|value| by_the_book(name, value)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (redact(name).into_owned(), by_the_book(name, value)))
            .collect(),
        other => other.clone(),
    }
}

/// Texts without backslashes (which would escape the quote behind them) that hold no secret, a secret, the name of one, or something between.
fn texts() -> impl Strategy<Value = String> {
    let samples = [
        "ghp_{36}",
        "AKIA{16:UPPER9}",
        "sk-1234567890abcdef",
        "password=hunter2",
        "password",
        "api-server",
        "api_key",
        "Bearer {30}",
        "-----BEGIN PRIVATE KEY-----\n{26:b64}\n(truncated)",
        "https://ada:{12}@example.com/x",
        "cGFzc3dvcmQ9aHVudGVyMmh1bnRlcjI",
        "Z2hwX\n",
        "%70assword%3dhunter2",
        "prod/",
        "'",
        "\n",
        " ",
    ];
    let piece = prop_oneof![
        proptest::sample::select(samples.to_vec()).prop_map(crate::scan::sample::expand),
        "[a-zA-Z0-9_./=-]{0,24}",
        "\\PC{0,6}",
    ];
    proptest::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat().replace('\\', "/"))
}

fn names() -> impl Strategy<Value = String> {
    let telling = ["password", "api_key", "client-secret", "Authorization", "key"];
    prop_oneof![
        proptest::sample::select(telling.to_vec()).prop_map(str::to_owned),
        "[a-z_.-]{0,10}",
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![texts().prop_map(Value::from), any::<i32>().prop_map(Value::from)];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(names(), inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_not_looked_at_holds_nothing(value in values()) {
        prop_assert_eq!(redact_json(value.clone()), by_the_book("", &value));
    }

    #[test]
    fn a_text_that_is_skipped_has_no_hits(text in texts()) {
        let skipped = scanner().skips(text.as_bytes());
        prop_assert!(!skipped || scanner().hits(text.as_bytes(), b"").is_empty());
    }
}

//! `tests/corpora/identity`: tokens and delegations, and what becomes of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use saferun::identity::{Authority, CallerToken, Child, Expected, Key, Profile, Ticket, delegate};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{NOW, SECRET, at, pair, shared, trusting};

fn lines<T: for<'de> Deserialize<'de>>(name: &str) -> Vec<T> {
    let path = format!("{}/tests/corpora/identity/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("corpus");
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// What it is verified as: `caller` or `ticket`.
    kind: String,
    /// What it is made as, where that differs.
    #[serde(rename = "as")]
    made_as: Option<String>,
    /// Signed with a pair instead of a shared secret.
    #[serde(default)]
    pair: bool,
    header: Option<Value>,
    #[serde(default)]
    set: Map<String, Value>,
    #[serde(default)]
    drop: Vec<String>,
    payload: Option<String>,
    sign: Option<String>,
    issuer: Option<String>,
    audience: Option<String>,
    /// Why it is refused; none where it counts.
    reason: Option<String>,
}

fn claims(case: &Case) -> Value {
    let issuer = if case.pair { "saferun" } else { "agent-safe" };
    let mut claims = match case.made_as.as_deref().unwrap_or(&case.kind) {
        "ticket" => json!({"type": "execution-ticket", "action": "restart", "target": "dev/api",
            "caller": "bot-1", "params": {"a": 1}, "audit_id": "evt-1", "nonce": "n"}),
        _ => json!({"agent_id": "bot-1", "agent_name": "", "roles": ["deployer"], "groups": []}),
    };
    let times = json!({"iss": issuer, "iat": NOW - 10, "exp": NOW + 300});
    for (name, value) in times.as_object().expect("an object").iter().chain(&case.set) {
        claims[name] = value.clone();
    }
    case.drop.iter().for_each(|name| drop(claims.as_object_mut().expect("an object").remove(name)));
    claims
}

fn token(case: &Case, key: &Key) -> String {
    let usual = match key.id() {
        Some(id) => json!({"alg": "EdDSA", "typ": "JWT", "kid": id}),
        None => json!({"alg": "HS256", "typ": "JWT"}),
    };
    let header = case.header.clone().unwrap_or(usual).to_string();
    let payload = case.payload.clone().unwrap_or_else(|| claims(case).to_string());
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let signed = format!("{}.{}", part(&header), part(&payload));
    let sign = |key: &Key| key.sign(signed.as_bytes()).expect("a signature");
    let signature = match case.sign.as_deref() {
        None => sign(key),
        Some("wrong") if case.pair => sign(&pair()),
        Some("wrong") => sign(&Key::shared("another-secret-0123456789-0123456789").expect("a key")),
        Some("half") => sign(key)[..16].to_vec(),
        Some("public") => {
            let public = key.to_jwk()["x"].as_str().expect("text").to_owned();
            sign(&Key::from_jwk(&json!({"kty": "oct", "k": public})).expect("a key"))
        }
        Some(_) => Vec::new(),
    };
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[test]
fn every_token_counts_or_is_refused_as_it_says() {
    let mut wrong = Vec::new();
    for case in lines::<Case>("tokens.jsonl") {
        let key = if case.pair { pair() } else { Key::shared(SECRET).expect("a key") };
        let authority =
            trusting(key.clone()).issued_by(case.issuer.clone()).meant_for(case.audience.clone());
        let token = token(&case, &key);
        let refused = match case.kind.as_str() {
            "ticket" => Ticket::verify(&authority, &token, &Expected::default(), at(NOW))
                .err()
                .map(|error| error.to_string()),
            _ => CallerToken::verify(&authority, &token, at(NOW))
                .err()
                .map(|error| error.to_string()),
        };
        if refused != case.reason {
            wrong.push(format!("{}: {refused:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn what_has_not_the_form_of_a_token_is_none() {
    let long = "a".repeat(20_000);
    for (text, why) in [
        ("", "Not enough segments"),
        ("a.b", "Not enough segments"),
        ("a.b.c.d", "Too many segments"),
        ("x.y.z", "Invalid header padding"),
        ("e30=.e30.e30", "Invalid header padding"),
        ("e30.e30.e3", "Invalid crypto padding"),
        ("e31.e30.e30", "Invalid header padding"),
        ("W10.e30.e30", "Invalid header string: must be a json object"),
        ("e30x.e30.e30", "Invalid header string: it is not JSON"),
        ("e30.e30.e30", "Algorithm not specified"),
        (long.as_str(), "Token has more than 16384 bytes"),
    ] {
        let error = CallerToken::verify(&shared(), text, at(NOW)).expect_err(why);
        assert_eq!(error.to_string(), format!("Invalid token: {why}"), "{text:.20}");
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Delegation {
    name: String,
    /// How often was delegated before.
    #[serde(default)]
    hops: usize,
    max_depth: Option<usize>,
    child: Wanted,
    error: Option<String>,
    /// Seconds that the child lives.
    lives: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Wanted {
    id: String,
    roles: Vec<String>,
    groups: Vec<String>,
    life: Option<i64>,
    max_depth: Option<usize>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { id: "w1".into(), roles: vec![], groups: vec![], life: None, max_depth: None }
    }
}

fn profile(id: &str, roles: &[&str], groups: &[&str]) -> Profile {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Profile {
        agent_id: id.to_owned(),
        roles: owned(roles),
        groups: owned(groups),
        ..Profile::default()
    }
}

#[test]
fn every_delegation_narrows_or_fails() {
    for authority in [shared(), trusting(pair())] {
        for case in lines::<Delegation>("delegations.jsonl") {
            let made = run(&authority, &case);
            assert_eq!(made.as_ref().err(), case.error.as_ref(), "{}", case.name);
            let Ok(token) = made else { continue };
            let child = CallerToken::verify(&authority, &token, at(NOW)).expect(&case.name);
            assert_eq!(child.roles, case.child.roles, "{}", case.name);
            assert_eq!(child.groups, case.child.groups);
            assert_eq!(child.delegation_depth, case.hops + 1);
            assert_eq!(Some(child.expires_at.as_second() - NOW), case.lives);
            let caller = child.caller();
            assert_eq!(caller.delegation.first().map(|one| one.id.as_str()), Some("orch-1"));
        }
    }
}

fn run(authority: &Authority, case: &Delegation) -> Result<String, String> {
    let all = profile("orch-1", &["deployer", "reader"], &["platform"]);
    let life = SignedDuration::from_secs(600);
    let mut token = CallerToken::create(authority, &all, life, case.max_depth, at(NOW))
        .map_err(|error| error.to_string())?;
    for hop in 0..case.hops {
        let between = profile(&format!("h{hop}"), &["deployer", "reader"], &["platform"]);
        let child = Child { profile: between, ..Child::default() };
        token = delegate(authority, &token, &child, at(NOW)).map_err(|error| error.to_string())?;
    }
    let wanted = &case.child;
    let texts = |all: &[String]| all.to_vec();
    let child = Child {
        profile: Profile {
            agent_id: wanted.id.clone(),
            roles: texts(&wanted.roles),
            groups: texts(&wanted.groups),
            ..Profile::default()
        },
        life: wanted.life.map(SignedDuration::from_secs),
        max_depth: wanted.max_depth,
    };
    delegate(authority, &token, &child, at(NOW)).map_err(|error| error.to_string())
}

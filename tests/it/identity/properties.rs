//! What holds for every token: less never becomes more, a changed one is
//! refused, and nothing that is shown stops the program.

use std::sync::LazyLock;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use proptest::prelude::*;
use saferun::action::{Action, Caller, CallerKind};
use saferun::identity::{
    Authority, CallerToken, Child, Expected, Key, KeySet, KeyStore, MemoryNonces, NonceFile,
    NonceStore, Profile, Ticket, TicketError, delegate,
};
use serde_json::{Map, Value, json};

use super::{NOW, SECRET, at, pair, shared, trusting};

const NAMES: &[&str] = &["admin", "deployer", "reader", "ops"];

fn names() -> impl Strategy<Value = Vec<String>> {
    proptest::sample::subsequence(NAMES, 0..=3)
        .prop_map(|names| names.into_iter().map(str::to_owned).collect())
}

fn profile() -> impl Strategy<Value = Profile> {
    (names(), names()).prop_map(|(roles, groups)| Profile {
        agent_id: "agent".to_owned(),
        agent_name: String::new(),
        roles,
        groups,
    })
}

fn child() -> impl Strategy<Value = Child> {
    let life = proptest::option::of((-5i64..2_000).prop_map(SignedDuration::from_secs));
    (profile(), life, proptest::option::of(0usize..9))
        .prop_map(|(profile, life, max_depth)| Child { profile, life, max_depth })
}

static PAIR: LazyLock<Authority> = LazyLock::new(|| trusting(pair()));

fn ticket(authority: &Authority) -> Ticket {
    let action = Action {
        operation: "restart".to_owned(),
        target: "dev/api".to_owned(),
        caller: Caller::named("bot-1", CallerKind::Service),
        params: Map::new(),
        ticket_id: None,
        at: at(NOW),
    };
    Ticket::issue(authority, &action, "evt-1", at(NOW)).expect("a ticket")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_narrowed_delegation_never_gains(
        root in profile(),
        depth in proptest::option::of(0usize..7),
        children in proptest::collection::vec((child(), 0i64..400), 1..9),
    ) {
        let authority = shared();
        let life = SignedDuration::from_secs(1_000);
        let mut token = CallerToken::create(&authority, &root, life, depth, at(NOW)).expect("a token");
        let mut above = CallerToken::verify(&authority, &token, at(NOW)).expect("it counts");
        let mut now = NOW;
        for (child, waits) in children {
            now += waits;
            let Ok(made) = delegate(&authority, &token, &child, at(now)) else { continue };
            let below = CallerToken::verify(&authority, &made, at(now)).expect("it counts");
            prop_assert!(below.roles.iter().all(|role| above.roles.contains(role)));
            prop_assert!(below.groups.iter().all(|group| above.groups.contains(group)));
            prop_assert!(below.expires_at <= above.expires_at && below.expires_at > at(now));
            prop_assert_eq!(below.delegation_depth, above.delegation_depth + 1);
            prop_assert!(below.delegation_depth <= below.depth_limit());
            prop_assert!(below.depth_limit() <= above.depth_limit());
            (token, above) = (made, below);
        }
    }

    #[test]
    fn a_token_with_another_byte_is_refused(place in any::<prop::sample::Index>(), byte in 0u8..128) {
        for authority in [&shared(), &*PAIR] {
            let ticket = ticket(authority);
            let mut bytes = ticket.token.clone().into_bytes();
            let at_byte = place.index(bytes.len());
            prop_assume!(bytes[at_byte] != byte);
            bytes[at_byte] = byte;
            let changed = String::from_utf8(bytes).expect("ASCII");
            let read = Ticket::verify(authority, &changed, &Expected::default(), at(NOW));
            prop_assert!(read.is_err(), "{changed}");
        }
    }

    #[test]
    fn no_text_stops_the_program(text in "\\PC{0,60}", parts in proptest::collection::vec("[A-Za-z0-9_=-]{0,12}", 0..5)) {
        for shown in [text, parts.join(".")] {
            prop_assert!(CallerToken::verify(&shared(), &shown, at(NOW)).is_err());
            let braced = format!("{{{shown}");
            prop_assert!(KeySet::parse(&braced).is_err());
        }
    }

    #[test]
    fn no_signed_claims_stop_the_program(
        name in proptest::sample::select(vec!["exp", "iat", "nbf", "aud", "roles", "delegation_chain",
            "delegation_depth", "max_delegation_depth", "agent_id", "params", "nonce", "type"]),
        value in json_value(),
    ) {
        let mut claims = json!({"type": "execution-ticket", "action": "a", "target": "t", "caller": "c",
            "audit_id": "e", "nonce": "n", "agent_id": "x", "iss": "agent-safe", "iat": NOW, "exp": NOW + 9});
        claims[name] = value;
        let token = signed(&json!({"alg": "HS256"}), &claims);
        let _ = CallerToken::verify(&shared(), &token, at(NOW));
        let _ = Ticket::verify(&shared(), &token, &Expected::default(), at(NOW));
    }
}

/// A token with any header and claims, signed by the shared key.
fn signed(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let key = Key::shared(SECRET).expect("a key");
    let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).expect("signed"));
    format!("{signed}.{signature}")
}

#[test]
fn a_header_that_asks_for_more_is_refused() {
    let claims = json!({"agent_id": "x", "iss": "agent-safe", "iat": NOW, "exp": NOW + 9});
    let counts =
        |header: Value| CallerToken::verify(&shared(), &signed(&header, &claims), at(NOW)).is_ok();
    assert!(counts(json!({"alg": "HS256"})));
    assert!(!counts(json!({"alg": "HS256", "crit": ["exp"], "exp": 1})));
    assert!(!counts(json!({"alg": "HS256", "b64": false})));
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("agent_id|roles|[a-z]{1,4}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

#[test]
fn of_many_who_use_a_ticket_one_succeeds() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = NonceFile::at(dir.path().join("used.json"));
    let memory = MemoryNonces::default();
    let ticket = ticket(&PAIR);
    for store in [&file as &dyn NonceStore, &memory] {
        let used = thread::scope(|scope| {
            let tries: Vec<_> =
                (0..16).map(|_| scope.spawn(|| ticket.consume(store, at(NOW)).is_ok())).collect();
            tries.into_iter().map(|one| one.join().expect("it ends")).filter(|ok| *ok).count()
        });
        assert_eq!(used, 1);
        // Long after its end it is forgotten, but then it has expired.
        assert!(matches!(ticket.consume(store, at(NOW + 1_000)), Err(TicketError::Used)));
        assert!(ticket.consume(store, at(NOW + 10_000)).is_ok());
    }
}

#[test]
fn a_store_of_nonces_that_is_damaged_counts_every_ticket_as_used() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("used.json");
    std::fs::write(&path, "{").expect("a file");
    let refused = ticket(&PAIR).consume(&NonceFile::at(path), at(NOW));
    assert!(matches!(refused, Err(TicketError::Unknown(_))));
}

#[test]
fn rotated_keys_verify_until_they_end_or_are_revoked() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = KeyStore::at(dir.path().join("keys.json"));
    assert!(store.key_set(at(NOW)).expect("readable").is_none());
    let first = Authority::new(store.create(at(NOW)).expect("a key"));
    let token = ticket(&first).token;
    let counts = |now: i64| {
        let keys = store.key_set(at(now)).expect("readable").expect("keys");
        Ticket::verify(&Authority::new(keys), &token, &Expected::default(), at(NOW)).is_ok()
    };
    store.rotate(false, at(NOW + 1)).expect("written");
    assert!(counts(NOW + 2) && !counts(NOW + 40 * 86_400));
    let text = std::fs::read_to_string(store.path()).expect("readable");
    assert_eq!(text.matches("\"d\":").count(), 1, "a private half stays behind");
    store.rotate(true, at(NOW + 3)).expect("written");
    assert!(!counts(NOW + 4));
}

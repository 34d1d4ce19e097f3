//! Keys that are not secret: what their issuer means for everybody.

/// The half of a pair that its issuer means for everybody; those that are
/// secret nevertheless have rules of their own.
pub(in crate::scan) fn published(value: &[u8]) -> bool {
    const BEGIN: &[&str] = &[
        "pk_",
        "pk-",
        "pk.",
        "pub-",
        "public-",
        "public_",
        "pub_",
        "sub-c-",
        "client-",
        "publishable",
        "sb_publishable_",
        "phc_",
        "L_C_",
        "FLWPUBK",
        "sq0idp-",
        "ssh-rsa ",
        "ssh-ed25519 ",
        "ecdsa-",
        "sdk-",
        "search-",
    ];
    const HALF: &[&str] = &["pk", "pub", "public", "publishable"];
    let begins = |begin: &&str| value.starts_with(begin.as_bytes());
    let said = value
        .split(|byte| matches!(byte, b'_' | b'-'))
        .take(4)
        .any(|part| HALF.iter().any(|half| part == half.as_bytes()));
    let address = value.len() == 42 && value.starts_with(b"0x");
    let counted = value
        .strip_prefix(b"pub")
        .is_some_and(|rest| rest.len() == 32 && rest.iter().all(u8::is_ascii_hexdigit));
    let scaleway = value.len() == 20 && value.starts_with(b"SCW");
    counted || scaleway || said || address || BEGIN.iter().any(begins)
}

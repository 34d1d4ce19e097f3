//! Keys that are not secret: what their issuer means for everybody.

/// The half of a pair that its issuer means for everybody; those that are
/// secret nevertheless have rules of their own.
pub(super) fn published(value: &[u8]) -> bool {
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
    ];
    let begins = |begin: &&str| value.starts_with(begin.as_bytes());
    let counted = value
        .strip_prefix(b"pub")
        .is_some_and(|rest| rest.len() == 32 && rest.iter().all(u8::is_ascii_hexdigit));
    let scaleway = value.len() == 20 && value.starts_with(b"SCW");
    counted || scaleway || BEGIN.iter().any(begins)
}

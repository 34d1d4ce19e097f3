//! Passwords as people choose them: a word in disguise (`l3tters`, `Word99`,
//! `two!words`), or a word and nothing else.

use super::makeup::Makeup;
use crate::scan::words::Words;

/// Shortest word that counts as a password.
const WORD: usize = 5;
/// Shortest disguised word.
const DISGUISED: usize = 5;
/// Symbols that stand in passwords, and hardly in names of things.
const MARKS: &[u8] = b"!@#$^&*?~";
/// What has digits between letters without being a word in disguise.
const TECHNICAL: &[&str] = &[
    "utf8", "utf16", "base64", "base32", "b64", "sha1", "sha2", "sha3", "sha5", "md4", "md5",
    "oauth2", "x509", "ipv4", "ipv6", "k8s", "i18n", "l10n", "a11y", "pbkdf2", "pkcs", "http2",
    "web3", "win32", "latin1", "ed25519", "secp", "arm64", "amd64", "x86", "int32", "int64",
    "uint8", "u003", "s3cmd",
];
/// Words that stand for a kind, a state or a label rather than being a
/// password, lower case, and what sentences are made of.
static SAID: Words = Words::new(
    "\
    a an and are at be by for from has in is it less more must no of on or per step than that the this to \
    until up use with you your characters digits least minimum maximum days hours minutes seconds version \
    password secret token \
    active admin administrator allow allowed always anonymous apache array asked async auto automatic \
    available basic bcrypt bearer blank blocked boolean bytes cancel cert certificate change changed \
    chars check class clear click close config configured confirm contrasena cookie correct crypt \
    current custom daily database debug default delete denied deny destroy dialog digest disable \
    disabled display email empty enable enabled encoded encrypted english error exists expired \
    external failed false field fields file final focus forbidden format forgot forgotten gateway \
    generate generated geheimnis global group hash hashed haslo header heslo hidden hide hint inherit \
    input integer internal interactive invalid jelszo kennwort keychain keyring keys label ldap \
    length letters limit local locked login logout manual masked match maxlength message method \
    minimum minlength missing mixed module never none normal nothing null number object oauth \
    occupied omitted openid optional other otherwise owner parola parole passe passkey passord \
    phrase plain plaintext please pattern postgres private profile prompt property protected public \
    radius random read readonly regex reject remote remove removed repeat replace require required \
    reset restricted result return role salasana salted saved schema scram script select senha \
    session settings short shown simple static status stdin store stored string strong submit success \
    super system table terminal text textarea textbox timeout title toggle trust unchanged undefined \
    unique unknown unset unsupported update updated user username valid validate value vault verify visible void \
    wachtwoord weak with without write wrong",
);

/// Words that have a number because there are several of what they name.
static THINGS: Words = Words::new(
    "\
    alpha api app apps area auth beta block bucket build channel chunk client cluster code col \
    column config cred data db demo dev device disk draft dummy entry env eth example factor \
    fake foo bar baz google host id image index item job json key layer level line list loader \
    main master mock model name net network node oauth object option order page panel part \
    partition pass passwd phase pod point pool port prod provider pwd py rc region release req \
    request rev row rule sample scope section server service shard slave slot source spec stage \
    staging step storage store stream tab tag task temp test testing thread tier tls tmp topic \
    uid unit url us use users v vault ver volume webpack win window worker zone",
);

/// Whether the value is a word that somebody disguised: digits for letters or
/// behind them, symbols, capitals.
pub(super) fn disguised(text: &str) -> bool {
    let made = Makeup::of(text.as_bytes());
    let marks = text.bytes().filter(|byte| MARKS.contains(byte)).count();
    if made.length < DISGUISED || made.letters() < 2 || made.blanks > 0 || text.contains('%') {
        return false;
    }
    let classes = [made.lower, made.upper, made.digits, marks];
    let classes = classes.iter().filter(|count| **count > 0).count();
    let numbered = made.digits >= 2 && made.letters() >= 3 && made.symbols == marks
        || joined(text, &made, marks);
    made.digits > 0 && !technical(text) && (leet(text) || numbered || classes >= 3)
}

/// `word7`, `two-words7`: with a number, where none of the words is one of
/// those that name things.
fn joined(text: &str, made: &Makeup, marks: usize) -> bool {
    let joints = text.bytes().filter(|byte| b"-_".contains(byte)).count();
    let mut words = text
        .split(|letter: char| !letter.is_ascii_alphabetic())
        .map(str::to_ascii_lowercase)
        .filter(|word| !word.is_empty());
    made.length >= 6
        && made.letters() >= 4
        && joints <= 1
        && made.symbols == marks + joints
        && made.digits <= made.letters()
        && words.all(|word| !SAID.hold(&word) && !THINGS.hold(&word))
}

/// Whether digits stand for letters: between two of them, or before some.
pub(super) fn leet(text: &str) -> bool {
    let bytes = text.as_bytes();
    let between = bytes.windows(3).any(|three| {
        matches!(three, [before, digit, after] if digit.is_ascii_digit()
            && (before.is_ascii_alphabetic() || before.is_ascii_digit() || MARKS.contains(before))
            && after.is_ascii_alphabetic())
    });
    let first = matches!(bytes, [digit, after, ..] if digit.is_ascii_digit() && after.is_ascii_alphabetic());
    (between || first) && !technical(text)
}

/// Whether the value is a passphrase: two or three words with a number or a
/// disguise, or some small ones.
pub(super) fn phrase(text: &str) -> bool {
    let words = text.split(' ').count();
    let plain = |word: &str| {
        let stem = word.trim_matches(|letter: char| !letter.is_ascii_alphabetic());
        let stem = stem.to_ascii_lowercase();
        !word.is_empty() && !SAID.hold(&stem) && word.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let small = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b' ');
    let numbered =
        text.bytes().any(|byte| byte.is_ascii_digit()) && !text.contains(['(', ':', '=', ',', '<']);
    (10..40).contains(&text.len())
        && (words > 1 && words < 4 && numbered || words > 2 && words < 6 && small)
        && text.split(' ').all(plain)
}

fn technical(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    TECHNICAL.iter().any(|word| lower.contains(word))
}

/// Whether a value of letters alone may be somebody's password: one word or
/// some, not what labels and settings say.
pub(super) fn word(text: &str) -> bool {
    let bytes = text.as_bytes();
    let label = matches!(bytes, [first, rest @ ..] if first.is_ascii_uppercase()
        && rest.iter().all(u8::is_ascii_lowercase));
    let lower = text.to_ascii_lowercase();
    let stem = lower.trim_end_matches(|last: char| last.is_ascii_digit());
    bytes.len() >= WORD
        && !label
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-.!".contains(byte))
        && bytes.iter().any(u8::is_ascii_lowercase)
        && !["pass", "pwd", "pw"].iter().any(|end| stem.ends_with(end))
        && !SAID.hold(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disguised_words_are_told_from_names() {
        for value in ["m0nkey!", "S3lenium", "p4nth3r", "Winter2019!", "kitten99", "Welcome1"] {
            assert!(disguised(value), "{value}");
        }
        for value in
            ["utf8mb4", "oauth2Token", "password", "user_name", "a1", "request-id", "step 1a"]
        {
            assert!(!disguised(value), "{value}");
        }
    }

    #[test]
    fn words_are_told_from_labels() {
        for value in ["gandalf", "shopkeeper", "correct-horse-battery", "redStack"] {
            assert!(word(value), "{value}");
        }
        for value in
            ["Passwort", "required", "none", "CONSTANT", "Contraseña", "basic", "two words"]
        {
            assert!(!word(value), "{value}");
        }
    }
}

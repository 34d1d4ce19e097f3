//! Names and what they say of their values: `dbPassword`, `api_key`, not
//! `password_field`, `token_type`, `keyboard`.

use crate::scan::words::Words;

/// Longest name, bytes.
const LONGEST: usize = 64;
/// Words after the one that tells, at most.
const TAIL: usize = 3;

/// What a rule about assignments looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// What a person types; may be short and word-like.
    Password,
    /// Tokens, keys and secrets: random.
    Token,
    /// What is mixed in and need not be secret.
    Salt,
}

/// What a name says of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scan) enum Named {
    /// A password.
    Password,
    /// A secret: random, or chosen by a person.
    Secret,
    /// A token or a key to something.
    Token,
    /// Perhaps a key to something, perhaps one of a table.
    Key,
    /// Whatever stands in a header `Authorization`.
    Auth,
    /// A salt, a nonce, an initialisation vector.
    Salt,
}

impl Named {
    /// The rules that such a name is for.
    pub(in crate::scan) fn sort(self) -> Sort {
        match self {
            Self::Password => Sort::Password,
            Self::Salt => Sort::Salt,
            Self::Secret | Self::Token | Self::Key | Self::Auth => Sort::Token,
        }
    }
}

/// Words that stand for themselves.
const WHOLE: &[(&str, Named)] = &[
    ("pass", Named::Password),
    ("pw", Named::Password),
    ("psk", Named::Password),
    ("wpapsk", Named::Password),
    ("authtok", Named::Password),
    ("psw", Named::Password),
    ("pswd", Named::Password),
    ("pword", Named::Password),
    ("passw", Named::Password),
    ("passwrd", Named::Password),
    ("pwrd", Named::Password),
    ("sifre", Named::Password),
    ("sifresi", Named::Password),
    ("losenord", Named::Password),
    ("parolasi", Named::Password),
    ("passcode", Named::Password),
    ("haslo", Named::Password),
    ("mdp", Named::Password),
    ("passe", Named::Password),
    ("passord", Named::Password),
    ("parola", Named::Password),
    ("heslo", Named::Password),
    ("jelszo", Named::Password),
    ("salasana", Named::Password),
    ("adgangskode", Named::Password),
    ("lozinka", Named::Password),
    ("masterauth", Named::Password),
    ("bindpw", Named::Password),
    ("rootpw", Named::Password),
    ("userpw", Named::Password),
    ("adminpw", Named::Password),
    ("dbpw", Named::Password),
    ("auth", Named::Auth),
    ("authorization", Named::Auth),
    ("authentication", Named::Auth),
    ("credential", Named::Secret),
    ("cred", Named::Token),
    ("bearer", Named::Token),
    ("pat", Named::Token),
    ("salt", Named::Salt),
    ("nonce", Named::Salt),
    ("iv", Named::Salt),
    ("pepper", Named::Secret),
];
/// Of these, those that say something else where more follows: `mdp_rdma`.
const LAST: &[&str] = &["mdp", "passe"];
/// Whose these may be nevertheless: `mdp_admin`.
static OWNERS: Words = Words::new("admin root user db bdd base mysql sql ftp smtp mail wifi");
/// Ends of words that tell: `dbpassword`, `clientsecret`.
const ENDS: &[(&str, Named)] = &[
    ("password", Named::Password),
    ("passwd", Named::Password),
    ("passwort", Named::Password),
    ("passphrase", Named::Password),
    ("pwd", Named::Password),
    ("kennwort", Named::Password),
    ("wachtwoord", Named::Password),
    ("senha", Named::Password),
    ("contrasena", Named::Password),
    ("motdepasse", Named::Password),
    ("secret", Named::Secret),
    ("token", Named::Token),
    ("salt", Named::Salt),
];
/// What makes a key one to a lock, before it as a word or in the same one.
static LOCKS: Words = Words::new(
    "\
    api access secret private auth authorization client consumer app application account \
    service encryption encrypt decryption signing sign signature master shared storage license \
    licence session cipher crypto aes des rsa hmac jwt webhook security ssh deploy admin aws \
    azure stripe google maps github gitlab firebase algolia subscription function write read \
    server sendgrid mailgun mailchimp twilio openai anthropic datadog dd newrelic sentry \
    segment cloudflare heroku integration instrumentation ingest ingestion publish subscribe \
    bot slack merchant payment developer dev user remote tenant vault unseal recovery wallet \
    priv s3 iam sas nuget npm pypi bugsnag rollbar mixpanel amplitude intercom hubspot zendesk \
    shopify facebook twitter linkedin weather bearer totp otp cookie salt rails base django \
    flask product activation registration connection agent enrollment pre psk wpa wifi logged \
    in auth0 okta secure upgrade",
);
/// Words before `pass` in one that say something else: `bypass`.
static PASSES: Words = Words::new(
    "\
    by com sur over under tres encom multi single render sub one two first last low high band \
    all pre post l twin",
);
/// What comes before a word that tells and makes it tell something else.
static HEADS: Words = Words::new(
    "\
    public pub primary foreign sort cache partition next page stop start end eos bos \
    pad unk mask sep cls continuation cancellation cancel idempotency translation i18n map row \
    column group route registry hot short no is has show hide forgot reset invalid wrong bad \
    hashed incorrect trusted known lexer syntax verify validate check without get \
    find hash encode generate make read missing unknown empty ssh_public certificate cert \
    object index unique composite compare routing fastcgi uwsgi scgi grpc memcached host site \
    publishable tokenization mobile browser",
);
/// Parts of names of what browsers are given, as these are written.
const OPEN: &[&str] = &[
    "lientKey",
    "lientToken",
    "ixpanelToken",
    "MIXPANEL_TOKEN",
    "mplitudeApiKey",
    "AMPLITUDE_API_KEY",
    "PUSHER_APP_KEY",
    "PUSHER_KEY",
    "SEARCH_ONLY",
    "searchOnly",
    "lgoliaSearch",
    "ALGOLIA_SEARCH",
    "docsearch",
    "DOCSEARCH",
    "signingkey",
    "LoadCredential",
];
/// What comes after a word that tells and makes the whole tell something else.
static TAILS: Words = Words::new(
    "\
    id ids guid uuid kid name names url uri urls path paths file filename files dir directory \
    type types kind class length len size bits bytes count num number policy policies hint \
    label title message msg text caption date time timeout ttl used expiry expires expired \
    expiration expire exp age field fields format pattern regex regexp arn alias hash hashes \
    hasher hashers hashed hashing digest algorithm algo alg provider providers manager service \
    services factory handler helper validator validators validation generator encoder decoder \
    parser prompt placeholder help description desc error errors min max enabled enable \
    disabled required reset link page view form input box button icon image index idx position \
    pos column col table row char chars prefix suffix header headers param params parameter \
    parameters attribute attr property ref reference env var variable store source location \
    endpoint address host port region version scope scopes issuer audience subject status \
    state mode strategy strength score rule rules check checker set map list array question \
    selector locator xpath css element node exception event action request response callback \
    listener controller component model schema template usage limit budget cost price \
    fingerprint thumbprint checksum md5 sha1 sha256 sha512 etag revision method methods code \
    codes string_id confirmation changed updated created valid stream bucket vault backend \
    config options option settings setting mapping agent flow screen dialog modal api client \
    server plugin module middleware warning info notification email history lifetime rotation \
    management domain realm context matches match mismatch like auth authentication \
    authenticator authority or and toggle visible visibility shown masked eye tooltip stdin attrs \
    stacking encryption",
);

/// Whether `word`, lower case, makes a name speak of something else.
fn is_other(word: &str) -> bool {
    TAILS.hold(word)
}

/// First byte of the name that `position` stands in, and the byte after it.
pub(super) fn around(text: &[u8], position: usize) -> (usize, usize) {
    let floor = position.saturating_sub(LONGEST);
    let before = text.get(floor..position).unwrap_or_default();
    let start = before.iter().rposition(|byte| !inside(*byte)).map_or(floor, |at| floor + at + 1);
    let start = start + usize::from(start < position && escapes(text, start));
    let letter = start.checked_sub(2).and_then(|at| text.get(at..start));
    let start = if accented(letter).is_some() { before_accent(text, start - 2) } else { start };
    let after = text.get(position..text.len().min(position + LONGEST)).unwrap_or_default();
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let mut length = 0;
    while let Some(byte) = after.get(length) {
        if accented(after.get(length..length + 2)).is_some() {
            length += 2;
            continue;
        }
        let joined = *byte == b'-' && after.get(length + 1).is_some_and(word);
        if !word(byte) && !joined {
            break;
        }
        length += 1;
    }
    (with_qualifier(text, start), position + length)
}

/// Where the word before an accented letter at `position` begins.
fn before_accent(text: &[u8], position: usize) -> usize {
    let before = text.get(position.saturating_sub(LONGEST)..position).unwrap_or_default();
    position - before.iter().rev().take_while(|byte| inside(**byte)).count()
}

/// Whether the letter at `start` is that of a line end or a tabulator.
fn escapes(text: &[u8], start: usize) -> bool {
    let two = start.checked_sub(1).and_then(|at| text.get(at..=start));
    matches!(two, Some([b'\\', b'n' | b'r' | b't']))
}

/// The plain letter of one with an accent, as UTF-8 has it.
fn accented(letter: Option<&[u8]>) -> Option<u8> {
    match letter? {
        [0xc3, 0xb1] => Some(b'n'),
        [0xc3, 0xa7] | [0xc4, 0x87] => Some(b'c'),
        [0xc3, 0xa4] => Some(b'a'),
        [0xc3, 0xb6 | 0xb3] => Some(b'o'),
        [0xc5, 0x82] => Some(b'l'),
        [0xc5, 0x9f | 0x9b | 0xa1] => Some(b's'),
        _ => None,
    }
}

fn inside(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// `API key`, `client secret`: the word before, where it makes a name of two.
fn with_qualifier(text: &[u8], start: usize) -> usize {
    let lettered = text.get(start).is_some_and(u8::is_ascii_alphabetic);
    let Some(space) = start.checked_sub(1).filter(|at| lettered && text.get(*at) == Some(&b' '))
    else {
        return start;
    };
    let before = text.get(space.saturating_sub(12)..space).unwrap_or_default();
    let length = before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let word = before.get(before.len() - length..).unwrap_or_default().to_ascii_lowercase();
    let lock = std::str::from_utf8(&word)
        .is_ok_and(|word| length > 2 && (LOCKS.hold(word) || word == "public"));
    if lock { space - length } else { start }
}

/// `READ_PW(`: a macro rather than a setter.
pub(super) fn is_macro(name: &[u8]) -> bool {
    name.contains(&b'_') && !name.iter().any(u8::is_ascii_lowercase)
}

/// `passwordField`: what is typed into it has its name without its last word.
pub(super) fn without_widget(name: &[u8]) -> &[u8] {
    let widgets =
        [&b"Field"[..], b"Input", b"Box", b"TextField", b"Text", b"Edit", b"_field", b"_input"];
    widgets.iter().find_map(|widget| name.strip_suffix(*widget)).unwrap_or(name)
}

/// What the name says, if it speaks of a secret.
pub(super) fn classify(name: &[u8]) -> Option<Named> {
    let name = std::str::from_utf8(name).ok()?;
    let words = words(name);
    let mut later = 0;
    for (at, word) in words.iter().enumerate().rev() {
        let before = words.get(..at).unwrap_or_default();
        if let Some(named) = tells(word, before) {
            let head = before.last().is_some_and(|word| HEADS.hold(word.as_str()))
                || OPEN.iter().any(|open| name.contains(open))
                || before.iter().any(|word| word == "public");
            let owned = words.get(at + 1).is_some_and(|word| OWNERS.hold(word));
            let goes_on = later > 0 && !owned && LAST.iter().any(|last| word.starts_with(last));
            return Some(named).filter(|_| !head && !goes_on);
        }
        later += 1;
        if later > TAIL || is_other(word) || !known_after(word) {
            return None;
        }
    }
    None
}

/// Whether a word may stand after one that tells: a short one, or a number.
fn known_after(word: &str) -> bool {
    word.len() <= 12
}

fn tells(word: &str, before: &[String]) -> Option<Named> {
    let word = word.trim_end_matches(|digit: char| digit.is_ascii_digit());
    let word = word.strip_suffix('s').filter(|stem| !stem.ends_with('s')).unwrap_or(word);
    if let Some((_, named)) = WHOLE.iter().find(|(whole, _)| *whole == word) {
        return Some(*named);
    }
    if let Some((_, named)) = ENDS.iter().find(|(end, _)| word.ends_with(end)) {
        return Some(*named);
    }
    if let Some(owner) = word.strip_suffix("pass") {
        return (!PASSES.hold(owner)).then_some(Named::Password);
    }
    if word.len() <= 12 && word.ends_with("pw") {
        return Some(Named::Password);
    }
    let owner = word.strip_suffix("key")?;
    if owner == "secret" || owner.is_empty() && before.iter().any(|word| word == "secret") {
        return Some(Named::Secret);
    }
    if owner.is_empty() {
        let near = before.iter().rev().take(3).any(|word| LOCKS.hold(word.as_str()));
        return Some(if near { Named::Token } else { Named::Key });
    }
    LOCKS.hold(owner).then_some(Named::Token)
}

/// The words of a name, lower case: `myAPIKey_2` is `my`, `api`, `key`, `2`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let bytes = name.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        if !byte.is_ascii() {
            word.extend(accented(bytes.get(at..at + 2)).map(char::from));
            continue;
        }
        let previous = at.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b'_');
        let next = bytes.get(at + 1).copied().unwrap_or(b'_');
        let rises = byte.is_ascii_uppercase()
            && (previous.is_ascii_lowercase()
                || previous.is_ascii_digit()
                || previous.is_ascii_uppercase() && next.is_ascii_lowercase());
        if (!byte.is_ascii_alphanumeric() || rises) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if byte.is_ascii_alphanumeric() {
            word.push(char::from(byte.to_ascii_lowercase()));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

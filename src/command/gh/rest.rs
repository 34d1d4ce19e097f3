//! REST calls, by the table in `rules/commands/github_api.toml`.

use super::body::Body;
use super::says_production;
use crate::command::intent::Intent;
use crate::command::pack::{Endpoint, GITHUB_API};

/// An endpoint as a path: no scheme, host, query or placeholder that `repo`
/// (`OWNER/REPO`) fills, percent-encoding resolved.
pub(super) fn path(endpoint: &str, repo: Option<&str>) -> String {
    let endpoint = endpoint.split(['?', '#']).next().unwrap_or(endpoint);
    let after_scheme = endpoint.split_once("://").map(|(_, rest)| rest);
    let path = after_scheme.map_or(endpoint, |rest| rest.split_once('/').map_or("", |(_, p)| p));
    let decoded = percent_decoded(path);
    let mut segments: Vec<&str> = decoded.split('/').filter(|part| !part.is_empty()).collect();
    if let ["api", "v3", ..] = segments.as_slice() {
        segments.drain(..2);
    } else if let ["api", "graphql"] = segments.as_slice() {
        segments.drain(..1);
    }
    let mut path = format!("/{}", segments.join("/"));
    if let Some((owner, name)) = repo.and_then(|repo| repo.rsplit_once('/')) {
        let owner = owner.rsplit('/').next().unwrap_or(owner);
        path = path.replace("{owner}", owner).replace(":owner", owner);
        path = path.replace("{repo}", name).replace(":repo", name);
    }
    path
}

/// What a writing call does.
pub(super) fn operations(method: &str, path: &str, body: &Body) -> Vec<Intent> {
    let mut found = Vec::new();
    let mut first: Option<&str> = None;
    for entry in GITHUB_API.rest.iter().filter(|entry| entry.methods.iter().any(|m| m == method)) {
        let Some(parts) = parts(&entry.path, path) else { continue };
        if first.is_some_and(|pattern| pattern != entry.path) {
            break;
        }
        first = Some(&entry.path);
        let unconditional = entry.field.is_empty();
        let applies = if unconditional {
            found.is_empty()
        } else {
            body.has(&entry.field, &entry.value) && !contradicted(&found, entry)
        };
        if applies {
            found.push(intent(entry, &parts));
        }
    }
    if found.is_empty() {
        found.push(Intent::new("github.api.write", "changes something on GitHub"));
    }
    found.retain(|intent| intent.operation != "github.none");
    found.into_iter().map(|intent| finish(intent, method, path, body)).collect()
}

/// A later entry for the same operation says less than the one already found.
fn contradicted(found: &[Intent], entry: &Endpoint) -> bool {
    found.iter().any(|intent| intent.operation == entry.operation)
}

fn intent(entry: &Endpoint, parts: &[(String, String)]) -> Intent {
    let mut intent = Intent::new(&entry.operation, &entry.message);
    if !entry.signal.is_empty() {
        intent = intent.signal(&entry.signal, &entry.message);
    }
    if !entry.target.is_empty() {
        let filled = parts.iter().fold(entry.target.clone(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        });
        intent = intent.on(filled);
    }
    let part = |wanted: &str| parts.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
    intent.repo = match (part("owner"), part("repo")) {
        (Some(owner), Some(repo)) => Some(format!("{owner}/{repo}")),
        (owner, _) => owner.cloned(),
    };
    let secret = entry.operation.starts_with("github.actions.secret.");
    if secret && part("name").is_some_and(|name| says_production(name)) {
        intent = intent.signal("name_prod", "the name says production or a way into it");
    }
    intent
}

fn finish(intent: Intent, method: &str, path: &str, body: &Body) -> Intent {
    let intent = intent.param("method", method).param("path", path);
    let intent = if body.opaque {
        intent.signal("opaque_body", "what is sent cannot be read from the command line")
    } else {
        intent
    };
    if body.present && !body.opaque { intent.param("body_sha256", body.digest()) } else { intent }
}

/// The parts that `{name}` and `{name...}` stand for, if `path` fits `pattern`.
fn parts(pattern: &str, path: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut have = path.split('/');
    for segment in pattern.split('/') {
        if let Some((before, name)) = segment.strip_suffix("...}").and_then(|s| s.split_once('{')) {
            let rest: Vec<&str> = if before.is_empty() {
                have.collect()
            } else {
                if !have.next()?.eq_ignore_ascii_case(before) {
                    return None;
                }
                have.collect()
            };
            let enough = !before.is_empty() || rest.iter().any(|part| !part.is_empty());
            found.push((name.to_owned(), rest.join("/")));
            return enough.then_some(found);
        }
        let value = have.next()?;
        match segment.strip_prefix('{') {
            Some(name) => {
                let (name, after) = name.split_once('}')?;
                found.push((name.to_owned(), value.strip_suffix(after)?.to_owned()));
            }
            None if segment.eq_ignore_ascii_case(value) => {}
            None => return None,
        }
    }
    have.next().is_none().then_some(found)
}

fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.as_bytes();
    while let Some((first, rest)) = bytes.split_first() {
        let code = rest.get(..2).filter(|_| *first == b'%');
        let value = code
            .and_then(|code| std::str::from_utf8(code).ok())
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        out.push(value.unwrap_or(*first));
        bytes = if value.is_some() { rest.get(2..).unwrap_or_default() } else { rest };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_in_every_spelling_is_the_same_path() {
        for text in [
            "repos/o/r/git/refs/heads/x",
            "/repos/o/r/git/refs/heads%2Fx",
            "https://api.github.com/repos/o/r/git/refs/heads/x?y=1",
            "https://ghe.example/api/v3//repos/o/r/git/refs/heads/x",
            "repos/{owner}/{repo}/git/refs/heads/x",
            "repos/:owner/:repo/git/refs/heads/x",
        ] {
            assert_eq!(path(text, Some("o/r")), "/repos/o/r/git/refs/heads/x", "{text}");
        }
    }

    #[test]
    fn patterns_take_segments_and_rests() {
        assert!(parts("/a/{x}", "/a/b").is_some() && parts("/a/{x}", "/a/b/c").is_none());
        assert!(parts("/a/{x...}", "/a/b/c").is_some() && parts("/a/{x...}", "/a").is_none());
        assert!(parts("/a{x...}", "/a").is_some() && parts("/a{x...}", "/ab").is_none());
    }
}

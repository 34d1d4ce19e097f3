//! GraphQL: the root fields of the mutations in a query.

use super::body::Body;
use crate::command::intent::Intent;
use crate::command::pack::{GITHUB_API, Mutation};

const OTHER: &str = "changes something on GitHub";

/// What a GraphQL call does; nothing when it only asks.
pub(super) fn operations(body: &Body) -> Vec<Intent> {
    let Some(query) = body.get("query") else {
        let intent = Intent::new("github.graphql.mutation", OTHER)
            .signal("opaque_body", "the query cannot be read from the command line");
        return vec![intent];
    };
    let searched: String = format!("{},{query}", body.text())
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\\'))
        .collect();
    let fields = mutation_fields(query);
    let mut found: Vec<Intent> = Vec::new();
    for field in fields {
        let entry = GITHUB_API.graphql.iter().find(|entry| fits(entry, &field, &searched));
        let (operation, message) = entry.map_or(("github.graphql.mutation", OTHER), |e| {
            (e.operation.as_str(), e.message.as_str())
        });
        let intent = Intent::new(operation, message).param("mutation", field);
        found.push(intent.param("body_sha256", body.digest()));
    }
    found
}

fn fits(entry: &Mutation, field: &str, searched: &str) -> bool {
    entry.field == field && searched.contains(&entry.contains)
}

/// Names of the fields directly below `mutation { … }`. A fragment there is
/// named `...`, so that it is known to be there and not what it is.
fn mutation_fields(query: &str) -> Vec<String> {
    let tokens = tokens(query);
    let mut found = Vec::new();
    let (mut depth, mut arguments, mut mutates) = (0_usize, 0_usize, false);
    for (index, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "(" => arguments += 1,
            ")" => arguments = arguments.saturating_sub(1),
            _ if arguments > 0 => {}
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                mutates &= depth > 0;
            }
            "mutation" if depth == 0 => mutates = true,
            "query" | "subscription" | "fragment" if depth == 0 => mutates = false,
            name if mutates && depth == 1 => {
                let before = index.checked_sub(1).and_then(|at| tokens.get(at));
                let next = tokens.get(index + 1).map(String::as_str);
                let directive = before.is_some_and(|token| token == "@");
                let alias = next == Some(":");
                if !directive && !alias && (is_name(name) || name == "...") {
                    found.push(name.to_owned());
                }
            }
            _ => {}
        }
    }
    found
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// Names and punctuation; comments and strings are left out.
fn tokens(query: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = query;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' => string_end(rest),
            '.' => rest.find(|c| c != '.').unwrap_or(rest.len()),
            c if c.is_ascii_alphanumeric() || c == '_' => {
                rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len())
            }
            c => c.len_utf8(),
        };
        let (token, after) = rest.split_at(end);
        if !matches!(first, '#' | '"' | ',') && !first.is_whitespace() {
            found.push(token.to_owned());
        }
        rest = after;
    }
    found
}

/// Where the string that `text` begins with ends.
fn string_end(text: &str) -> usize {
    if let Some(block) = text.strip_prefix("\"\"\"") {
        return block.find("\"\"\"").map_or(text.len(), |at| at + 6);
    }
    let mut escaped = false;
    for (index, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_fields_of_mutations_only() {
        let fields = |query| mutation_fields(query);
        assert_eq!(
            fields("mutation($i:ID!){a:deleteRef(input:{x:\"}\"}){id} closeIssue{id}}"),
            ["deleteRef", "closeIssue"]
        );
        assert!(
            fields("query { search(q:\"mutation { deleteRef }\") { id } } # mutation {x}")
                .is_empty()
        );
        assert_eq!(fields("fragment F on Mutation{a} mutation M @d {...F}"), ["...", "F"]);
        assert!(fields("{ mutation { id } }").is_empty());
    }
}

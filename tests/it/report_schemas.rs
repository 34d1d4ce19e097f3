//! Reports against what is published of their formats.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where its stage breaks")]

use std::fs;
use std::path::Path;

use regex::Regex;
use saferun::scan::sample::expand;
use serde_json::Value;

use crate::support::sandbox::Sandbox;

/// Everything in which `value` is not of the schema.
fn check(value: &Value, schema: &Value, at: &str, wrong: &mut Vec<String>) {
    let mut fail = |what: &str| wrong.push(format!("{at}: {what}: {value}"));
    let number = |key: &str| schema[key].as_f64();
    if let Some(kind) = schema["type"].as_str() {
        let fits = match kind {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            other => panic!("the schema asks for `{other}`"),
        };
        if !fits {
            return fail(kind);
        }
    }
    if schema["enum"].as_array().is_some_and(|known| !known.contains(value)) {
        fail("none of the known values");
    }
    if let (Some(least), Some(value)) = (number("minimum"), value.as_f64())
        && value < least
    {
        fail("too small");
    }
    if let Some(text) = value.as_str() {
        let length = text.chars().count() as f64;
        if number("minLength").is_some_and(|least| length < least)
            || number("maxLength").is_some_and(|most| length > most)
        {
            fail("its length");
        }
        if schema["pattern"].as_str().is_some_and(|form| !Regex::new(form).unwrap().is_match(text))
        {
            fail("its form");
        }
    }
    if let Some(items) = value.as_array() {
        if number("minItems").is_some_and(|least| (items.len() as f64) < least) {
            fail("too few");
        }
        let twice = |(at, item): (usize, &Value)| items[..at].contains(item);
        if schema["uniqueItems"] == true && items.iter().enumerate().any(twice) {
            fail("something stands there twice");
        }
        for (index, item) in items.iter().enumerate() {
            check(item, &schema["items"], &format!("{at}/{index}"), wrong);
        }
    } else if let Some(fields) = value.as_object() {
        let required = schema["required"].as_array().into_iter().flatten();
        for name in required.filter(|name| !fields.contains_key(name.as_str().unwrap())) {
            wrong.push(format!("{at}: {name} is missing"));
        }
        for (name, field) in fields {
            let known = &schema["properties"][name];
            if known.is_null() && schema["additionalProperties"] == false {
                wrong.push(format!("{at}: `{name}` is not known"));
            }
            let known = if known.is_null() { &schema["values"] } else { known };
            check(field, known, &format!("{at}/{name}"), wrong);
        }
    }
}

fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpora/reports").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A repository whose history, index and files hold secrets of many kinds, in
/// files of odd names.
fn leaky() -> Sandbox {
    let sandbox = Sandbox::plain();
    sandbox.write("a b/ü%.py", format!("t = '{}'\n", expand("ghp_{36:crc}")));
    sandbox.write("é,\"<&>.env", format!("DB_PASSWORD={}\n", expand("j8{14}")));
    sandbox.write("key.txt", format!("x\n{}\n", expand("AWS_SECRET_ACCESS_KEY={40:b64}")));
    sandbox.write("k/-----.json", format!("{{\"a\": \"{}\"}}\n", expand("sk_{}live_{24}")));
    sandbox.commit_unguarded("leak\n\nwith a \"message\"");
    sandbox.stage("staged.py", format!("t = '{}'\n", expand("glpat-{20}")));
    sandbox
}

#[test]
fn reports_are_of_their_published_formats() {
    let leaky = leaky();
    for (format, file) in
        [("gitlab", "gitlab-secret-detection.json"), ("sarif", "sarif-2.1.0.json")]
    {
        let schema = schema(file);
        for what in [&["."][..], &["--history"], &["--staged"], &["--confidence", "low"]] {
            let run = leaky.saferun(&[&["scan", "--format", format], what].concat()).ended(1);
            let report: Value = serde_json::from_str(&run.out).unwrap();
            let found = report.pointer("/vulnerabilities").or(report.pointer("/runs/0/results"));
            assert!(!found.unwrap().as_array().unwrap().is_empty(), "{format} {what:?}");
            let mut wrong = Vec::new();
            check(&report, &schema, "", &mut wrong);
            assert!(wrong.is_empty(), "{format} {what:?}\n{}", wrong.join("\n"));
        }
        let empty = Sandbox::plain().saferun(&["scan", "--format", format]).fine();
        let mut wrong = Vec::new();
        check(&serde_json::from_str(&empty.out).unwrap(), &schema, "", &mut wrong);
        assert!(wrong.is_empty(), "{format}, nothing found\n{}", wrong.join("\n"));
    }
}

#[test]
fn ids_of_gitlab_vulnerabilities_are_unique() {
    let run = leaky().saferun(&["scan", "--history", "--format", "gitlab"]).ended(1);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let all = report["vulnerabilities"].as_array().unwrap();
    let mut ids: Vec<&str> = all.iter().map(|one| one["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all.len());
}

#[test]
fn a_report_that_is_not_of_its_format_is_noticed() {
    let mut wrong = Vec::new();
    let report = serde_json::json!({"version": "2.1.0", "runs": [{"tool": {"driver": {}}, "x": 1,
        "results": [{"message": {"text": "a"}, "level": "bad", "ruleIndex": -2}]}]});
    check(&report, &schema("sarif-2.1.0.json"), "", &mut wrong);
    assert_eq!(wrong.len(), 4, "{wrong:#?}");
}

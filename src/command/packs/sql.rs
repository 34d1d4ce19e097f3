//! What SQL statements do, by their words. Every dialect is read alike:
//! strings, quoted names and comments are taken out, and what is left is cut
//! at `;`. Statements that nobody needs to think about have no kind.

/// Kinds of the statements in `text`, in order, each once in a row.
pub(super) fn kinds(text: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    for statement in statements(text) {
        for kind in statement_kinds(&statement) {
            if found.last() != Some(&kind) {
                found.push(kind);
            }
        }
    }
    found
}

/// Words that make a statement harmless when they begin it.
const HARMLESS: &[&str] = &["EXPLAIN", "SHOW", "DESCRIBE", "DESC", "USE", "HELP", "COMMENT"];

fn statement_kinds(words: &[String]) -> Vec<&'static str> {
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    let explained = word(0) == "EXPLAIN" && has("ANALYZE");
    if HARMLESS.contains(&word(0)) && !explained {
        return Vec::new();
    }
    let begins = [
        "WITH", "BEGIN", "EXPLAIN", "DO", "CREATE", "EXEC", "EXECUTE", "IF", "SET", "DECLARE",
        "CALL", "PREPARE", "MERGE", "GO", "START",
    ];
    let anywhere = begins.contains(&word(0)) || words.len() > 400;
    let mut found: Vec<&'static str> = Vec::new();
    let is_create = word(0) == "CREATE";
    for at in 0..words.len() {
        if at > 0 && !anywhere {
            break;
        }
        found.extend(kind_at(words, at, is_create));
    }
    if [
        "XP_CMDSHELL",
        "LOAD_FILE",
        "OUTFILE",
        "DUMPFILE",
        "LO_EXPORT",
        "PG_READ_FILE",
        "PG_READ_BINARY_FILE",
        "SYS_EXEC",
        "PG_LS_DIR",
    ]
    .iter()
    .any(|name| has(name))
        || (word(0) == "COPY" && has("PROGRAM"))
        || matches!(word(0), "\\!" | ".SHELL" | ".SYSTEM" | "SYSTEM")
    {
        found.push("program");
    }
    if words
        .iter()
        .any(|word| word.starts_with("PG_TERMINATE_BACKEND") || word.starts_with("PG_DROP_"))
    {
        found.push("admin");
    }
    found
}

/// What a statement does that begins at a word.
fn kind_at(words: &[String], at: usize, defines: bool) -> Option<&'static str> {
    let word = |offset: usize| words.get(at + offset).map_or("", String::as_str);
    let rest = words.get(at..).unwrap_or_default();
    let has = |wanted: &str| rest.iter().any(|word| word == wanted);
    match word(0) {
        "DROP" => drop(rest),
        "TRUNCATE" if !word(1).starts_with('(') && !word(1).is_empty() => Some("truncate"),
        "DELETE" if defines || word(1) == "(" => None,
        "DELETE" if (word(1) == "FROM" || at == 0) && !is_limited(rest) => Some("delete-all"),
        "DELETE" if word(1) == "FROM" => Some("delete"),
        "UPDATE" if !defines && has("SET") && !is_limited(rest) => Some("update-all"),
        "UPDATE" if !defines && has("SET") => Some("update"),
        "ALTER" if matches!(word(1), "USER" | "ROLE" | "LOGIN") => Some("grant"),
        "ALTER" if matches!(word(1), "DATABASE" | "SYSTEM") => Some("admin"),
        "ALTER" if has("DROP") || has("DELETE") => Some("alter-drop"),
        "ALTER" => Some("alter"),
        "GRANT" | "REVOKE" if at == 0 => Some("grant"),
        "CREATE" if matches!(word(1), "USER" | "ROLE" | "LOGIN") => Some("grant"),
        "SHUTDOWN" | "KILL" if at == 0 => Some("admin"),
        "PURGE" | "RESET"
            if at == 0
                && matches!(word(1), "BINARY" | "MASTER" | "RECYCLEBIN" | "SLAVE" | "REPLICA") =>
        {
            Some("admin")
        }
        "FLUSHALL" | "FLUSHDB" if at == 0 => Some("truncate"),
        _ => None,
    }
}

fn drop(words: &[String]) -> Option<&'static str> {
    let word = |offset: usize| words.get(offset).map_or("", String::as_str);
    let name = words.iter().skip(2).find(|word| !matches!(word.as_str(), "IF" | "EXISTS"));
    let temporary = name.is_some_and(|name| name.starts_with('#') || name.starts_with("PG_TEMP"));
    match word(1) {
        "TEMPORARY" | "TEMP" => None,
        _ if temporary => None,
        "DATABASE" | "SCHEMA" | "KEYSPACE" | "TABLESPACE" | "CATALOG" => Some("drop-database"),
        "TABLE" | "COLLECTION" | "FOREIGN" | "OWNED" | "EXTERNAL" | "STREAM" | "TOPIC"
        | "BUCKET" | "MEASUREMENT" | "SERIES" => Some("drop-table"),
        "MATERIALIZED" | "VIEW" | "INDEX" | "FUNCTION" | "PROCEDURE" | "TRIGGER" | "TYPE"
        | "SEQUENCE" | "EXTENSION" | "POLICY" | "RULE" | "CONSTRAINT" | "PUBLICATION"
        | "SUBSCRIPTION" | "SERVER" | "AGGREGATE" | "DOMAIN" | "OPERATOR" | "EVENT" | "STAGE"
        | "TASK" | "PIPE" | "WAREHOUSE" | "DICTIONARY" | "SYNONYM" | "PACKAGE" => Some("drop"),
        "USER" | "ROLE" | "LOGIN" | "GROUP" => Some("grant"),
        _ => None,
    }
}

/// Whether a statement has a condition that can be false: not `WHERE 1=1`.
fn is_limited(words: &[String]) -> bool {
    let Some(at) =
        words.iter().position(|word| matches!(word.as_str(), "WHERE" | "USING" | "JOIN"))
    else {
        return false;
    };
    let condition = words.get(at + 1..).unwrap_or_default().concat();
    let condition = condition.trim_end_matches(';').trim_matches(|c| c == '(' || c == ')');
    let same = condition.split_once('=').is_some_and(|(a, b)| a == b && !a.is_empty());
    !(same || matches!(condition, "" | "1" | "TRUE" | "'?'='?'" | "NOTFALSE"))
}

/// The statements' words in upper case; a string is `'?'`.
fn statements(text: &str) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (token, end) = token(rest, first);
        match token {
            Token::Nothing => {}
            Token::End => all.push(Vec::new()),
            Token::Word(word) => {
                if let Some(statement) = all.last_mut() {
                    statement.push(word);
                }
            }
        }
        rest = rest.get(end..).unwrap_or_default();
    }
    all.retain(|statement| !statement.is_empty());
    all
}

enum Token {
    Nothing,
    End,
    Word(String),
}

fn token(text: &str, first: char) -> (Token, usize) {
    let until = |end: &str| text.find(end).map_or(text.len(), |at| at + end.len());
    let executed =
        text.strip_prefix("/*!").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    match first {
        ';' => (Token::End, 1),
        '-' if text.starts_with("--") => (Token::Nothing, until("\n")),
        '/' if executed => (Token::Nothing, text.find(' ').map_or(text.len(), |at| at + 1)),
        '/' if text.starts_with("/*") => (Token::Nothing, until("*/")),
        '#' if text.starts_with("# ") => (Token::Nothing, until("\n")),
        '\'' => (Token::Word("'?'".to_owned()), quoted(text, '\'')),
        '"' | '`' => {
            let end = quoted(text, first);
            (Token::Word(text.get(1..end.saturating_sub(1)).unwrap_or_default().to_owned()), end)
        }
        '$' if text.starts_with("$$") => (Token::Nothing, 2),
        _ if first.is_whitespace() => (Token::Nothing, first.len_utf8()),
        _ if is_word(first) || matches!(first, '\\' | '#' | '@') => {
            let after = text.char_indices().skip(1).find(|(_, c)| !is_word(*c) && *c != '!');
            let end = after.map_or(text.len(), |(at, _)| at);
            (Token::Word(text.get(..end).unwrap_or_default().to_ascii_uppercase()), end)
        }
        _ => (Token::Word(first.to_string()), first.len_utf8()),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '$')
}

/// Where a quoted text ends; a doubled quote or one behind `\` stands in it.
fn quoted(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && quote == '\'' {
            chars.next();
        } else if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
            } else {
                return at + c.len_utf8();
            }
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::kinds;

    #[test]
    fn what_a_statement_does() {
        for (kind, texts) in [
            (
                "drop-database",
                &[
                    "drop database shop",
                    "DROP/**/DATABASE IF EXISTS `shop`;",
                    "/*!50000 DROP DATABASE x*/",
                ][..],
            ),
            (
                "drop-table",
                &[
                    "Drop Table if exists users cascade",
                    "select 1; -- x\ndrop table a",
                    "BEGIN; DROP TABLE a; COMMIT",
                    "DROP\n\tTABLE users",
                ],
            ),
            ("truncate", &["TRUNCATE users", "truncate table users restart identity"]),
            (
                "delete-all",
                &[
                    "delete from users",
                    "DELETE FROM users WHERE 1=1",
                    "delete from users where true",
                    "with x as (select 1) delete from users",
                    "delete from users where ''=''",
                ],
            ),
            ("delete", &["delete from users where id = 7", "DELETE FROM a USING b WHERE a.x=b.x"]),
            ("update-all", &["update users set admin = true", "UPDATE u SET x='where id=1'"]),
            ("update", &["update users set admin = false where id = 3"]),
            ("alter-drop", &["alter table users drop column email"]),
            (
                "grant",
                &[
                    "grant all on *.* to 'x'@'%'",
                    "ALTER USER root IDENTIFIED BY 'x'",
                    "drop role x",
                ],
            ),
            ("program", &["copy t from program 'id'", "\\! rm -rf /", "exec xp_cmdshell 'dir'"]),
        ] {
            for text in texts {
                assert_eq!(kinds(text).first(), Some(&kind), "{text}");
            }
        }
    }

    #[test]
    fn questions_and_texts_do_nothing() {
        for text in [
            "select * from users where note = 'drop table users'",
            "select truncate(1.5, 1), updated_at from deleted",
            "insert into log values ('delete from users')",
            "explain delete from users",
            "create table t (id int references u on delete cascade on update cascade)",
            "select count(*) from users -- drop table users",
            "drop temporary table x",
            "SELECT \"drop\" FROM t",
            "\\d users",
            ".tables",
            "",
        ] {
            assert_eq!(kinds(text), Vec::<&str>::new(), "{text}");
        }
    }
}

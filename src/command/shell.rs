//! A small shell tokenizer: enough for the lines that git and gh aliases hold.
//!
//! Splits a line into simple commands. Quotes and escapes are resolved; what
//! only a running shell could know (`$x`, `$(…)`, globs do not matter here)
//! marks its word as dynamic; the insides of `$(…)` and backticks come out as
//! commands of their own. Redirections are dropped.

/// Most substitutions inside one another.
const MAX_NESTING: usize = 32;

/// A word after quote removal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// Part of the text is known only when the line runs.
    pub(super) dynamic: bool,
    quoted: bool,
}

/// Words that run together, and where they stand in the line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Simple {
    pub(super) words: Vec<Word>,
    pub(super) span: (usize, usize),
}

/// A line, split.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) commands: Vec<Simple>,
    /// Lines inside `$(…)`, backticks and `<(…)`.
    pub(super) nested: Vec<String>,
    /// The line has something that this tokenizer does not read.
    pub(super) unreadable: bool,
}

/// Splits `text`.
pub(super) fn split(text: &str) -> Line {
    let mut reader = Reader::new(text);
    reader.run();
    reader.line
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: Line,
    simple: Simple,
    /// Ends of the here-documents that begin on the next line, and whether
    /// expansions count in them.
    documents: Vec<(String, bool)>,
    /// How many substitutions are around this text.
    depth: usize,
    /// Parentheses open in a text that ends where one too many is closed;
    /// none once that was seen.
    open: Option<usize>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let (line, simple, documents) = Default::default();
        Self { text, at: 0, line, simple, documents, depth: 0, open: None }
    }

    fn run(&mut self) {
        while let Some(next) = self.peek() {
            match next {
                ' ' | '\t' | '\r' => self.skip(next),
                ')' if self.open == Some(0) => {
                    self.open = None;
                    break;
                }
                ';' | '&' | '|' | '\n' | '(' | ')' => {
                    self.skip(next);
                    self.finish();
                    match next {
                        '\n' => self.skip_documents(),
                        '(' => self.open = self.open.map(|open| open + 1),
                        ')' => self.open = self.open.map(|open| open.saturating_sub(1)),
                        _ => {}
                    }
                }
                '#' => self.skip_comment(),
                '<' | '>' => self.redirection(next),
                _ => self.word(),
            }
        }
        self.finish();
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn skip(&mut self, character: char) {
        self.at += character.len_utf8();
    }

    fn finish(&mut self) {
        let simple = std::mem::take(&mut self.simple);
        if !simple.words.is_empty() {
            self.line.commands.push(simple);
        }
    }

    fn skip_comment(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.find('\n').unwrap_or(rest.len());
    }

    /// `>file`, `2>&1`, `<<EOF`, `<(…)`: the operator and its target go.
    fn redirection(&mut self, first: char) {
        self.skip(first);
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with('(') {
            self.skip('(');
            let inner = self.until_closing();
            self.line.nested.push(inner);
            return;
        }
        let document = first == '<' && rest.starts_with('<') && !rest.starts_with("<<");
        while let Some(more @ ('<' | '>' | '&' | '|' | '-')) = self.peek() {
            self.skip(more);
        }
        while let Some(blank @ (' ' | '\t')) = self.peek() {
            self.skip(blank);
        }
        if self.peek().is_some_and(|c| !";&|\n()<>".contains(c)) {
            let mut target = Word::default();
            self.read_word(&mut target);
            if document {
                self.documents.push((target.text, !target.quoted));
            }
        }
    }

    /// The lines up to each here-document's end. Only substitutions in them
    /// run, and only where the end was not quoted.
    fn skip_documents(&mut self) {
        for (end, expands) in std::mem::take(&mut self.documents) {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let mut length = 0;
            for line in rest.split_inclusive('\n') {
                if line.trim_matches(['\t', '\n', '\r']) == end {
                    break;
                }
                length += line.len();
            }
            let body = rest.get(..length).unwrap_or_default();
            if expands {
                let mut inner = Reader::new(body);
                inner.document(&mut Word::default());
                self.line.nested.append(&mut inner.line.nested);
            }
            let after = rest.get(length..).unwrap_or_default();
            self.at += length + after.find('\n').map_or(after.len(), |at| at + 1);
        }
    }

    fn document(&mut self, word: &mut Word) {
        while let Some(next) = self.peek() {
            match next {
                '$' | '`' => self.expansion(next, word),
                _ => self.skip(next),
            }
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let mut word = Word::default();
        self.read_word(&mut word);
        let redirects = matches!(self.peek(), Some('<' | '>'));
        if redirects && !word.quoted && word.text.bytes().all(|byte| byte.is_ascii_digit()) {
            return;
        }
        if !word.quoted && is_brace(&word.text) {
            self.finish();
            return;
        }
        if self.simple.words.is_empty() {
            self.simple.span.0 = start;
        }
        self.simple.span.1 = self.at;
        self.simple.words.push(word);
    }

    fn read_word(&mut self, word: &mut Word) {
        while let Some(next) = self.peek() {
            match next {
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => return,
                '\'' => self.single_quoted(word),
                '"' => self.double_quoted(word),
                '\\' => self.escape(word),
                '$' | '`' => self.expansion(next, word),
                _ => {
                    self.skip(next);
                    word.text.push(next);
                }
            }
        }
    }

    fn escape(&mut self, word: &mut Word) {
        self.skip('\\');
        word.quoted = true;
        if let Some(next) = self.peek() {
            self.skip(next);
            if next != '\n' {
                word.text.push(next);
            }
        }
    }

    fn single_quoted(&mut self, word: &mut Word) {
        self.skip('\'');
        word.quoted = true;
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest.find('\'').unwrap_or_else(|| {
            self.line.unreadable = true;
            rest.len()
        });
        word.text.push_str(rest.get(..end).unwrap_or_default());
        self.at += (end + 1).min(rest.len());
    }

    fn double_quoted(&mut self, word: &mut Word) {
        self.skip('"');
        word.quoted = true;
        while let Some(next) = self.peek() {
            match next {
                '"' => return self.skip('"'),
                '$' | '`' => self.expansion(next, word),
                '\\' => {
                    self.skip('\\');
                    if let Some(after) = self.peek() {
                        self.skip(after);
                        if !"$`\"\\\n".contains(after) {
                            word.text.push('\\');
                        }
                        if after != '\n' {
                            word.text.push(after);
                        }
                    }
                }
                _ => {
                    self.skip(next);
                    word.text.push(next);
                }
            }
        }
        self.line.unreadable = true;
    }

    /// `$name`, `${…}`, `$(…)`, backticks. The text keeps `$name` as written.
    fn expansion(&mut self, first: char, word: &mut Word) {
        let start = self.at;
        self.skip(first);
        let rest = self.text.get(self.at..).unwrap_or_default();
        if first == '`' {
            let end = rest.find('`').unwrap_or(rest.len());
            self.line.nested.push(rest.get(..end).unwrap_or_default().to_owned());
            self.at += (end + 1).min(rest.len());
        } else if rest.starts_with('(') {
            self.skip('(');
            let inner = self.until_closing();
            self.line.nested.push(inner);
        } else if rest.starts_with('{') {
            self.at += rest.find('}').map_or(rest.len(), |end| end + 1);
        } else if rest.starts_with('\'') {
            return self.single_quoted(word);
        } else {
            let name =
                rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            let special = rest.starts_with(['@', '*', '#', '?', '$', '!', '-']);
            if name == 0 && !special {
                return word.text.push('$');
            }
            self.at += name.max(usize::from(special));
        }
        word.dynamic = true;
        word.text.push_str(self.text.get(start..self.at).unwrap_or_default());
    }

    /// What stands before the parenthesis that closes the one just opened.
    fn until_closing(&mut self) -> String {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut inner = Reader::new(rest);
        inner.depth = self.depth + 1;
        inner.open = Some(0);
        if inner.depth <= MAX_NESTING {
            inner.run();
        }
        let closed = inner.open.is_none();
        self.line.unreadable |= !closed;
        let end = if closed { inner.at } else { rest.len() };
        self.at += (end + 1).min(rest.len());
        rest.get(..end).unwrap_or_default().to_owned()
    }
}

fn is_brace(text: &str) -> bool {
    text == "{" || text == "}" || text == "!"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
        let simple = |simple: Simple| simple.words.into_iter().map(|word| word.text).collect();
        split(text).commands.into_iter().map(simple).collect()
    }

    #[test]
    fn quotes_lists_and_redirections() {
        assert_eq!(
            words("a 'b c'\\ d \"e$f\" 2>&1 >x; g&&h | f() { i; }"),
            [vec!["a", "b c d", "e$f"], vec!["g"], vec!["h"], vec!["f"], vec!["i"]]
        );
        assert_eq!(split("x $(git push -f) `y`").nested, ["git push -f", "y"]);
        let document = "cat <<'X' >y; echo\n$(a)\nX\nb <<Y\n $(c) '\nY\nd <<<e";
        assert_eq!(words(document), [vec!["cat"], vec!["echo"], vec!["b"], vec!["d"]]);
        assert_eq!(split(document).nested, ["c"]);
        assert_eq!(split("a $(b <<'X'\n don't)\nX\n(c)) d").commands.len(), 1);
        assert!(split(&"$(".repeat(10_000)).unreadable);
        assert!(split("echo 'open").unreadable && !split("echo it # 'fine").unreadable);
    }
}

//! Shells: `sh -c LINE`, a script, standard input.

use crate::command::invocation::{Piece, Word};
use crate::command::resolve::{Call, Flow, Resolver};

/// Longest script at hand that is looked at, in bytes.
const MAX_SCRIPT: usize = 64 * 1024;

/// Whether a program is a shell.
pub(super) fn is_shell(name: &str) -> bool {
    matches!(
        name.trim_start_matches('r').trim_start_matches('-'),
        "sh" | "bash"
            | "zsh"
            | "dash"
            | "ksh"
            | "ksh93"
            | "mksh"
            | "ash"
            | "fish"
            | "yash"
            | "csh"
            | "tcsh"
            | "rbash"
            | "bash5"
            | "posh"
            | "xonsh"
            | "nu"
            | "elvish"
    ) || matches!(name, "rbash" | "rksh")
}

/// What a shell's words say about its commands.
#[derive(Debug, Default)]
struct Options {
    /// `-c`
    line: bool,
    /// `-s`
    stdin: bool,
    /// `-i`
    interactive: bool,
    /// `--rcfile FILE`, `--init-file FILE`
    first: Option<Word>,
    /// Where the operands begin.
    at: usize,
    attached: Option<Word>,
}

/// Looks at what a shell would run.
pub(super) fn run(resolver: &mut Resolver, _name: &str, call: &Call) -> Flow {
    let options = options(call);
    let operands = call.words.get(options.at..).unwrap_or_default();
    let output = resolver.apart(|resolver| {
        for (name, value) in &call.environment {
            resolver.shell.set(name, value.clone());
            if name == "BASH_ENV" || name == "ENV" {
                script(resolver, call, value, Vec::new());
            }
        }
        if let Some(file) = &options.first {
            script(resolver, call, file, Vec::new());
        }
        if let Some(attached) = &options.attached {
            return line(resolver, call, attached);
        }
        match operands.split_first() {
            Some((text, rest)) if options.line => {
                let (zero, rest) = rest.split_first().map_or((None, rest), |(a, b)| (Some(a), b));
                if let Some(zero) = zero {
                    resolver.shell.set("0", zero.clone());
                }
                resolver.shell.positional = rest.to_vec();
                line(resolver, call, text)
            }
            Some((file, rest)) if !options.stdin && file.literal() != Some("-") => {
                script(resolver, call, file, rest.to_vec())
            }
            _ => {
                resolver.shell.positional = operands.to_vec();
                match input(resolver, call) {
                    Some(flow) => flow,
                    None => {
                        resolver.emit(call);
                        Flow::Unknown("output of a shell".to_owned())
                    }
                }
            }
        }
    });
    match options.interactive {
        true => Flow::Unknown("output of interactive-shell".to_owned()),
        false => output,
    }
}

fn options(call: &Call) -> Options {
    let mut found = Options { at: 1, ..Options::default() };
    while let Some(word) = call.words.get(found.at) {
        let text = word.start();
        let is_option = text.len() > 1 && text.starts_with(['-', '+']);
        if !is_option {
            break;
        }
        found.at += 1;
        match text {
            "--" => break,
            "--rcfile" | "--init-file" => {
                found.first = call.words.get(found.at).cloned();
                found.at += 1;
            }
            "--command" => found.line = true,
            "-o" | "+o" | "-O" | "+O" | "--features" | "-d" | "-D" => found.at += 1,
            _ if text.starts_with("--command=") => {
                let (_, value) = crate::command::resolve::split_at_equals(word);
                found.attached = value;
            }
            _ if text.starts_with("--") => {}
            _ => {
                found.line |= text.starts_with('-') && text.contains(['c', 'C']);
                found.stdin |= text.contains('s');
                found.interactive |= text.starts_with('-') && text.contains('i');
            }
        }
    }
    found
}

/// Looks at a line that a command gets. Where only the running line knows it,
/// the rules see the command itself.
pub(in crate::command) fn line(resolver: &mut Resolver, call: &Call, line: &Word) -> Flow {
    let [Piece::Substitution(_) | Piece::Variable(_)] = line.pieces.as_slice() else {
        return resolver.line_of(line, &call.input);
    };
    let trusted =
        matches!(line.pieces.as_slice(), [Piece::Substitution(typed)] if super::is_trusted(typed));
    if resolver.emit(call) == 0 && !trusted {
        resolver.hidden(format!("a shell with a line that only `{line}` knows"));
    }
    Flow::Unknown("output of an unknown line".to_owned())
}

/// What a shell reads from its standard input; nothing where that is the
/// caller's own.
pub(super) fn input(resolver: &mut Resolver, call: &Call) -> Option<Flow> {
    match &call.input {
        Flow::Inherited => {
            if resolver.scope.is_inside() && !resolver.scope.lenient {
                resolver.hidden("a shell that reads its commands from elsewhere");
            }
            None
        }
        Flow::Known(text) => Some(line(resolver, call, text)),
        Flow::File(name) => Some(script(resolver, call, &Word::text(name), Vec::new())),
        Flow::Bytes(_) | Flow::Unknown(_) => {
            if resolver.emit(call) == 0 {
                resolver.hidden("a shell that reads its commands from elsewhere");
            }
            Some(Flow::Unknown("output of a shell".to_owned()))
        }
    }
}

/// Looks at a script: what the line itself wrote, else the file at hand.
pub(in crate::command) fn script(
    resolver: &mut Resolver,
    call: &Call,
    file: &Word,
    arguments: Vec<Word>,
) -> Flow {
    let Some(name) = file.literal() else {
        let unknown =
            matches!(file.pieces.as_slice(), [Piece::Substitution(_) | Piece::Variable(_)]);
        if resolver.emit(call) == 0 && unknown {
            resolver.hidden(format!("the script `{file}`"));
        }
        return Flow::Unknown("output of a script".to_owned());
    };
    if matches!(name, "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0") {
        let flow = input(resolver, call);
        return flow.unwrap_or_else(|| Flow::Unknown("output of a shell".to_owned()));
    }
    let written = resolver.shell.file(name).cloned().map(|flow| match flow {
        Flow::File(other) => at_hand(resolver, &other).map_or(Flow::File(other), Flow::text),
        flow => flow,
    });
    let before = std::mem::replace(&mut resolver.shell.positional, arguments);
    let flow = match written {
        Some(Flow::Known(text)) => line(resolver, call, &text),
        Some(Flow::File(_)) | None => {
            resolver.emit(call);
            from_disk(resolver, name);
            Flow::Unknown("output of a script".to_owned())
        }
        Some(flow) => {
            let words = vec![Word::text("sh"), file.clone()];
            let from = Call { words, input: flow, ..call.clone() };
            if resolver.emit(&from) == 0 {
                resolver.hidden(format!("the script `{name}`"));
            }
            Flow::Unknown("output of a script".to_owned())
        }
    };
    resolver.shell.positional = before;
    flow
}

/// A script that was there before: what it certainly does counts, what it may
/// do was known to whoever wrote it.
fn from_disk(resolver: &mut Resolver, name: &str) {
    let Some(text) = at_hand(resolver, name) else { return };
    let lenient = std::mem::replace(&mut resolver.scope.lenient, true);
    resolver.behind(name.to_owned(), |resolver| resolver.text(&text, &Flow::Inherited));
    resolver.scope.lenient = lenient;
}

/// The text of a shell script at hand; one in another language has none.
fn at_hand(resolver: &Resolver, name: &str) -> Option<String> {
    let path = resolver.at(name)?;
    let text = String::from_utf8(resolver.scope.lookup.read_file(&path)?).ok()?;
    let first = text.lines().next().unwrap_or_default();
    let is_shell = !first.starts_with("#!") || first.contains("sh");
    (is_shell && text.len() <= MAX_SCRIPT && !text.contains('\0')).then_some(text)
}

/// A program named by its path: a script, unless it is one of the system's.
pub(super) fn program(resolver: &mut Resolver, name: &str, call: &Call) -> Flow {
    let typed = call.words.first().map(Word::to_string).unwrap_or_default();
    let written = resolver.shell.file(&typed).is_some();
    let directory = typed.rsplit_once('/').map_or("", |(directory, _)| directory);
    if !written && (directory.ends_with("bin") || directory.starts_with("/usr")) {
        return resolver.leaf(name, call);
    }
    let known = resolver.shell.file(&typed).cloned();
    if let Some(language) =
        known.as_ref().and_then(Flow::literal).and_then(super::code::language_of)
    {
        let text = known.as_ref().and_then(Flow::literal).unwrap_or_default().to_owned();
        return super::code::source(resolver, call, language, &text);
    }
    let file = call.words.first().cloned().unwrap_or_default();
    resolver.apart(|resolver| script(resolver, call, &file, call.arguments().to_vec()))
}

impl Resolver<'_> {
    /// A file's name as seen from where the line began.
    pub(in crate::command) fn at(&self, name: &str) -> Option<String> {
        match &self.shell.directory {
            Some(directory) if !name.starts_with('/') => {
                Some(format!("{}/{name}", directory.literal()?))
            }
            _ => Some(name.to_owned()),
        }
    }
}

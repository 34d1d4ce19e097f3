//! What programs write, where their words and their input tell it.

use super::Resolver;
use super::builtin::operands;
use super::call::Call;
use super::flow::{Flow, origin};
use super::{decode, printed};
use crate::command::invocation::{Piece, Word};

impl Resolver<'_> {
    /// The output of a command that has run.
    pub(in crate::command) fn output(&mut self, name: &str, call: &Call) -> Flow {
        let arguments = call.arguments();
        match name {
            "echo" => Flow::Known(printed::echo(arguments)),
            "printf" => Flow::Known(printed::printf(arguments)),
            "print" => Flow::Known(printed::echo(arguments)),
            "true" | ":" | "false" | "mkdir" | "touch" | "chmod" | "sleep" | "test" | "["
            | "rm" | "shopt" | "wait" => Flow::nothing(),
            "cat" | "bat" | "tac" => self.files(name, call),
            "tee" | "sponge" => self.tee(call),
            "cp" | "mv" | "ln" | "install" => self.copied(call),
            "scp" | "sftp" | "rsync" => self.fetched(name, call),
            "pwd" => match &self.shell.directory {
                Some(directory) => Flow::Known(directory.clone()),
                None => Flow::Known(Word::of(Piece::Variable("PWD".to_owned()))),
            },
            "ls" | "dir" => Flow::Known(listing(arguments)),
            "git" if arguments.first().and_then(Word::literal) == Some("ls-files") => {
                Flow::Known(tracked(arguments.get(1..).unwrap_or_default()))
            }
            "yes" => Flow::Known(printed::echo(arguments)),
            "which" | "type" => match operands(arguments).next() {
                Some(word) => Flow::Known(word.clone()),
                None => Flow::nothing(),
            },
            "whoami" => Flow::Known(Word::of(Piece::Variable("USER".to_owned()))),
            "basename" | "dirname" => path_part(name, arguments),
            "curl" | "wget" | "fetch" | "aria2c" => self.downloaded(name, call),
            _ => {
                let input = self.given(name, call);
                filtered(name, arguments, &input).unwrap_or_else(|| made_of(name, &input))
            }
        }
    }

    /// What a program reads: its input, else the file that it names.
    fn given(&self, name: &str, call: &Call) -> Flow {
        let operands = || operands(call.arguments());
        let scripted = matches!(name, "sed" | "grep" | "awk" | "tr" | "jq" | "tar" | "zip");
        let reads = scripted || CHANGES.contains(&name) || name == "openssl";
        match call.input {
            Flow::Inherited if reads && operands().count() > usize::from(scripted) => {
                operands().last().map_or(Flow::Inherited, |file| self.content(file))
            }
            _ => call.input.clone(),
        }
    }

    /// `cat`: its files, or what it reads.
    fn files(&mut self, name: &str, call: &Call) -> Flow {
        let mut names = operands(call.arguments()).peekable();
        let flow = if names.peek().is_none() {
            call.input.clone()
        } else {
            let before = std::mem::replace(&mut self.passing, call.input.clone());
            let mut all = Flow::nothing();
            for name in names {
                all = all.then(self.content(name));
            }
            self.passing = before;
            all
        };
        match flow.literal() {
            Some(text) if name == "tac" => {
                let lines: Vec<&str> = text.lines().rev().collect();
                Flow::text(lines.join("\n"))
            }
            _ => flow,
        }
    }

    fn tee(&mut self, call: &Call) -> Flow {
        let appends = call.arguments().iter().any(|word| word.literal() == Some("-a"));
        for file in operands(call.arguments()) {
            self.shell.write(file, call.input.clone(), appends);
        }
        call.input.clone()
    }

    /// A copy or a link has the content of what it was made of, and is the
    /// same program.
    fn copied(&mut self, call: &Call) -> Flow {
        let names: Vec<&Word> = operands(call.arguments()).collect();
        if let [from, to] = names.as_slice() {
            let content = self.content(from);
            self.shell.write(to, content, false);
            if let (Some(from), Some(to)) = (from.literal(), to.literal())
                && from.contains("bin/")
            {
                let name = to.trim_start_matches("./").to_owned();
                self.shell.renamed.insert(name, from.to_owned());
            }
        }
        Flow::nothing()
    }

    /// What comes from another machine has an unknown content.
    fn fetched(&mut self, name: &str, call: &Call) -> Flow {
        let names: Vec<&Word> = operands(call.arguments()).collect();
        let Some((to, from)) = names.split_last() else { return Flow::nothing() };
        for from in from.iter().map(ToString::to_string).filter(|from| from.contains(':')) {
            let last = from.rsplit(['/', ':']).next().unwrap_or_default();
            let target = to.to_string();
            let file = match target.as_str() {
                directory if directory == "." || directory.ends_with('/') => {
                    format!("{directory}/{last}")
                }
                _ => target,
            };
            let what = Flow::Unknown(format!("output of {name}"));
            self.shell.write(&Word::text(file), what, false);
        }
        Flow::nothing()
    }

    /// What was fetched: into a file, or to the next command.
    fn downloaded(&mut self, name: &str, call: &Call) -> Flow {
        let what = Flow::Unknown(format!("output of {name}"));
        let mut words = call.arguments().iter();
        while let Some(word) = words.next() {
            let text = word.to_string();
            let named = match text.as_str() {
                "-o" | "--output" | "-O" | "--output-document" => {
                    words.clone().next().map(Word::to_string)
                }
                "-OL" | "-LO" | "-sSLO" | "-fsSLO" | "--remote-name" => None,
                _ if text.starts_with("--output=") || text.starts_with("--output-document=") => {
                    text.split_once('=').map(|(_, file)| file.to_owned())
                }
                _ if is_cluster(&text) && (text.ends_with('o') || text.ends_with('O')) => {
                    words.clone().next().map(Word::to_string)
                }
                _ if text.contains("://") => text.rsplit('/').next().map(str::to_owned),
                _ => None,
            };
            if let Some(file) = named.filter(|file| file != "-" && !file.starts_with("http")) {
                self.shell.write(&Word::text(file), what.clone(), false);
            }
        }
        what
    }
}

fn is_cluster(text: &str) -> bool {
    text.starts_with('-') && !text.starts_with("--") && text.len() < 8
}

/// Output that only the running program knows; says which file it was made of.
fn made_of(name: &str, input: &Flow) -> Flow {
    let file = match input {
        Flow::File(file) => Some(file.as_str()),
        Flow::Unknown(what) => origin(what),
        _ => None,
    };
    Flow::Unknown(match file {
        Some(file) => format!("output of {name} of file {file}"),
        None => format!("output of {name}"),
    })
}

/// `git ls-files`: everything in the directory, or what fits its operand.
fn tracked(arguments: &[Word]) -> Word {
    match operands(arguments).next() {
        Some(pattern) => pattern.clone(),
        None => Word::of(Piece::Glob("*".to_owned())),
    }
}

/// `ls DIR` names everything in it, `ls *.log` what fits.
fn listing(arguments: &[Word]) -> Word {
    let has_pattern =
        |word: &&Word| word.pieces.iter().any(|piece| matches!(piece, Piece::Glob(_)));
    if let Some(pattern) = operands(arguments).find(has_pattern) {
        return pattern.clone();
    }
    let mut word = match operands(arguments).next() {
        Some(directory) if directory.literal() != Some(".") => directory.clone(),
        _ => Word::default(),
    };
    if !word.is_empty() {
        word.push_text("/");
    }
    word.push(Piece::Glob("*".to_owned()));
    word
}

fn path_part(name: &str, arguments: &[Word]) -> Flow {
    let Some(word) = operands(arguments).next() else { return Flow::nothing() };
    let Some(text) = word.literal() else { return Flow::Known(word.clone()) };
    let text = text.trim_end_matches('/');
    let (directory, last) = text.rsplit_once('/').unwrap_or((".", text));
    Flow::text(match name {
        "basename" => last,
        _ if directory.is_empty() => "/",
        _ => directory,
    })
}

/// Programs whose output is made of what they read.
const CHANGES: &[&str] = &[
    "sed", "tr", "rev", "sort", "uniq", "cut", "awk", "grep", "iconv", "nl", "fold", "column",
    "base64", "base32", "xxd", "od", "hexdump", "gzip", "bzip2", "bunzip2", "xz", "unxz", "zstd",
    "lz4", "gpg", "head", "tail", "strings",
];

/// Programs that change what they read. What only passes through them keeps
/// its origin.
fn filtered(name: &str, arguments: &[Word], input: &Flow) -> Option<Flow> {
    let given = input;
    let has = |flags: &[&str]| {
        arguments.iter().filter_map(Word::literal).any(|word| flags.contains(&word))
    };
    let decodes = match name {
        "base64" | "base32" | "gbase64" => has(&["-d", "-D", "--decode", "-di", "-id"]),
        "openssl" => has(&["-d"]) || has(&["-decode"]),
        "xxd" => {
            arguments.iter().any(|word| word.start().starts_with('-') && word.start().contains('r'))
        }
        "gunzip" | "zcat" | "gzcat" | "zlib-flate" | "pigz" | "gzip" => true,
        _ => false,
    };
    if let Flow::Unknown(_) | Flow::File(_) = given {
        let keeps = matches!(name, "head" | "tail" | "pv" | "dos2unix" | "stdbuf");
        let changes = decodes || CHANGES.contains(&name);
        return match given {
            Flow::Unknown(_) if keeps || changes => Some(given.clone()),
            _ if keeps => Some(given.clone()),
            _ => None,
        };
    }
    if let (Flow::Bytes(bytes), true) = (given, decodes) {
        return of_bytes(decode::unpack(bytes)?);
    }
    let text = given.literal()?;
    let bytes = match name {
        "base32" if decodes => decode::base32(text)?,
        "xxd" if decodes => decode::hex(text),
        "base64" | "gbase64" | "openssl" if decodes => decode::base64(text)?,
        _ => return super::filter::text(name, arguments, text).map(Flow::text),
    };
    of_bytes(bytes)
}

fn of_bytes(bytes: Vec<u8>) -> Option<Flow> {
    Some(match String::from_utf8(bytes) {
        Ok(text) => Flow::text(text),
        Err(error) => Flow::Bytes(error.into_bytes()),
    })
}

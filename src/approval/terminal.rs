//! A person at this process's controlling terminal. Hooks have other things on
//! standard input, so the terminal itself is opened.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};

use super::Question;

/// The controlling terminal.
#[derive(Debug)]
pub struct Terminal {
    file: File,
}

impl Terminal {
    /// The controlling terminal of this process; none where there is none.
    #[must_use]
    pub fn open() -> Option<Self> {
        let file = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
        Some(Self { file })
    }

    /// Asks, and returns whether the word was typed.
    ///
    /// # Errors
    /// Where the terminal goes away.
    pub fn ask(&self, question: &Question) -> io::Result<bool> {
        let Question { text, word } = question;
        let mut terminal = &self.file;
        write!(
            terminal,
            "\nsaferun: this needs your approval\n\n{text}\n  Type `{word}` to go on, anything else to stop: "
        )?;
        terminal.flush()?;
        let mut answer = String::new();
        BufReader::new(terminal).read_line(&mut answer)?;
        Ok(answer.trim() == word)
    }
}

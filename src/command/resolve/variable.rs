//! Variables that hold a line which other programs run.

use super::Resolver;
use super::flow::Flow;
use crate::command::invocation::Word;

/// The variables, whoever reads them.
const LINES: &[&str] = &[
    "PAGER",
    "MANPAGER",
    "EDITOR",
    "VISUAL",
    "FCEDIT",
    "SUDO_EDITOR",
    "BROWSER",
    "LESSOPEN",
    "LESSCLOSE",
    "PROMPT_COMMAND",
    "SSH_ASKPASS",
    "SUDO_ASKPASS",
    "GIT_ASKPASS",
    "GIT_EDITOR",
    "GIT_PAGER",
    "GIT_SEQUENCE_EDITOR",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_EXTERNAL_DIFF",
    "GIT_PROXY_COMMAND",
    "RSYNC_RSH",
    "CVS_RSH",
    "SVN_SSH",
    "HG_SSH",
    "FZF_DEFAULT_COMMAND",
    "KUBE_EDITOR",
    "PSQL_EDITOR",
    "PSQL_PAGER",
    "AWS_PAGER",
    "GH_PAGER",
    "GH_EDITOR",
    "GH_BROWSER",
    "SYSTEMD_EDITOR",
    "SYSTEMD_PAGER",
    "BAT_PAGER",
    "DELTA_PAGER",
    "MAKESHELL",
    "CC",
    "CXX",
    "LD",
    "RUSTC_WRAPPER",
    "TAR_COMPRESSOR",
];

impl Resolver<'_> {
    /// Looks at the line that a variable holds, where programs run it.
    pub(in crate::command) fn started_by(&mut self, name: &str, value: &Word) {
        let Some(line) = value.literal().filter(|_| LINES.contains(&name)) else { return };
        let line = line.trim_start_matches(['|', '-', '!']).to_owned();
        self.behind(name.to_owned(), |resolver| {
            resolver.apart(|resolver| resolver.text(&line, &Flow::nothing()));
        });
    }
}

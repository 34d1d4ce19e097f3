//! What kind of file a path names: it lowers confidence, it never skips.

use crate::scan::files::usually_holds_credentials;

/// A file's kind, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scan) enum Kind {
    /// Source, configuration, anything.
    Plain,
    /// What by its name is there to hold credentials.
    Trove,
    /// Tests, fixtures, examples, documentation, translations.
    Sample,
    /// Lock files and checksums: full of digests.
    Lock,
}

const SAMPLE_DIRS: &[&str] = &[
    "test",
    "tests",
    "testing",
    "selftests",
    "testdata",
    "__tests__",
    "spec",
    "specs",
    "fixtures",
    "fixture",
    "mocks",
    "__mocks__",
    "mock",
    "example",
    "examples",
    "sample",
    "samples",
    "doc",
    "docs",
    "documentation",
    "e2e",
    "locale",
    "locales",
    "i18n",
    "translations",
    "lang",
    "snapshots",
    "__snapshots__",
    "demo",
];
const SAMPLE_ENDINGS: &[&str] = &[
    ".md",
    ".rst",
    ".adoc",
    ".po",
    ".min.js",
    ".pot",
    ".example",
    ".sample",
    ".template",
    ".dist",
    ".snap",
    "_test.go",
    "_test.py",
    "_spec.rb",
    "_test.rb",
    ".test.js",
    ".test.ts",
    ".test.tsx",
    ".spec.js",
    ".spec.ts",
    "test.java",
    "tests.cs",
    "test.php",
    "_test.rs",
    "tests.rs",
    "test.rs",
];
const LOCK_ENDINGS: &[&str] = &[
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "cargo.lock",
    "poetry.lock",
    "pipfile.lock",
    "go.sum",
    "composer.lock",
    "gemfile.lock",
    "packages.lock.json",
    "mix.lock",
    "flake.lock",
    "uv.lock",
    ".map",
    ".svg",
    "bun.lock",
    "deno.lock",
    "podfile.lock",
];

/// The kind of the file at `path`.
pub(in crate::scan) fn kind(path: &[u8]) -> Kind {
    let path = String::from_utf8_lossy(path).to_ascii_lowercase().replace('\\', "/");
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let recorded = name.ends_with(".har") || directory.ends_with("cassettes");
    let sample = !recorded && directory.split('/').any(|part| SAMPLE_DIRS.contains(&part));
    if LOCK_ENDINGS.iter().any(|ending| name.ends_with(ending)) {
        Kind::Lock
    } else if !sample && usually_holds_credentials(path.as_bytes()) {
        Kind::Trove
    } else if sample
        || SAMPLE_ENDINGS.iter().any(|ending| name.ends_with(ending))
        || !recorded && name.starts_with("test_")
        || name.rsplit_once('.').is_some_and(|(stem, _)| stem.ends_with("selftest"))
    {
        Kind::Sample
    } else {
        Kind::Plain
    }
}

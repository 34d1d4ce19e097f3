//! How values are written in a file, known by its name.

/// What needs quotes there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scan) enum Syntax {
    /// Source code: a bare word is a name.
    Code,
    /// A value goes to the end of its line.
    Config,
    /// A value goes to the next space.
    Shell,
    /// Elements and attributes.
    Markup,
    /// Text for people.
    Prose,
}

const CODE: &str = "\
    py pyi js mjs cjs jsx ts tsx mts java kt kts scala groovy gradle go rs c h cc cpp cxx hpp \
    hh m mm cs vb fs swift rb erb rake php phtml inc pl pm lua dart ex exs erl hs clj r jl \
    json json5 jsonc ipynb tf toml sql vue svelte coffee nim zig v sol proto gemspec cls apex \
    graphql jsp aspx asp ml d pas f90 s asm css scss less map bazel bzl tfvars hcl nix jsonnet \
    libsonnet po pot podspec template haml slim jbuilder twig haskell xs y l go2 cu ino ejs \
    hbs mustache";
const SHELL: &str = "\
    sh bash zsh ksh csh fish bat cmd ps1 psm1 mk mak dockerfile expect bash_history zsh_history \
    sh_history history bashrc zshrc bash_profile profile zprofile zshenv bash_aliases kshrc cshrc \
    tcshrc xprofile crontab";
const MARKUP: &str = "\
    xml html htm xhtml plist config csproj pom svg xsd xaml resx wsdl xsl xslt jmx iml \
    storyboard ui settings";
const PROSE: &str = "\
    md markdown mdx txt rst adoc log org tex textile csv tsv 1 rdoc";

impl Syntax {
    /// The syntax of the file at `path`; an unknown one is configuration.
    pub(in crate::scan) fn of(path: &[u8]) -> Self {
        let name = path
            .rsplit(|byte| matches!(byte, b'/' | b'\\'))
            .next()
            .unwrap_or(path)
            .to_ascii_lowercase();
        let name = String::from_utf8_lossy(&name);
        let ending = match name.rsplit_once('.') {
            Some((
                stem,
                "example" | "sample" | "dist" | "bak" | "old" | "orig" | "tmpl" | "j2",
            )) => stem.rsplit_once('.').map_or("", |(_, ending)| ending),
            Some((_, ending)) => ending,
            None if name.starts_with("dockerfile") || name.starts_with("makefile") => "sh",
            None if matches!(&*name, "gemfile" | "rakefile" | "vagrantfile" | "podfile") => "rb",
            None if name == "jenkinsfile" => "groovy",
            None if name.ends_with("crontab") => "crontab",
            None => "",
        };
        let is = |endings: &str| endings.split_ascii_whitespace().any(|known| known == ending);
        if is(CODE) {
            Self::Code
        } else if is(SHELL) {
            Self::Shell
        } else if is(MARKUP) {
            Self::Markup
        } else if is(PROSE) {
            Self::Prose
        } else {
            Self::Config
        }
    }
}

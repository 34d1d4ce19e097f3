//! One name for one repository, however its URL is written.

use super::{GitConfig, Repo};

/// `https://user@GitHub.com:443/acme/app.git/`, `git@github.com:acme/app` and
/// `ssh://git@github.com/acme/app` all become `github.com/acme/app`; a path
/// on this machine becomes `file:///abs/path`.
#[must_use]
pub fn remote_slug(url: &str) -> String {
    let url = url.trim();
    if let Some(path) = url.strip_prefix("file://") {
        return local(path);
    }
    if let Some((_, rest)) = url.split_once("://") {
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        return join(authority, path);
    }
    match url.split_once(':') {
        Some((host, path)) if !host.contains('/') && !host.is_empty() => join(host, path),
        _ => local(url),
    }
}

fn join(authority: &str, path: &str) -> String {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((v6, _)) => format!("[{v6}]"),
        None => host.split(':').next().unwrap_or(host).to_owned(),
    };
    let path = trimmed(path.split(['?', '#']).next().unwrap_or(path));
    let host = host.to_ascii_lowercase();
    if path.is_empty() { host } else { format!("{host}/{path}") }
}

/// Without slashes around it and without `.git`.
fn trimmed(path: &str) -> &str {
    let path = path.trim_matches('/');
    path.strip_suffix(".git").unwrap_or(path).trim_end_matches('/')
}

fn local(path: &str) -> String {
    let path = path.trim_end_matches('/');
    let absolute = std::path::absolute(if path.is_empty() { "/" } else { path });
    let text =
        absolute.map_or_else(|_| path.to_owned(), |path| path.to_string_lossy().into_owned());
    format!("file://{text}")
}

impl Repo {
    /// What this repository is called: the slug of the URL that the current
    /// branch, or else `origin`, pushes to; else `file://<work tree>`.
    #[must_use]
    pub fn target(&self) -> String {
        let url = self.config().ok().and_then(|config| self.push_url(config));
        match url {
            Some(url) if is_relative(&url) => local(&self.root().join(&url).to_string_lossy()),
            Some(url) => remote_slug(&url),
            None => local(&self.root().to_string_lossy()),
        }
    }

    fn root(&self) -> &std::path::Path {
        self.work_tree().unwrap_or(self.git_dir())
    }

    fn push_url(&self, config: &GitConfig) -> Option<String> {
        let head = self.head().ok();
        let branch = head.as_ref().and_then(|head| head.branch()?.strip_prefix("refs/heads/"));
        let of_branch = |name: &str| config.get(&format!("branch.{}.{name}", branch?));
        let remote = of_branch("pushRemote")
            .or_else(|| config.get("remote.pushDefault"))
            .or_else(|| of_branch("remote"))
            .unwrap_or("origin");
        let url = |remote: &str| {
            let get = |name| config.get(&format!("remote.{remote}.{name}"));
            get("pushurl")
                .map(|url| rewritten(config, url, false))
                .or_else(|| get("url").map(|url| rewritten(config, url, true)))
        };
        url(remote).or_else(|| url("origin"))
    }
}

/// `url.<base>.insteadOf`, and for pushes first `pushInsteadOf`: the longest
/// matching prefix is replaced by the base.
fn rewritten(config: &GitConfig, url: &str, push: bool) -> String {
    let longest = |name: &str| {
        let rules = config.section("url").filter(|entry| entry.name == name);
        rules
            .filter_map(|entry| {
                let rest = url.strip_prefix(entry.value.as_deref()?)?;
                Some((url.len() - rest.len(), format!("{}{rest}", entry.subsection.as_ref()?)))
            })
            .max_by_key(|(length, _)| *length)
            .map(|(_, url)| url)
    };
    let pushed = if push { longest("pushinsteadof") } else { None };
    pushed.or_else(|| longest("insteadof")).unwrap_or_else(|| url.to_owned())
}

fn is_relative(url: &str) -> bool {
    let has_host = url.split('/').next().is_some_and(|first| first.contains(':'));
    !url.starts_with('/') && !has_host
}

#[cfg(test)]
mod tests {
    use super::remote_slug;

    #[test]
    fn all_spellings_of_one_remote_have_one_name() {
        let spellings = [
            "https://github.com/acme/app",
            "https://user:pass@GitHub.com:443/acme/app.git/",
            "ssh://git@github.com:22/acme/app.git",
            "git@github.com:acme/app.git",
            "github.com:/acme/app/",
            "git://github.com/acme/app",
        ];
        for url in spellings {
            assert_eq!(remote_slug(url), "github.com/acme/app", "{url}");
        }
        assert_eq!(remote_slug("/srv/git/app.git/"), "file:///srv/git/app.git");
        assert_eq!(remote_slug("file:///srv/app"), "file:///srv/app");
        assert_eq!(remote_slug("ssh://[::1]:22/a"), "[::1]/a");
    }
}

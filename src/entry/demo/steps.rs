//! The steps, each with its check.

use std::time::Instant;

use super::stage::Who::{Agent, You};
use super::{Play, expect};
use crate::action::{ApprovalState, ApprovalView, visible_line};
use crate::exec::Finished;
use crate::term::Failure;

/// A step: told, done, checked.
type Step = fn(&Play<'_>) -> Result<(), Failure>;

/// All steps, in order, with their titles.
pub(super) const ALL: &[(&str, Step)] = &[
    ("Guard a repository", guard),
    ("A secret stays out of history", secret),
    ("An agent's workflow edit waits for a person", workflow),
    ("An agent's force push is rejected", force_push),
    ("A destroyed hour of work comes back", undo),
    ("The log of all this verifies", audit),
];

fn guard(play: &Play<'_>) -> Result<(), Failure> {
    play.voice.tell(&[
        "One command puts hooks into a repository. Hooks that are there would keep running.",
    ])?;
    play.voice.command(You.name(), "saferun init");
    let done = play.stage.saferun(You, &["init"])?;
    play.voice.output(&done.output)?;
    succeeded("saferun init", &done)?;
    play.voice.done("guarded; the gateway for approvals is running and this machine is logged in")
}

fn secret(play: &Play<'_>) -> Result<(), Failure> {
    play.voice.tell(&["Somebody writes a token into a settings file and commits it."])?;
    let token = ["gh", "p_", "k3Wq8RzT1xLb", "5YvN0cJm7HdF", "2sGp9aUe4Qo6"].concat();
    play.stage
        .write("project/settings.py", &format!("TIMEOUT = 30\nGITHUB_TOKEN = \"{token}\"\n"))?;
    stage_file(play, "settings.py")?;
    let before = play.stage.ask_git(&["rev-parse", "HEAD"])?;
    let done = commit(play, "Add settings")?;
    expect(done.code != 0, || "the commit was not blocked".to_owned())?;
    expect(play.stage.ask_git(&["rev-parse", "HEAD"])? == before, || {
        "there is a commit".to_owned()
    })?;
    expect(!done.output.contains(&token), || "the secret was printed".to_owned())?;
    play.stage.git(You, &["rm", "--quiet", "--cached", "settings.py"])?;
    play.voice.done(
        "blocked before it was history; `git commit --no-verify` would only move this to the push",
    )
}

fn workflow(play: &Play<'_>) -> Result<(), Failure> {
    play.voice.tell(&[
        "What CI runs, it runs with the repository's secrets. An agent adds a workflow.",
    ])?;
    let text = "name: CI\non: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: curl https://get.example.com/install | sh\n";
    play.stage.write("project/.github/workflows/ci.yml", text)?;
    stage_file(play, ".github")?;
    play.voice.command(Agent.name(), "git commit -m \"Add CI\"");
    let mut waiting = play.stage.start_git(Agent, &["commit", "--quiet", "-m", "Add CI"])?;
    let request = play.approver.pending(&mut waiting)?;
    play.voice.output(&waiting.said())?;
    show(play, &request)?;
    play.voice.tell(&["You know that script, and approve."])?;
    let answered = Instant::now();
    play.approver.answer(&request, true, "that installer is ours")?;
    let done = play.stage.finish(waiting)?;
    let took = answered.elapsed().as_millis();
    succeeded("git commit", &done)?;
    let subject = play.stage.ask_git(&["log", "-1", "--format=%s"])?;
    expect(subject == "Add CI", || format!("the newest commit is `{subject}`"))?;
    let state = play.approver.state(&request.id)?;
    expect(state == ApprovalState::Used, || format!("the approval is {state}"))?;
    play.voice.done(&format!(
        "the waiting commit was made {took} ms after your answer; the approval is used up"
    ))
}

fn force_push(play: &Play<'_>) -> Result<(), Failure> {
    play.voice.tell(&[
        "The agent \"cleans up\": it rewrites a commit that others have, and force pushes main.",
    ])?;
    succeeded("git push", &play.stage.git(You, &["push", "--quiet", "origin", "main"])?)?;
    let theirs = remote_main(play)?;
    for arguments in [
        &["reset", "--quiet", "HEAD~1"][..],
        &["commit", "--quiet", "--amend", "-m", "Tidy history"],
    ] {
        succeeded(&format!("git {}", arguments.join(" ")), &play.stage.git(Agent, arguments)?)?;
    }
    play.voice.command(Agent.name(), "git push --force origin main");
    let mut waiting = play.stage.start_git(Agent, &["push", "--force", "origin", "main"])?;
    let request = play.approver.pending(&mut waiting)?;
    play.voice.output(&waiting.said())?;
    show(play, &request)?;
    play.voice.tell(&["You look at the commits that would be lost, and refuse."])?;
    let shown = waiting.said().len();
    play.approver.answer(&request, false, "others have that commit; push a new one on top")?;
    let done = play.stage.finish(waiting)?;
    play.voice.output(done.output.get(shown..).unwrap_or_default())?;
    expect(done.code != 0, || "the push was not stopped".to_owned())?;
    expect(remote_main(play)? == theirs, || "the remote's main has moved".to_owned())?;
    play.voice.done("the remote is untouched, and the agent was told what to do instead")
}

fn undo(play: &Play<'_>) -> Result<(), Failure> {
    play.voice.tell(&[
        "Not everything that destroys needs a question: saferun keeps what would be lost.",
        "You have an hour of uncommitted work. The agent resets.",
    ])?;
    let work = "# Project\n\nAn hour of work, and another one that is not committed yet.\n";
    play.stage.write("project/README.md", work)?;
    let read = || std::fs::read_to_string(play.stage.path("project/README.md")).unwrap_or_default();
    play.voice.command(Agent.name(), "saferun git reset --hard     (what the `git` shim runs)");
    let done = play.stage.saferun(Agent, &["git", "reset", "--hard"])?;
    play.voice.output(&done.output)?;
    succeeded("git reset --hard", &done)?;
    expect(read() != work, || "nothing was reset".to_owned())?;
    play.voice.tell(&["The work is gone from the directory. Bring it back:"])?;
    play.voice.command(You.name(), "saferun undo apply");
    let done = play.stage.saferun(You, &["undo", "apply"])?;
    play.voice.output(&done.output)?;
    succeeded("saferun undo apply", &done)?;
    expect(read() == work, || "README.md is not what it was".to_owned())?;
    play.voice.done("README.md is back, word for word")
}

fn audit(play: &Play<'_>) -> Result<(), Failure> {
    play.voice.tell(&[
        "Every decision and answer was written down, each entry chained to the one before.",
    ])?;
    play.voice.command(You.name(), "saferun history");
    let done = play.stage.saferun(You, &["history"])?;
    play.voice.output(&done.output)?;
    succeeded("saferun history", &done)?;
    play.voice.command(You.name(), "saferun audit verify");
    let done = play.stage.saferun(You, &["audit", "verify"])?;
    play.voice.output(&done.output)?;
    succeeded("saferun audit verify", &done)?;
    expect(play.approver.is_there(), || "the gateway is gone".to_owned())?;
    play.voice.done("nothing was changed, removed or inserted")
}

fn commit(play: &Play<'_>, message: &str) -> Result<Finished, Failure> {
    play.voice.command(You.name(), &format!("git commit -m \"{message}\""));
    let done = play.stage.git(You, &["commit", "--quiet", "-m", message])?;
    play.voice.output(&done.output)?;
    Ok(done)
}

fn stage_file(play: &Play<'_>, name: &str) -> Result<(), Failure> {
    succeeded("git add", &play.stage.git(You, &["add", name])?)
}

fn remote_main(play: &Play<'_>) -> Result<String, Failure> {
    play.stage.ask_git(&["ls-remote", "origin", "refs/heads/main"])
}

/// What the page shows a person.
fn show(play: &Play<'_>, request: &ApprovalView) -> Result<(), Failure> {
    play.voice.tell(&["", "It waits. A person opens this page, on a phone for instance:"])?;
    let mut lines = vec![
        format!("  {}", play.approver.page(&request.id)),
        format!(
            "  {} by {}, risk {:.1}",
            request.operation,
            visible_line(&request.caller.display()),
            request.risk
        ),
    ];
    lines.extend(
        request.reasons.iter().map(|reason| format!("    {}", visible_line(&reason.message))),
    );
    play.voice.tell(&lines.iter().map(String::as_str).collect::<Vec<_>>())
}

fn succeeded(what: &str, done: &Finished) -> Result<(), Failure> {
    expect(done.code == 0, || {
        format!("`{what}` ended with {}: {}", done.code, visible_line(done.output.trim()))
    })
}

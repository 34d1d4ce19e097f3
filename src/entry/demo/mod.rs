//! DOOR: the main job, played for a newcomer with real git.
//!
//! In: nothing. Out: each step told, done and checked; success only where
//! every step went as told. Never here: anything of the user's own. The play
//! has a home, a repository, a remote and a gateway in a directory that is
//! removed at the end, whatever the end is.

mod approver;
mod stage;
mod steps;
mod voice;

use std::io;

use crate::exec::{interrupted, watch_interrupts};
use crate::term::{Exit, Failure, Outcome, Printer};

use approver::Approver;
use stage::Stage;
use voice::Voice;

/// What every step gets.
struct Play<'a> {
    voice: Voice<'a>,
    // INVARIANT: before the stage, so that its gateway stops before its directory goes.
    approver: Approver,
    stage: Stage,
}

/// Plays all steps; `paced` leaves time to read.
///
/// # Errors
/// Where a step did not go as told, or was interrupted.
pub fn run(printer: &Printer, paced: bool) -> Outcome {
    watch_interrupts();
    let voice = Voice::new(printer, paced, steps::ALL.len());
    voice.open()?;
    let stage = Stage::set(printer)?;
    let approver = Approver::start(&stage)?;
    let play = Play { voice, approver, stage };
    for (number, (title, step)) in (1..).zip(steps::ALL) {
        play.voice.title(number, title);
        step(&play).map_err(|failure| told_otherwise(number, failure))?;
    }
    let Play { voice, approver, stage } = play;
    let place = stage.path("");
    drop(approver);
    drop(stage);
    expect(!place.exists(), || format!("`{}` could not be removed", place.display()))?;
    voice.close();
    Ok(Exit::Done)
}

fn told_otherwise(number: usize, failure: Failure) -> Failure {
    if failure.exit == Exit::Interrupted {
        return failure;
    }
    Failure { message: format!("step {number} did not go as told: {}", failure.message), ..failure }
}

/// Fails with what happened instead where `holds` is false.
fn expect(holds: bool, instead: impl FnOnce() -> String) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure::new(Exit::Blocked, instead())) }
}

/// Fails where the play was interrupted.
fn go_on() -> Result<(), Failure> {
    if interrupted() {
        return Err(Failure::new(Exit::Interrupted, "interrupted; nothing is left behind"));
    }
    Ok(())
}

fn broken(what: &str) -> impl FnOnce(io::Error) -> Failure {
    let message = format!("cannot {what}");
    move |error| Failure::environment(message).because(&error)
}

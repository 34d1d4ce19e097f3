//! Decisions per second in one thread: saferun, cedar-policy and regorus on the
//! same six rules, the same million random requests, and with the same answers.
//! And saferun alone with a thousand rules.

mod cedar;
mod rego;
mod world;

use std::hint::black_box;
use std::time::{Duration, Instant};

use saferun::action::{DecisionResult, Facts};
use saferun::guard::Guard;
use saferun::policy::{Policy, decide};
use world::Asked;

const REQUESTS: usize = 1_000_000;

fn main() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/corpora/policy");
    let dir = std::env::args().nth(1).unwrap_or_else(|| root.to_owned());
    time("loading actions/, policies/ and inventory.yaml", 1, || {
        let builder = Guard::builder().registry(format!("{dir}/actions"));
        let builder = builder.policies(format!("{dir}/policies"));
        builder.inventory(format!("{dir}/inventory.yaml")).build().map(drop).expect("valid")
    });
    let asked = world::requests(REQUESTS);
    let policy = world::policy(&world::six_rules());
    let ours = ours(&asked, &policy);
    let (six, allowed) = time("saferun, 6 rules", REQUESTS, || count(&asked, &policy));
    println!("  {allowed} allowed");
    let thousand_policy = world::policy(&world::thousand_rules());
    let (thousand, _) = time("saferun, 1,000 rules", REQUESTS, || count(&asked, &thousand_policy));
    println!("  {:.2} × the time of six rules", thousand / six);
    let facts = Facts::default();
    time("saferun with every reason and the digest", REQUESTS, || {
        for one in &asked {
            black_box(decide(&one.action, &facts, &policy).decision(&one.action, &facts));
        }
    });

    let mut cedar = cedar::Cedar::new();
    let prepared: Vec<_> = asked.iter().map(|one| cedar.request(one)).collect();
    let (time_of_cedar, answers) = time("cedar-policy, 6 rules", REQUESTS, || {
        prepared.iter().map(|request| cedar.allows(request)).collect::<Vec<_>>()
    });
    println!("  {:.0} × slower; {}", time_of_cedar / six, agreement(&ours, &answers));

    let few = REQUESTS / 10;
    let mut rego = rego::Rego::new();
    let inputs: Vec<_> = asked.iter().take(few).map(rego::input).collect();
    let (time_of_rego, answers) = time("regorus, 6 rules", few, || {
        inputs.iter().map(|input| rego.allows(input)).collect::<Vec<_>>()
    });
    println!("  {:.0} × slower; {}", time_of_rego / six, agreement(&ours[..few], &answers));
}

fn ours(asked: &[Asked], policy: &Policy) -> Vec<bool> {
    let facts = Facts::default();
    let allows = |one: &Asked| decide(&one.action, &facts, policy).result() == DecisionResult::Allow;
    asked.iter().map(allows).collect()
}

fn count(asked: &[Asked], policy: &Policy) -> usize {
    let facts = Facts::default();
    let allows = |one: &&Asked| {
        black_box(decide(&one.action, &facts, policy)).result() == DecisionResult::Allow
    };
    asked.iter().filter(allows).count()
}

/// Nanoseconds for each, the best of three.
fn time<R>(name: &str, count: usize, mut run: impl FnMut() -> R) -> (f64, R) {
    let mut best = Duration::MAX;
    let mut result = None;
    for _ in 0..3 {
        let started = Instant::now();
        result = Some(run());
        best = best.min(started.elapsed());
    }
    let each = best.as_secs_f64() * 1e9 / count as f64;
    println!("{name:<42} {each:>9.0} ns  {:>11.0} /s", 1e9 / each);
    (each, result.expect("ran"))
}

fn agreement(ours: &[bool], theirs: &[bool]) -> String {
    let different = ours.iter().zip(theirs).filter(|(a, b)| a != b).count();
    format!("{different} of {} answers differ", theirs.len())
}

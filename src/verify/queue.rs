//! Who is asked when: few at once, each provider slowly, nobody twice.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use reqwest::Url;
use reqwest::blocking::Client;

use super::Verdict;
use super::answer::{Answer, ask};
use super::request::Request;
use crate::net;

/// Questions under way at once, each to another provider.
const AT_ONCE: usize = 8;
/// Time between two questions to one provider.
const BETWEEN: Duration = Duration::from_millis(200);
/// Questions without answer after which a provider is left alone.
const ENOUGH: usize = 3;

/// The answers to all requests, in any order.
pub(super) fn answers<'a>(
    requests: &[&'a Request],
    base: Option<&Url>,
    asked: &(dyn Fn() + Sync),
) -> Vec<(&'a Request, Verdict)> {
    let mut hosts: BTreeMap<&str, Vec<&Request>> = BTreeMap::new();
    for request in requests {
        hosts.entry(request.host()).or_default().push(request);
    }
    let queues: Vec<Vec<&Request>> = hosts.into_values().collect();
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(queues.len()) {
            scope.spawn(|| {
                while let Some(queue) = queues.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let told = one_host(queue, base, asked);
                    if let Ok(mut all) = all.lock() {
                        all.extend(told);
                    }
                }
            });
        }
    });
    all.into_inner().unwrap_or_default()
}

fn one_host<'a>(
    queue: &[&'a Request],
    base: Option<&Url>,
    asked: &(dyn Fn() + Sync),
) -> Vec<(&'a Request, Verdict)> {
    let mut host = Host { client: None, last: None, failed: 0 };
    let told = queue.iter().map(|request| {
        let verdict = host.told(request, base);
        asked();
        (*request, verdict)
    });
    told.collect()
}

/// One provider, and when it was asked.
struct Host {
    client: Option<Client>,
    last: Option<Instant>,
    failed: usize,
}

impl Host {
    fn told(&mut self, request: &Request, base: Option<&Url>) -> Verdict {
        let host = request.host();
        if self.failed >= ENOUGH {
            return Verdict::unknown(format!("{host} could not be reached before"));
        }
        let Some(at) = place(request, base) else {
            return Verdict::unknown("no request can be made of it");
        };
        let mut answer = self.ask(request, &at);
        if let Answer::Later(wait) = answer {
            thread::sleep(wait);
            answer = self.ask(request, &at);
        }
        match answer {
            Answer::Said(verdict) => {
                self.failed = 0;
                verdict
            }
            Answer::Later(_) => Verdict::unknown(format!("{host} wants to be asked later")),
            Answer::Away(reason) => {
                self.failed += 1;
                Verdict::unknown(format!("{host} could not be reached: {reason}"))
            }
        }
    }

    fn ask(&mut self, request: &Request, at: &Url) -> Answer {
        let since = self.last.map(|last| last.elapsed());
        thread::sleep(since.map_or(Duration::ZERO, |since| BETWEEN.saturating_sub(since)));
        self.last = Some(Instant::now());
        let client = match self.client.clone().map_or_else(|| net::client(at), Ok) {
            Ok(client) => self.client.insert(client),
            Err(error) => return Answer::Away(net::innermost(&error)),
        };
        ask(client, request, at)
    }
}

/// Where the request goes: its own URL, or below what stands in for all
/// providers, the provider's host first.
fn place(request: &Request, base: Option<&Url>) -> Option<Url> {
    let Some(base) = base else { return Some(request.url.clone()) };
    let mut at = base.clone();
    at.set_path(&format!("/{}{}", request.host(), request.url.path()));
    at.set_query(request.url.query());
    Some(at)
}

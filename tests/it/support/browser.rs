//! Headless Chromium, driven over WebDriver by plain HTTP.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::http::send;

/// How often something that the browser is about to do is looked for.
const LOOKS: u32 = 300;
/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// A browser with one window.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _profile: TempDir,
}

impl Browser {
    /// Starts chromedriver and Chromium; panics with what to install where one
    /// of them is missing.
    pub fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let driver = driver.unwrap_or_else(|error| {
            panic!("chromedriver: {error}; install the packages chromium and chromium-driver")
        });
        let profile = TempDir::new().unwrap();
        let mut browser = Self { driver, port, session: String::new(), _profile: profile };
        browser.until("chromedriver is up", |browser| {
            send(browser.port, "GET", "/status", &[], "").ok().filter(|a| a.status == 200)
        });
        let args = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
        ];
        let profile = format!("--user-data-dir={}", browser._profile.path().display());
        let args: Vec<&str> = args.into_iter().chain([profile.as_str()]).collect();
        let options = json!({ "browserName": "chrome", "goog:chromeOptions": { "args": args } });
        let body = json!({ "capabilities": { "alwaysMatch": options } });
        let answer = send(port, "POST", "/session", &[], &body.to_string()).unwrap();
        let id = answer.json()["value"]["sessionId"].as_str().map(str::to_owned);
        browser.session = id.unwrap_or_else(|| panic!("no browser session: {answer:?}"));
        browser
    }

    /// Opens a page.
    pub fn open(&self, url: &str) {
        self.call("POST", "/url", &json!({ "url": url }));
    }

    /// Types into what `selector` finds.
    pub fn type_into(&self, selector: &str, text: &str) {
        let path = format!("/element/{}/value", self.element(selector));
        self.call("POST", &path, &json!({ "text": text }));
    }

    /// Clicks what `selector` finds.
    pub fn click(&self, selector: &str) {
        self.call("POST", &format!("/element/{}/click", self.element(selector)), &json!({}));
    }

    /// Text of what `selector` finds, as a person sees it.
    pub fn text(&self, selector: &str) -> String {
        let path = format!("/element/{}/text", self.element(selector));
        self.call("GET", &path, &Value::Null).as_str().unwrap_or_default().to_owned()
    }

    /// Runs a script and returns its value.
    pub fn script(&self, script: &str) -> Value {
        self.call("POST", "/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Title of the page.
    pub fn title(&self) -> String {
        self.call("GET", "/title", &Value::Null).as_str().unwrap_or_default().to_owned()
    }

    /// The element that `selector` finds, once it is there.
    fn element(&self, selector: &str) -> String {
        let wanted = json!({ "using": "css selector", "value": selector });
        self.until(selector, |browser| {
            let found = browser.raw("POST", "/element", &wanted);
            let id = found["value"].as_object()?.values().next()?.as_str()?.to_owned();
            found["value"].get("error").is_none().then_some(id)
        })
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.raw(method, path, body);
        assert!(answer["value"].get("error").is_none(), "{method} {path}: {answer}");
        answer["value"].clone()
    }

    fn raw(&self, method: &str, path: &str, body: &Value) -> Value {
        let path = format!("/session/{}{path}", self.session);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        send(self.port, method, &path, &[], &body).unwrap().json()
    }

    fn until<T>(&self, what: &str, look: impl Fn(&Self) -> Option<T>) -> T {
        for _ in 0..LOOKS {
            if let Some(found) = look(self) {
                return found;
            }
            thread::sleep(PAUSE);
        }
        panic!("waited in vain: {what}")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let _ = send(self.port, "DELETE", &format!("/session/{}", self.session), &[], "");
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

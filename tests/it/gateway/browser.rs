//! The page in a real browser.

use saferun::action::Evidence;
use serde_json::json;

use crate::support::browser::Browser;
use crate::support::gateway::{Gateway, path, typed_request};

#[test]
fn a_person_logs_in_judges_and_answers() {
    let gateway = Gateway::start();
    let agent = gateway.key(&["request"]);
    let mut request = typed_request("app");
    let evil = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">";
    request.evidence =
        vec![Evidence::Diff { path: "ci.yml".into(), text: format!("@@ -1 +1 @@\n-a\n+{evil}\n") }];
    let asked = gateway.post(&agent, "/v1/approvals", &json!(request)).json();
    let other = gateway.pending(&agent, "other");

    let browser = Browser::start();
    let page = format!("{}/approvals/{}", gateway.url, asked["id"].as_str().unwrap());
    browser.open(&page);
    browser.type_into("#key", &gateway.admin);
    browser.click("button[type=submit]");
    assert_eq!(browser.text(".head h1"), "Force push", "the login leads on to the request");
    assert!(browser.text(".head .badge").starts_with("9.0"));
    assert!(browser.text(".facts").contains("claude-code"));
    assert!(browser.text(".diff .add").contains(evil), "shown as it is, and not run");
    let colour = "return getComputedStyle(document.querySelector('.diff .add')).backgroundColor";
    assert_ne!(browser.script(colour), json!("rgba(0, 0, 0, 0)"), "the style sheet is in force");
    assert!(browser.title().starts_with("Force push"), "nothing ran: {}", browser.title());
    let height = "return document.querySelector('#approve').getBoundingClientRect().height";
    assert!(browser.script(height).as_f64().unwrap() >= 44.0, "big enough for a thumb");

    browser.type_into("#note", "looked at it");
    browser.click("#approve");
    assert_eq!(browser.text(".head .state"), "Approved");
    let view = gateway.get(&agent, &path(&asked)).json();
    assert_eq!(
        (&view["state"], &view["resolution_reason"]),
        (&json!("approved"), &json!("looked at it"))
    );

    browser.open(&gateway.url);
    browser.click(&format!("a[href='/approvals/{}']", other["id"].as_str().unwrap()));
    browser.type_into("#reason", "not today");
    browser.click("#reject");
    assert_eq!(browser.text(".head .state"), "Rejected");
    let view = gateway.get(&agent, &path(&other)).json();
    assert_eq!(
        (&view["state"], &view["resolution_reason"]),
        (&json!("rejected"), &json!("not today"))
    );
}

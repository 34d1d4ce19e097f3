//! The page: what is pending, one request to judge at a glance, two forms.
//!
//! In: a browser with a session. Out: HTML that works without any script.
//! Never here: an answer by `GET`, text that was not escaped.

pub(super) mod approval;
mod diff;
pub(super) mod login;
pub(super) mod queue;
mod session;
mod view;
mod words;

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::problem::Problem;

/// The style sheet, the only thing that a page loads.
pub(super) async fn style() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "private, max-age=300"),
    ];
    (headers, include_str!("style.css"))
}

/// A short message on a page of its own.
#[derive(Template)]
#[template(path = "notice.html")]
struct Notice<'n> {
    title: &'n str,
    text: &'n str,
    /// Where the browser goes at once, by its own navigation.
    refresh: Option<&'n str>,
}

/// A problem, shown as a page.
struct PageProblem(Problem);

impl<P: Into<Problem>> From<P> for PageProblem {
    fn from(problem: P) -> Self {
        Self(problem.into())
    }
}

impl IntoResponse for PageProblem {
    fn into_response(self) -> Response {
        let title = match self.0.status {
            StatusCode::NOT_FOUND => "Not found",
            StatusCode::FORBIDDEN => "Refused",
            StatusCode::CONFLICT => "Already answered",
            _ => "That did not work",
        };
        let text = self.0.detail.clone();
        let page = Notice { title, text: &text, refresh: None }.render();
        let mut response = self.0.into_response();
        if let Ok(page) = page {
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, html);
            response.headers_mut().remove(header::CONTENT_LENGTH);
            *response.body_mut() = page.into();
        }
        response
    }
}

/// Renders a template.
fn page(template: &impl Template) -> Result<Response, PageProblem> {
    Ok(Html(template.render()?).into_response())
}

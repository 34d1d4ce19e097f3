//! The whole interface as one table.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post};

use super::app::App;
use super::problem::Problem;
use super::shell::shell;
use super::{api, ui};

/// Largest body of a request, in bytes.
const LARGEST_BODY: usize = 1 << 20;

/// Every path, and what answers it. `GET` and `HEAD` never change anything.
#[rustfmt::skip]
pub(super) fn router(app: App) -> Router {
    Router::new()
        // is it there
        .route("/healthz",                     get(api::health::alive))
        .route("/readyz",                      get(api::health::ready))
        // approvals
        .route("/v1/approvals",                get(api::approvals::list).post(api::approvals::create))
        .route("/v1/approvals/{id}",           get(api::approvals::show))
        .route("/v1/approvals/{id}/votes",     post(api::votes::vote))
        .route("/v1/approvals/{id}/cancel",    post(api::approvals::cancel))
        .route("/v1/approvals/{id}/redeem",    post(api::approvals::redeem))
        // what replicas share
        .route("/v1/windows",                  post(api::windows::count))
        .route("/v1/tickets/{nonce}/use",      post(api::tickets::take))
        // keys and memory
        .route("/v1/auth/status",              get(api::keys::status))
        .route("/v1/keys",                     get(api::keys::list).post(api::keys::create))
        .route("/v1/keys/{id}",                delete(api::keys::revoke))
        .route("/v1/audit",                    get(api::audit::list))
        .route("/v1/audit/verify",             get(api::audit::verify))
        // the page
        .route("/",                            get(ui::queue::show))
        .route("/approvals/{id}",              get(ui::approval::show))
        .route("/approvals/{id}/approve",      post(ui::approval::approve))
        .route("/approvals/{id}/reject",       post(ui::approval::reject))
        .route("/login",                       get(ui::login::form).post(ui::login::login))
        .route("/logout",                      post(ui::login::logout))
        .route("/style.css",                   get(ui::style))
        .fallback(|| async { Problem::not_found() })
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", "this path does not take that method")
        })
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn_with_state(app.clone(), shell))
        .with_state(app)
}

//! saferun from outside: the library's corpora and the real binary against
//! real programs. One binary, one module a subject.

#![expect(clippy::disallowed_methods, reason = "tests start the real programs")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod agent;
mod approval;
mod audit;
mod audit_redacted;
mod audit_ship;
mod audit_signed;
mod bad_input;
mod commands;
mod commit;
mod demo;
mod documents;
mod gateway;
mod gh;
mod git_reader;
mod history_scan;
mod house;
mod identity;
mod init;
mod install;
mod own_environment;
mod packs;
mod policy;
mod push;
mod readme;
mod redact_cases;
mod report_schemas;
mod scan;
mod scan_damage;
mod scan_verify;
mod secret_corpus;
mod settings;
mod shell_lines;
mod shim;
mod shim_guard;
mod support;
mod undo;

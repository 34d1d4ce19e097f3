//! Policy files, YAML and TOML: rules, operations, inventory, plans, tests.
#![no_main]

use libfuzzer_sys::fuzz_target;
use saferun::policy::{Inventory, Registry, SourceFile, load_policies, read_plan, read_tests};

fuzz_target!(|data: &[u8]| {
    let Some((first, text)) = data.split_first() else { return };
    let name = if first % 2 == 0 { "a.yaml" } else { "a.toml" };
    let file =
        SourceFile { name: name.to_owned(), text: String::from_utf8_lossy(text).into_owned() };
    let _ = file.parse();
    let files = std::slice::from_ref(&file);
    let _ = (load_policies(files).is_ok(), Registry::load(files).is_ok());
    let _ = (Inventory::load(files).is_ok(), read_plan(files).is_ok(), read_tests(files).is_ok());
});

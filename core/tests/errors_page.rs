//! docs/errors.md is generated from the error table: `make docs` writes it, and this test fails when it drifts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::fmt::Write;
use std::path::Path;

use authwright_core::Code;

fn page() -> String {
    let mut page = String::from(
        "# Errors\n\n<!-- Generated from core/src/error.rs by `make docs`. -->\n\n\
         A failure has one code: a name and a number that never change. Every language has the same ones.\n\n\
         | language | the code | the class | the claim, option or parameter at fault | the message |\n\
         | --- | --- | --- | --- | --- |\n\
         | Python | `error.code == \"ERR_TOKEN_EXPIRED\"` | `TokenExpiredError` | `error.field` | `str(error)` |\n\
         | Node | `error.code === 'ERR_TOKEN_EXPIRED'` | `TokenExpiredError` | `error.field` | `error.message` |\n\
         | C | `status == AW_ERR_TOKEN_EXPIRED` | | `aw_error_field(error)` | `aw_error_message(error)` |\n\
         | Rust | `error.code() == Code::TokenExpired` | | `error.field()` | `error.message()` |\n\n\
         Every class is an `AuthwrightError`. Messages are for people and may change; they never hold secrets, key material or \
         whole tokens.\n",
    );
    let groups = [
        (1, "Usage"),
        (100, "Keys"),
        (200, "The structure of a token"),
        (300, "Algorithm and signature"),
        (400, "Claims"),
        (1001, "Requests, remote keys and logins"),
        (2001, "API keys"),
        (2101, "Stores"),
    ];
    for (place, (first, title)) in groups.iter().enumerate() {
        let end = groups.get(place + 1).map_or(i32::MAX, |(next, _)| *next);
        write!(
            page,
            "\n## {title}\n\n| number | code | class | what it means | what to do |\n| --- | --- | --- | --- | --- |\n"
        )
        .expect("a string takes all");
        for code in Code::ALL.iter().filter(|code| (*first..end).contains(&code.number())) {
            let (number, name, class) = (code.number(), code.name(), code.class());
            writeln!(page, "| {number} | `{name}` | `{class}` | {} | {} |", code.meaning(), code.remedy())
                .expect("a string takes all");
        }
    }
    page
}

#[test]
fn the_page_is_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors.md");
    let page = page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &page).expect("docs/errors.md can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == page, "docs/errors.md has drifted from the error table: run `make docs`");
}

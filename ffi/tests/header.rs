//! The committed header is what cbindgen makes of the sources. `BLESS=1 cargo test -p authwright-ffi --test header`
//! writes it anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]

use std::path::{Path, PathBuf};
use std::{env, fs};

use authwright_core::Code;
use cbindgen::{Braces, Builder, Config, DocumentationStyle, Language, RenameRule, Style};

/// In the order in which the header presents them.
const SOURCES: &[&str] = &[
    "status",
    "error",
    "event",
    "buffer",
    "key",
    "keyset",
    "claims",
    "signer",
    "prepared",
    "http_client",
    "remote_keyset",
    "verifier",
    "token",
    "unverified",
    "oauth_client",
    "login",
    "tokens",
    "user",
    "token_manager",
    "operation",
    "request",
    "store",
    "host_store",
    "api_keys",
    "api_key",
    "api_key_page",
    "jws",
    "version",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn generate() -> String {
    let mut config = Config {
        language: Language::C,
        cpp_compat: true,
        include_guard: Some("AUTHWRIGHT_H".to_owned()),
        header: Some(include_str!("header/opening.h").trim_end().to_owned()),
        no_includes: true,
        sys_includes: ["stdbool.h", "stddef.h", "stdint.h"].map(str::to_owned).to_vec(),
        after_includes: Some(after_includes()),
        braces: Braces::SameLine,
        style: Style::Type,
        usize_is_size_t: true,
        documentation_style: DocumentationStyle::Doxy,
        line_length: 120,
        ..Config::default()
    };
    config.function.must_use = Some("AW_MUST_USE".to_owned());
    config.function.rename_args = RenameRule::None;
    let sources = root().join("ffi/src");
    let builder = SOURCES.iter().fold(Builder::new().with_config(config), |builder, name| {
        builder.with_src(sources.join(name).with_extension("rs"))
    });
    let mut header = Vec::new();
    builder.generate().expect("the sources parse").write(&mut header);
    one_line_comments(&String::from_utf8(header).unwrap())
}

/// A comment of one sentence takes one line, where it fits.
fn one_line_comments(header: &str) -> String {
    let mut out = String::with_capacity(header.len());
    let mut lines = header.lines().peekable();
    while let Some(line) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        if line.trim_start() == "/**" {
            let first = lines.next().unwrap_or_default();
            let sentence = first.trim_start().trim_start_matches("* ");
            if lines.peek().is_some_and(|end| end.trim() == "*/") && indent + sentence.len() + 7 <= 120 {
                lines.next();
                out.push_str(&format!("{}/** {sentence} */\n", " ".repeat(indent)));
                continue;
            }
            out.push_str(&format!("{line}\n{first}\n"));
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

fn after_includes() -> String {
    let [major, minor, patch] =
        [env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"), env!("CARGO_PKG_VERSION_PATCH")];
    include_str!("header/definitions.h")
        .trim_end()
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@MAJOR@", major)
        .replace("@MINOR@", minor)
        .replace("@PATCH@", patch)
}

#[test]
fn committed_header_is_current() {
    let path = root().join("include/authwright.h");
    let generated = generate();
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    if committed != generated {
        let line = committed.lines().zip(generated.lines()).position(|(old, new)| old != new).unwrap_or(0) + 1;
        panic!("include/authwright.h differs from the sources from line {line} on; BLESS=1 writes it anew");
    }
}

#[test]
fn every_code_stands_in_the_header_with_its_meaning() {
    let header = generate();
    for code in Code::ALL {
        let constant = format!("AW_{} = {},", code.name(), code.number());
        assert!(header.contains(&constant), "{constant}");
        assert!(header.contains(code.meaning()), "{}: {}", code.name(), code.meaning());
    }
}

#[test]
fn every_function_is_documented() {
    let header = generate();
    let mut previous = "";
    let mut functions = 0;
    for line in header.lines() {
        let begins = !line.starts_with([' ', '#', '}', '/']) && line.contains("aw_") && line.contains('(');
        if begins && !line.starts_with("typedef") {
            functions += 1;
            assert!(previous.ends_with("*/") || previous == "AW_MUST_USE", "no comment before: {line}");
        }
        previous = line;
    }
    assert!(functions > 60, "only {functions} functions found");
}

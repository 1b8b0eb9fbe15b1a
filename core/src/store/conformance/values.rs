//! Values, which come back byte for byte.

use super::trial::{Outcome, Trial, plain, same};
use crate::store::ask::Ask;
use crate::store::record::MAX_VALUE_BYTES;

async fn comes_back<A: Ask>(trial: &Trial<'_, A>, name: &str, value: &str) -> Outcome {
    let key = trial.name(name);
    let record = plain(1, value);
    trial.keep(&key, &record).await?;
    trial.holds(&format!("of a value, {name}"), &key, Some(&record)).await
}

pub(super) async fn lengths<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    for length in [0, 1, 2, 255, 256, 257, 4095, 4096, 8191, 32_767, 32_768, 65_535, MAX_VALUE_BYTES] {
        comes_back(trial, &length.to_string(), &"x".repeat(length)).await?;
    }
    // As many bytes of fewer characters.
    comes_back(trial, "longest-of-2-bytes", &"é".repeat(MAX_VALUE_BYTES.div_euclid(2))).await?;
    comes_back(trial, "longest-of-4-bytes", &"𝄞".repeat(MAX_VALUE_BYTES.div_euclid(4))).await?;
    comes_back(trial, "longest-of-NUL", &"\0".repeat(MAX_VALUE_BYTES)).await
}

pub(super) async fn characters<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let one_and_two_bytes: String = ('\0'..'\u{800}').collect();
    comes_back(trial, "every-of-1-and-2-bytes", &one_and_two_bytes).await?;
    // Each block of 64 has the same first bytes: its ends are enough.
    let ends = (0x800_u32..0x11_0000).filter(|code| matches!(code.rem_euclid(64), 0 | 63)).filter_map(char::from_u32);
    let ends: Vec<char> = ends.collect();
    for (number, part) in ends.chunks(16_384).enumerate() {
        comes_back(trial, &format!("blocks-{number}"), &part.iter().collect::<String>()).await?;
    }
    for (name, value) in [
        ("NUL", "\0"),
        ("NUL-inside", "before\0after"),
        ("NUL-last", "before\0"),
        ("quotes", "'\"`''\"\"\\'\\\""),
        ("line-ends", "\r\n\n\r\u{85}\u{2028}\u{2029}"),
        ("spaces", "  \t before and after \t  "),
        ("line-last", "value\n"),
        ("composed", "\u{e9}\u{212b}\u{ac00}"),
        ("decomposed", "e\u{301}A\u{30a}\u{1100}\u{1161}"),
        ("combining-first", "\u{301}\u{200d}\u{fe0f}"),
        ("right-to-left", "\u{5d0}\u{5d1} \u{202e}abc\u{202c} \u{627}\u{644}"),
        ("astral", "\u{1f469}\u{200d}\u{1f4bb}\u{10000}\u{10ffff}"),
        ("mark-first", "\u{feff}value"),
        ("no-characters", "\u{fffe}\u{ffff}\u{1fffe}\u{fffd}"),
        ("private", "\u{e000}\u{f8ff}\u{f0000}"),
        ("upper-and-lower", "İıſKẞß"),
    ] {
        comes_back(trial, name, value).await?;
    }
    Ok(())
}

pub(super) async fn escapes<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    for (name, value) in [
        ("unicode", "\\u0000 \\u00e9 \\ud834\\udd1e \\x00 \\0 \\n"),
        ("percent", "%00 %41 %s %n %d %%"),
        ("entities", "&amp; &#0; &lt;"),
        ("SQL", "'; DROP TABLE records; -- ? ?1 :a @a $1 x'00'"),
        ("RESP", "$5\r\nhello\r\n*1\r\n$4\r\nPING\r\n"),
        ("template", "{} {0} ${a} #{a} {{a}}"),
        ("plus", "a+b c=d&e=f;g"),
    ] {
        comes_back(trial, name, value).await?;
    }
    Ok(())
}

/// Most values are JSON, and a store that reads and writes it anew would change them.
pub(super) async fn json_as_it_is<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    for (name, value) in [
        ("spaces", "{ \"b\" : 1 ,\n\t\"a\" : [ ] }\n"),
        ("twice", "{\"a\":1,\"a\":2}"),
        ("numbers", "[1.0,1e2,-0,12345678901234567890,0.1000]"),
        ("escapes", "[\"\\u0041\\/\\u00e9\"]"),
        ("text", "\"text\""),
        ("broken", "{\"a\":"),
    ] {
        comes_back(trial, name, value).await?;
    }
    Ok(())
}

/// Texts that something else could be made of.
pub(super) async fn like_other_types<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let texts =
        ["0", "007", "1.0", "1e5", "0x10", "+1", "9007199254740993", "null", "NULL", "true", "NaN", "undefined"];
    for (number, text) in texts.iter().enumerate() {
        comes_back(trial, &number.to_string(), text).await?;
    }
    Ok(())
}

/// A shorter value leaves nothing of a longer one.
pub(super) async fn replaced_whole<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let key = trial.name("a");
    let mut before = None;
    for (version, value) in (1..).zip(["x".repeat(10_000), "y".to_owned(), String::new(), "z".repeat(20_000)]) {
        let record = plain(version, value);
        same("put_if over the version that is there", &true, &trial.put(&key, before, &record).await?)?;
        trial.holds("after put_if", &key, Some(&record)).await?;
        before = Some(version);
    }
    Ok(())
}

"""JSON to the letter: the part of decoding.json that decoding hands over to."""

import json

from corpus import POLICY, claims
from jose import compact_json, secret, token

KEY = secret(32)
JSON = "ERR_TOKEN_JSON"


def add_claims(area, name, text, expect, source=None):
    area.add(
        f"decoding-{name}", source=source, keys="secret", policy=POLICY, input=token("HS256", KEY, text), expect=expect
    )


def with_member(text):
    return compact_json(claims())[:-1] + f',"x":{text}}}'


def json_texts(area):
    rfc8259 = "RFC 8259"
    whole = compact_json(claims())
    for name, text in [
        ("top-array", f"[{whole}]"),
        ("top-string", '"claims"'),
        ("top-number", "1"),
        ("top-true", "true"),
        ("top-null", "null"),
        ("empty-text", ""),
        ("space-only", "   "),
        ("garbage-behind", whole + "x"),
        ("second-object", whole + "{}"),
        ("comma-behind", whole + ","),
        ("nul-behind", whole + "\0"),
        ("bracket-behind", whole + "}"),
        ("unclosed", whole[:-1]),
        ("trailing-comma", whole[:-1] + ",}"),
        ("leading-comma", "{," + whole[1:]),
        ("no-colon", '{"a" 1}'),
        ("single-quotes", whole.replace('"', "'")),
        ("bare-names", "{iss:1}"),
        ("comment", whole[:-1] + "/**/}"),
        ("line-comment", whole + "//"),
        ("number-as-name", "{1:1}"),
        ("null-name", "{null:1}"),
        ("control-before", "\x0b" + whole),
        ("form-feed", "\x0c" + whole),
        ("no-break-space", "\u00a0" + whole),
        ("line-separator", whole + "\u2028"),
        ("bom", "\ufeff" + whole),
        ("utf16", whole.encode("utf-16")),
        ("utf32", whole.encode("utf-32")),
        ("deflated", b"\x78\x9c\x00"),
        ("unclosed-string", whole[:-1] + ',"x":"'),
        ("unclosed-list", whole[:-1] + ',"x":[1'),
        ("colon-only", "{:}"),
        ("list-trailing-comma", with_member("[1,]")),
        ("list-leading-comma", with_member("[,1]")),
        ("list-two-commas", with_member("[1,,2]")),
        ("list-no-comma", with_member("[1 2]")),
        ("mismatched", with_member("[1}")),
        ("literal-case", with_member("True")),
        ("literal-undefined", with_member("undefined")),
        ("literal-short", with_member("nul")),
        ("literal-long", with_member("nullx")),
        ("value-missing", with_member("")),
    ]:
        add_claims(area, f"json-{name}", text, JSON, rfc8259)
    for name, text in [
        ("spaces", " \t\r\n" + whole.replace(",", " ,\n\t").replace(":1", " : 1") + " \r\n"),
        ("empty-name", whole[:-1] + ',"":1}'),
        ("all-literals", with_member('[true,false,null,{},[],""]')),
        ("long-string", with_member('"' + "x" * 5000 + '"')),
        ("many-values", with_member("[" + ",".join("0" for _ in range(5000)) + "]")),
        ("names-prefixes", whole[:-1] + ',"a":1,"aa":2,"aaa":3}'),
        ("case-differs", whole[:-1] + ',"EXP":1,"Exp":2}'),
        ("same-name-other-level", with_member('{"x":{"x":1},"exp":"no","iss":[]}')),
        ("normal-forms", whole[:-1] + ',"\u00e9":1,"e\u0301":2}'),
    ]:
        add_claims(area, f"json-{name}", text, {"claims": json.loads(text)}, rfc8259)
    area.add(
        "decoding-json-empty-object",
        source="an object without members is JSON, and lacks exp",
        keys="secret",
        policy={},
        input=token("HS256", KEY, "{}"),
        expect="ERR_CLAIM_MISSING exp",
    )
    # Duplicates, near and far, short and long, at every place of a text.
    duplicate = "RFC 7493 section 2.3, RFC 7519 section 4: names are unique, at any depth and compared after unescaping"
    for name, text in [
        ("adjacent", with_member('1,"x":2')),
        ("first-and-last", '{"exp":1,' + whole[1:]),
        ("same-value", with_member('1,"x":1')),
        ("escaped", with_member('1,"\\u0078":2')),
        ("both-escaped", with_member('1,"\\u0079":2,"\\u0079":3')),
        ("escaped-slash", with_member('1,"/":2,"\\/":3')),
        ("surrogates", with_member('1,"\U0001f600":2,"\\ud83d\\ude00":3')),
        ("nested", with_member('{"a":1,"b":2,"a":3}')),
        ("nested-deep", with_member('[[{"k":[{"a":1,"a":2}]}]]')),
        ("empty-names", with_member('{"":1,"":2}')),
        ("long-names", with_member('{"' + "n" * 300 + '":1,"' + "n" * 300 + '":2}')),
        ("eight-characters", with_member('{"abcdefgh":1,"abcdefgh":2}')),
        ("nine-characters", with_member('{"abcdefghi":1,"abcdefghi":2}')),
        ("last-byte", with_member('{"a":1,"a":2}')),
        ("many", with_member("{" + ",".join(f'"k{number}":0' for number in range(200)) + ',"k7":1}')),
        ("many-more", with_member("{" + ",".join(f'"k{number}":0' for number in range(1500)) + ',"k0":1}')),
        ("unicode", with_member('{"é":1,"\\u00e9":2}')),
        ("case-of-escape", with_member('{"\\u00e9":1,"\\u00E9":2}')),
        ("nul-name", with_member('{"\\u0000":1,"\\u0000":2}')),
    ]:
        add_claims(area, f"duplicate-{name}", text, JSON, duplicate)
    for length in range(10):
        name = "abcdefghij"[:length]
        add_claims(
            area,
            f"duplicate-at-end-length-{length}",
            whole[:-1] + f',"{name}":1,"other":2,"{name}":3}}',
            JSON,
            duplicate,
        )
    add_claims(
        area,
        "duplicate-not-one",
        with_member('{"abcdefgh1":1,"abcdefgh2":2,"abcdefgh":3}'),
        {"claims": json.loads(with_member('{"abcdefgh1":1,"abcdefgh2":2,"abcdefgh":3}'))},
        duplicate,
    )


def headers(area):
    source = "the header is read as strictly as the claims"
    for name, text in [
        ("garbage-behind", '{"alg":"HS256"}x'),
        ("array", '["HS256"]'),
        ("string", '"HS256"'),
        ("null", "null"),
        ("number", "5"),
        ("duplicate-unknown", '{"alg":"HS256","x":1,"x":2}'),
        ("duplicate-nested", '{"alg":"HS256","x":{"y":1,"y":2}}'),
        ("invalid-utf8", b'{"alg":"HS256","x":"\xff"}'),
        ("bom", '\ufeff{"alg":"HS256"}'),
        ("lone-surrogate", '{"alg":"HS256","x":"\\ud800"}'),
        ("nan", '{"alg":"HS256","x":NaN}'),
        ("trailing-comma", '{"alg":"HS256",}'),
        ("control", '{"alg":"HS256","x":"\x01"}'),
        ("huge-number", '{"alg":"HS256","x":1e400}'),
        ("comment", '{"alg":"HS256"/**/}'),
        ("nul-behind", b'{"alg":"HS256"}\0'),
        ("duplicate-at-end", '{"x":1,"alg":"HS256","x":2}'),
    ]:
        area.add(
            f"decoding-header-json-{name}",
            source=source,
            keys="secret",
            policy=POLICY,
            input=token("HS256", KEY, claims(), text),
            expect=JSON,
        )
    area.add(
        "decoding-header-json-spaces",
        source="RFC 8259 section 2",
        keys="secret",
        policy=POLICY,
        input=token("HS256", KEY, claims(), ' {\r\n\t"alg" : "HS256" } '),
        expect={"claims": claims(), "header": {"alg": "HS256"}},
    )
    area.add(
        "decoding-header-json-empty",
        source="an object without alg",
        keys="secret",
        policy=POLICY,
        input=token("HS256", KEY, claims(), "{}"),
        expect="ERR_TOKEN_MALFORMED alg",
    )


def numbers(area):
    source = "RFC 8259 section 6; authwright: numbers are finite as doubles, integers have at most 308 digits"
    for name, text in [
        ("leading-zero", "01"),
        ("minus-leading-zero", "-01"),
        ("plus", "+1"),
        ("dot-behind", "1."),
        ("dot-before", ".5"),
        ("minus-only", "-"),
        ("exponent-empty", "1e"),
        ("exponent-sign-only", "1e+"),
        ("hex", "0x10"),
        ("nan", "NaN"),
        ("infinity", "Infinity"),
        ("minus-infinity", "-Infinity"),
        ("two-dots", "1.2.3"),
        ("underscore", "1_000"),
        ("suffix", "1n"),
        ("exponent-400", "1e400"),
        ("minus-exponent-400", "-1e400"),
        ("just-too-large", "1.8e308"),
        ("digits-309", "9" * 309),
        ("digits-309-ones", "1" * 309),
        ("minus-digits-309", "-" + "1" * 309),
        ("digits-5000", "1" * 5000),
        ("decimals-1100", "0." + "3" * 1100),
        ("zeros-brought-back", "0." + "0" * 1100 + "1e1101"),
        ("zero-exponent-dot", "0.e1"),
        ("double-minus", "--1"),
        ("fullwidth", "\uff11"),
        ("minus-space", "- 1"),
    ]:
        add_claims(area, f"number-{name}", with_member(text), JSON, source)
    for name, text in [
        ("zero", "0"),
        ("minus-zero", "-0"),
        ("fraction", "0.5"),
        ("exponent", "1e5"),
        ("exponent-plus", "1E+5"),
        ("exponent-minus", "1e-5"),
        ("largest-double", "1.7976931348623157e308"),
        ("tiny", "5e-324"),
        ("minus-fraction", "-1.25"),
        ("two-to-53", "9007199254740992"),
    ]:
        add_claims(area, f"number-{name}", with_member(text), {"claims": json.loads(with_member(text))}, source)
    for name, text in [
        ("digits-308", "1" * 308),
        ("minus-digits-308", "-" + "9" * 308),
        ("underflow", "1e-400"),
        ("many-decimals", "0." + "3" * 1000),
        ("long-exponent-zeros", "1e0000000000000000001"),
        ("two-to-64", "18446744073709551616"),
    ]:
        # Not every language's number holds it: only that the token is accepted is said.
        add_claims(area, f"number-{name}", with_member(text), {"header": {"alg": "HS256"}}, source)


def strings(area):
    source = "RFC 8259 section 7, RFC 3629, RFC 7493 section 2.1"
    for name, text in [
        ("lone-high", '"\\ud800"'),
        ("lone-low", '"\\udc00"'),
        ("high-then-text", '"\\ud800x"'),
        ("high-then-high", '"\\ud800\\ud800"'),
        ("low-then-high", '"\\udc00\\ud800"'),
        ("high-then-escape", '"\\ud800\\n"'),
        ("high-at-end", '"a\\udbff"'),
        ("high-then-short", '"\\ud800\\udc0"'),
        ("bad-escape", '"\\x41"'),
        ("escape-digit", '"\\0"'),
        ("escape-quote", '"\\\'"'),
        ("short-unicode", '"\\u00"'),
        ("bad-unicode", '"\\u00zz"'),
        ("unicode-upper-u", '"\\U00000041"'),
        ("unicode-braces", '"\\u{41}"'),
        ("backslash-end", '"\\"'),
        ("control-nul", '"\x00"'),
        ("control-newline", '"\n"'),
        ("control-tab", '"\t"'),
        ("control-1f", '"\x1f"'),
        ("escape-newline", '"\\\n"'),
    ]:
        add_claims(area, f"string-{name}", with_member(text), JSON, source)
    front, back = with_member('"').split('"x":"')[0] + '"x":"', '"}'
    for name, raw in [
        ("ff", b"\xff"),
        ("lone-continuation", b"\x80"),
        ("cut-two", b"\xc3"),
        ("cut-three", b"\xe2\x82"),
        ("cut-four", b"\xf0\x9f\x98"),
        ("overlong-two", b"\xc0\xaf"),
        ("overlong-nul", b"\xc0\x80"),
        ("overlong-three", b"\xe0\x80\xaf"),
        ("overlong-four", b"\xf0\x80\x80\xaf"),
        ("surrogate", b"\xed\xa0\x80"),
        ("surrogate-pair", b"\xed\xa0\xbd\xed\xb8\x80"),
        ("beyond-unicode", b"\xf4\x90\x80\x80"),
        ("five-bytes", b"\xf8\x88\x80\x80\x80"),
        ("latin-1", b"caf\xe9"),
        ("fe", b"\xfe\xff"),
    ]:
        add_claims(area, f"utf8-{name}", front.encode() + raw + back.encode(), JSON, source)
    outside = compact_json(claims())[:-1].encode()
    add_claims(area, "utf8-in-name", outside + b',"\xff":1}', JSON, source)
    add_claims(area, "utf8-in-nested-name", outside + b',"x":{"y":{"\xc3":1}}}', JSON, source)
    for name, text in [
        ("escapes", '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041"'),
        ("pair", '"\\ud83d\\ude00"'),
        ("raw-four-bytes", '"\U0001f600"'),
        ("delete", '"\x7f"'),
        ("line-separator", '"\u2028\u2029"'),
        ("noncharacter", '"\uffff"'),
        ("c1-control", '"\u0085"'),
        ("private-use", '"\U0010ffff"'),
        ("bom-inside", '"\ufeff"'),
        ("upper-hex", '"\\u00E9\\u00AB"'),
        ("pair-extremes", '"\\ud800\\udc00\\udbff\\udfff"'),
    ]:
        add_claims(area, f"string-{name}", with_member(text), {"claims": json.loads(with_member(text))}, source)
    # A NUL cannot stand in every language's string of the corpus: only that the token is accepted is said.
    add_claims(area, "string-escaped-nul", with_member('"a\\u0000b"'), {"header": {"alg": "HS256"}}, source)


def depth(area):
    source = "authwright: depth at most 64, the top object counts as one"
    for name, open_, close in [("lists", "[", "]"), ("objects", '{"k":', "}")]:
        inner = "1" if name == "objects" else ""
        for levels, expect in ((63, True), (64, False), (65, False), (500, False)):
            text = with_member(open_ * levels + inner + close * levels)
            add_claims(
                area, f"depth-{name}-{levels + 1}", text, {"claims": json.loads(text)} if expect else JSON, source
            )
    wide = with_member("[" + ",".join("[]" for _ in range(2000)) + "]")
    add_claims(area, "depth-wide-is-not-deep", wide, {"claims": json.loads(wide)}, source)
    area.add(
        "decoding-depth-header-65",
        source=source,
        keys="secret",
        policy=POLICY,
        expect=JSON,
        input=token("HS256", KEY, claims(), '{"alg":"HS256","x":' + "[" * 64 + "]" * 64 + "}"),
    )
    area.add(
        "decoding-depth-header-64",
        source=source,
        keys="secret",
        policy=POLICY,
        expect={"claims": claims()},
        input=token("HS256", KEY, claims(), '{"alg":"HS256","x":' + "[" * 63 + "]" * 63 + "}"),
    )

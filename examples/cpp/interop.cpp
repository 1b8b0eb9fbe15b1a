// A token issuer and a token checker in one small program. Its twins in C, Python, Node and Rust do the same, and each
// reads what the others write.
//
//     interop sign <key file> <alg>     prints a token; the key file holds a private JWK or a secret
//     interop verify <key file>         reads tokens, one a line; prints "ok <sub> <lang>" or the error's code
#include <authwright.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

namespace aw = authwright;

static const std::string issuer = "https://id.example";
static const std::string audience = "api";

static aw::Key read_key(const char *path) {
    std::ifstream file(path, std::ios::binary);
    const std::string json{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return aw::Key::from_jwk(json).or_throw();
}

static void sign(const aw::Key &key, const char *algorithm) {
    // The algorithm comes from the command line, so it is not pasted into a string but set with the builder, which
    // escapes.
    auto options = aw::Claims::create().or_throw();
    options.set_string("algorithm", algorithm).or_throw();
    options.set_string("issuer", issuer).or_throw();
    options.set_string("audience", audience).or_throw();
    options.set_int("lifetime", 900).or_throw();

    const auto signer = aw::Signer::create(key, options.to_json().or_throw()).or_throw();
    const auto token = signer.sign(R"({"sub": "alice", "scope": "read", "lang": "cpp"})").or_throw();
    std::cout << token.view() << '\n';
}

static aw::Status judge(const aw::Verifier &verifier, const std::string &line) {
    const auto token = verifier.verify(line);
    if (!token) {
        return token.code();
    }
    const auto subject = token->get_string("sub");
    const auto language = token->get_string("lang");
    if (!subject || !language) {
        return subject ? language.code() : subject.code();
    }
    std::cout << "ok " << *subject << ' ' << *language << std::endl;
    return AW_OK;
}

static void verify(const aw::Key &key) {
    const std::string policy = R"({"issuer": ")" + issuer + R"(", "audience": ")" + audience + R"("})";
    const auto verifier = aw::Verifier::create(key, policy).or_throw();
    for (std::string line; std::getline(std::cin, line);) {
        const auto status = judge(verifier, line);
        if (status != AW_OK) {
            std::cout << aw_status_name(status) << std::endl;
        }
    }
}

int main(int argc, char **argv) {
    const std::string verb = argc > 1 ? argv[1] : "";
    try {
        if (argc == 4 && verb == "sign") {
            sign(read_key(argv[2]), argv[3]);
        } else if (argc == 3 && verb == "verify") {
            verify(read_key(argv[2]));
        } else {
            std::cerr << "usage: interop sign <key file> <alg> | interop verify <key file>\n";
            return 2;
        }
    } catch (const aw::Exception &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}

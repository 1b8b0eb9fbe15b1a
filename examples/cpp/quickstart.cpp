// Sign a token, verify it, read its claims; then see an error.
//
//     c++ -std=c++17 quickstart.cpp $(pkg-config --cflags --libs authwright) -o quickstart && ./quickstart
#include <authwright.hpp>
#include <iostream>

namespace aw = authwright;

static int fail(const aw::Error &error) {
    std::cerr << error.name() << ": " << error.message() << '\n';
    return 1;
}

int main() {
    // The issuer: a key, and a signer made of it. Both are made once.
    auto key = aw::Key::generate("ES256", "2026-11");
    if (!key) {
        return fail(key.error());
    }
    auto signer = aw::Signer::create(*key, R"({"issuer": "https://id.example", "audience": "api", "lifetime": 900})");
    if (!signer) {
        return fail(signer.error());
    }
    auto token = signer->sign(R"({"sub": "alice", "scope": "read"})");
    if (!token) {
        return fail(token.error());
    }
    std::cout << "token: " << token->view() << '\n';

    // The service: the issuer's public key, and what it expects of a token. Made once too, used by every thread.
    auto public_key = key->public_key();
    if (!public_key) {
        return fail(public_key.error());
    }
    auto verifier = aw::Verifier::create(*public_key, R"({"issuer": "https://id.example", "audience": "api"})");
    if (!verifier) {
        return fail(verifier.error());
    }
    auto verified = verifier->verify(*token);
    if (!verified) {
        return fail(verified.error());
    }
    std::cout << "claims: " << verified->claims_json() << '\n';
    auto subject = verified->get_string("sub");
    auto expires = verified->get_int("exp");
    if (!subject || !expires) {
        return fail(subject ? expires.error() : subject.error());
    }
    std::cout << *subject << " may come in until " << *expires << '\n';

    // The same token an hour later: expired. The code is for the program, the message for people.
    auto late = verifier->verify_at(*token, *expires + 3600);
    if (late) {
        return 1;
    }
    std::cout << "an hour later: " << late.error().name() << " (" << late.error().field().value_or("") << ", "
              << late.error().message() << ")\n";
    return late.code() == AW_ERR_TOKEN_EXPIRED ? 0 : 1;
}

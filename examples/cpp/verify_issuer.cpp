// Verifies the tokens of a live issuer, of which it knows nothing but the URL.
//
//     verify_issuer ISSUER AUDIENCE [COOLDOWN]
//
// Reads tokens from its input, a line each, and answers each with a line: "ok" and the subject, or the code of the
// error. COOLDOWN is the number of seconds between two fetches that unknown keys cause, 30 unless it is given.
//
//     c++ -std=c++17 verify_issuer.cpp $(pkg-config --cflags --libs authwright) -o verify_issuer
#include <authwright.hpp>
#include <chrono>
#include <iostream>
#include <string>

namespace aw = authwright;
using namespace std::chrono_literals;

// What comes from outside is not pasted into JSON: the builder escapes it.
static aw::Buffer object(const char *name, std::string_view value, const char *cooldown = nullptr) {
    auto members = aw::Claims::create().or_throw();
    members.set_string(name, value).or_throw();
    if (cooldown != nullptr) {
        members.set_int("cooldown", std::stoi(cooldown)).or_throw();
    }
    return members.to_json().or_throw();
}

// Nothing is fetched yet: an issuer that is down at this moment is no error.
static aw::Verifier make(const char *issuer, const char *audience, const char *cooldown) {
    const auto policy = object("audience", audience);
    if (cooldown == nullptr) {
        return aw::Verifier::discover(issuer, policy).or_throw();
    }
    const auto keys = aw::RemoteKeySet::create(object("issuer", issuer, cooldown)).or_throw();
    return aw::Verifier::create(keys, policy).or_throw();
}

int main(int argc, char **argv) try {
    if (argc != 3 && argc != 4) {
        std::cerr << "verify_issuer ISSUER AUDIENCE [COOLDOWN]\n";
        return 2;
    }
    const auto verifier = make(argv[1], argv[2], argc == 4 ? argv[3] : nullptr);
    std::string line;
    while (std::getline(std::cin, line)) {
        // Fetches the keys where they are needed, once for all threads that wait for them, and keeps them up to date.
        const auto token = verifier.verify_fetching(line, 10s);
        if (!token) {
            // AW_ERR_KEYS_NEEDED says nothing about the token: a service answers 503 rather than 401.
            std::cout << token.error().name() << std::endl;
            continue;
        }
        const auto subject = token->get_string("sub");
        std::cout << (subject ? "ok " + std::string(*subject) : std::string(subject.error().name())) << std::endl;
    }
    return 0;
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}

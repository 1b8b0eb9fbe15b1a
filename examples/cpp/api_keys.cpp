// Issue an API key, check it, rotate it, revoke it. The keys are where the argument says: the same program works on a
// file, on Redis, and with those that another language has issued.
//
//     c++ -std=c++17 api_keys.cpp $(pkg-config --cflags --libs authwright) -o api_keys && ./api_keys sqlite:keys.db
#include <authwright.hpp>
#include <iostream>

namespace aw = authwright;

// What a server answers a request with that has presented this key.
static int answer(const aw::ApiKeys &keys, std::string_view presented, const char *scope) {
    const auto caller = keys.verify(presented, {scope});
    if (caller) {
        std::cout << "200: " << (*caller)->owner() << " may " << scope << '\n';
        return 200;
    }
    int code = 503; // the store: it says nothing about the key
    switch (caller.code()) {
    case AW_ERR_API_KEY_INVALID:
    case AW_ERR_API_KEY_EXPIRED:
    case AW_ERR_API_KEY_REVOKED:
        code = 401;
        break;
    case AW_ERR_API_KEY_SCOPE:
        code = 403;
        break;
    default:
        break;
    }
    std::cout << code << ": " << caller.error().name() << " (" << caller.error().message() << ")\n";
    return code;
}

static int run(std::string_view url) {
    // Made once, at start-up. The pepper is one secret for all processes, kept where secrets are, and not in the store.
    const auto store = aw::Store::open(url).or_throw();
    const auto pepper = aw::Key::from_secret("an example pepper of 32 bytes...").or_throw();
    const auto keys = aw::ApiKeys::create(R"({"prefix": "acme", "environment": "test"})", {&pepper}, store).or_throw();

    // The secret is shown once: the store has only a hash of it.
    const auto issued =
        keys.issue(R"({"owner": "billing-service", "scopes": ["invoices:read"], "expires_in": 7776000})").or_throw();
    std::cout << "issued " << issued->id() << ", which ends in " << issued->last4().value() << '\n';
    bool well = answer(keys, issued->secret().value(), "invoices:read") == 200;
    well = answer(keys, issued->secret().value(), "invoices:write") == 403 && well;
    well = answer(keys, "acme_test_nonsense", "invoices:read") == 401 && well;

    // Another secret. The old one is good for an hour, until it is replaced everywhere.
    const auto rotated = keys.rotate(issued->id(), R"({"overlap": 3600})").or_throw();
    std::cout << "rotated: it ends in " << rotated->last4().value() << '\n';
    well = answer(keys, issued->secret().value(), "invoices:read") == 200 && well;
    well = answer(keys, rotated->secret().value(), "invoices:read") == 200 && well;

    std::cout << "revoked " << keys.revoke(issued->id()).or_throw()->id() << '\n';
    return answer(keys, rotated->secret().value(), "invoices:read") == 401 && well ? 0 : 1;
}

int main(int argc, char **argv) {
    try {
        return run(argc > 1 ? argv[1] : "memory:");
    } catch (const aw::Exception &exception) {
        std::cerr << exception.what() << '\n';
        return 1;
    }
}

// The C++ classes: what they own, what moves, what a failure looks like.
#include <authwright.hpp>
#include <cstring>
#include <iostream>
#include <map>
#include <mutex>
#include <type_traits>

namespace aw = authwright;
using namespace std::chrono_literals;

static int failures = 0;

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            std::cerr << __FILE__ << ':' << __LINE__ << ": " << #condition << '\n';                                    \
            failures++;                                                                                                \
        }                                                                                                              \
    } while (false)

template <class T>
constexpr bool moves_only = std::is_nothrow_move_constructible_v<T> &&std::is_nothrow_move_assignable_v<T> &&
                            !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T>;

static_assert(moves_only<aw::Key> && moves_only<aw::KeySet> && moves_only<aw::Signer> && moves_only<aw::Verifier>);
static_assert(moves_only<aw::Token> && moves_only<aw::UnverifiedToken> && moves_only<aw::Claims>);
static_assert(moves_only<aw::Prepared> && moves_only<aw::Buffer> && moves_only<aw::Error>);
static_assert(moves_only<aw::jws::Verified> && moves_only<aw::Result<aw::Key>>);
static_assert(moves_only<aw::HttpClient> && moves_only<aw::RemoteKeySet> && moves_only<aw::Operation>);
static_assert(moves_only<aw::OAuthClient> && moves_only<aw::Login> && moves_only<aw::Tokens> && moves_only<aw::User>);
static_assert(moves_only<aw::TokenManager>);
static_assert(moves_only<aw::Store> && moves_only<aw::ApiKeys> && moves_only<aw::ApiKey> && moves_only<aw::ApiKeyPage>);
static_assert(sizeof(aw::Key) == sizeof(void *), "a handle is one pointer");
static_assert(!std::is_convertible_v<aw::UnverifiedToken, aw::Token>, "what is unverified cannot pass for a token");

static const char *const options = R"({"issuer": "https://id.example", "audience": ["api", "web"], "lifetime": 900})";
static const char *const policy = R"({"issuer": "https://id.example", "audience": "api"})";

static void round_trip() {
    const auto key = aw::Key::generate("EdDSA").or_throw();
    CHECK(key.is_private() && key.kid() && key.kid()->size() == 43);
    CHECK(key.thumbprint().or_throw().view() == *key.kid());
    const auto signer = aw::Signer::create(key, options).or_throw();

    auto claims = aw::Claims::create().or_throw();
    CHECK(claims.set_string("sub", std::string_view("al\0ice\"", 7)).ok());
    CHECK(claims.set_strings("groups", {"a", "b"}).ok());
    CHECK(claims.set_int("n", -5).ok() && claims.set_double("d", 0.25).ok() && claims.set_bool("t", true).ok());
    CHECK(claims.set_null("z").ok() && claims.set_json("o", R"({"a":[1]})").ok());
    CHECK(!claims.set_json("o", "1,2").ok());
    const auto text = signer.sign(claims).or_throw();
    CHECK(std::strlen(text.c_str()) == text.view().size() && text.str() == text.view());

    auto public_key = key.public_key().or_throw();
    CHECK(!public_key.is_private());
    const auto set = aw::KeySet::of({&public_key}).or_throw();
    const auto verifier = aw::Verifier::create(set, policy).or_throw();
    { const auto gone = std::move(public_key); }
    const auto token = verifier.verify(text).or_throw();
    CHECK(token.get_string("sub").or_throw() == std::string_view("al\0ice\"", 7));
    const auto groups = token.get_strings("groups").or_throw();
    CHECK(groups.size() == 2 && groups[0] == "a" && groups[1] == "b");
    CHECK(token.get_strings("aud").or_throw().size() == 2 && token.get_strings("iss").or_throw().size() == 1);
    CHECK(token.get_strings("n").code() == AW_ERR_CLAIM_TYPE);
    CHECK(token.get_strings("nobody").code() == AW_ERR_CLAIM_MISSING);
    CHECK(token.get_int("n").or_throw() == -5 && token.get_double("d").or_throw() == 0.25);
    CHECK(token.get_bool("t").or_throw() && token.get_json("z").or_throw() == "null");
    CHECK(token.get_json("o").or_throw() == R"({"a":[1]})");
    CHECK(token.claims_json().front() == '{' && token.header_json().find("EdDSA") != std::string_view::npos);

    const auto seen = aw::dangerous_decode(text).or_throw();
    CHECK(seen.get_string("iss").or_throw() == "https://id.example" && seen.claims_json() == token.claims_json());
    CHECK(set.size() == 1 && set.at(0).ok() && set.at(1).code() == AW_ERR_INVALID_ARGUMENT);
    CHECK(aw::KeySet::from_json(set.to_json().or_throw()).or_throw().size() == 1);
    CHECK(aw::KeySet::from_json(R"({"keys": [{"kty": "?"}]})").or_throw().rejected(0).code() != AW_OK);
}

static void failures_are_values() {
    auto verifier = aw::Verifier::create(aw::Key::generate("HS256").or_throw(), policy).or_throw();
    const auto refused = verifier.verify("a.b");
    CHECK(!refused && refused.code() == AW_ERR_TOKEN_MALFORMED);
    CHECK(refused.error().name() == "ERR_TOKEN_MALFORMED" && !refused.error().message().empty());

    const auto misspelt = aw::Verifier::create(aw::KeySet::of({}).or_throw(), R"({"audiance": "api"})");
    CHECK(misspelt.code() == AW_ERR_UNKNOWN_OPTION && misspelt.error().field() == "audiance");

    CHECK(verifier.verify(std::string_view()).code() == AW_ERR_TOKEN_MALFORMED);
    CHECK(aw::Key::from_jwk("").code() == AW_ERR_KEY_FORMAT);
    CHECK(aw::KeySet::of({nullptr}).code() == AW_ERR_INVALID_ARGUMENT);

    bool thrown = false;
    try {
        (void)verifier.verify("a.b").or_throw();
    } catch (const aw::Exception &error) {
        thrown =
            error.code() == AW_ERR_TOKEN_MALFORMED && std::string(error.what()).rfind("ERR_TOKEN_MALFORMED: ", 0) == 0;
    }
    CHECK(thrown);
}

static void keys_in_every_form() {
    const auto key = aw::Key::generate("ES256", "k").or_throw();
    for (const bool include_private : {false, true}) {
        CHECK(aw::Key::from_jwk(key.to_jwk(include_private).or_throw()).or_throw().is_private() == include_private);
        CHECK(aw::Key::from_pem(key.to_pem(include_private).or_throw()).or_throw().is_private() == include_private);
        CHECK(aw::Key::from_der(key.to_der(include_private).or_throw()).or_throw().is_private() == include_private);
    }
    aw::KeyOptions named;
    named.kid = "named";
    named.algorithm = "HS512";
    const auto secret = aw::Key::from_secret(std::string(64, 's'), named).or_throw();
    CHECK(secret.kid() == "named" && secret.algorithm() == "HS512");
    CHECK(secret.public_key().code() == AW_ERR_KEY_MISMATCH);
}

static void bytes_without_claims() {
    const auto key = aw::Key::generate("HS256").or_throw();
    aw::jws::SignOptions how;
    how.detached = true;
    how.b64 = false;
    const std::string_view payload("any\0bytes", 9);
    const auto text = aw::jws::sign(payload, key, how).or_throw();
    aw::jws::VerifyOptions with;
    with.payload = payload;
    with.algorithms = {"HS256"};
    CHECK(aw::jws::verify(text, key, with).or_throw().payload() == payload);
    with.algorithms = {"HS384"};
    CHECK(aw::jws::verify(text, key, with).code() == AW_ERR_ALGORITHM_NOT_ALLOWED);
}

static void two_steps() {
    const auto key = aw::Key::generate("HS256").or_throw();
    const auto signer = aw::Signer::create(key, options).or_throw();
    const auto prepared = signer.prepare_at(R"({"sub": "alice"})", 1700000000).or_throw();
    CHECK(prepared.algorithm() == "HS256");
    const auto whole = signer.sign_at(R"({"sub": "alice"})", 1700000000).or_throw();
    CHECK(whole.view().substr(0, prepared.signing_input().size()) == prepared.signing_input());
    CHECK(signer.finish(prepared, "wrong").code() == AW_ERR_SIGNATURE_INVALID);
}

/* An issuer's keys, fetched by hand: metadata, keys, and in between an issuer that is away. */
static void remote_keys() {
    const auto key = aw::Key::generate("ES256", "k1").or_throw();
    const auto text = aw::Signer::create(key, options).or_throw().sign(R"({"sub": "alice"})").or_throw();
    const auto jwks = aw::KeySet::of({&key}).or_throw().to_json().or_throw();
    const auto verifier = aw::Verifier::discover("https://id.example", R"({"audience": "api"})").or_throw();
    const auto keys = verifier.remote_keys().or_throw();
    CHECK(keys.issuer() == "https://id.example" && keys.key_set().code() == AW_ERR_KEYS_NEEDED);
    CHECK(verifier.verify(text).code() == AW_ERR_KEYS_NEEDED);
    CHECK(aw::Verifier::create(key, policy).or_throw().remote_keys().code() == AW_ERR_INVALID_ARGUMENT);
    CHECK(aw::RemoteKeySet::create(R"({"isuer": ""})").error().field() == "isuer");
    CHECK(!keys.begin_refresh_ahead().or_throw());

    const std::uint64_t now = aw_now_ms();
    const std::vector<aw_header> json = {{"Content-Type", "application/json"}};
    {
        auto away = verifier.begin(text, 10s, now).or_throw();
        const auto next = away.step(now);
        CHECK(next.step == AW_STEP_SEND && std::string_view(away.request().method()) == "GET");
        CHECK(away.request().header_count() > 0 && std::string_view(away.request().header(0).name) == "Accept");
        CHECK(!away.request().body() && away.request().reach() == AW_REACH_ANYWHERE);
        CHECK(away.request().max_body_bytes() > 0 && away.request().deadline() > now);
        CHECK(away.token().code() == AW_ERR_INVALID_ARGUMENT);
        CHECK(away.resume(next.id, 503, json, R"({"error": "server_error", "error_description": "away"})", now).ok());
        CHECK(away.step(now).step == AW_STEP_FAILED);
        const auto refused = away.token();
        CHECK(refused.code() == AW_ERR_KEYS_NEEDED && refused.error().http_status() == 0);
        const auto cause = refused.error().cause();
        CHECK(cause && cause->code() == AW_ERR_RESPONSE_STATUS && cause->http_status() == 503 && !cause->cause());
        CHECK(cause && cause->name() == "ERR_RESPONSE_STATUS" && !cause->message().empty() && !cause->field());
        CHECK(cause && cause->provider_error() == "server_error" && cause->provider_error_description() == "away");
    }
    const std::uint64_t later = now + 60000;
    auto leading = verifier.begin(text, 10s, later).or_throw();
    auto waiting = verifier.begin(text, 10s, later).or_throw();
    auto next = leading.step(later);
    CHECK(next.step == AW_STEP_SEND && waiting.step(later).step == AW_STEP_WAIT);
    bool woken = false;
    CHECK(waiting.notify([](void *user) { *static_cast<bool *>(user) = true; }, &woken).ok());
    CHECK(leading.fail(next.id + 1, aw::FailureKind::tls, aw::Sent::no).code() == AW_ERR_INVALID_ARGUMENT);
    { const auto cancelled = std::move(leading); }
    CHECK(woken);
    next = waiting.step(later);
    CHECK(waiting
              .resume(next.id, 200, json, R"({"issuer": "https://id.example", "jwks_uri": "https://id.example/jwks"})",
                      later)
              .ok());
    next = waiting.step(later);
    CHECK(std::string_view(waiting.request().url()) == "https://id.example/jwks");
    CHECK(waiting.resume(next.id, 200, json, jwks, later).ok());
    CHECK(waiting.step(later).step == AW_STEP_DONE && waiting.result().ok());
    waiting.wait(10s);
    CHECK(waiting.token().or_throw().get_string("sub").or_throw() == "alice");
    CHECK(verifier.verify_at(text, static_cast<std::int64_t>(later / 1000)).ok());

    const auto secret = aw::Key::from_secret(std::string(32, 's')).or_throw();
    const auto warm = aw::RemoteKeySet::create(R"({"issuer": "https://id.example"})").or_throw();
    const auto state = keys.export_state(secret).or_throw();
    CHECK(warm.import_state(state, {&key}).code() != AW_OK && warm.import_state(state, {nullptr}).code() != AW_OK);
    warm.close();
    auto closed = warm.begin_refresh(later).or_throw();
    CHECK(closed.step(later).step == AW_STEP_FAILED && closed.result().code() == AW_ERR_CLOSED);

    const auto client = aw::HttpClient::create(R"({"proxy": "none"})");
    if (client) {
        client->close();
        const auto idle = aw::Verifier::discover("https://id.example", policy, &*client).or_throw();
        const auto verdict = idle.verify_fetching(text, 10s);
        CHECK(verdict.code() == AW_ERR_CLOSED);
        CHECK(idle.remote_keys().or_throw().refresh(10s).code() != AW_OK);
    } else {
        CHECK(client.code() == AW_ERR_TRANSPORT_UNSUPPORTED);
        CHECK(verifier.verify_fetching(text, 10s).code() == AW_ERR_TRANSPORT_UNSUPPORTED);
    }
}

static void answer(aw::Operation &operation, std::uint64_t id, const char *json) {
    CHECK(operation.resume(id, 200, {{"Content-Type", "application/json"}}, json).ok());
}

// A provider without metadata and ID tokens, answered from here.
static void logins() {
    const auto seal_key = aw::Key::from_secret("32 bytes that only this site has").or_throw();
    auto client = aw::OAuthClient::create(R"({"authorization_endpoint": "https://id.example/authorize",
        "token_endpoint": "https://id.example/token", "userinfo_endpoint": "https://id.example/user",
        "client_id": "web", "client_secret": "s3cret", "redirect_uri": "https://app.example/callback"})",
                                          {&seal_key})
                      .or_throw();
    CHECK(!client.issuer() && client.client_id() == "web");
    CHECK(client.remote_keys().code() == AW_ERR_INVALID_ARGUMENT);
    CHECK(aw::OAuthClient::create("{}", {nullptr}).code() == AW_ERR_INVALID_ARGUMENT);

    auto beginning = client.begin_login_operation(10s, R"({"return_to": "/inbox", "scope": "profile"})").or_throw();
    CHECK(beginning.login().code() == AW_ERR_INVALID_ARGUMENT);
    CHECK(beginning.step().step == AW_STEP_DONE);
    const auto login = beginning.login().or_throw();
    CHECK(login.url().substr(0, 29) == "https://id.example/authorize?" && login.stale_cookie_count() == 0);
    CHECK(!login.stale_cookie(0) && login.cookie().find(login.transaction()) != std::string_view::npos);
    CHECK(login.to_json().or_throw().view().front() == '{');

    const auto url = std::string(login.url());
    const auto from = url.find("&state=") + 7;
    const auto callback = "code=c0de&state=" + url.substr(from, url.find('&', from) - from);
    const auto cookies = std::string(login.cookie().substr(0, login.cookie().find(';')));
    auto finishing = client.finish_login_operation(aw::FromCookies{cookies}, callback, 10s).or_throw();
    auto next = finishing.step();
    CHECK(next.step == AW_STEP_SEND && std::strcmp(finishing.request().method(), "POST") == 0);
    CHECK(finishing.request().body() && finishing.request().body()->find("code=c0de") != std::string_view::npos);
    CHECK(!finishing.request().needs_client_certificate() && finishing.persist_tokens() == nullptr);
    answer(finishing, next.id,
           R"({"access_token": "a1", "token_type": "Bearer", "refresh_token": "r1", "scope": "profile"})");
    CHECK(finishing.step().step == AW_STEP_DONE);
    auto tokens = finishing.tokens().or_throw();
    CHECK(tokens.access_token() == "a1" && tokens.token_type() == "Bearer" && tokens.authorization() == "Bearer a1");
    CHECK(tokens.refresh_token() == "r1" && !tokens.expires_at() && !tokens.id_token() && !tokens.claims_json());
    CHECK(tokens.scope().size() == 1 && tokens.scope()[0] == "profile" && tokens.leniencies().empty());
    CHECK(tokens.return_to() == "/inbox" && tokens.clear_cookie() && !tokens.name());
    CHECK(tokens.get_string("sub").code() == AW_ERR_CLAIM_MISSING);
    CHECK(client.forget_login(cookies, callback).or_throw()->view() == *tokens.clear_cookie());
    CHECK(!client.forget_login("a=b", callback).or_throw());
    CHECK(aw::Tokens::from_json(tokens.to_json().or_throw()).or_throw().access_token() == "a1");
    CHECK(aw::Tokens::from_json("{}").code() == AW_ERR_INVALID_ARGUMENT);

    auto kept = client.finish_login_operation(aw::FromTransaction{"rubbish"}, callback, 10s).or_throw();
    CHECK(kept.step().step == AW_STEP_FAILED && kept.tokens().code() == AW_ERR_TRANSACTION_INVALID);

    auto asking = client.userinfo_operation(tokens, 10s).or_throw();
    next = asking.step();
    answer(asking, next.id, R"({"sub": "alice", "email": "a@example.com", "email_verified": true, "name": "Alice"})");
    CHECK(asking.step().step == AW_STEP_DONE);
    const auto user = asking.user().or_throw();
    CHECK(user.subject() == "alice" && user.email() == "a@example.com" && user.email_verified());
    CHECK(user.name() == "Alice" && !user.picture() && user.claims_json().front() == '{');
    CHECK(user.get_string("name").or_throw() == "Alice" && user.to_json().or_throw().view().front() == '{');

    // The manager keeps what it needs of the client and the tokens.
    const auto old =
        aw::Tokens::from_json(R"({"access_token": "a0", "refresh_token": "r1", "expires_at": 1})").or_throw();
    auto manager = aw::TokenManager::create(client, old, nullptr, nullptr, R"({"persist": true})").or_throw();
    { const auto gone = std::move(client); }
    CHECK(manager.current().or_throw().access_token() == "a0");
    auto renewing = manager.tokens_operation(10s).or_throw();
    next = renewing.step();
    CHECK(next.step == AW_STEP_SEND);
    answer(renewing, next.id, R"({"access_token": "a2", "token_type": "Bearer", "expires_in": 3600})");
    next = renewing.step();
    CHECK(next.step == AW_STEP_PERSIST && next.id != 0);
    CHECK(std::strcmp(aw_tokens_access_token(renewing.persist_tokens(), nullptr), "a2") == 0);
    CHECK(renewing.persisted(next.id + 1).code() == AW_ERR_INVALID_ARGUMENT && renewing.persisted(next.id).ok());
    CHECK(renewing.step().step == AW_STEP_DONE && renewing.tokens().or_throw().access_token() == "a2");
    CHECK(manager.current().or_throw().access_token() == "a2");
    CHECK(manager.replace(tokens).ok() && manager.current().or_throw().access_token() == "a1");
}

// A store of the program's own: one map behind a lock.
class MapStore final : public aw::HostStore {
  public:
    explicit MapStore(bool &is_gone) : is_gone_(is_gone) {}
    ~MapStore() override { is_gone_ = true; }

    int get(std::string_view key, std::chrono::milliseconds timeout, aw::RecordSink &found) noexcept override {
        const std::lock_guard<std::mutex> guard(lock_);
        const auto kept = records_.find(std::string(key));
        CHECK(timeout > 0ms && timeout <= 24h);
        return kept == records_.end() ? AW_STORE_DONE : found.add(view(*kept));
    }

    int put_if(const aw::Record &record, std::uint64_t expected, std::chrono::milliseconds) noexcept override {
        const std::lock_guard<std::mutex> guard(lock_);
        const auto kept = records_.find(std::string(record.key));
        if ((kept == records_.end() ? AW_ABSENT : kept->second.version) != expected) {
            return AW_STORE_REFUSED;
        }
        Kept fresh{record.version, std::string(record.value), std::nullopt, record.expires_at};
        if (record.owner) {
            fresh.owner = std::string(*record.owner);
        }
        records_.insert_or_assign(std::string(record.key), std::move(fresh));
        return AW_STORE_DONE;
    }

    int delete_if(std::string_view key, std::uint64_t version, std::chrono::milliseconds) noexcept override {
        const std::lock_guard<std::mutex> guard(lock_);
        const auto kept = records_.find(std::string(key));
        if (kept == records_.end() || kept->second.version != version) {
            return AW_STORE_REFUSED;
        }
        records_.erase(kept);
        return AW_STORE_DONE;
    }

    int list(std::string_view owner, std::optional<std::string_view> after, std::size_t limit,
             std::chrono::milliseconds, aw::RecordSink &page) noexcept override {
        const std::lock_guard<std::mutex> guard(lock_);
        auto kept = after ? records_.upper_bound(std::string(*after)) : records_.begin();
        for (std::string_view last; kept != records_.end(); ++kept) {
            if (kept->second.owner != owner) {
                continue;
            }
            if (limit-- == 0) {
                return page.set_next(last);
            }
            if (page.add(view(*kept)) != AW_STORE_DONE) {
                return AW_STORE_CORRUPT;
            }
            last = kept->first;
        }
        return AW_STORE_DONE;
    }

    int sweep(std::uint64_t before, std::size_t limit, std::chrono::milliseconds,
              std::size_t &removed) noexcept override {
        const std::lock_guard<std::mutex> guard(lock_);
        for (auto kept = records_.begin(); kept != records_.end() && removed < limit;) {
            const bool is_over = kept->second.expires_at < before;
            kept = is_over ? records_.erase(kept) : std::next(kept);
            removed += is_over;
        }
        return AW_STORE_DONE;
    }

  private:
    struct Kept {
        std::uint64_t version;
        std::string value;
        std::optional<std::string> owner;
        std::uint64_t expires_at;
    };

    static aw::Record view(const std::pair<const std::string, Kept> &kept) {
        aw::Record record;
        record.key = kept.first;
        record.version = kept.second.version;
        record.value = kept.second.value;
        record.owner = kept.second.owner;
        record.expires_at = kept.second.expires_at;
        return record;
    }

    std::mutex lock_;
    std::map<std::string, Kept> records_;
    bool &is_gone_;
};

static void api_keys_in(aw::Store store) {
    const auto pepper = aw::Key::from_secret("a pepper of 32 bytes, or of more").or_throw();
    auto keys = aw::ApiKeys::create(R"({"prefix": "acme", "environment": "test"})", {&pepper}, store).or_throw();
    CHECK(aw::ApiKeys::create("{}", {&pepper}, store).error().field() == "prefix");
    CHECK(aw::ApiKeys::create(R"({"prefix": "a", "environment": "b"})", {nullptr}, store).error().field() == "peppers");
    { const auto gone = std::move(store); }

    const auto issued =
        keys.issue(R"({"owner": "billing", "scopes": ["a", "b"], "metadata": {"n": 1}, "expires_in": 60})").or_throw();
    const auto secret = issued->secret().value();
    CHECK(secret.substr(0, 10) == "acme_test_" && keys.is_well_formed(secret) && !keys.is_well_formed("acme_test_"));
    CHECK(issued->last4() == secret.substr(secret.size() - 4) && issued->metadata_json() == R"({"n":1})");
    CHECK(issued->expires_at() == issued->created_at() + 60 && !issued->revoked_at() && !issued->last_used_at());
    const auto caller = keys.verify(secret, {"a", "b"}).or_throw();
    CHECK(caller->owner() == "billing" && caller->id() == issued->id() && !caller->secret());
    CHECK(caller->scopes().size() == 2 && caller->scopes()[1] == "b");
    CHECK(keys.verify(secret, {"a", "c"}).error().field() == "c");
    CHECK(keys.verify("nonsense").code() == AW_ERR_API_KEY_INVALID);
    CHECK(keys.verify_at(secret, issued->created_at() + 60).code() == AW_ERR_API_KEY_EXPIRED);

    const auto rotated = keys.rotate(issued->id(), R"({"overlap": 30})").or_throw();
    CHECK(rotated->secret() != secret && rotated->rotated_at() && keys.verify(secret).ok());
    CHECK(keys.issue(R"({"owner": "billing"})").ok());
    const auto page = keys.list("billing", std::nullopt, 1).or_throw();
    CHECK(page.size() == 1 && page.at(0).owner() == "billing" && page.next());
    CHECK(page.to_json().or_throw().view().substr(0, 8) == "{\"keys\":");
    CHECK(keys.list("billing", page.next(), 1).or_throw().size() == 1);
    CHECK(keys.get(issued->id()).or_throw()->last_used_at() && keys.revoke(issued->id()).or_throw()->revoked_at());
    CHECK(keys.verify(secret).code() == AW_ERR_API_KEY_REVOKED || keys.verify(secret).code() == AW_ERR_API_KEY_INVALID);
    CHECK(keys.revoke_all("billing").or_throw() == 1 && keys.get("nobody").code() == AW_ERR_API_KEY_NOT_FOUND);
    CHECK(keys.import_hash(R"({"owner": "o", "sha256": "x"})").error().field() == "sha256");
    CHECK(keys.pattern().substr(0, 10) == "acme_test_" && issued->to_json().or_throw().view().front() == '{');

    auto moved = std::move(keys);
    CHECK(moved.issue(R"({"owner": "moved"})").ok());
}

static void stores() {
    bool is_gone = false, is_refused = false;
    api_keys_in(aw::Store::open("memory:").or_throw());
    auto store = aw::Store::of(std::make_unique<MapStore>(is_gone)).or_throw();
    const auto report = store.check().or_throw();
    CHECK(report.passed && report.json.view().front() == '{');
    CHECK(store.sweep().ok() && store.check(60s, "{").code() == AW_ERR_INVALID_ARGUMENT);
    CHECK(!is_gone);
    api_keys_in(std::move(store));
    CHECK(is_gone);
    CHECK(aw::Store::of(nullptr).error().field() == "functions");
    CHECK(aw::Store::open("nowhere").error().field() == "url");
    {
        const auto closed = aw::Store::of(std::make_unique<MapStore>(is_refused)).or_throw();
        closed.close();
        CHECK(closed.sweep().code() == AW_ERR_CLOSED && !is_refused);
    }
    CHECK(is_refused);
}

int main() {
    round_trip();
    stores();
    failures_are_values();
    logins();
    keys_in_every_form();
    bytes_without_claims();
    two_steps();
    remote_keys();
    CHECK(aw::version() == AW_VERSION);
    std::cout << (failures == 0 ? "raii: ok" : "raii: failed") << std::endl;
    return failures == 0 ? 0 : 1;
}

/**
 * authwright for C++17: the C library of authwright.h behind move-only classes.
 *
 * A call that can fail returns a Result: a value, or an Error. It is `[[nodiscard]]`, and nothing here throws; programs
 * that prefer exceptions write `.or_throw()` behind a call. Strings are UTF-8. A std::string_view that a class returns
 * lives as long as the object that it came from; all of them end in a NUL.
 *
 * Threads: every `const` member function may be called from many threads at once, except those of Claims and Operation.
 *
 *     auto key = authwright::Key::generate("ES256");
 *     auto signer = authwright::Signer::create(*key, R"({"issuer": "https://id.example", "lifetime": 900})");
 *     auto token = signer->sign(R"({"sub": "alice"})");
 */
#ifndef AUTHWRIGHT_HPP
#define AUTHWRIGHT_HPP

#include "authwright.h"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#if defined(__cpp_exceptions)
#include <stdexcept>
#endif

namespace authwright {

/** The verdict of a call: AW_OK, AW_ERR_TOKEN_EXPIRED and so on. */
using Status = aw_status;

namespace detail {

template <class T, void (*Free)(T *)>
struct Freer {
    void operator()(T *handle) const noexcept { Free(handle); }
};

template <class T, void (*Free)(T *)>
using Handle = std::unique_ptr<T, Freer<T, Free>>;

/** C's view of a text: never NULL, because NULL means "not given". */
inline const char *data(std::string_view text) noexcept {
    return text.data() == nullptr ? "" : text.data();
}

inline std::string_view view(const char *text, std::size_t length) noexcept {
    return text == nullptr ? std::string_view() : std::string_view(text, length);
}

} // namespace detail

/** An error that another one owns, and that lives as long as that. */
class ErrorView {
  public:
    explicit ErrorView(const aw_error *error) noexcept : error_(error) {}

    /** For programs: AW_ERR_TRANSPORT and so on. */
    Status code() const noexcept { return aw_error_code(error_); }

    /** The code's name, such as "ERR_TRANSPORT". */
    std::string_view name() const noexcept { return aw_status_name(code()); }

    /** For people; the wording is not part of the API. */
    std::string_view message() const noexcept { return aw_error_message(error_); }

    /** The claim, header member, option or parameter at fault, where one can be named. */
    std::optional<std::string_view> field() const noexcept { return text(aw_error_field(error_)); }

    /** The error that led to this one. */
    std::optional<ErrorView> cause() const noexcept {
        const aw_error *cause = aw_error_cause(error_);
        return cause == nullptr ? std::nullopt : std::optional<ErrorView>(ErrorView(cause));
    }

    /** The HTTP status of the server's answer that led to this error; 0 where none did. */
    std::uint32_t http_status() const noexcept { return aw_error_http_status(error_); }

    /** What the server says is wrong, in its own words: not to be trusted. */
    std::optional<std::string_view> provider_error() const noexcept { return text(aw_error_provider_error(error_)); }

    /** More of its words. */
    std::optional<std::string_view> provider_error_description() const noexcept {
        return text(aw_error_provider_error_description(error_));
    }

  private:
    static std::optional<std::string_view> text(const char *text) noexcept {
        return text == nullptr ? std::nullopt : std::optional<std::string_view>(text);
    }

    const aw_error *error_;
};

/** Why a call failed. */
class Error {
  public:
    /** Takes over an error of the C library. */
    Error(Status code, aw_error *adopted) noexcept : code_(code), handle_(adopted) {}

    /** For programs: AW_ERR_TOKEN_EXPIRED and so on. */
    Status code() const noexcept { return code_; }

    /** The code's name, such as "ERR_TOKEN_EXPIRED". */
    std::string_view name() const noexcept { return aw_status_name(code_); }

    /** For people; the wording is not part of the API. */
    std::string_view message() const noexcept { return aw_error_message(handle_.get()); }

    /** The claim, header member, option or parameter at fault, where one can be named. */
    std::optional<std::string_view> field() const noexcept { return view().field(); }

    /** The error that led to this one, such as the failed request behind AW_ERR_KEYS_NEEDED. */
    std::optional<ErrorView> cause() const noexcept { return view().cause(); }

    /** The HTTP status of the server's answer that led to this error; 0 where none did. */
    std::uint32_t http_status() const noexcept { return view().http_status(); }

    /** What the server says is wrong, in its own words: not to be trusted. */
    std::optional<std::string_view> provider_error() const noexcept { return view().provider_error(); }

    /** More of its words. */
    std::optional<std::string_view> provider_error_description() const noexcept {
        return view().provider_error_description();
    }

  private:
    ErrorView view() const noexcept { return ErrorView(handle_.get()); }

    Status code_;
    detail::Handle<aw_error, aw_error_free> handle_;
};

#if defined(__cpp_exceptions)
/** What Result::or_throw() throws. */
class Exception : public std::runtime_error {
  public:
    explicit Exception(const Error &error)
        : std::runtime_error(std::string(error.name()).append(": ").append(error.message())), code_(error.code()),
          field_(error.field().value_or(std::string_view())) {}

    /** AW_ERR_TOKEN_EXPIRED and so on. */
    Status code() const noexcept { return code_; }

    /** The claim, header member, option or parameter at fault; empty where none can be named. */
    const std::string &field() const noexcept { return field_; }

  private:
    Status code_;
    std::string field_;
};
#endif

/** A value, or the Error that there is instead. Asking for the one that is not there aborts the program. */
template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) noexcept : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) noexcept : state_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return ok(); }

    /** AW_OK, or the error's code. */
    Status code() const noexcept { return ok() ? AW_OK : error().code(); }

    T &value() &noexcept { return *require(std::get_if<0>(&state_)); }
    const T &value() const &noexcept { return *require(std::get_if<0>(&state_)); }
    T &&value() &&noexcept { return std::move(*require(std::get_if<0>(&state_))); }

    T &operator*() &noexcept { return value(); }
    const T &operator*() const &noexcept { return value(); }
    T &&operator*() &&noexcept { return std::move(*this).value(); }
    T *operator->() noexcept { return &value(); }
    const T *operator->() const noexcept { return &value(); }

    const Error &error() const &noexcept { return *require(std::get_if<1>(&state_)); }
    Error &&error() &&noexcept { return std::move(*require(std::get_if<1>(&state_))); }

#if defined(__cpp_exceptions)
    /** The value, or else the error as an Exception. */
    T or_throw() && {
        if (!ok()) {
            throw Exception(error());
        }
        return std::move(*this).value();
    }
#endif

  private:
    template <class U>
    static U *require(U *present) noexcept {
        if (present == nullptr) {
            std::abort();
        }
        return present;
    }

    std::variant<T, Error> state_;
};

/** What a call returns that has nothing to return but its success. */
using Done = std::monostate;

namespace detail {

/** Makes a T of the handle that a call of the C library returns through its last two parameters. */
template <class T, class Raw, class Call>
Result<T> make(Call call) noexcept {
    Raw *raw = nullptr;
    aw_error *error = nullptr;
    const Status status = call(&raw, &error);
    if (status != AW_OK) {
        return Error(status, error);
    }
    return T(raw);
}

/** A call that returns nothing but its verdict. */
template <class Call>
Result<Done> done(Call call) noexcept {
    aw_error *error = nullptr;
    const Status status = call(&error);
    if (status != AW_OK) {
        return Error(status, error);
    }
    return Done();
}

/** A text that its object always has. */
template <class T>
std::string_view text(const char *(*getter)(const T *, std::size_t *), const T *object) noexcept {
    std::size_t length = 0;
    const char *text = getter(object, &length);
    return view(text, length);
}

/** A text that its object may have. */
template <class T>
std::optional<std::string_view> maybe(const char *(*getter)(const T *, std::size_t *), const T *object) noexcept {
    std::size_t length = 0;
    const char *text = getter(object, &length);
    return text == nullptr ? std::nullopt : std::optional<std::string_view>(std::string_view(text, length));
}

/** C's view of a text that may be missing. */
inline const char *data(const std::optional<std::string_view> &text) noexcept {
    return text ? data(*text) : nullptr;
}

inline std::size_t size(const std::optional<std::string_view> &text) noexcept {
    return text ? text->size() : 0;
}

/** A time-out as C has it. One that is over is none. */
inline std::uint64_t count(std::chrono::milliseconds timeout) noexcept {
    return timeout.count() < 0 ? 0 : static_cast<std::uint64_t>(timeout.count());
}

/** Reads a value through a pointer that it fills. */
template <class T, class Call>
Result<T> read(Call call) noexcept {
    T value{};
    aw_error *error = nullptr;
    const Status status = call(&value, &error);
    if (status != AW_OK) {
        return Error(status, error);
    }
    return value;
}

/** Reads a text through a pointer and a length. */
template <class Call>
Result<std::string_view> read_text(Call call) noexcept {
    const char *text = nullptr;
    std::size_t length = 0;
    aw_error *error = nullptr;
    const Status status = call(&text, &length, &error);
    if (status != AW_OK) {
        return Error(status, error);
    }
    return view(text, length);
}

} // namespace detail

/** Bytes that the library made: a token, an exported key, a JSON document. Overwritten when it goes. */
class Buffer {
  public:
    /** Takes over a buffer of the C library. */
    explicit Buffer(aw_buffer *adopted) noexcept : handle_(adopted) {}

    std::string_view view() const noexcept {
        return detail::view(aw_buffer_data(handle_.get()), aw_buffer_length(handle_.get()));
    }
    operator std::string_view() const noexcept { return view(); }

    /** The same, NUL-terminated. */
    const char *c_str() const noexcept { return aw_buffer_data(handle_.get()); }

    /** A copy. It is not overwritten when it goes. */
    std::string str() const { return std::string(view()); }

  private:
    detail::Handle<aw_buffer, aw_buffer_free> handle_;
};

/** What may be said about a key when it is read. */
struct KeyOptions {
    /** The one algorithm that it is for; nullptr: every one that fits its type. */
    const char *algorithm = nullptr;
    /** Its key id; nullptr: none. */
    const char *kid = nullptr;
    /** What decrypts it. */
    std::optional<std::string_view> password = std::nullopt;
};

/** A key: private, public or a secret. */
class Key {
  public:
    /** Takes over a key of the C library. */
    explicit Key(aw_key *adopted) noexcept : handle_(adopted) {}

    /** Generates a key. `bits` is for RSA: 2048 (the default), 3072 or 4096. */
    static Result<Key> generate(const char *algorithm, const char *kid = nullptr, std::uint32_t bits = 0) noexcept {
        return detail::make<Key, aw_key>(
            [&](auto key, auto error) { return aw_key_generate(algorithm, kid, bits, key, error); });
    }

    /** Reads PKCS#8 (also encrypted), PKCS#1, SEC1, a public key or an X.509 certificate. */
    static Result<Key> from_pem(std::string_view pem, const KeyOptions &options = {}) noexcept {
        return detail::make<Key, aw_key>([&](auto key, auto error) {
            return aw_key_from_pem(detail::data(pem), pem.size(), options.algorithm, options.kid, password(options),
                                   options.password.value_or("").size(), key, error);
        });
    }

    /** As from_pem(), from DER. */
    static Result<Key> from_der(std::string_view der, const KeyOptions &options = {}) noexcept {
        return detail::make<Key, aw_key>([&](auto key, auto error) {
            return aw_key_from_der(detail::data(der), der.size(), options.algorithm, options.kid, password(options),
                                   options.password.value_or("").size(), key, error);
        });
    }

    /** Reads a JWK. */
    static Result<Key> from_jwk(std::string_view json) noexcept {
        return detail::make<Key, aw_key>(
            [&](auto key, auto error) { return aw_key_from_jwk(detail::data(json), json.size(), key, error); });
    }

    /** Makes a key from the bytes of a shared secret. */
    static Result<Key> from_secret(std::string_view secret, const KeyOptions &options = {}) noexcept {
        return detail::make<Key, aw_key>([&](auto key, auto error) {
            return aw_key_from_secret(detail::data(secret), secret.size(), options.algorithm, options.kid, key, error);
        });
    }

    /** The public half of a key pair. */
    Result<Key> public_key() const noexcept {
        return detail::make<Key, aw_key>([&](auto key, auto error) { return aw_key_public_key(get(), key, error); });
    }

    Result<Buffer> to_jwk(bool include_private = false) const noexcept {
        return detail::make<Buffer, aw_buffer>(
            [&](auto jwk, auto error) { return aw_key_to_jwk(get(), include_private, jwk, error); });
    }

    Result<Buffer> to_pem(bool include_private = false) const noexcept {
        return detail::make<Buffer, aw_buffer>(
            [&](auto pem, auto error) { return aw_key_to_pem(get(), include_private, pem, error); });
    }

    Result<Buffer> to_der(bool include_private = false) const noexcept {
        return detail::make<Buffer, aw_buffer>(
            [&](auto der, auto error) { return aw_key_to_der(get(), include_private, der, error); });
    }

    /** The SHA-256 thumbprint of RFC 7638. */
    Result<Buffer> thumbprint() const noexcept {
        return detail::make<Buffer, aw_buffer>(
            [&](auto thumbprint, auto error) { return aw_key_thumbprint(get(), thumbprint, error); });
    }

    std::optional<std::string_view> kid() const noexcept {
        std::size_t length = 0;
        const char *kid = aw_key_kid(get(), &length);
        return kid == nullptr ? std::nullopt : std::optional<std::string_view>(std::string_view(kid, length));
    }

    /** The one algorithm that the key is for, if it is limited to one. */
    std::optional<std::string_view> algorithm() const noexcept {
        const char *algorithm = aw_key_algorithm(get());
        return algorithm == nullptr ? std::nullopt : std::optional<std::string_view>(algorithm);
    }

    bool is_private() const noexcept { return aw_key_is_private(get()); }

    const aw_key *get() const noexcept { return handle_.get(); }

  private:
    static const char *password(const KeyOptions &options) noexcept {
        return options.password ? detail::data(*options.password) : nullptr;
    }

    detail::Handle<aw_key, aw_key_free> handle_;
};

/** The keys of one issuer. */
class KeySet {
  public:
    /** Takes over a key set of the C library. */
    explicit KeySet(aw_keyset *adopted) noexcept : handle_(adopted) {}

    /** Makes a set: `KeySet::of({&first, &second})`. The keys stay the caller's. */
    static Result<KeySet> of(std::initializer_list<const Key *> keys) {
        std::vector<const aw_key *> handles;
        handles.reserve(keys.size());
        for (const Key *key : keys) {
            handles.push_back(key == nullptr ? nullptr : key->get());
        }
        return detail::make<KeySet, aw_keyset>(
            [&](auto set, auto error) { return aw_keyset_new(handles.data(), handles.size(), set, error); });
    }

    /** Reads a JWKS. Members that are of no use are left out. */
    static Result<KeySet> from_json(std::string_view json) noexcept {
        return detail::make<KeySet, aw_keyset>(
            [&](auto set, auto error) { return aw_keyset_from_json(detail::data(json), json.size(), set, error); });
    }

    /** The public parts as a JWKS. */
    Result<Buffer> to_json() const noexcept {
        return detail::make<Buffer, aw_buffer>(
            [&](auto json, auto error) { return aw_keyset_to_json(get(), json, error); });
    }

    std::size_t size() const noexcept { return aw_keyset_len(get()); }

    Result<Key> at(std::size_t index) const noexcept {
        return detail::make<Key, aw_key>([&](auto key, auto error) { return aw_keyset_get(get(), index, key, error); });
    }

    /** How many members of the JSON were left out. */
    std::size_t rejected_size() const noexcept { return aw_keyset_rejected_len(get()); }

    /** Why a member was left out. */
    Error rejected(std::size_t index) const noexcept {
        aw_error *error = nullptr;
        const Status status = aw_keyset_rejected(get(), index, &error);
        return Error(status, error);
    }

    const aw_keyset *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<aw_keyset, aw_keyset_free> handle_;
};

/** Claims in the making; all escaping is done here. Used from one thread at a time. */
class Claims {
  public:
    /** Takes over claims of the C library. */
    explicit Claims(aw_claims *adopted) noexcept : handle_(adopted) {}

    static Result<Claims> create() noexcept {
        return detail::make<Claims, aw_claims>([](auto claims, auto error) { return aw_claims_new(claims, error); });
    }

    Result<Done> set_string(const char *name, std::string_view value) noexcept {
        return set([&](auto claims, auto error) {
            return aw_claims_set_string(claims, name, detail::data(value), value.size(), error);
        });
    }

    Result<Done> set_strings(const char *name, const std::vector<const char *> &values) noexcept {
        return set([&](auto claims, auto error) {
            return aw_claims_set_strings(claims, name, values.data(), values.size(), error);
        });
    }

    Result<Done> set_int(const char *name, std::int64_t value) noexcept {
        return set([&](auto claims, auto error) { return aw_claims_set_int(claims, name, value, error); });
    }

    Result<Done> set_double(const char *name, double value) noexcept {
        return set([&](auto claims, auto error) { return aw_claims_set_double(claims, name, value, error); });
    }

    Result<Done> set_bool(const char *name, bool value) noexcept {
        return set([&](auto claims, auto error) { return aw_claims_set_bool(claims, name, value, error); });
    }

    Result<Done> set_null(const char *name) noexcept {
        return set([&](auto claims, auto error) { return aw_claims_set_null(claims, name, error); });
    }

    /** Exactly one JSON value. */
    Result<Done> set_json(const char *name, std::string_view json) noexcept {
        return set([&](auto claims, auto error) {
            return aw_claims_set_json(claims, name, detail::data(json), json.size(), error);
        });
    }

    Result<Buffer> to_json() const noexcept {
        return detail::make<Buffer, aw_buffer>(
            [&](auto json, auto error) { return aw_claims_to_json(get(), json, error); });
    }

    const aw_claims *get() const noexcept { return handle_.get(); }

  private:
    template <class Call>
    Result<Done> set(Call call) noexcept {
        return detail::done([&](auto error) { return call(handle_.get(), error); });
    }

    detail::Handle<aw_claims, aw_claims_free> handle_;
};

/** A token that waits for a signature made elsewhere. */
class Prepared {
  public:
    /** Takes over a prepared token of the C library. */
    explicit Prepared(aw_prepared *adopted) noexcept : handle_(adopted) {}

    /** The bytes to sign. */
    std::string_view signing_input() const noexcept {
        std::size_t length = 0;
        const char *input = aw_prepared_signing_input(get(), &length);
        return detail::view(input, length);
    }

    /** The algorithm to sign them with. */
    std::string_view algorithm() const noexcept { return aw_prepared_algorithm(get()); }

    const aw_prepared *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<aw_prepared, aw_prepared_free> handle_;
};

/** How a signature made elsewhere is written down. */
enum class SignatureFormat : std::uint32_t {
    raw = AW_SIGNATURE_RAW,
    der = AW_SIGNATURE_DER,
};

/** Makes tokens. */
class Signer {
  public:
    /** Takes over a signer of the C library. */
    explicit Signer(aw_signer *adopted) noexcept : handle_(adopted) {}

    /** `options` is a JSON object: "issuer", "audience", "lifetime" and so on. */
    static Result<Signer> create(const Key &key, std::string_view options = "{}") noexcept {
        return detail::make<Signer, aw_signer>([&](auto signer, auto error) {
            return aw_signer_new(key.get(), detail::data(options), options.size(), signer, error);
        });
    }

    /** Signs claims given as JSON text. */
    Result<Buffer> sign(std::string_view claims) const noexcept {
        return detail::make<Buffer, aw_buffer>([&](auto token, auto error) {
            return aw_signer_sign(get(), detail::data(claims), claims.size(), token, error);
        });
    }

    Result<Buffer> sign(const Claims &claims) const noexcept {
        return detail::make<Buffer, aw_buffer>(
            [&](auto token, auto error) { return aw_signer_sign_claims(get(), claims.get(), token, error); });
    }

    /** Signs as if it were `now`, in seconds since 1970. */
    Result<Buffer> sign_at(std::string_view claims, std::int64_t now) const noexcept {
        return detail::make<Buffer, aw_buffer>([&](auto token, auto error) {
            return aw_signer_sign_at(get(), detail::data(claims), claims.size(), now, token, error);
        });
    }

    /** The first of two steps to sign with a key that a KMS or an HSM holds. */
    Result<Prepared> prepare(std::string_view claims) const noexcept {
        return detail::make<Prepared, aw_prepared>([&](auto prepared, auto error) {
            return aw_signer_prepare(get(), detail::data(claims), claims.size(), prepared, error);
        });
    }

    Result<Prepared> prepare_at(std::string_view claims, std::int64_t now) const noexcept {
        return detail::make<Prepared, aw_prepared>([&](auto prepared, auto error) {
            return aw_signer_prepare_at(get(), detail::data(claims), claims.size(), now, prepared, error);
        });
    }

    /** The second step: checks the signature and puts the token together. */
    Result<Buffer> finish(const Prepared &prepared, std::string_view signature,
                          SignatureFormat format = SignatureFormat::raw) const noexcept {
        return detail::make<Buffer, aw_buffer>([&](auto token, auto error) {
            return aw_signer_finish(get(), prepared.get(), detail::data(signature), signature.size(),
                                    static_cast<std::uint32_t>(format), token, error);
        });
    }

    const aw_signer *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<aw_signer, aw_signer_free> handle_;
};

/** A verified token. */
class Token {
  public:
    /** Takes over a token of the C library. */
    explicit Token(aw_token *adopted) noexcept : handle_(adopted) {}

    std::string_view claims_json() const noexcept {
        std::size_t length = 0;
        const char *json = aw_token_claims_json(get(), &length);
        return detail::view(json, length);
    }

    std::string_view header_json() const noexcept {
        std::size_t length = 0;
        const char *json = aw_token_header_json(get(), &length);
        return detail::view(json, length);
    }

    Result<std::string_view> get_string(const char *name) const noexcept {
        return detail::read_text([&](auto value, auto length, auto error) {
            return aw_token_get_string(get(), name, value, length, error);
        });
    }

    /** An array of strings, or one string as an array of one. */
    Result<std::vector<std::string_view>> get_strings(const char *name) const {
        std::vector<std::string_view> values;
        auto array = get_json(name);
        while (array) {
            auto value = detail::read_text([&](auto text, auto length, auto error) {
                return aw_token_get_string_at(get(), name, values.size(), text, length, error);
            });
            if (value) {
                values.push_back(*value);
            } else if (value.code() == AW_ERR_CLAIM_MISSING) {
                return values;
            } else {
                return std::move(value).error();
            }
        }
        return std::move(array).error();
    }

    Result<std::int64_t> get_int(const char *name) const noexcept {
        return detail::read<std::int64_t>(
            [&](auto value, auto error) { return aw_token_get_int(get(), name, value, error); });
    }

    Result<double> get_double(const char *name) const noexcept {
        return detail::read<double>(
            [&](auto value, auto error) { return aw_token_get_double(get(), name, value, error); });
    }

    Result<bool> get_bool(const char *name) const noexcept {
        return detail::read<bool>([&](auto value, auto error) { return aw_token_get_bool(get(), name, value, error); });
    }

    /** A claim of any type, as its JSON text. */
    Result<std::string_view> get_json(const char *name) const noexcept {
        return detail::read_text(
            [&](auto value, auto length, auto error) { return aw_token_get_json(get(), name, value, length, error); });
    }

    const aw_token *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<aw_token, aw_token_free> handle_;
};

/** The built-in HTTPS client. */
class HttpClient {
  public:
    /** Takes over a client of the C library. */
    explicit HttpClient(aw_http_client *adopted) noexcept : handle_(adopted) {}

    /** `options` is a JSON object: "ca", "client_certificate", "proxy" and so on. */
    static Result<HttpClient> create(std::string_view options = "{}") noexcept {
        return detail::make<HttpClient, aw_http_client>([&](auto client, auto error) {
            return aw_http_client_new(detail::data(options), options.size(), client, error);
        });
    }

    /** Closes idle connections and refuses to send anything more. Going out of scope does not close. */
    void close() const noexcept { aw_http_client_close(get()); }

    const aw_http_client *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<aw_http_client, aw_http_client_free> handle_;
};

/** A login that has begun: where to redirect the browser, and what to keep until it comes back. */
class Login {
  public:
    /** Takes over a login of the C library. */
    explicit Login(aw_login *adopted) noexcept : handle_(adopted) {}

    /** Where to redirect the browser. */
    std::string_view url() const noexcept { return detail::text(aw_login_url, get()); }

    /** What finish_login() needs, for a program that keeps it itself. */
    std::string_view transaction() const noexcept { return detail::text(aw_login_transaction, get()); }

    /** The value of the `Set-Cookie` header that keeps it in the browser. */
    std::string_view cookie() const noexcept { return detail::text(aw_login_cookie, get()); }

    /** How many more `Set-Cookie` headers there are, which remove cookies of old logins. */
    std::size_t stale_cookie_count() const noexcept { return aw_login_stale_cookie_count(get()); }

    /** The value of one of them. */
    std::optional<std::string_view> stale_cookie(std::size_t index) const noexcept {
        const char *cookie = aw_login_stale_cookie_at(get(), index);
        return cookie == nullptr ? std::nullopt : std::optional<std::string_view>(cookie);
    }

    Result<Buffer> to_json() const noexcept {
        return detail::make<Buffer, aw_buffer>(
            [&](auto json, auto error) { return aw_login_to_json(get(), json, error); });
    }

    const aw_login *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<aw_login, aw_login_free> handle_;
};

/** The tokens of a login or a refresh, and what came with them. Overwritten when they go. */
class Tokens {
  public:
    /** Takes over tokens of the C library. */
    explicit Tokens(aw_tokens *adopted) noexcept : handle_(adopted) {}

    /** Reads what to_json() wrote. It is believed. */
    static Result<Tokens> from_json(std::string_view json) noexcept {
        return detail::make<Tokens, aw_tokens>([&](auto tokens, auto error) {
            return aw_tokens_from_json(detail::data(json), json.size(), tokens, error);
        });
    }

    /** A JSON object, to be kept where secrets are. */
    Result<Buffer> to_json() const noexcept {
        return detail::make<Buffer, aw_buffer>(
            [&](auto json, auto error) { return aw_tokens_to_json(get(), json, error); });
    }

    std::string_view access_token() const noexcept { return detail::text(aw_tokens_access_token, get()); }

    /** "Bearer". */
    std::string_view token_type() const noexcept { return detail::text(aw_tokens_token_type, get()); }

    /** The value of an `Authorization` header. */
    std::string_view authorization() const noexcept { return detail::text(aw_tokens_authorization, get()); }

    std::optional<std::string_view> refresh_token() const noexcept {
        return detail::maybe(aw_tokens_refresh_token, get());
    }

    /** When the access token ends, in seconds since 1970, if the provider says so. */
    std::optional<std::int64_t> expires_at() const noexcept {
        std::int64_t at = 0;
        return aw_tokens_expires_at(get(), &at) ? std::optional<std::int64_t>(at) : std::nullopt;
    }

    /** What was granted: it need not be what was asked for. */
    std::vector<std::string_view> scope() const {
        std::vector<std::string_view> scopes;
        scopes.reserve(aw_tokens_scope_count(get()));
        for (std::size_t index = 0; index < aw_tokens_scope_count(get()); index++) {
            std::size_t length = 0;
            const char *scope = aw_tokens_scope_at(get(), index, &length);
            scopes.push_back(detail::view(scope, length));
        }
        return scopes;
    }

    /** The ID token as it came, to be handed back at logout. */
    std::optional<std::string_view> id_token() const noexcept { return detail::maybe(aw_tokens_id_token, get()); }

    /** The verified claims of the ID token: one JSON object. */
    std::optional<std::string_view> claims_json() const noexcept { return detail::maybe(aw_tokens_claims_json, get()); }

    /** A claim of the ID token that is a string. */
    Result<std::string_view> get_string(const char *name) const noexcept {
        return detail::read_text([&](auto value, auto length, auto error) {
            return aw_tokens_get_string(get(), name, value, length, error);
        });
    }

    /** The user's name as the browser brought it (Apple): nobody signed it. */
    std::optional<std::string_view> name() const noexcept { return detail::maybe(aw_tokens_name, get()); }

    /** In what ways the provider's answer deviated from the specifications, harmlessly. */
    std::vector<std::string_view> leniencies() const {
        std::vector<std::string_view> names;
        for (std::size_t index = 0; index < aw_tokens_leniency_count(get()); index++) {
            names.emplace_back(aw_tokens_leniency_at(get(), index));
        }
        return names;
    }

    /** The path that was the login's "return_to". */
    std::optional<std::string_view> return_to() const noexcept { return detail::maybe(aw_tokens_return_to, get()); }

    /** The value of the `Set-Cookie` header that removes the login's cookie. */
    std::optional<std::string_view> clear_cookie() const noexcept {
        return detail::maybe(aw_tokens_clear_cookie, get());
    }

    const aw_tokens *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<aw_tokens, aw_tokens_free> handle_;
};

/** Who the user is, as the provider says, in one shape for all providers. */
class User {
  public:
    /** Takes over a user of the C library. */
    explicit User(aw_user *adopted) noexcept : handle_(adopted) {}

    /** What identifies the user at this provider. Addresses and names change hands. */
    std::string_view subject() const noexcept { return detail::text(aw_user_subject, get()); }

    std::optional<std::string_view> email() const noexcept { return detail::maybe(aw_user_email, get()); }

    /** Whether the provider says that it has checked the address. */
    bool email_verified() const noexcept { return aw_user_email_verified(get()); }

    std::optional<std::string_view> name() const noexcept { return detail::maybe(aw_user_name, get()); }

    /** A URL: http or https. */
    std::optional<std::string_view> picture() const noexcept { return detail::maybe(aw_user_picture, get()); }

    /** All that the provider says: one JSON object. */
    std::string_view claims_json() const noexcept { return detail::text(aw_user_claims_json, get()); }

    /** A string of it. */
    Result<std::string_view> get_string(const char *name) const noexcept {
        return detail::read_text(
            [&](auto value, auto length, auto error) { return aw_user_get_string(get(), name, value, length, error); });
    }

    Result<Buffer> to_json() const noexcept {
        return detail::make<Buffer, aw_buffer>(
            [&](auto json, auto error) { return aw_user_to_json(get(), json, error); });
    }

    const aw_user *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<aw_user, aw_user_free> handle_;
};

/** What an operation's step says to do next. */
struct Next {
    /** AW_STEP_SEND, AW_STEP_WAIT, AW_STEP_DONE, AW_STEP_FAILED or AW_STEP_PERSIST. */
    aw_step step;
    /** With AW_STEP_SEND and AW_STEP_PERSIST the number of what is outstanding. */
    std::uint64_t id;
    /** With AW_STEP_WAIT the time at which to step again at the latest, in milliseconds since 1970. */
    std::uint64_t wait_until;
};

/** Why there is no answer to a request. */
enum class FailureKind : std::uint32_t {
    transport = AW_FAILURE_TRANSPORT,
    tls = AW_FAILURE_TLS,
    deadline = AW_FAILURE_DEADLINE,
    too_large = AW_FAILURE_TOO_LARGE,
    address = AW_FAILURE_ADDRESS,
    unsupported = AW_FAILURE_UNSUPPORTED,
};

/** Whether a request that failed can have reached the server. */
enum class Sent : std::uint32_t {
    maybe = AW_SENT_MAYBE,
    no = AW_SENT_NOT,
};

/** The request that an operation asks for; it lives until the operation has its outcome. */
class Request {
  public:
    explicit Request(const aw_operation *operation) noexcept : operation_(operation) {}

    /** "GET" or "POST". */
    const char *method() const noexcept { return aw_operation_request_method(operation_); }

    const char *url() const noexcept { return aw_operation_request_url(operation_); }

    std::size_t header_count() const noexcept { return aw_operation_request_header_count(operation_); }

    /** The header with this index: two strings that end in a NUL. */
    aw_header header(std::size_t index) const noexcept {
        return {aw_operation_request_header_name(operation_, index),
                aw_operation_request_header_value(operation_, index)};
    }

    /** The bytes to send, if there are any. */
    std::optional<std::string_view> body() const noexcept {
        std::size_t length = 0;
        const void *body = aw_operation_request_body(operation_, &length);
        return body == nullptr ? std::nullopt
                               : std::optional<std::string_view>({static_cast<const char *>(body), length});
    }

    /** The most bytes that the answer's body may have after decompression. */
    std::size_t max_body_bytes() const noexcept { return aw_operation_request_max_body_bytes(operation_); }

    /** When the whole answer must be there, in milliseconds since 1970. */
    std::uint64_t deadline() const noexcept { return aw_operation_request_deadline(operation_); }

    /** AW_REACH_ANYWHERE or AW_REACH_PUBLIC. */
    aw_reach reach() const noexcept { return aw_operation_request_reach(operation_); }

    /** Whether the server is to see the program's TLS certificate. */
    bool needs_client_certificate() const noexcept { return aw_operation_request_needs_client_certificate(operation_); }

  private:
    const aw_operation *operation_;
};

/**
 * An operation that the program drives itself, see aw_operation. Used from one thread at a time; going out of scope
 * cancels it.
 */
class Operation {
  public:
    /** Takes over an operation of the C library. */
    explicit Operation(aw_operation *adopted) noexcept : handle_(adopted) {}

    /** What to do next, at `now` in milliseconds since 1970. */
    Next step(std::uint64_t now = aw_now_ms()) noexcept {
        Next next{AW_STEP_FAILED, 0, 0};
        next.step = aw_operation_step(handle_.get(), now, &next.id, &next.wait_until);
        return next;
    }

    /** After AW_STEP_SEND: what to send. */
    Request request() const noexcept { return Request(get()); }

    /** Hands over the answer to the request with this id, its body decompressed. */
    Result<Done> resume(std::uint64_t id, std::uint32_t status, const std::vector<aw_header> &headers,
                        std::string_view body, std::uint64_t now = aw_now_ms()) noexcept {
        return detail::done([&](auto error) {
            return aw_operation_resume(handle_.get(), id, now, status, headers.data(), headers.size(),
                                       detail::data(body), body.size(), error);
        });
    }

    /** Says that there is none. `reason` is for people. */
    Result<Done> fail(std::uint64_t id, FailureKind kind, Sent sent, const char *reason = nullptr,
                      std::uint64_t now = aw_now_ms()) noexcept {
        return detail::done([&](auto error) {
            return aw_operation_fail(handle_.get(), id, now, static_cast<std::uint32_t>(kind),
                                     static_cast<std::uint32_t>(sent), reason, error);
        });
    }

    /** After AW_STEP_WAIT: blocks until it is worth while to step again, or the time is over. */
    void wait(std::chrono::milliseconds timeout) const noexcept { aw_operation_wait(get(), detail::count(timeout)); }

    /** After AW_STEP_WAIT, for event loops: see aw_operation_notify(). */
    Result<Done> notify(aw_wake wake, void *user) noexcept {
        return detail::done([&](auto error) { return aw_operation_notify(handle_.get(), wake, user, error); });
    }

    /** The verified token, or why the operation failed. */
    Result<Token> token() noexcept {
        return detail::make<Token, aw_token>(
            [&](auto token, auto error) { return aw_operation_token(handle_.get(), token, error); });
    }

    /** The login of begin_login_operation(). */
    Result<Login> login() noexcept {
        return detail::make<Login, aw_login>(
            [&](auto login, auto error) { return aw_operation_login(handle_.get(), login, error); });
    }

    /** The tokens of a login's end, of a refresh, or of a token manager. */
    Result<Tokens> tokens() noexcept {
        return detail::make<Tokens, aw_tokens>(
            [&](auto tokens, auto error) { return aw_operation_tokens(handle_.get(), tokens, error); });
    }

    /** The user of userinfo_operation(). */
    Result<User> user() noexcept {
        return detail::make<User, aw_user>(
            [&](auto user, auto error) { return aw_operation_user(handle_.get(), user, error); });
    }

    /** The URL of logout_url_operation(). */
    Result<Buffer> text() noexcept {
        return detail::make<Buffer, aw_buffer>(
            [&](auto text, auto error) { return aw_operation_text(handle_.get(), text, error); });
    }

    /** After AW_STEP_PERSIST: the tokens to keep, which belong to the operation. */
    const aw_tokens *persist_tokens() const noexcept { return aw_operation_persist_tokens(get()); }

    /** Says that they are kept, or with a reason for people that they are not. */
    Result<Done> persisted(std::uint64_t id, const char *failure = nullptr, std::uint64_t now = aw_now_ms()) noexcept {
        return detail::done([&](auto error) {
            return aw_operation_persisted(handle_.get(), id, now, failure == nullptr, failure, error);
        });
    }

    /** How an operation of any kind ended. */
    Result<Done> result() noexcept {
        return detail::done([&](auto error) { return aw_operation_result(handle_.get(), error); });
    }

    const aw_operation *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<aw_operation, aw_operation_free> handle_;
};

/** The keys of an issuer, fetched from it when they are needed and kept up to date. */
class RemoteKeySet {
  public:
    /** Takes over a remote key set of the C library. */
    explicit RemoteKeySet(aw_remote_keyset *adopted) noexcept : handle_(adopted) {}

    /** `options` is a JSON object: "issuer" or "jwks_uri", and so on. Without a client it has one of its own. */
    static Result<RemoteKeySet> create(std::string_view options, const HttpClient *client = nullptr) noexcept {
        return detail::make<RemoteKeySet, aw_remote_keyset>([&](auto set, auto error) {
            return aw_remote_keyset_new(detail::data(options), options.size(),
                                        client == nullptr ? nullptr : client->get(), set, error);
        });
    }

    /** Fetches the keys, or waits for who is fetching them. Blocks. */
    Result<Done> refresh(std::chrono::milliseconds timeout) const noexcept {
        return detail::done([&](auto error) { return aw_remote_keyset_refresh(get(), detail::count(timeout), error); });
    }

    /** The keys at hand. Does no I/O. */
    Result<KeySet> key_set() const noexcept {
        return detail::make<KeySet, aw_keyset>(
            [&](auto keys, auto error) { return aw_remote_keyset_key_set(get(), keys, error); });
    }

    /** The issuer, as it was configured. */
    std::optional<std::string_view> issuer() const noexcept {
        const char *issuer = aw_remote_keyset_issuer(get());
        return issuer == nullptr ? std::nullopt : std::optional<std::string_view>(issuer);
    }

    /** The keys at hand as a text sealed with a secret, for the next process. */
    Result<Buffer> export_state(const Key &secret) const noexcept {
        return detail::make<Buffer, aw_buffer>(
            [&](auto state, auto error) { return aw_remote_keyset_export_state(get(), secret.get(), state, error); });
    }

    /** Takes over an exported state, unless the keys at hand are newer: `import_state(state, {&newest, &older})`. */
    Result<Done> import_state(std::string_view state, std::initializer_list<const Key *> secrets) const {
        std::vector<const aw_key *> handles;
        handles.reserve(secrets.size());
        for (const Key *secret : secrets) {
            handles.push_back(secret == nullptr ? nullptr : secret->get());
        }
        return detail::done([&](auto error) {
            return aw_remote_keyset_import_state(get(), detail::data(state), state.size(), handles.data(),
                                                 handles.size(), error);
        });
    }

    /** Begins an operation that fetches the keys, at `now` in milliseconds since 1970. */
    Result<Operation> begin_refresh(std::uint64_t now = aw_now_ms()) const noexcept {
        return detail::make<Operation, aw_operation>(
            [&](auto operation, auto error) { return aw_remote_keyset_begin_refresh(get(), now, operation, error); });
    }

    /** Begins the fetch that is due although the keys at hand still serve, if one is. */
    Result<std::optional<Operation>> begin_refresh_ahead(std::uint64_t now = aw_now_ms()) const noexcept {
        aw_operation *operation = nullptr;
        aw_error *error = nullptr;
        const Status status = aw_remote_keyset_begin_refresh_ahead(get(), now, &operation, &error);
        if (status != AW_OK) {
            return Error(status, error);
        }
        return operation == nullptr ? std::nullopt : std::optional<Operation>(Operation(operation));
    }

    /** Fetches no more. */
    void close() const noexcept { aw_remote_keyset_close(get()); }

    const aw_remote_keyset *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<aw_remote_keyset, aw_remote_keyset_free> handle_;
};

/** Decides about tokens. Make it once and use it for every token. */
class Verifier {
  public:
    /** Takes over a verifier of the C library. */
    explicit Verifier(aw_verifier *adopted) noexcept : handle_(adopted) {}

    /** `policy` is a JSON object: "issuer", "audience" and so on. */
    static Result<Verifier> create(const KeySet &keys, std::string_view policy) noexcept {
        return detail::make<Verifier, aw_verifier>([&](auto verifier, auto error) {
            return aw_verifier_new(keys.get(), detail::data(policy), policy.size(), verifier, error);
        });
    }

    /** One key, used whatever `kid` a token names. */
    static Result<Verifier> create(const Key &key, std::string_view policy) noexcept {
        return detail::make<Verifier, aw_verifier>([&](auto verifier, auto error) {
            return aw_verifier_new_with_key(key.get(), detail::data(policy), policy.size(), verifier, error);
        });
    }

    /** The keys of an issuer, which several verifiers may share. */
    static Result<Verifier> create(const RemoteKeySet &keys, std::string_view policy) noexcept {
        return detail::make<Verifier, aw_verifier>([&](auto verifier, auto error) {
            return aw_verifier_new_remote(keys.get(), detail::data(policy), policy.size(), verifier, error);
        });
    }

    /** Nothing but the issuer's URL: metadata and keys are fetched when the first token comes. */
    static Result<Verifier> discover(std::string_view issuer, std::string_view policy,
                                     const HttpClient *client = nullptr) noexcept {
        return detail::make<Verifier, aw_verifier>([&](auto verifier, auto error) {
            return aw_verifier_discover(detail::data(issuer), issuer.size(), detail::data(policy), policy.size(),
                                        client == nullptr ? nullptr : client->get(), verifier, error);
        });
    }

    /** Does no I/O: AW_ERR_KEYS_NEEDED if the issuer's key for this token is not here. */
    Result<Token> verify(std::string_view token) const noexcept {
        return detail::make<Token, aw_token>([&](auto verified, auto error) {
            return aw_verifier_verify(get(), detail::data(token), token.size(), verified, error);
        });
    }

    /** Verifies as if it were `now`, in seconds since 1970. */
    Result<Token> verify_at(std::string_view token, std::int64_t now) const noexcept {
        return detail::make<Token, aw_token>([&](auto verified, auto error) {
            return aw_verifier_verify_at(get(), detail::data(token), token.size(), now, verified, error);
        });
    }

    /** Fetches the issuer's keys first if they are needed, once for all who wait for them. Blocks meanwhile. */
    Result<Token> verify_fetching(std::string_view token, std::chrono::milliseconds timeout) const noexcept {
        return detail::make<Token, aw_token>([&](auto verified, auto error) {
            return aw_verifier_verify_fetching(get(), detail::data(token), token.size(), detail::count(timeout),
                                               verified, error);
        });
    }

    /** Begins the operation that verifies and fetches, at `now` in milliseconds since 1970. */
    Result<Operation> begin(std::string_view token, std::chrono::milliseconds timeout,
                            std::uint64_t now = aw_now_ms()) const noexcept {
        return detail::make<Operation, aw_operation>([&](auto operation, auto error) {
            return aw_verifier_begin(get(), detail::data(token), token.size(), now, detail::count(timeout), operation,
                                     error);
        });
    }

    /** The issuer's keys that it uses: the same set. */
    Result<RemoteKeySet> remote_keys() const noexcept {
        return detail::make<RemoteKeySet, aw_remote_keyset>(
            [&](auto set, auto error) { return aw_verifier_remote_keys(get(), set, error); });
    }

    const aw_verifier *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<aw_verifier, aw_verifier_free> handle_;
};

/** Where a login was kept while the browser was away: in the request's `Cookie` header. */
struct FromCookies {
    std::string_view header;
};

/** The same: by the program, which bound Login::transaction() to the browser's session. */
struct FromTransaction {
    std::string_view sealed;
};

/**
 * An OAuth 2.0 and OpenID Connect client: logs users in at one provider. Each call that talks to the provider is there
 * twice: blocking, and with `_operation` at the end of its name for programs that send the requests themselves.
 */
class OAuthClient {
  public:
    /** Takes over a client of the C library. */
    explicit OAuthClient(aw_oauth_client *adopted) noexcept : handle_(adopted) {}

    /**
     * `options` is a JSON object: "issuer", "client_id" and so on. Logins are sealed with the first of `seal_keys`, the
     * others still open those under way: `create(options, {&newest, &older})`.
     */
    static Result<OAuthClient> create(std::string_view options, std::initializer_list<const Key *> seal_keys,
                                      const Key *client_key = nullptr, const HttpClient *http = nullptr) {
        std::vector<const aw_key *> handles;
        handles.reserve(seal_keys.size());
        for (const Key *key : seal_keys) {
            handles.push_back(key == nullptr ? nullptr : key->get());
        }
        return detail::make<OAuthClient, aw_oauth_client>([&](auto client, auto error) {
            return aw_oauth_client_new(detail::data(options), options.size(), handles.data(), handles.size(),
                                       client_key == nullptr ? nullptr : client_key->get(),
                                       http == nullptr ? nullptr : http->get(), client, error);
        });
    }

    /** The issuer, as it was configured or as the provider's profile says. */
    std::optional<std::string_view> issuer() const noexcept {
        const char *issuer = aw_oauth_client_issuer(get());
        return issuer == nullptr ? std::nullopt : std::optional<std::string_view>(issuer);
    }

    std::string_view client_id() const noexcept { return aw_oauth_client_client_id(get()); }

    /** The provider's keys and metadata that it uses: the same set. */
    Result<RemoteKeySet> remote_keys() const noexcept {
        return detail::make<RemoteKeySet, aw_remote_keyset>(
            [&](auto set, auto error) { return aw_oauth_client_remote_keys(get(), set, error); });
    }

    /** Begins a login. `cookies` is the request's `Cookie` header. */
    Result<Login> begin_login(std::chrono::milliseconds timeout, std::string_view options = "{}",
                              std::optional<std::string_view> cookies = std::nullopt) const noexcept {
        return detail::make<Login, aw_login>([&](auto login, auto error) {
            return aw_oauth_client_begin_login(get(), detail::data(options), options.size(), detail::data(cookies),
                                               detail::size(cookies), detail::count(timeout), login, error);
        });
    }

    Result<Operation> begin_login_operation(std::chrono::milliseconds timeout, std::string_view options = "{}",
                                            std::optional<std::string_view> cookies = std::nullopt,
                                            std::uint64_t now = aw_now_ms()) const noexcept {
        return detail::make<Operation, aw_operation>([&](auto operation, auto error) {
            return aw_oauth_client_begin_login_operation(get(), detail::data(options), options.size(),
                                                         detail::data(cookies), detail::size(cookies), now,
                                                         detail::count(timeout), operation, error);
        });
    }

    /** Ends a login that is kept in the browser: `cookies` is the `Cookie` header of the request that the callback is.
     */
    Result<Tokens> finish_login(FromCookies cookies, std::string_view callback,
                                std::chrono::milliseconds timeout) const noexcept {
        return finish(std::nullopt, cookies.header, callback, timeout);
    }

    /** Ends a login that the program kept itself. */
    Result<Tokens> finish_login(FromTransaction transaction, std::string_view callback,
                                std::chrono::milliseconds timeout) const noexcept {
        return finish(transaction.sealed, std::nullopt, callback, timeout);
    }

    Result<Operation> finish_login_operation(FromCookies cookies, std::string_view callback,
                                             std::chrono::milliseconds timeout,
                                             std::uint64_t now = aw_now_ms()) const noexcept {
        return begin_finish(std::nullopt, cookies.header, callback, timeout, now);
    }

    Result<Operation> finish_login_operation(FromTransaction transaction, std::string_view callback,
                                             std::chrono::milliseconds timeout,
                                             std::uint64_t now = aw_now_ms()) const noexcept {
        return begin_finish(transaction.sealed, std::nullopt, callback, timeout, now);
    }

    /** The value of the `Set-Cookie` header that removes the cookie of a login that failed, if there is one. */
    Result<std::optional<Buffer>> forget_login(std::string_view cookies, std::string_view callback) const noexcept {
        aw_buffer *cookie = nullptr;
        aw_error *error = nullptr;
        const Status status = aw_oauth_client_forget_login(get(), detail::data(cookies), cookies.size(),
                                                           detail::data(callback), callback.size(), &cookie, &error);
        if (status != AW_OK) {
            return Error(status, error);
        }
        return cookie == nullptr ? std::nullopt : std::optional<Buffer>(Buffer(cookie));
    }

    /** Refreshes tokens. `options` may have a "scope", to have less than was granted. */
    Result<Tokens> refresh(const Tokens &tokens, std::chrono::milliseconds timeout,
                           std::string_view options = "{}") const noexcept {
        return detail::make<Tokens, aw_tokens>([&](auto fresh, auto error) {
            return aw_oauth_client_refresh(get(), tokens.get(), detail::data(options), options.size(),
                                           detail::count(timeout), fresh, error);
        });
    }

    Result<Operation> refresh_operation(const Tokens &tokens, std::chrono::milliseconds timeout,
                                        std::string_view options = "{}",
                                        std::uint64_t now = aw_now_ms()) const noexcept {
        return detail::make<Operation, aw_operation>([&](auto operation, auto error) {
            return aw_oauth_client_refresh_operation(get(), tokens.get(), detail::data(options), options.size(), now,
                                                     detail::count(timeout), operation, error);
        });
    }

    /** Asks the provider who the user is. */
    Result<User> userinfo(const Tokens &tokens, std::chrono::milliseconds timeout) const noexcept {
        return detail::make<User, aw_user>([&](auto user, auto error) {
            return aw_oauth_client_userinfo(get(), tokens.get(), detail::count(timeout), user, error);
        });
    }

    Result<Operation> userinfo_operation(const Tokens &tokens, std::chrono::milliseconds timeout,
                                         std::uint64_t now = aw_now_ms()) const noexcept {
        return detail::make<Operation, aw_operation>([&](auto operation, auto error) {
            return aw_oauth_client_userinfo_operation(get(), tokens.get(), now, detail::count(timeout), operation,
                                                      error);
        });
    }

    /** Revokes the refresh token, and then the access token. */
    Result<Done> revoke(const Tokens &tokens, std::chrono::milliseconds timeout) const noexcept {
        return detail::done(
            [&](auto error) { return aw_oauth_client_revoke(get(), tokens.get(), detail::count(timeout), error); });
    }

    Result<Operation> revoke_operation(const Tokens &tokens, std::chrono::milliseconds timeout,
                                       std::uint64_t now = aw_now_ms()) const noexcept {
        return detail::make<Operation, aw_operation>([&](auto operation, auto error) {
            return aw_oauth_client_revoke_operation(get(), tokens.get(), now, detail::count(timeout), operation, error);
        });
    }

    /** Where to redirect the browser, so that the user is logged out at the provider too. */
    Result<Buffer> logout_url(std::chrono::milliseconds timeout, std::string_view options = "{}") const noexcept {
        return detail::make<Buffer, aw_buffer>([&](auto url, auto error) {
            return aw_oauth_client_logout_url(get(), detail::data(options), options.size(), detail::count(timeout), url,
                                              error);
        });
    }

    Result<Operation> logout_url_operation(std::chrono::milliseconds timeout, std::string_view options = "{}",
                                           std::uint64_t now = aw_now_ms()) const noexcept {
        return detail::make<Operation, aw_operation>([&](auto operation, auto error) {
            return aw_oauth_client_logout_url_operation(get(), detail::data(options), options.size(), now,
                                                        detail::count(timeout), operation, error);
        });
    }

    /** Verifies a logout token, which the provider posts when a user logs out there. */
    Result<Token> verify_logout_token(std::string_view token, std::chrono::milliseconds timeout) const noexcept {
        return detail::make<Token, aw_token>([&](auto verified, auto error) {
            return aw_oauth_client_verify_logout_token(get(), detail::data(token), token.size(), detail::count(timeout),
                                                       verified, error);
        });
    }

    Result<Operation> verify_logout_token_operation(std::string_view token, std::chrono::milliseconds timeout,
                                                    std::uint64_t now = aw_now_ms()) const noexcept {
        return detail::make<Operation, aw_operation>([&](auto operation, auto error) {
            return aw_oauth_client_verify_logout_token_operation(get(), detail::data(token), token.size(), now,
                                                                 detail::count(timeout), operation, error);
        });
    }

    const aw_oauth_client *get() const noexcept { return handle_.get(); }

  private:
    using Text = std::optional<std::string_view>;

    Result<Tokens> finish(const Text &transaction, const Text &cookies, std::string_view callback,
                          std::chrono::milliseconds timeout) const noexcept {
        return detail::make<Tokens, aw_tokens>([&](auto tokens, auto error) {
            return aw_oauth_client_finish_login(get(), detail::data(transaction), detail::size(transaction),
                                                detail::data(cookies), detail::size(cookies), detail::data(callback),
                                                callback.size(), detail::count(timeout), tokens, error);
        });
    }

    Result<Operation> begin_finish(const Text &transaction, const Text &cookies, std::string_view callback,
                                   std::chrono::milliseconds timeout, std::uint64_t now) const noexcept {
        return detail::make<Operation, aw_operation>([&](auto operation, auto error) {
            return aw_oauth_client_finish_login_operation(get(), detail::data(transaction), detail::size(transaction),
                                                          detail::data(cookies), detail::size(cookies),
                                                          detail::data(callback), callback.size(), now,
                                                          detail::count(timeout), operation, error);
        });
    }

    detail::Handle<aw_oauth_client, aw_oauth_client_free> handle_;
};

/** Holds the tokens of one login, and renews them before they end, once for all threads. */
class TokenManager {
  public:
    /** Takes over a manager of the C library. */
    explicit TokenManager(aw_token_manager *adopted) noexcept : handle_(adopted) {}

    /**
     * `persist` keeps new tokens, see aw_persist_hook; it and `user` must be there as long as the manager is used.
     * `options` is a JSON object: "renew_before", "persist".
     */
    static Result<TokenManager> create(const OAuthClient &client, const Tokens &tokens,
                                       aw_persist_hook persist = nullptr, void *user = nullptr,
                                       std::string_view options = "{}") noexcept {
        return detail::make<TokenManager, aw_token_manager>([&](auto manager, auto error) {
            return aw_token_manager_new(client.get(), tokens.get(), detail::data(options), options.size(), persist,
                                        user, manager, error);
        });
    }

    /** Tokens that are valid: those at hand, or renewed ones. `force`: renewed ones, whatever those at hand say. */
    Result<Tokens> tokens(std::chrono::milliseconds timeout, bool force = false) const noexcept {
        return detail::make<Tokens, aw_tokens>([&](auto tokens, auto error) {
            return aw_token_manager_tokens(get(), force, detail::count(timeout), tokens, error);
        });
    }

    Result<Operation> tokens_operation(std::chrono::milliseconds timeout, bool force = false,
                                       std::uint64_t now = aw_now_ms()) const noexcept {
        return detail::make<Operation, aw_operation>([&](auto operation, auto error) {
            return aw_token_manager_tokens_operation(get(), force, now, detail::count(timeout), operation, error);
        });
    }

    /** The tokens at hand, whether or not they are valid still. */
    Result<Tokens> current() const noexcept {
        return detail::make<Tokens, aw_tokens>(
            [&](auto tokens, auto error) { return aw_token_manager_current(get(), tokens, error); });
    }

    /** Other tokens from here on: of a new login, or that another process got. */
    Result<Done> replace(const Tokens &tokens) const noexcept {
        return detail::done([&](auto error) { return aw_token_manager_replace(get(), tokens.get(), error); });
    }

    const aw_token_manager *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<aw_token_manager, aw_token_manager_free> handle_;
};

/** A record of a store, as a HostStore is handed it and hands it over. */
struct Record {
    /** What it is found by. */
    std::string_view key;
    /** Who writes has chosen it: a store compares, and keeps it. */
    std::uint64_t version = 0;
    /** What a store gives back byte for byte. */
    std::string_view value;
    /** By whom list() finds it. Ends in a NUL. */
    std::optional<std::string_view> owner = std::nullopt;
    /** In milliseconds since 1970; AW_NEVER: it does not end. */
    std::uint64_t expires_at = AW_NEVER;
};

/** Where a HostStore puts what it has found. Texts need not end in a NUL. */
class RecordSink {
  public:
    explicit RecordSink(aw_record_sink *sink) noexcept : sink_(sink) {}

    /** AW_STORE_DONE, or AW_STORE_CORRUPT for what no record can be. */
    int add(const Record &record) noexcept {
        Name key(record.key), owner(record.owner.value_or(std::string_view()));
        aw_record given{};
        given.size = sizeof(given);
        given.key = key.text;
        given.version = record.version;
        given.value = detail::data(record.value);
        given.value_length = record.value.size();
        given.owner = record.owner ? owner.text : nullptr;
        given.expires_at = record.expires_at;
        return aw_record_sink_add(sink_, &given);
    }

    /** Where the next page begins, in words of the store's own. */
    int set_next(std::string_view next) noexcept { return aw_record_sink_set_next(sink_, Name(next).text); }

  private:
    /** A text with a NUL behind it; an empty one, which is refused, in place of one that is too long or has one inside.
     */
    struct Name {
        explicit Name(std::string_view name) noexcept {
            if (name.size() < sizeof(text) && name.find('\0') == std::string_view::npos) {
                name.copy(text, name.size());
            }
        }
        char text[513] = {};
    };

    aw_record_sink *sink_;
};

/**
 * A store that a program makes itself: five functions that each change one record or none, as aw_store_functions says.
 * They are called on any thread, from many at once, and must not throw. Each returns AW_STORE_DONE, or why not.
 */
class HostStore {
  public:
    virtual ~HostStore() = default;

    /** Hands over the record with this key, also one that is over; nothing if there is none. */
    virtual int get(std::string_view key, std::chrono::milliseconds timeout, RecordSink &found) noexcept = 0;

    /** Keeps the record if what is there has this version, or, with AW_ABSENT, if nothing is: else AW_STORE_REFUSED. */
    virtual int put_if(const Record &record, std::uint64_t expected, std::chrono::milliseconds timeout) noexcept = 0;

    /** Removes the record if it has this version: else AW_STORE_REFUSED. */
    virtual int delete_if(std::string_view key, std::uint64_t version, std::chrono::milliseconds timeout) noexcept = 0;

    /** Hands over at most `limit` of the owner's records, and where the next page begins, if there is one. */
    virtual int list(std::string_view owner, std::optional<std::string_view> after, std::size_t limit,
                     std::chrono::milliseconds timeout, RecordSink &page) noexcept = 0;

    /** Removes at most `limit` records whose `expires_at` is before this time, and says how many. */
    virtual int sweep(std::uint64_t before, std::size_t limit, std::chrono::milliseconds timeout,
                      std::size_t &removed) noexcept = 0;

    /** Gives up connections. Called by the first Store::close(). */
    virtual void close() noexcept {}
};

/** Where API keys are kept. Shared by all that is made with it; freed when the last of them is. */
class Store {
  public:
    /** Takes over a store of the C library. */
    explicit Store(aw_store *adopted) noexcept : handle_(adopted) {}

    /** A built-in one: "memory:", "sqlite:path", "redis://host" and so on. Nothing is connected to yet. */
    static Result<Store> open(std::string_view url, std::string_view options = "{}") noexcept {
        return detail::make<Store, aw_store>([&](auto store, auto error) {
            return aw_store_open(detail::data(url), url.size(), detail::data(options), options.size(), store, error);
        });
    }

    /** One of the program's own, which is freed with the last that was made with it. */
    static Result<Store> of(std::unique_ptr<HostStore> host) noexcept {
        aw_store_functions functions{};
        functions.size = sizeof(functions);
        functions.get = [](const char *key, std::uint64_t timeout, aw_record_sink *found, void *user) {
            RecordSink sink(found);
            return self(user).get(key, time(timeout), sink);
        };
        functions.put_if = [](const aw_record *record, std::uint64_t expected, std::uint64_t timeout, void *user) {
            Record given;
            given.key = record->key;
            given.version = record->version;
            given.value = std::string_view(record->value, record->value_length);
            if (record->owner != nullptr) {
                given.owner = record->owner;
            }
            given.expires_at = record->expires_at;
            return self(user).put_if(given, expected, time(timeout));
        };
        functions.delete_if = [](const char *key, std::uint64_t version, std::uint64_t timeout, void *user) {
            return self(user).delete_if(key, version, time(timeout));
        };
        functions.list = [](const char *owner, const char *after, std::size_t limit, std::uint64_t timeout,
                            aw_record_sink *page, void *user) {
            RecordSink sink(page);
            const auto from = after == nullptr ? std::nullopt : std::optional<std::string_view>(after);
            return self(user).list(owner, from, limit, time(timeout), sink);
        };
        functions.sweep = [](std::uint64_t before, std::size_t limit, std::uint64_t timeout, std::size_t *removed,
                             void *user) { return self(user).sweep(before, limit, time(timeout), *removed); };
        functions.close = [](void *user) { self(user).close(); };
        functions.free = [](void *user) { delete static_cast<HostStore *>(user); };
        const aw_store_functions *table = host == nullptr ? nullptr : &functions; // refused: there are none
        auto made = detail::make<Store, aw_store>(
            [&](auto store, auto error) { return aw_store_new(table, host.get(), store, error); });
        if (made) {
            static_cast<void>(host.release());
        }
        return made;
    }

    /** Removes the records that ended more than an hour ago, and says how many. */
    Result<std::size_t> sweep(std::chrono::milliseconds timeout = std::chrono::seconds(60)) const noexcept {
        return detail::read<std::size_t>(
            [&](auto removed, auto error) { return aw_store_sweep(get(), detail::count(timeout), removed, error); });
    }

    /** Copies the records of this store, which is in SQLite, to another; how many it has written. See aw_store_copy().
     */
    Result<std::size_t> copy_to(const Store &target,
                                std::chrono::milliseconds timeout = std::chrono::minutes(10)) const noexcept {
        return detail::read<std::size_t>([&](auto written, auto error) {
            return aw_store_copy(get(), target.get(), detail::count(timeout), written, error);
        });
    }

    /** What came of a check. */
    struct Report {
        /** Whether the store did all that it must. */
        bool passed = false;
        /** What was tried, and what of it failed. */
        Buffer json;
    };

    /** Tries out whether the store does what it must: for tests of one that a program makes itself. */
    Result<Report> check(std::chrono::milliseconds timeout = std::chrono::seconds(60),
                         std::string_view options = "{}") const noexcept {
        bool passed = false;
        auto json = detail::make<Buffer, aw_buffer>([&](auto buffer, auto error) {
            return aw_store_check(get(), detail::data(options), options.size(), detail::count(timeout), &passed, buffer,
                                  error);
        });
        if (!json) {
            return std::move(json).error();
        }
        return Report{passed, *std::move(json)};
    }

    /** Gives up connections, for all that was made with it. */
    void close() const noexcept { aw_store_close(get()); }

    const aw_store *get() const noexcept { return handle_.get(); }

  private:
    static HostStore &self(void *user) noexcept { return *static_cast<HostStore *>(user); }

    static std::chrono::milliseconds time(std::uint64_t timeout) noexcept {
        // A day is as good as any longer time.
        return std::chrono::milliseconds(timeout < 86400000 ? static_cast<std::int64_t>(timeout) : 86400000);
    }

    detail::Handle<aw_store, aw_store_free> handle_;
};

/** What is known of an API key that another object owns, and that lives as long as that. */
class ApiKeyView {
  public:
    explicit ApiKeyView(const aw_api_key *key) noexcept : key_(key) {}

    /** So that a key can hand out a view as what `->` points to. */
    const ApiKeyView *operator->() const noexcept { return this; }

    /** The key as it is presented: only if it was just issued or rotated. */
    std::optional<std::string_view> secret() const noexcept { return detail::maybe(aw_api_key_secret, key_); }

    /** What it is named by: no secret. */
    std::string_view id() const noexcept { return detail::text(aw_api_key_id, key_); }

    std::string_view owner() const noexcept { return detail::text(aw_api_key_owner, key_); }

    std::vector<std::string_view> scopes() const {
        std::vector<std::string_view> scopes;
        for (std::size_t index = 0; index < aw_api_key_scope_count(key_); index++) {
            std::size_t length = 0;
            const char *scope = aw_api_key_scope_at(key_, index, &length);
            scopes.push_back(detail::view(scope, length));
        }
        return scopes;
    }

    /** What the program wrote beside it: a JSON object. */
    std::string_view metadata_json() const noexcept { return detail::text(aw_api_key_metadata_json, key_); }

    /** The last four characters; none of an imported key. */
    std::optional<std::string_view> last4() const noexcept { return detail::maybe(aw_api_key_last4, key_); }

    /** In seconds since 1970, as the other times. */
    std::int64_t created_at() const noexcept { return aw_api_key_created_at(key_); }

    std::optional<std::int64_t> expires_at() const noexcept { return time(aw_api_key_expires_at); }
    std::optional<std::int64_t> revoked_at() const noexcept { return time(aw_api_key_revoked_at); }
    std::optional<std::int64_t> rotated_at() const noexcept { return time(aw_api_key_rotated_at); }

    /** Coarsely: see the option "last_used_every". */
    std::optional<std::int64_t> last_used_at() const noexcept { return time(aw_api_key_last_used_at); }

    Result<Buffer> to_json() const noexcept {
        return detail::make<Buffer, aw_buffer>(
            [&](auto json, auto error) { return aw_api_key_to_json(key_, json, error); });
    }

    const aw_api_key *get() const noexcept { return key_; }

  private:
    std::optional<std::int64_t> time(bool (*getter)(const aw_api_key *, std::int64_t *)) const noexcept {
        std::int64_t time = 0;
        return getter(key_, &time) ? std::optional<std::int64_t>(time) : std::nullopt;
    }

    const aw_api_key *key_;
};

/** What is known of an API key; `key->owner()` and so on, see ApiKeyView. Overwritten when it goes. */
class ApiKey {
  public:
    /** Takes over a key of the C library. */
    explicit ApiKey(aw_api_key *adopted) noexcept : handle_(adopted) {}

    ApiKeyView operator->() const noexcept { return ApiKeyView(get()); }
    ApiKeyView operator*() const noexcept { return ApiKeyView(get()); }

    const aw_api_key *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<aw_api_key, aw_api_key_free> handle_;
};

/** A part of an owner's API keys. */
class ApiKeyPage {
  public:
    /** Takes over a page of the C library. */
    explicit ApiKeyPage(aw_api_key_page *adopted) noexcept : handle_(adopted) {}

    /** None, perhaps, and yet not the last page. */
    std::size_t size() const noexcept { return aw_api_key_page_count(get()); }

    /** Lives as long as the page. `index` must be below size(). */
    ApiKeyView at(std::size_t index) const noexcept { return ApiKeyView(aw_api_key_page_at(get(), index)); }

    /** Where the next page begins; none after the last. */
    std::optional<std::string_view> next() const noexcept { return detail::maybe(aw_api_key_page_next, get()); }

    Result<Buffer> to_json() const noexcept {
        return detail::make<Buffer, aw_buffer>(
            [&](auto json, auto error) { return aw_api_key_page_to_json(get(), json, error); });
    }

    const aw_api_key_page *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<aw_api_key_page, aw_api_key_page_free> handle_;
};

/** Issues API keys and checks them. */
class ApiKeys {
  public:
    using Timeout = std::chrono::milliseconds;

    /** How long a call may take unless it is told. */
    static constexpr Timeout PATIENCE = std::chrono::seconds(5);

    /** Takes over keys of the C library. */
    explicit ApiKeys(aw_api_keys *adopted) noexcept : handle_(adopted) {}

    /** `options` must have a "prefix" and an "environment". Peppers, the newest first, and the store stay the caller's.
     */
    static Result<ApiKeys> create(std::string_view options, std::initializer_list<const Key *> peppers,
                                  const Store &store) {
        std::vector<const aw_key *> handles;
        handles.reserve(peppers.size());
        for (const Key *key : peppers) {
            handles.push_back(key == nullptr ? nullptr : key->get());
        }
        return detail::make<ApiKeys, aw_api_keys>([&](auto keys, auto error) {
            return aw_api_keys_new(detail::data(options), options.size(), handles.data(), handles.size(), store.get(),
                                   keys, error);
        });
    }

    /** Issues a key: `options` must have an "owner". Its secret() is what to hand out, once. */
    Result<ApiKey> issue(std::string_view options, Timeout timeout = PATIENCE) const noexcept {
        return detail::make<ApiKey, aw_api_key>([&](auto key, auto error) {
            return aw_api_keys_issue(get(), detail::data(options), options.size(), detail::count(timeout), key, error);
        });
    }

    /** Takes in a key of another system by its hash. */
    Result<ApiKey> import_hash(std::string_view options, Timeout timeout = PATIENCE) const noexcept {
        return detail::make<ApiKey, aw_api_key>([&](auto key, auto error) {
            return aw_api_keys_import_hash(get(), detail::data(options), options.size(), detail::count(timeout), key,
                                           error);
        });
    }

    /** Whose key was presented, if it is genuine and valid and has all these scopes. */
    Result<ApiKey> verify(std::string_view presented, const std::vector<const char *> &scopes = {},
                          Timeout timeout = PATIENCE) const noexcept {
        return detail::make<ApiKey, aw_api_key>([&](auto key, auto error) {
            return aw_api_keys_verify(get(), detail::data(presented), presented.size(), scopes.data(), scopes.size(),
                                      detail::count(timeout), key, error);
        });
    }

    /** The same as if it were `now`, in seconds since 1970. */
    Result<ApiKey> verify_at(std::string_view presented, std::int64_t now, const std::vector<const char *> &scopes = {},
                             Timeout timeout = PATIENCE) const noexcept {
        return detail::make<ApiKey, aw_api_key>([&](auto key, auto error) {
            return aw_api_keys_verify_at(get(), detail::data(presented), presented.size(), scopes.data(), scopes.size(),
                                         now, detail::count(timeout), key, error);
        });
    }

    /** What is known of the key with this id. */
    Result<ApiKey> get(std::string_view id, Timeout timeout = PATIENCE) const noexcept {
        return detail::make<ApiKey, aw_api_key>([&](auto key, auto error) {
            return aw_api_keys_get(get(), detail::data(id), id.size(), detail::count(timeout), key, error);
        });
    }

    /** At most `limit` of an owner's keys, 1 to 1000, from where another page's next() says. */
    Result<ApiKeyPage> list(std::string_view owner, std::optional<std::string_view> after = std::nullopt,
                            std::size_t limit = 100, Timeout timeout = PATIENCE) const noexcept {
        return detail::make<ApiKeyPage, aw_api_key_page>([&](auto page, auto error) {
            return aw_api_keys_list(get(), detail::data(owner), owner.size(), detail::data(after), detail::size(after),
                                    limit, detail::count(timeout), page, error);
        });
    }

    /** Gives a key another secret. `options` may have an "overlap" and "expires_in". */
    Result<ApiKey> rotate(std::string_view id, std::string_view options = "{}",
                          Timeout timeout = PATIENCE) const noexcept {
        return detail::make<ApiKey, aw_api_key>([&](auto key, auto error) {
            return aw_api_keys_rotate(get(), detail::data(id), id.size(), detail::data(options), options.size(),
                                      detail::count(timeout), key, error);
        });
    }

    /** Ends a key, for good. */
    Result<ApiKey> revoke(std::string_view id, Timeout timeout = PATIENCE) const noexcept {
        return detail::make<ApiKey, aw_api_key>([&](auto key, auto error) {
            return aw_api_keys_revoke(get(), detail::data(id), id.size(), detail::count(timeout), key, error);
        });
    }

    /** Ends all keys of an owner; how many were good until then. */
    Result<std::size_t> revoke_all(std::string_view owner, Timeout timeout = PATIENCE) const noexcept {
        return detail::read<std::size_t>([&](auto revoked, auto error) {
            return aw_api_keys_revoke_all(get(), detail::data(owner), owner.size(), detail::count(timeout), revoked,
                                          error);
        });
    }

    /** Whether a text is written as these keys are: finds typing errors without a store. */
    bool is_well_formed(std::string_view text) const noexcept {
        return aw_api_keys_is_well_formed(get(), detail::data(text), text.size());
    }

    /** A regular expression for scanners of source code and logs. */
    std::string_view pattern() const noexcept {
        const char *pattern = aw_api_keys_pattern(get());
        return pattern == nullptr ? std::string_view() : pattern;
    }

    const aw_api_keys *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<aw_api_keys, aw_api_keys_free> handle_;
};

/** A token that nobody has verified: anyone may have written it. */
class UnverifiedToken {
  public:
    /** Takes over a decoded token of the C library. */
    explicit UnverifiedToken(aw_unverified_token *adopted) noexcept : handle_(adopted) {}

    std::string_view claims_json() const noexcept {
        std::size_t length = 0;
        const char *json = aw_unverified_token_claims_json(get(), &length);
        return detail::view(json, length);
    }

    std::string_view header_json() const noexcept {
        std::size_t length = 0;
        const char *json = aw_unverified_token_header_json(get(), &length);
        return detail::view(json, length);
    }

    Result<std::string_view> get_string(const char *name) const noexcept {
        return detail::read_text([&](auto value, auto length, auto error) {
            return aw_unverified_token_get_string(get(), name, value, length, error);
        });
    }

    const aw_unverified_token *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<aw_unverified_token, aw_unverified_token_free> handle_;
};

/** Decodes a token and checks nothing: for logs and debugging, never to decide who is calling. */
inline Result<UnverifiedToken> dangerous_decode(std::string_view token) noexcept {
    return detail::make<UnverifiedToken, aw_unverified_token>([&](auto decoded, auto error) {
        return aw_dangerous_decode(detail::data(token), token.size(), decoded, error);
    });
}

/** Signatures over any bytes, without claims. */
namespace jws {

/** How to sign. */
struct SignOptions {
    /** One that fits the key; nullptr: the key's own. */
    const char *algorithm = nullptr;
    /** More header members, as a JSON object. */
    std::string_view headers = "{}";
    /** Leave the payload out of the token. */
    bool detached = false;
    /** false: sign the payload as it is (RFC 7797). */
    bool b64 = true;
};

/** How to verify. */
struct VerifyOptions {
    /** The only algorithms to accept; empty: those that fit the keys. */
    std::vector<const char *> algorithms = {};
    /** The payload of a detached JWS. */
    std::optional<std::string_view> payload = std::nullopt;
};

/** The verified payload and header of a JWS. */
class Verified {
  public:
    /** Takes over a verified JWS of the C library. */
    explicit Verified(aw_jws *adopted) noexcept : handle_(adopted) {}

    std::string_view payload() const noexcept {
        std::size_t length = 0;
        const char *payload = aw_jws_payload(handle_.get(), &length);
        return detail::view(payload, length);
    }

    std::string_view header_json() const noexcept {
        std::size_t length = 0;
        const char *json = aw_jws_header_json(handle_.get(), &length);
        return detail::view(json, length);
    }

  private:
    detail::Handle<aw_jws, aw_jws_free> handle_;
};

inline Result<Buffer> sign(std::string_view payload, const Key &key, const SignOptions &options = {}) noexcept {
    const std::uint32_t flags = (options.detached ? static_cast<std::uint32_t>(AW_JWS_DETACHED) : 0U) |
                                (options.b64 ? 0U : static_cast<std::uint32_t>(AW_JWS_UNENCODED));
    return detail::make<Buffer, aw_buffer>([&](auto token, auto error) {
        return aw_jws_sign(detail::data(payload), payload.size(), key.get(), options.algorithm,
                           detail::data(options.headers), options.headers.size(), flags, token, error);
    });
}

inline Result<Verified> verify(std::string_view token, const KeySet &keys, const VerifyOptions &options = {}) noexcept {
    return detail::make<Verified, aw_jws>([&](auto jws, auto error) {
        return aw_jws_verify(
            detail::data(token), token.size(), options.payload ? detail::data(*options.payload) : nullptr,
            options.payload.value_or("").size(), keys.get(),
            options.algorithms.empty() ? nullptr : options.algorithms.data(), options.algorithms.size(), jws, error);
    });
}

inline Result<Verified> verify(std::string_view token, const Key &key, const VerifyOptions &options = {}) noexcept {
    return detail::make<Verified, aw_jws>([&](auto jws, auto error) {
        return aw_jws_verify_with_key(
            detail::data(token), token.size(), options.payload ? detail::data(*options.payload) : nullptr,
            options.payload.value_or("").size(), key.get(),
            options.algorithms.empty() ? nullptr : options.algorithms.data(), options.algorithms.size(), jws, error);
    });
}

} // namespace jws

/** The version of the library that is running. */
inline std::string_view version() noexcept {
    return aw_version();
}

} // namespace authwright

#endif

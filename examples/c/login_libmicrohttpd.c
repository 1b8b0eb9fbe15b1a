/*
 * A small web application that logs users in at an OpenID provider: libmicrohttpd serves, authwright does the rest.
 *
 *     ISSUER=https://id.example CLIENT_ID=web CLIENT_SECRET=... REDIRECT_URI=http://127.0.0.1:8080/callback \
 *         login_libmicrohttpd
 *
 * Without REDIRECT_URI it listens at PORT (0: any that is free), and comes back to /callback there. The others may be
 * left out: RESPONSE_MODE ("form_post"), SCOPE, POST_LOGOUT_REDIRECT_URI (the start page). Prints {"url": ...} when it
 * is ready, and ends on SIGTERM.
 *
 *     cc login_libmicrohttpd.c $(pkg-config --cflags --libs authwright libmicrohttpd) -o login_libmicrohttpd
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <authwright.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long one call may take, in milliseconds. */
#define PATIENCE 30000
#define MOST_SESSIONS 1024
#define MOST_BODY (256 * 1024)
#define SESSION_COOKIE "session"

static aw_oauth_client *client;

/* Whether browsers come by https: then the session's cookie goes no other way. */
static bool is_secure;

/* Sessions: who is logged in, by a random number that the browser keeps. In memory, so they end with the program. */

struct person {
    char subject[256], email[321];
};

struct session {
    char id[65];
    struct person person;
    aw_token_manager *manager;
    int uses; /* one is the table's */
};

static struct session *sessions[MOST_SESSIONS];
static size_t oldest = 0;
static pthread_mutex_t sessions_lock = PTHREAD_MUTEX_INITIALIZER;

static void leave(struct session *session) {
    pthread_mutex_lock(&sessions_lock);
    bool is_last = session != NULL && --session->uses == 0;
    pthread_mutex_unlock(&sessions_lock);
    if (is_last) {
        aw_token_manager_free(session->manager);
        free(session);
    }
}

/* The session of this number, to be left again. */
static struct session *enter(const char *id) {
    struct session *found = NULL;
    pthread_mutex_lock(&sessions_lock);
    for (size_t index = 0; id != NULL && index < MOST_SESSIONS && found == NULL; index++) {
        if (sessions[index] != NULL && strcmp(sessions[index]->id, id) == 0) {
            found = sessions[index];
            found->uses++;
        }
    }
    pthread_mutex_unlock(&sessions_lock);
    return found;
}

/* Puts a session into the place of the oldest, or with NULL takes this one out. */
static void put(struct session *session, const struct session *out) {
    struct session *gone = NULL;
    pthread_mutex_lock(&sessions_lock);
    size_t place = out == NULL ? oldest++ % MOST_SESSIONS : 0;
    while (out != NULL && place < MOST_SESSIONS && sessions[place] != out) {
        place++;
    }
    if (place < MOST_SESSIONS) {
        gone = sessions[place];
        sessions[place] = session;
    }
    pthread_mutex_unlock(&sessions_lock);
    if (gone != NULL) {
        leave(gone);
    }
}

/* Pages. */

struct request {
    char *uri; /* path and query, as they came */
    char *body;
    size_t length;
    bool seen;
};

static void escape(FILE *html, const char *text) {
    for (; text != NULL && *text != '\0'; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", html);
            break;
        case '<':
            fputs("&lt;", html);
            break;
        case '"':
            fputs("&quot;", html);
            break;
        default:
            fputc(*text, html);
        }
    }
}

/* Hands the page over: a list of headers, "Set-Cookie" as often as it takes, each a name and a value. */
static enum MHD_Result finish_page(struct MHD_Connection *connection, FILE *html, char **text, size_t *length,
                                   unsigned status, const char *const *headers, size_t count) {
    fputs("</body></html>\n", html);
    fclose(html);
    struct MHD_Response *response = MHD_create_response_from_buffer(*length, *text, MHD_RESPMEM_MUST_FREE);
    MHD_add_response_header(response, "Content-Type", "text/html; charset=utf-8");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    /* The code in the URL of a callback is nobody else's business. */
    MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    for (size_t index = 0; index < count; index++) {
        MHD_add_response_header(response, headers[2 * index], headers[2 * index + 1]);
    }
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static FILE *begin_page(char **text, size_t *length) {
    FILE *html = open_memstream(text, length);
    if (html == NULL) {
        abort();
    }
    fputs("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>authwright in C</title></head><body>",
          html);
    return html;
}

static enum MHD_Result redirect(struct MHD_Connection *connection, const char *to, const char *const *cookies,
                                size_t count) {
    const char *headers[2 * 16] = {"Location", to};
    size_t used = 1;
    for (size_t index = 0; index < count && used < 16; index++) {
        headers[2 * used] = "Set-Cookie";
        headers[2 * used++ + 1] = cookies[index];
    }
    char *text = NULL;
    size_t length = 0;
    FILE *html = begin_page(&text, &length);
    return finish_page(connection, html, &text, &length, MHD_HTTP_SEE_OTHER, headers, used);
}

/* What went wrong; the code is for programs. The provider's own words are shown as text, never as HTML. `cookie` may be
 * NULL. */
static enum MHD_Result show_error(struct MHD_Connection *connection, aw_error *error, const char *cookie) {
    const char *headers[] = {"Set-Cookie", cookie};
    char *text = NULL;
    size_t length = 0;
    FILE *html = begin_page(&text, &length);
    aw_status code = aw_error_code(error);
    const char *words[] = {aw_error_message(error), aw_error_provider_error(error),
                           aw_error_provider_error_description(error)};
    fprintf(html, "<p id=\"error\" data-code=\"%s\">%s", aw_status_name(code), aw_status_name(code));
    for (size_t index = 0; index < 3; index++) {
        fputs(words[index] == NULL ? "" : ": ", html);
        escape(html, words[index]);
    }
    fputs("</p><p><a id=\"login\" href=\"/login\">Log in</a></p>", html);
    aw_error_free(error);
    /* The provider is out of reach, or this request will never do. */
    bool is_elsewhere = code >= AW_ERR_KEYS_NEEDED && code <= AW_ERR_CLOSED;
    return finish_page(connection, html, &text, &length, is_elsewhere ? 503 : 400, headers, cookie != NULL);
}

static enum MHD_Result show_home(struct MHD_Connection *connection, const struct session *session,
                                 const struct person *person) {
    char *text = NULL;
    size_t length = 0;
    FILE *html = begin_page(&text, &length);
    if (session == NULL) {
        fputs("<p>Nobody is logged in.</p><p><a id=\"login\" href=\"/login?return_to=/\">Log in</a></p>", html);
    } else {
        aw_tokens *tokens = NULL;
        int64_t end = 0;
        fputs("<p>You are <b id=\"user\">", html);
        escape(html, person->subject);
        fputs("</b>, <span id=\"email\">", html);
        escape(html, person->email);
        fputs("</span>.</p>", html);
        if (aw_token_manager_current(session->manager, &tokens, NULL) == AW_OK && aw_tokens_expires_at(tokens, &end)) {
            fprintf(html, "<p>The access token ends at <span id=\"expires\">%lld</span>.</p>", (long long)end);
        }
        aw_tokens_free(tokens);
        fputs("<p><a id=\"userinfo\" href=\"/userinfo\">Ask again</a> <a id=\"refresh\" href=\"/refresh\">Refresh</a>"
              " <a id=\"logout\" href=\"/logout\">Log out</a></p>",
              html);
    }
    return finish_page(connection, html, &text, &length, MHD_HTTP_OK, NULL, 0);
}

/* What the pages do. */

/* Where to go afterwards is checked by authwright: a path of this site, or an error. */
static enum MHD_Result begin_login(struct MHD_Connection *connection, const char *cookies) {
    const char *return_to = NULL;
    size_t return_to_length = 0;
    /* With its length: a NUL in it must not cut it short before it was checked. */
    MHD_lookup_connection_value_n(connection, MHD_GET_ARGUMENT_KIND, "return_to", strlen("return_to"), &return_to,
                                  &return_to_length);
    aw_claims *options = NULL;
    aw_buffer *json = NULL;
    aw_login *login = NULL;
    aw_error *error = NULL;
    aw_status status = aw_claims_new(&options, &error);
    if (status == AW_OK) {
        /* A refresh token is given to who asks for it and has the user say yes. */
        status = aw_claims_set_string(options, "prompt", "consent", AW_NUL, &error);
    }
    if (status == AW_OK && return_to != NULL) {
        status = aw_claims_set_string(options, "return_to", return_to, return_to_length, &error);
    }
    if (status == AW_OK) {
        status = aw_claims_to_json(options, &json, &error);
    }
    if (status == AW_OK) {
        status = aw_oauth_client_begin_login(client, aw_buffer_data(json), AW_NUL, cookies,
                                             cookies == NULL ? 0 : AW_NUL, PATIENCE, &login, &error);
    }
    enum MHD_Result result;
    if (status == AW_OK) {
        const char *set[15] = {aw_login_cookie(login, NULL)};
        size_t count = 1;
        for (size_t index = 0; index < aw_login_stale_cookie_count(login) && count < 15; index++) {
            set[count++] = aw_login_stale_cookie_at(login, index);
        }
        result = redirect(connection, aw_login_url(login, NULL), set, count);
    } else {
        result = show_error(connection, error, NULL);
    }
    aw_login_free(login);
    aw_buffer_free(json);
    aw_claims_free(options);
    return result;
}

static aw_status ask_user(const aw_tokens *tokens, struct person *person, aw_error **error) {
    aw_user *user = NULL;
    aw_status status = aw_oauth_client_userinfo(client, tokens, PATIENCE, &user, error);
    if (status == AW_OK) {
        const char *email = aw_user_email(user, NULL);
        snprintf(person->subject, sizeof person->subject, "%s", aw_user_subject(user, NULL));
        snprintf(person->email, sizeof person->email, "%s", email == NULL ? "" : email);
    }
    aw_user_free(user);
    return status;
}

/* A new number for each login: one that somebody planted in the browser is worth nothing. */
static void name_session(struct session *session) {
    unsigned char bytes[32];
    if (getentropy(bytes, sizeof bytes) != 0) {
        abort();
    }
    for (size_t index = 0; index < sizeof bytes; index++) {
        snprintf(session->id + 2 * index, 3, "%02x", bytes[index]);
    }
}

/* The value of a `Set-Cookie` header. */
static void write_cookie(char cookie[256], const char *id, const char *age) {
    const char *secure = is_secure ? "; Secure" : "";
    snprintf(cookie, 256, SESSION_COOKIE "=%s; Path=/; HttpOnly; SameSite=Lax%s%s", id, secure, age);
}

/* `old` is who was logged in so far; it may be NULL. */
static enum MHD_Result finish_login(struct MHD_Connection *connection, const struct request *request,
                                    const char *cookies, const struct session *old) {
    struct session *session = calloc(1, sizeof *session);
    aw_tokens *tokens = NULL;
    aw_error *error = NULL;
    const char *callback = request->body != NULL ? request->body : request->uri;
    size_t length = request->body != NULL ? request->length : strlen(request->uri);
    if (session == NULL) {
        return MHD_NO;
    }
    aw_status status = aw_oauth_client_finish_login(client, NULL, 0, cookies, cookies == NULL ? 0 : AW_NUL, callback,
                                                    length, PATIENCE, &tokens, &error);
    if (status == AW_OK) {
        status = ask_user(tokens, &session->person, &error);
    }
    if (status == AW_OK) {
        /* These sessions are gone with the program, so nobody has to keep new tokens for the next one. */
        status = aw_token_manager_new(client, tokens, NULL, 0, NULL, NULL, &session->manager, &error);
    }
    enum MHD_Result result;
    if (status == AW_OK) {
        char cookie[256];
        const char *return_to = aw_tokens_return_to(tokens, NULL);
        name_session(session);
        session->uses = 1;
        write_cookie(cookie, session->id, "");
        if (old != NULL) {
            put(NULL, old); /* nobody has its number any more */
        }
        put(session, NULL);
        const char *set[] = {cookie, aw_tokens_clear_cookie(tokens, NULL)};
        result = redirect(connection, return_to == NULL ? "/" : return_to, set, 2);
    } else {
        aw_buffer *cookie = NULL;
        if (aw_oauth_client_forget_login(client, cookies, cookies == NULL ? 0 : AW_NUL, callback, length, &cookie,
                                         NULL) != AW_OK) {
            cookie = NULL; /* then it stays for its ten minutes */
        }
        free(session);
        result = show_error(connection, error, aw_buffer_data(cookie));
        aw_buffer_free(cookie);
    }
    aw_tokens_free(tokens);
    return result;
}

/* Renewed if need be: the tokens of a manager are always good. */
static enum MHD_Result show_user(struct MHD_Connection *connection, const struct session *session) {
    aw_tokens *tokens = NULL;
    aw_error *error = NULL;
    struct person person = {0};
    aw_status status = aw_token_manager_tokens(session->manager, false, PATIENCE, &tokens, &error);
    if (status == AW_OK) {
        status = ask_user(tokens, &person, &error);
    }
    aw_tokens_free(tokens);
    return status == AW_OK ? show_home(connection, session, &person) : show_error(connection, error, NULL);
}

static enum MHD_Result refresh(struct MHD_Connection *connection, const struct session *session) {
    aw_tokens *tokens = NULL;
    aw_error *error = NULL;
    aw_status status = aw_token_manager_tokens(session->manager, true, PATIENCE, &tokens, &error);
    aw_tokens_free(tokens);
    return status == AW_OK ? redirect(connection, "/", NULL, 0) : show_error(connection, error, NULL);
}

static aw_status write_logout_url(const aw_tokens *tokens, aw_buffer **url) {
    aw_claims *options = NULL;
    aw_buffer *json = NULL;
    aw_status status = aw_claims_new(&options, NULL);
    if (status == AW_OK && aw_tokens_id_token(tokens, NULL) != NULL) {
        status = aw_claims_set_string(options, "id_token_hint", aw_tokens_id_token(tokens, NULL), AW_NUL, NULL);
    }
    if (status == AW_OK) {
        status = aw_claims_to_json(options, &json, NULL);
    }
    if (status == AW_OK) {
        status = aw_oauth_client_logout_url(client, aw_buffer_data(json), AW_NUL, PATIENCE, url, NULL);
    }
    aw_buffer_free(json);
    aw_claims_free(options);
    return status;
}

/* The session ends here whatever the provider says; then there. A link does for an example: a real site has a form. */
static enum MHD_Result logout(struct MHD_Connection *connection, const struct session *session) {
    aw_tokens *tokens = NULL;
    aw_buffer *url = NULL;
    char cookie[256];
    const char *gone[] = {cookie};
    write_cookie(cookie, "", "; Max-Age=0");
    put(NULL, session);
    if (aw_token_manager_current(session->manager, &tokens, NULL) == AW_OK) {
        aw_error *error = NULL;
        if (aw_oauth_client_revoke(client, tokens, PATIENCE, &error) != AW_OK) {
            fprintf(stderr, "revoke: %s: %s\n", aw_status_name(aw_error_code(error)), aw_error_message(error));
            aw_error_free(error);
        }
    }
    bool has_page = tokens != NULL && write_logout_url(tokens, &url) == AW_OK;
    enum MHD_Result result = redirect(connection, has_page ? aw_buffer_data(url) : "/", gone, 1);
    aw_buffer_free(url);
    aw_tokens_free(tokens);
    return result;
}

/* The server. */

static enum MHD_Result not_found(struct MHD_Connection *connection) {
    char *text = NULL;
    size_t length = 0;
    FILE *html = begin_page(&text, &length);
    fputs("<p>There is no such page.</p>", html);
    return finish_page(connection, html, &text, &length, MHD_HTTP_NOT_FOUND, NULL, 0);
}

static enum MHD_Result route(struct MHD_Connection *connection, const struct request *request, const char *path) {
    const char *cookies = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Cookie");
    if (strcmp(path, "/login") == 0) {
        return begin_login(connection, cookies);
    }
    struct session *session = enter(MHD_lookup_connection_value(connection, MHD_COOKIE_KIND, SESSION_COOKIE));
    enum MHD_Result result;
    if (strcmp(path, "/callback") == 0) {
        result = finish_login(connection, request, cookies, session);
    } else if (strcmp(path, "/") == 0) {
        result = show_home(connection, session, session == NULL ? NULL : &session->person);
    } else if (strcmp(path, "/userinfo") != 0 && strcmp(path, "/refresh") != 0 && strcmp(path, "/logout") != 0) {
        result = not_found(connection);
    } else if (session == NULL) {
        result = redirect(connection, "/", NULL, 0);
    } else if (strcmp(path, "/userinfo") == 0) {
        result = show_user(connection, session);
    } else if (strcmp(path, "/refresh") == 0) {
        result = refresh(connection, session);
    } else {
        result = logout(connection, session);
    }
    if (session != NULL) {
        leave(session);
    }
    return result;
}

/* The first that is heard of a request: its URI, before it is taken apart. */
static void *begin_request(void *unused, const char *uri, struct MHD_Connection *connection) {
    (void)unused, (void)connection;
    struct request *request = calloc(1, sizeof *request);
    if (request == NULL || (request->uri = strdup(uri)) == NULL) {
        abort();
    }
    return request;
}

static enum MHD_Result serve(void *unused, struct MHD_Connection *connection, const char *path, const char *method,
                             const char *version, const char *data, size_t *size, void **state) {
    (void)unused, (void)version;
    struct request *request = *state;
    bool is_form = strcmp(method, "POST") == 0 && strcmp(path, "/callback") == 0;
    if (!request->seen) {
        request->seen = true;
        return MHD_YES;
    }
    if (*size > 0) {
        if (*size > MOST_BODY - request->length) {
            return MHD_NO; /* nobody has so much to say */
        }
        char *body = realloc(request->body, request->length + *size + 1);
        if (body == NULL) {
            return MHD_NO;
        }
        memcpy(body + request->length, data, *size);
        request->body = body;
        request->length += *size;
        *size = 0;
        return MHD_YES;
    }
    if (strcmp(method, "GET") != 0 && !is_form) {
        return not_found(connection);
    }
    return route(connection, request, path);
}

static void end_request(void *unused, struct MHD_Connection *connection, void **state,
                        enum MHD_RequestTerminationCode how) {
    (void)unused, (void)connection, (void)how;
    struct request *request = *state;
    if (request != NULL) {
        free(request->body);
        free(request->uri);
        free(request);
    }
}

/* The program. */

static const char *setting(const char *name, const char *otherwise) {
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : otherwise;
}

static aw_status add(aw_claims *options, const char *name, const char *value, aw_error **error) {
    return value == NULL ? AW_OK : aw_claims_set_string(options, name, value, AW_NUL, error);
}

static aw_status make_client(const char *redirect_uri, const char *home, aw_error **error) {
    aw_claims *options = NULL;
    aw_buffer *json = NULL;
    aw_key *seal_key = NULL;
    const char *const settings[][2] = {
        {"issuer", setting("ISSUER", NULL)},
        {"client_id", setting("CLIENT_ID", NULL)},
        {"client_secret", setting("CLIENT_SECRET", NULL)},
        {"redirect_uri", redirect_uri},
        {"response_mode", setting("RESPONSE_MODE", NULL)},
        {"scope", setting("SCOPE", "openid email profile offline_access")},
        {"post_logout_redirect_uri", setting("POST_LOGOUT_REDIRECT_URI", home)},
    };
    /* Logins that are under way end with this process. A site that has several, or is to be restarted without that,
     * reads the key from where its secrets are. */
    aw_status status = aw_key_generate("HS256", NULL, 0, &seal_key, error);
    if (status == AW_OK) {
        status = aw_claims_new(&options, error);
    }
    for (size_t index = 0; index < sizeof settings / sizeof *settings && status == AW_OK; index++) {
        status = add(options, settings[index][0], settings[index][1], error);
    }
    if (status == AW_OK) {
        status = aw_claims_to_json(options, &json, error);
    }
    if (status == AW_OK) {
        const aw_key *seal_keys[] = {seal_key};
        status = aw_oauth_client_new(aw_buffer_data(json), AW_NUL, seal_keys, 1, NULL, NULL, &client, error);
    }
    aw_key_free(seal_key);
    aw_buffer_free(json);
    aw_claims_free(options);
    return status;
}

/* The port of a URL that has one. */
static const char *port_of(const char *url) {
    const char *host = url == NULL ? NULL : strstr(url, "://");
    const char *colon = host == NULL ? NULL : strchr(host + 3, ':');
    return colon == NULL ? "0" : colon + 1;
}

int main(void) {
    const char *redirect_uri = setting("REDIRECT_URI", NULL);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char home[64], callback[96];
    aw_error *error = NULL;
    sigset_t ending;
    int signal_number = 0;
    /* Before there are threads, so that none of them is ended by it. */
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ending, NULL);
    signal(SIGPIPE, SIG_IGN);

    address.sin_port = htons((uint16_t)atoi(setting("PORT", port_of(redirect_uri))));
    /* A thread for each connection, because the calls of authwright block while the provider is asked. */
    struct MHD_Daemon *server = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ERROR_LOG, 0, NULL,
        NULL, serve, NULL, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_URI_LOG_CALLBACK,
        begin_request, NULL, MHD_OPTION_NOTIFY_COMPLETED, end_request, NULL, MHD_OPTION_CONNECTION_TIMEOUT, 60U,
        MHD_OPTION_END);
    const union MHD_DaemonInfo *bound = server == NULL ? NULL : MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT);
    if (bound == NULL) {
        fprintf(stderr, "the port is not to be had\n");
        return 1;
    }
    snprintf(home, sizeof home, "http://127.0.0.1:%u/", (unsigned)bound->port);
    snprintf(callback, sizeof callback, "%scallback", home);
    redirect_uri = redirect_uri == NULL ? callback : redirect_uri;
    is_secure = strncmp(redirect_uri, "https:", 6) == 0;
    /* Nobody knows the port yet, so nobody asks before there is a client. */
    if (make_client(redirect_uri, home, &error) != AW_OK) {
        fprintf(stderr, "%s: %s\n", aw_status_name(aw_error_code(error)), aw_error_message(error));
        aw_error_free(error);
        MHD_stop_daemon(server);
        return 1;
    }
    printf("{\"url\": \"%.*s\"}\n", (int)strlen(home) - 1, home);
    fflush(stdout);
    sigwait(&ending, &signal_number);
    MHD_stop_daemon(server);
    for (size_t index = 0; index < MOST_SESSIONS; index++) {
        if (sessions[index] != NULL) {
            leave(sessions[index]);
        }
    }
    aw_oauth_client_free(client);
    return 0;
}

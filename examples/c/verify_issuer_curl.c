/*
 * Verifies the tokens of a live issuer on one thread that never blocks: the library says what to send, libcurl's multi
 * interface sends it, and one poll() waits for everything.
 *
 *     verify_issuer_curl ISSUER AUDIENCE [COOLDOWN]
 *
 * Reads tokens from its input, a line each, and answers each with a line in the same order: "ok" and the subject, or
 * the code of the error. All tokens that are there at once are verified at once; one of them fetches the keys for all.
 *
 *     cc verify_issuer_curl.c $(pkg-config --cflags --libs authwright libcurl) -o verify_issuer_curl
 */
#define _POSIX_C_SOURCE 200809L
#include <authwright.h>
#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long one token may take, and connecting for it, in milliseconds. */
#define PATIENCE 10000
#define CONNECTING 5000
#define MOST_JOBS 256
#define MOST_SOCKETS 512
#define MOST_HEADERS 128

/* One verification, or one fetch in the background: an operation, and the transfer that it asked for. */
struct job {
    aw_operation *operation; /* NULL: the job is free */
    bool in_background;
    bool over;
    bool step_now;       /* something happened: step again */
    uint64_t wait_until; /* step again then; 0: no */

    CURL *transfer;
    uint64_t id;
    struct curl_slist *sent_headers;
    char *body;
    size_t length;
    bool too_large;
    char reason[CURL_ERROR_SIZE];
};

static struct loop {
    CURLM *multi;
    uint64_t timer_at; /* when libcurl wants to be called; 0: never */
    struct pollfd sockets[MOST_SOCKETS];
    nfds_t socket_count; /* the first is the program's input */
    struct job jobs[MOST_JOBS];
} loop;

/* The part between an operation and libcurl. */

/* Keeps no more of the body than the operation allows. libcurl has decompressed it by then: a small bomb is large here.
 */
static size_t receive(char *data, size_t size, size_t count, void *user) {
    struct job *job = user;
    size_t most = aw_operation_request_max_body_bytes(job->operation), more = size * count;
    job->too_large = more > most - job->length;
    char *body = job->too_large ? NULL : realloc(job->body, job->length + more + 1);
    if (body == NULL) {
        return 0; /* ends the transfer */
    }
    job->body = body;
    memcpy(body + job->length, data, more);
    job->length += more;
    return more;
}

static void end_transfer(struct job *job) {
    if (job->transfer != NULL) {
        curl_multi_remove_handle(loop.multi, job->transfer);
        curl_easy_cleanup(job->transfer);
    }
    curl_slist_free_all(job->sent_headers);
    free(job->body);
    job->transfer = NULL;
    job->sent_headers = NULL;
    job->body = NULL;
    job->length = 0;
}

/* Nothing happened to the operation in the meantime, so its ids fit: a failure here would be a bug of this program. */
static void must(aw_status status) {
    if (status != AW_OK) {
        fprintf(stderr, "%s\n", aw_status_name(status));
        abort();
    }
}

static void fail(struct job *job, uint32_t kind, uint32_t sent, const char *reason) {
    must(aw_operation_fail(job->operation, job->id, aw_now_ms(), kind, sent, reason, NULL));
    job->step_now = true;
}

/* Of any length: a token may be in it. */
static void append_header(struct job *job, const char *name, const char *value) {
    size_t size = strlen(name) + strlen(value) + sizeof ": ";
    char *header = malloc(size);
    if (header == NULL) {
        abort();
    }
    snprintf(header, size, "%s: %s", name, value);
    job->sent_headers = curl_slist_append(job->sent_headers, header);
    free(header);
}

/* Sends what the operation asks for: exactly that, nowhere else, and not for ever. */
static void begin_transfer(struct job *job) {
    aw_operation *operation = job->operation;
    if (aw_operation_request_reach(operation) != AW_REACH_ANYWHERE) {
        /* It could be done in CURLOPT_OPENSOCKETFUNCTION; no operation of this program asks for it. */
        fail(job, AW_FAILURE_UNSUPPORTED, AW_SENT_NOT, "connect-time address check");
        return;
    }
    if (aw_operation_request_needs_client_certificate(operation)) {
        /* A program that has one sets CURLOPT_SSLCERT and CURLOPT_SSLKEY instead. */
        fail(job, AW_FAILURE_UNSUPPORTED, AW_SENT_NOT, "client certificate");
        return;
    }
    CURL *transfer = job->transfer = curl_easy_init();
    size_t length = 0;
    const void *body = aw_operation_request_body(operation, &length);
    uint64_t now = aw_now_ms(), deadline = aw_operation_request_deadline(operation);
    long left = deadline > now ? (long)(deadline - now) : 1;
    for (size_t index = 0; index < aw_operation_request_header_count(operation); index++) {
        append_header(job, aw_operation_request_header_name(operation, index),
                      aw_operation_request_header_value(operation, index));
    }
    curl_easy_setopt(transfer, CURLOPT_URL, aw_operation_request_url(operation));
    if (body != NULL) { /* of a POST: a form with a code or a token in it */
        curl_easy_setopt(transfer, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
        curl_easy_setopt(transfer, CURLOPT_COPYPOSTFIELDS, body);
    }
    curl_easy_setopt(transfer, CURLOPT_CUSTOMREQUEST, aw_operation_request_method(operation));
    curl_easy_setopt(transfer, CURLOPT_HTTPHEADER, job->sent_headers);
    curl_easy_setopt(transfer, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(transfer, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(transfer, CURLOPT_PROTOCOLS_STR, "https,http");
    /* On a connection that was kept open and turns out to be dead, libcurl would send the request a second time. What
     * can be spent once, a code or a refresh token, would be lost by that. */
    curl_easy_setopt(transfer, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(transfer, CURLOPT_TIMEOUT_MS, left);
    curl_easy_setopt(transfer, CURLOPT_CONNECTTIMEOUT_MS, left < CONNECTING ? left : CONNECTING);
    curl_easy_setopt(transfer, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(transfer, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(transfer, CURLOPT_WRITEDATA, job);
    curl_easy_setopt(transfer, CURLOPT_ERRORBUFFER, job->reason);
    curl_easy_setopt(transfer, CURLOPT_PRIVATE, job);
    curl_multi_add_handle(loop.multi, transfer);
}

static void hand_over_answer(struct job *job) {
    aw_header headers[MOST_HEADERS];
    size_t count = 0;
    long status = 0;
    struct curl_header *header = NULL;
    while (count < MOST_HEADERS && (header = curl_easy_nextheader(job->transfer, CURLH_HEADER, -1, header)) != NULL) {
        headers[count].name = header->name;
        headers[count].value = header->value;
        count++;
    }
    curl_easy_getinfo(job->transfer, CURLINFO_RESPONSE_CODE, &status);
    must(aw_operation_resume(job->operation, job->id, aw_now_ms(), (uint32_t)status, headers, count, job->body,
                             job->length, NULL));
    job->step_now = true;
}

/* Says what went wrong, and whether the server may have seen the request. */
static void hand_over_failure(struct job *job, CURLcode code) {
    const char *reason = job->reason[0] != '\0' ? job->reason : curl_easy_strerror(code);
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        fail(job, AW_FAILURE_DEADLINE, AW_SENT_MAYBE, reason);
        break;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CIPHER:
        fail(job, AW_FAILURE_TLS, AW_SENT_NOT, reason);
        break;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        fail(job, AW_FAILURE_TRANSPORT, AW_SENT_NOT, reason);
        break;
    default:
        fail(job, job->too_large ? AW_FAILURE_TOO_LARGE : AW_FAILURE_TRANSPORT, AW_SENT_MAYBE, reason);
    }
}

/* Called when who made the request has the answer: on this thread here, within aw_operation_resume() for another job.
 * In a program with more threads it would have to write to a pipe that the loop polls. */
static void wake(void *user) {
    struct job *job = user;
    job->step_now = true;
}

static void step(struct job *job) {
    uint64_t id = 0;
    job->step_now = false;
    switch (aw_operation_step(job->operation, aw_now_ms(), &id, &job->wait_until)) {
    case AW_STEP_SEND:
        if (job->transfer == NULL) {
            job->id = id;
            begin_transfer(job);
        }
        break;
    case AW_STEP_WAIT:
        must(aw_operation_notify(job->operation, wake, job, NULL));
        break;
    default:
        job->over = true;
    }
}

static void free_job(struct job *job) {
    end_transfer(job);
    aw_operation_free(job->operation); /* cancels what is not over */
    *job = (struct job){0};
}

/* Takes a new operation over. NULL if there are too many: then it is cancelled. */
static struct job *new_job(aw_operation *operation, bool in_background) {
    for (struct job *job = loop.jobs; job < loop.jobs + MOST_JOBS; job++) {
        if (job->operation == NULL) {
            *job = (struct job){.operation = operation, .in_background = in_background, .step_now = true};
            return job;
        }
    }
    aw_operation_free(operation);
    return NULL;
}

/* The event loop. A program that has one already (libuv, libev, epoll) hands it these sockets and this timer. */

/* libcurl says what to wait for at a socket. */
static int watch(CURL *transfer, curl_socket_t socket, int what, void *user, void *of_socket) {
    (void)transfer, (void)user, (void)of_socket;
    nfds_t index = 1;
    while (index < loop.socket_count && loop.sockets[index].fd != socket) {
        index++;
    }
    if (what == CURL_POLL_REMOVE) {
        if (index < loop.socket_count) {
            loop.sockets[index] = loop.sockets[--loop.socket_count];
        }
        return 0;
    }
    if (index == MOST_SOCKETS) {
        return -1; /* fails the transfer */
    }
    loop.socket_count += index == loop.socket_count;
    short events = (short)(((what & CURL_POLL_IN) != 0 ? POLLIN : 0) | ((what & CURL_POLL_OUT) != 0 ? POLLOUT : 0));
    loop.sockets[index] = (struct pollfd){.fd = socket, .events = events};
    return 0;
}

/* libcurl says when it wants to be called, whatever happens. */
static int set_timer(CURLM *multi, long timeout_ms, void *user) {
    (void)multi, (void)user;
    loop.timer_at = timeout_ms < 0 ? 0 : aw_now_ms() + (uint64_t)timeout_ms;
    return 0;
}

static void sooner(uint64_t *until, uint64_t candidate) {
    *until = candidate != 0 && candidate < *until ? candidate : *until;
}

/* Steps all that has reason to, until nothing is left to do but wait. */
static void step_jobs(void) {
    uint64_t now = aw_now_ms();
    bool again = true;
    while (again) {
        again = false;
        for (struct job *job = loop.jobs; job < loop.jobs + MOST_JOBS; job++) {
            bool is_time = job->wait_until != 0 && job->wait_until <= now;
            if (job->operation != NULL && !job->over && (job->step_now || is_time)) {
                step(job);
                again = true;
            }
            if (job->over && job->in_background) {
                free_job(job); /* what came of it is told by events, see aw_set_event_hook() */
            }
        }
    }
}

/* Waits until something happens, and does what it asks for. `listening`: new input is something, too. */
static void turn(bool listening) {
    uint64_t now = aw_now_ms(), until = UINT64_MAX;
    int running = 0, messages = 0;
    step_jobs();
    sooner(&until, loop.timer_at);
    for (struct job *job = loop.jobs; job < loop.jobs + MOST_JOBS; job++) {
        sooner(&until, job->wait_until);
        if (job->over && !job->in_background) {
            until = 0; /* its answer is to be written first */
        }
    }
    uint64_t left = until > now ? until - now : 0;
    loop.sockets[0] = (struct pollfd){.fd = listening ? STDIN_FILENO : -1, .events = POLLIN};
    if (poll(loop.sockets, loop.socket_count, until == UINT64_MAX ? -1 : (int)(left < INT_MAX ? left : INT_MAX)) > 0) {
        /* From the last to the first: libcurl may take sockets out of the list meanwhile. */
        for (nfds_t index = loop.socket_count; index-- > 1;) {
            if (index < loop.socket_count && loop.sockets[index].revents != 0) {
                short events = loop.sockets[index].revents;
                int what = ((events & (POLLIN | POLLHUP)) != 0 ? CURL_CSELECT_IN : 0) |
                           ((events & POLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                           ((events & (POLLERR | POLLNVAL)) != 0 ? CURL_CSELECT_ERR : 0);
                loop.sockets[index].revents = 0;
                curl_multi_socket_action(loop.multi, loop.sockets[index].fd, what, &running);
            }
        }
    }
    if (loop.timer_at != 0 && loop.timer_at <= aw_now_ms()) {
        loop.timer_at = 0;
        curl_multi_socket_action(loop.multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    for (CURLMsg *message; (message = curl_multi_info_read(loop.multi, &messages)) != NULL;) {
        struct job *job = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&job);
        if (code == CURLE_OK) {
            hand_over_answer(job);
        } else {
            hand_over_failure(job, code);
        }
        end_transfer(job);
    }
}

static bool open_loop(void) {
    /* Writing to a connection that the server has closed is an error, not the end of the program. */
    signal(SIGPIPE, SIG_IGN);
    loop.socket_count = 1;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || (loop.multi = curl_multi_init()) == NULL) {
        return false;
    }
    curl_multi_setopt(loop.multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(loop.multi, CURLMOPT_TIMERFUNCTION, set_timer);
    return true;
}

static void close_loop(void) {
    for (struct job *job = loop.jobs; job < loop.jobs + MOST_JOBS; job++) {
        free_job(job);
    }
    curl_multi_cleanup(loop.multi);
    curl_global_cleanup();
}

/* The program. */

static struct job *queue[MOST_JOBS / 2]; /* in the order in which the tokens came */
static size_t queued = 0;
static char input[256 * 1024]; /* what was read and is not in the queue yet */
static size_t input_length = 0;

static bool is_full(void) {
    return queued == sizeof queue / sizeof *queue;
}

/* Reads what is there. false: no more will come. */
static bool read_input(void) {
    ssize_t got = read(STDIN_FILENO, input + input_length, sizeof input - input_length);
    input_length += got > 0 ? (size_t)got : 0;
    return got > 0 || (got < 0 && errno == EINTR);
}

/* Begins a verification for each whole line. */
static void take_lines(const aw_verifier *verifier) {
    char *start = input, *end;
    while (!is_full() && (end = memchr(start, '\n', input_length - (size_t)(start - input))) != NULL) {
        aw_operation *operation = NULL;
        must(aw_verifier_begin(verifier, start, (size_t)(end - start), aw_now_ms(), PATIENCE, &operation, NULL));
        queue[queued++] = new_job(operation, false);
        start = end + 1;
    }
    input_length -= (size_t)(start - input);
    memmove(input, start, input_length);
}

static void write_answer(struct job *job) {
    aw_token *token = NULL;
    const char *subject = NULL;
    aw_status status = aw_operation_token(job->operation, &token, NULL);
    if (status == AW_OK) {
        status = aw_token_get_string(token, "sub", &subject, NULL, NULL);
    }
    if (status == AW_OK) {
        printf("ok %s\n", subject);
    } else {
        /* AW_ERR_KEYS_NEEDED says nothing about the token: a service answers 503 rather than 401. */
        puts(aw_status_name(status));
    }
    aw_token_free(token);
    free_job(job);
}

static void write_answers(void) {
    size_t written = 0;
    while (written < queued && queue[written]->over) {
        write_answer(queue[written++]);
    }
    queued -= written;
    memmove(queue, queue + written, queued * sizeof *queue);
    fflush(stdout);
}

/* Keys that are due are fetched beside everything else, before anybody has to wait for them. */
static void refresh_ahead(const aw_remote_keyset *keys) {
    aw_operation *operation = NULL;
    must(aw_remote_keyset_begin_refresh_ahead(keys, aw_now_ms(), &operation, NULL));
    if (operation != NULL) {
        new_job(operation, true);
        step_jobs(); /* from its first step on nobody else is told that it is due */
    }
}

static aw_status write_object(const char *name, const char *value, const char *cooldown, aw_buffer **json,
                              aw_error **error) {
    aw_claims *object = NULL;
    aw_status status = aw_claims_new(&object, error);
    if (status == AW_OK) {
        status = aw_claims_set_string(object, name, value, AW_NUL, error);
    }
    if (status == AW_OK && cooldown != NULL) {
        status = aw_claims_set_int(object, "cooldown", atoi(cooldown), error);
    }
    if (status == AW_OK) {
        status = aw_claims_to_json(object, json, error);
    }
    aw_claims_free(object);
    return status;
}

int main(int argc, char **argv) {
    aw_error *error = NULL;
    aw_buffer *options = NULL, *policy = NULL;
    aw_remote_keyset *keys = NULL;
    aw_verifier *verifier = NULL;
    if (argc != 3 && argc != 4) {
        fprintf(stderr, "verify_issuer_curl ISSUER AUDIENCE [COOLDOWN]\n");
        return 2;
    }
    if (!open_loop()) {
        fprintf(stderr, "libcurl does not start\n");
        return 1;
    }
    if (write_object("issuer", argv[1], argc == 4 ? argv[3] : NULL, &options, &error) != AW_OK ||
        write_object("audience", argv[2], NULL, &policy, &error) != AW_OK ||
        aw_remote_keyset_new(aw_buffer_data(options), AW_NUL, NULL, &keys, &error) != AW_OK ||
        aw_verifier_new_remote(keys, aw_buffer_data(policy), AW_NUL, &verifier, &error) != AW_OK) {
        fprintf(stderr, "%s: %s\n", aw_status_name(aw_error_code(error)), aw_error_message(error));
        aw_error_free(error);
        return 1;
    }
    for (bool open = true; open || queued > 0;) {
        turn(open && !is_full());
        if (loop.sockets[0].revents != 0) {
            open = read_input();
        }
        if (queued > 0 && queue[0]->over) {
            write_answers();
            refresh_ahead(keys);
        }
        take_lines(verifier);
    }
    close_loop();
    aw_verifier_free(verifier);
    aw_remote_keyset_free(keys);
    aw_buffer_free(policy);
    aw_buffer_free(options);
    return 0;
}

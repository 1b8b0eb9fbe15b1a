/* A store that a C program makes itself: a table of records in memory, sorted by key, behind a lock. */
#ifndef AW_TEST_HOST_STORE_H
#define AW_TEST_HOST_STORE_H

#include <authwright.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct kept {
    char *key, *value, *owner;
    size_t length;
    uint64_t version, expires_at;
};

struct shelf {
    pthread_mutex_t lock;
    struct kept *records;
    size_t count, room, most;
    bool is_closed;
};

static char *copied(const char *text, size_t length) {
    char *copy = malloc(length + 1);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

/* Where the key is, or would be. */
static size_t place_of(const struct shelf *shelf, const char *key) {
    size_t low = 0, high = shelf->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(shelf->records[middle].key, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_there(const struct shelf *shelf, size_t place, const char *key) {
    return place < shelf->count && strcmp(shelf->records[place].key, key) == 0;
}

static void empty_place(struct kept *kept) {
    free(kept->key);
    free(kept->value);
    free(kept->owner);
}

static void remove_at(struct shelf *shelf, size_t place) {
    empty_place(&shelf->records[place]);
    shelf->count--;
    memmove(&shelf->records[place], &shelf->records[place + 1], (shelf->count - place) * sizeof *shelf->records);
}

static int hand_over(aw_record_sink *sink, const struct kept *kept) {
    const aw_record record = {.size = sizeof record,
                              .key = kept->key,
                              .version = kept->version,
                              .value = kept->value,
                              .value_length = kept->length,
                              .owner = kept->owner,
                              .expires_at = kept->expires_at};
    return aw_record_sink_add(sink, &record);
}

static int shelf_get(const char *key, uint64_t timeout_ms, aw_record_sink *found, void *user) {
    struct shelf *shelf = user;
    int answer = AW_STORE_DONE;
    (void)timeout_ms;
    pthread_mutex_lock(&shelf->lock);
    size_t place = place_of(shelf, key);
    if (is_there(shelf, place, key)) {
        answer = hand_over(found, &shelf->records[place]);
    }
    pthread_mutex_unlock(&shelf->lock);
    return answer;
}

static int shelf_put_if(const aw_record *record, uint64_t expected, uint64_t timeout_ms, void *user) {
    struct shelf *shelf = user;
    int answer = AW_STORE_DONE;
    (void)timeout_ms;
    pthread_mutex_lock(&shelf->lock);
    size_t place = place_of(shelf, record->key);
    bool known = is_there(shelf, place, record->key);
    if ((known ? shelf->records[place].version : AW_ABSENT) != expected) {
        answer = AW_STORE_REFUSED;
    } else if (!known && shelf->count == shelf->most) {
        answer = AW_STORE_FULL;
    } else {
        struct kept kept = {.key = copied(record->key, strlen(record->key)),
                            .value = copied(record->value, record->value_length),
                            .owner = record->owner == NULL ? NULL : copied(record->owner, strlen(record->owner)),
                            .length = record->value_length,
                            .version = record->version,
                            .expires_at = record->expires_at};
        if (known) {
            empty_place(&shelf->records[place]);
        } else {
            if (shelf->count == shelf->room) {
                shelf->room = shelf->room == 0 ? 64 : 2 * shelf->room;
                shelf->records = realloc(shelf->records, shelf->room * sizeof *shelf->records);
                if (shelf->records == NULL) {
                    abort();
                }
            }
            memmove(&shelf->records[place + 1], &shelf->records[place],
                    (shelf->count - place) * sizeof *shelf->records);
            shelf->count++;
        }
        shelf->records[place] = kept;
    }
    pthread_mutex_unlock(&shelf->lock);
    return answer;
}

static int shelf_delete_if(const char *key, uint64_t version, uint64_t timeout_ms, void *user) {
    struct shelf *shelf = user;
    int answer = AW_STORE_REFUSED;
    (void)timeout_ms;
    pthread_mutex_lock(&shelf->lock);
    size_t place = place_of(shelf, key);
    if (is_there(shelf, place, key) && shelf->records[place].version == version) {
        remove_at(shelf, place);
        answer = AW_STORE_DONE;
    }
    pthread_mutex_unlock(&shelf->lock);
    return answer;
}

/* The next page begins behind the last key of this one. */
static int shelf_list(const char *owner, const char *after, size_t limit, uint64_t timeout_ms, aw_record_sink *page,
                      void *user) {
    struct shelf *shelf = user;
    const char *last = NULL;
    int answer = AW_STORE_DONE;
    (void)timeout_ms;
    pthread_mutex_lock(&shelf->lock);
    size_t place = after == NULL ? 0 : place_of(shelf, after);
    place += after != NULL && is_there(shelf, place, after);
    for (; place < shelf->count && answer == AW_STORE_DONE; place++) {
        const struct kept *kept = &shelf->records[place];
        if (kept->owner == NULL || strcmp(kept->owner, owner) != 0) {
            continue;
        }
        if (limit == 0) {
            answer = aw_record_sink_set_next(page, last);
            break;
        }
        answer = hand_over(page, kept);
        last = kept->key;
        limit--;
    }
    pthread_mutex_unlock(&shelf->lock);
    return answer;
}

static int shelf_sweep(uint64_t before, size_t limit, uint64_t timeout_ms, size_t *removed, void *user) {
    struct shelf *shelf = user;
    (void)timeout_ms;
    pthread_mutex_lock(&shelf->lock);
    for (size_t place = shelf->count; place > 0 && *removed < limit; place--) {
        if (shelf->records[place - 1].expires_at < before) {
            remove_at(shelf, place - 1);
            ++*removed;
        }
    }
    pthread_mutex_unlock(&shelf->lock);
    return AW_STORE_DONE;
}

static void shelf_close(void *user) {
    struct shelf *shelf = user;
    pthread_mutex_lock(&shelf->lock);
    shelf->is_closed = true;
    pthread_mutex_unlock(&shelf->lock);
}

static void shelf_free(void *user) {
    struct shelf *shelf = user;
    while (shelf->count > 0) {
        remove_at(shelf, shelf->count - 1);
    }
    free(shelf->records);
    pthread_mutex_destroy(&shelf->lock);
    free(shelf);
}

static const aw_store_functions shelf_functions = {.size = sizeof(aw_store_functions),
                                                   .get = shelf_get,
                                                   .put_if = shelf_put_if,
                                                   .delete_if = shelf_delete_if,
                                                   .list = shelf_list,
                                                   .sweep = shelf_sweep,
                                                   .close = shelf_close,
                                                   .free = shelf_free};

static struct shelf *new_shelf(size_t most) {
    struct shelf *shelf = calloc(1, sizeof *shelf);
    if (shelf == NULL || pthread_mutex_init(&shelf->lock, NULL) != 0) {
        abort();
    }
    shelf->most = most;
    return shelf;
}

#endif

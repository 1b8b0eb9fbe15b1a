#include "contest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static unsigned long environment_number(const char *name, unsigned long usual) {
    const char *text = getenv(name);
    return text != NULL && *text != '\0' ? strtoul(text, NULL, 10) : usual;
}

static unsigned long thread_cpu_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (unsigned long)time.tv_sec * 1000000000UL + (unsigned long)time.tv_nsec;
}

static void work_for(contest_work *work, void *context, unsigned long calls, const char *name) {
    for (unsigned long call = 0; call < calls; call++) {
        if (!work(context)) {
            fprintf(stderr, "bench: %s failed\n", name);
            exit(1);
        }
    }
}

static unsigned long spend(contestant *contestant) {
    unsigned long start = thread_cpu_ns();
    work_for(contestant->work, contestant->context, contestant->calls, contestant->name);
    return thread_cpu_ns() - start;
}

/* Warms up, and finds the number of calls that fills one sample. One long sample is not believed: a first call that
 * loads and initialises things may take longer than all the calls of a sample together. */
static void calibrate(contestant *contestant, unsigned long sample) {
    for (int filled = 0; filled < 3;) {
        unsigned long spent = spend(contestant);
        if (spent >= sample) {
            filled++;
            continue;
        }
        filled = 0;
        unsigned long calls = contestant->calls;
        unsigned long wanted = calls * sample / (spent > 0 ? spent : 1) + 1;
        contestant->calls = wanted > calls * 10 ? calls * 10 : wanted > calls ? wanted : calls + 1;
    }
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(const double *values, size_t count) {
    double *sorted = malloc(count * sizeof *sorted);
    memcpy(sorted, values, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, ascending);
    double middle = sorted[count / 2];
    free(sorted);
    return middle;
}

void contest_add(contest *contest, const char *name, bool ours, contest_work *work, void *context) {
    contestant added = {name, ours, work, context, 1, NULL};
    contest->contestants[contest->count++] = added;
}

void contest_run(contest *contest) {
    size_t rounds = environment_number("AW_BENCH_ROUNDS", 101);
    unsigned long sample = environment_number("AW_BENCH_SAMPLE_US", 2000) * 1000;
    for (size_t i = 0; i < contest->count; i++) {
        contest->contestants[i].ns = calloc(rounds, sizeof(double));
        calibrate(&contest->contestants[i], sample);
    }
    for (size_t round = 0; round < rounds; round++) {
        for (size_t turn = 0; turn < contest->count; turn++) {
            contestant *contestant = &contest->contestants[(round + turn) % contest->count];
            contestant->ns[round] = (double)spend(contestant) / (double)contestant->calls;
        }
    }
    fprintf(stderr, "  %s\n", contest->name);
    printf("{\"name\":\"%s\",\"contestants\":[", contest->name);
    for (size_t i = 0; i < contest->count; i++) {
        contestant *contestant = &contest->contestants[i];
        fprintf(stderr, "    %-44s %10.0f ns\n", contestant->name, median(contestant->ns, rounds));
        printf("%s{\"name\":\"%s\",\"ours\":%s,\"calls\":%lu,\"ns\":[", i > 0 ? "," : "", contestant->name,
               contestant->ours ? "true" : "false", contestant->calls);
        for (size_t round = 0; round < rounds; round++) {
            printf("%s%.1f", round > 0 ? "," : "", contestant->ns[round]);
        }
        printf("]}");
        free(contestant->ns);
    }
    printf("]}");
}

static long resident_kib(void) {
    char line[256];
    long kib = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (sscanf(line, "VmRSS: %ld", &kib) == 1) {
            break;
        }
    }
    if (status != NULL) {
        fclose(status);
    }
    return kib;
}

void soak(const char *name, unsigned long calls, contest_work *work, void *context) {
    work_for(work, context, calls / 100, name);
    long before = resident_kib();
    work_for(work, context, calls, name);
    long grown = resident_kib() - before;
    fprintf(stderr, "  soak: %s, %lu calls: %+ld KiB\n", name, calls, grown);
    printf("{\"calls\":%lu,\"grown_kib\":%ld}", calls, grown);
}

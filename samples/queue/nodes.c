/* nodes.c: the steps of shop.dfl, and the program around them.
 *
 *     shop DATABASE submit N      N orders; twice the same N are the same orders
 *     shop DATABASE work          until nothing is left to do, or SIGTERM
 *     shop DATABASE report        what has become of them
 *
 * What nodes do outside they do in the directory `outside`: a file for each key that was ever given. It stands for
 * a bank, or any service that takes an idempotency key, and remembers it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <dfl_pg.h>

#include "shop.h"

DFL_WORK_GRAPH(order)

/* ---- the steps ---- */

/* Does something outside under a key. A second request of the same key changes nothing there. */
static int request(dfl_ctx *ctx, const char *what) {
    dfl_str key = dfl_effect_key(ctx);
    dfl_str path = dfl_printf(ctx, "outside/%s", key.p);
    int file = open(path.p, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (file < 0 && errno == EEXIST)
        return 0;
    if (file < 0 || dprintf(file, "%s\n", what) < 0 || close(file) != 0)
        return dfl_fail(ctx, errno, "%s: %s", path.p, strerror(errno));
    return 0;
}

int order_allow(dfl_ctx *ctx, dfl_str what, double sum, bool *allowed) {
    dfl_str answer;
    int rc = dfl_interrupt(ctx, dfl_printf(ctx, "%s for $%.2f?", what.p, sum), &answer);
    if (rc == DFL_OK)
        *allowed = dfl_str_eq(answer, DFL_STR("yes"));
    return rc; /* DFL_PAUSED: a row waits for somebody, and no process does */
}

int order_charge(dfl_ctx *ctx, double sum, dfl_str *receipt) {
    *receipt = dfl_printf(ctx, "receipt of %s", dfl_thread_id(ctx));
    return request(ctx, dfl_printf(ctx, "charged $%.2f", sum).p);
}

int order_ship(dfl_ctx *ctx, dfl_str what) {
    nanosleep(&(struct timespec){0, 2000000}, NULL); /* it takes a while to pack */
    return request(ctx, dfl_printf(ctx, "shipped %s", what.p).p);
}

/* ---- the program ---- */

/* All of them, or none. */
static int submit(dfl_work *work, size_t n) {
    dfl_submission *runs = calloc(n, sizeof *runs);
    order_state *states = calloc(n, sizeof *states);
    char(*keys)[32] = calloc(n, sizeof *keys);
    int status = runs && states && keys ? DFL_OK : DFL_ENOMEM;
    for (size_t i = 0; i < n && status == DFL_OK; i++) {
        snprintf(keys[i], sizeof keys[i], "order-%zu", i + 1);
        order_state_init(&states[i]);
        states[i].what = dfl_printf(order_state_ctx(&states[i]), "item %zu", i + 1);
        states[i].sum = (i + 1) % 100 ? 10.0 + (double)i : 5000.0;
        runs[i] = (dfl_submission){.graph = &order_work, .state = &states[i], .key = keys[i]};
    }
    if (status == DFL_OK) {
        status = dfl_work_submit(work, runs, n);
        if (status != DFL_OK)
            fprintf(stderr, "shop: %s\n", dfl_work_error(work));
        for (size_t i = 0; i < n; i++)
            order_state_free(&states[i]);
    }
    free(keys);
    free(states);
    free(runs);
    return status;
}

static dfl_worker *worker;

static void stop(int signal) {
    (void)signal;
    dfl_worker_stop(worker);
}

static int work_for(const char *database) {
    const dfl_work_graph *graphs[] = {&order_work};
    dfl_error error = {0};
    dfl_worker_options options = {.threads = 2,
                                  .lease_ns = 500000000, /* so that the demonstration is short */
                                  .backoff_ns = 50000000,
                                  .poll_ns = 20000000,
                                  .until_empty = true,
                                  .error = &error};
    int status = dfl_worker_open(database, graphs, 1, &options, &worker);
    if (status != DFL_OK) {
        fprintf(stderr, "shop: %s\n", error.message);
        return status;
    }
    signal(SIGTERM, stop);
    status = dfl_worker_run(worker);
    dfl_worker_close(worker);
    return status;
}

typedef struct Report {
    dfl_work *work;
    int bought, refused, open;
} Report;

static int look(void *user, const dfl_work_status *run) {
    Report *report = user;
    order_state s;
    if (run->state != DFL_WORK_DONE) {
        report->open++;
        return 0;
    }
    order_state_init(&s);
    if (dfl_work_load(report->work, run->id, &order_work, &s, NULL) == DFL_OK)
        *(s.receipt.n ? &report->bought : &report->refused) += 1;
    order_state_free(&s);
    return 0;
}

static int tell(dfl_work *work) {
    Report report = {.work = work};
    dfl_work_filter all = {.states = ~0u};
    int status = dfl_work_list(work, &all, look, &report);
    printf("%d bought, %d refused, %d open\n", report.bought, report.refused, report.open);
    return status;
}

int main(int argc, char **argv) {
    const char *verb = argc > 2 ? argv[2] : "";
    dfl_error error = {0};
    dfl_pg_options options = {.error = &error};
    dfl_work *work;
    int status = DFL_EINVAL;
    if (strcmp(verb, "work") == 0)
        return work_for(argv[1]) != DFL_OK;
    if (argc < 3 || dfl_work_open(argv[1], &options, &work) != DFL_OK) {
        fprintf(stderr, "%s\n",
                argc < 3 ? "usage: shop DATABASE submit N | work | report" : error.message);
        return 2;
    }
    if (strcmp(verb, "submit") == 0 && argc == 4)
        status = submit(work, strtoul(argv[3], NULL, 10));
    else if (strcmp(verb, "report") == 0)
        status = tell(work);
    dfl_work_close(work);
    return status != DFL_OK;
}

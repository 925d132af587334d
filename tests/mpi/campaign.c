/* campaign run N FOLDER [STORE]    weighs N points; each call is a byte in FOLDER/calls ('': in none); prints what came of it
 * campaign die N FOLDER STORE      the same, and rank 2 is killed in its third point
 * campaign cancel                  two branches wait: for a deadline, and then for a run that is cancelled
 * campaign scale N US              ms for N points of US microseconds of sleep each
 * campaign bench N                 what a chunk takes whose node does nothing, beside bare messages of the same size */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "campaign.h"
#include "dfl_mpi.h"

static const char *mode;
static int rank, calls;

static int note_call(const char *folder) {
    char path[512];
    int file, rc;
    snprintf(path, sizeof path, "%s/calls", folder);
    file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    rc = file >= 0 && write(file, ".", 1) == 1 ? 0 : 1;
    if (file >= 0)
        close(file);
    return rc;
}

int campaign_weigh(dfl_ctx *ctx, int64_t p, dfl_str folder, int64_t fail_at, int64_t *sum, dfl_str_list *names) {
    if (strcmp(mode, "bench") == 0)
        return 0;
    if (strcmp(mode, "scale") == 0) {
        nanosleep(&(struct timespec){0, (long)fail_at * 1000}, NULL);
        return 0;
    }
    if (strcmp(mode, "die") == 0 && rank == 2 && ++calls == 3)
        raise(SIGKILL);
    if (strcmp(mode, "die") == 0)
        nanosleep(&(struct timespec){0, 2000000}, NULL);
    if (folder.n > 0 && note_call(folder.p) != 0)
        return dfl_fail(ctx, 1, "no file for calls");
    if (p == fail_at)
        return dfl_fail(ctx, 4, "point %d is bad", (int)p);
    *sum = p * p;
    return dfl_str_list_push(ctx, names, dfl_printf(ctx, "p%d", (int)p));
}

int campaign_left(dfl_ctx *ctx, int64_t sum, int64_t *left) {
    (void)ctx;
    *left = sum + 1;
    return 0;
}

int campaign_right(dfl_ctx *ctx, dfl_str_list names, dfl_str *right) {
    *right = dfl_printf(ctx, "%u names, the last %s", names.len, names.len ? names.items[names.len - 1].p : "none");
    return 0;
}

int campaign_tell(dfl_ctx *ctx, int64_t left, dfl_str right, dfl_str *end_) {
    *end_ = dfl_printf(ctx, "%lld, %s", (long long)left, right.p);
    return 0;
}

static int wait_for_end(dfl_ctx *ctx, int64_t *waited) {
    for (int i = 0; i < 10000 && !dfl_cancelled(ctx); i++)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    *waited = 1;
    return dfl_cancelled(ctx) ? 0 : dfl_fail(ctx, 1, "nobody has cancelled");
}

int patient_one(dfl_ctx *ctx, int64_t *waited) {
    return wait_for_end(ctx, waited);
}

int patient_two(dfl_ctx *ctx, int64_t *waited) {
    return wait_for_end(ctx, waited);
}

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- rank 0 ---- */

static int64_t *points_to(int n) {
    int64_t *points = malloc(((size_t)n + 1) * sizeof *points);
    for (int i = 0; points && i < n; i++)
        points[i] = i;
    return points;
}

static int run_campaign(dfl_ranks *ranks, int n, const char *folder, const char *path) {
    dfl_error error = {0};
    dfl_run run = {.ranks = ranks, .error = &error, .thread_id = path ? "campaign" : NULL};
    int64_t *points = points_to(n);
    dfl_buf json = {0};
    campaign_state s;
    int status;
    campaign_state_init(&s);
    s.points = (dfl_i64_list){points, (uint32_t)n, 0};
    s.folder = (dfl_str){folder, strlen(folder)};
    s.fail_at = n / 2;
    if (path && dfl_store_open(path, NULL, &run.store) != DFL_OK)
        return 1;
    status = path ? campaign_continue(&s, &run) : campaign_run(&s, &run);
    if (status == DFL_OK && campaign_to_json(&s, &json) == DFL_OK)
        printf("%.*s\n", (int)json.n, (const char *)json.p);
    else
        fprintf(stderr, "%s: %s (%d)\n", error.node, error.message, status);
    dfl_buf_free(&json);
    campaign_state_free(&s);
    dfl_store_close(run.store);
    free(points);
    return status == DFL_OK ? 0 : 1;
}

static dfl_cancel cancel;

static void on_alarm(int signal) {
    (void)signal;
    dfl_cancel_now(&cancel);
}

/* By a deadline, which the ranks know of, and by a token, of which they are told. */
static int run_patient(dfl_ranks *ranks, bool by_token) {
    dfl_run run = {.ranks = ranks, .timeout_ns = by_token ? 0 : 200000000, .cancel = by_token ? &cancel : NULL};
    struct itimerval in = {{0, 0}, {0, 200000}};
    patient_state s;
    int64_t began = now_ns();
    int status;
    signal(SIGALRM, on_alarm);
    if (by_token)
        setitimer(ITIMER_REAL, &in, NULL);
    patient_state_init(&s);
    status = patient_run(&s, &run);
    patient_state_free(&s);
    printf("%s, %s\n", dfl_strerror(status), now_ns() - began < INT64_C(5000000000) ? "soon" : "late");
    return 0;
}

/* ---- bench ---- */

enum { THERE = 100, BACK, OVER, MOST_BYTES = 4096 };

/* As tasks and answers go by: how many, and their bytes. */
typedef struct Counted {
    dfl_ranks ranks;
    const dfl_ranks *under;
    size_t tasks, task_bytes, answer_bytes;
} Counted;

static int send_counted(void *self, unsigned to, const void *task, size_t n) {
    Counted *counted = self;
    counted->tasks++;
    counted->task_bytes += n;
    return counted->under->send(counted->under->self, to, task, n);
}

static int receive_counted(void *self, int64_t wait_ns, unsigned *from, dfl_buf *answer) {
    Counted *counted = self;
    int status = counted->under->receive(counted->under->self, wait_ns, from, answer);
    counted->answer_bytes += answer->n;
    return status;
}

static void cancel_counted(void *self, unsigned which) {
    Counted *counted = self;
    counted->under->cancel(counted->under->self, which);
}

/* ns of a run of an each with an element for each of four chunks a rank, and of two branches; nodes do nothing. */
static int64_t run_empty(const dfl_ranks *ranks, unsigned n) {
    int64_t points[64] = {0}, began;
    dfl_run run = {.ranks = ranks};
    campaign_state s;
    campaign_state_init(&s);
    s.points = (dfl_i64_list){points, 4 * n, 0};
    s.folder = DFL_STR("");
    began = now_ns();
    if (campaign_run(&s, &run) != DFL_OK)
        exit(1);
    began = now_ns() - began;
    campaign_state_free(&s);
    return began;
}

/* ns a chunk or branch, with all that the run takes besides. */
static double chunk(const dfl_ranks *ranks, int rounds, Counted *counted) {
    int64_t ns = 0;
    *counted = (Counted){.ranks = {counted, ranks->n, send_counted, receive_counted, cancel_counted}, .under = ranks};
    run_empty(&counted->ranks, ranks->n);
    for (int round = 0; round < rounds; round++)
        ns += run_empty(ranks, ranks->n);
    return (double)ns / rounds / (double)counted->tasks;
}

static void echo(void) {
    char bytes[MOST_BYTES] = {0};
    int sizes[2];
    MPI_Status status;
    MPI_Bcast(sizes, 2, MPI_INT, 0, MPI_COMM_WORLD);
    for (;;) {
        MPI_Recv(bytes, MOST_BYTES, MPI_BYTE, 0, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
        if (status.MPI_TAG == OVER)
            return;
        MPI_Send(bytes, sizes[1], MPI_BYTE, 0, BACK, MPI_COMM_WORLD);
    }
}

/* ns for a task and an answer of as many bytes there and back, one rank after the other. */
static double bare_message(int rounds, int task_bytes, int answer_bytes) {
    char bytes[MOST_BYTES] = {0};
    int sizes[] = {task_bytes, answer_bytes}, size;
    int64_t began;
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    MPI_Bcast(sizes, 2, MPI_INT, 0, MPI_COMM_WORLD);
    began = now_ns();
    for (int i = 0; i < rounds; i++)
        for (int to = 1; to < size; to++) {
            MPI_Send(bytes, task_bytes, MPI_BYTE, to, THERE, MPI_COMM_WORLD);
            MPI_Recv(bytes, MOST_BYTES, MPI_BYTE, to, BACK, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        }
    began = now_ns() - began;
    for (int to = 1; to < size; to++)
        MPI_Send(NULL, 0, MPI_BYTE, to, OVER, MPI_COMM_WORLD);
    return (double)began / rounds / (size - 1);
}

/* Work that needs no CPU, so that more ranks than CPUs work side by side. */
static int scale(dfl_ranks *ranks, int n, int us) {
    dfl_run run = {.ranks = ranks};
    int64_t *points = points_to(n), began;
    campaign_state s;
    int status;
    campaign_state_init(&s);
    s.points = (dfl_i64_list){points, (uint32_t)n, 0};
    s.folder = DFL_STR("");
    s.fail_at = us;
    began = now_ns();
    status = campaign_run(&s, &run);
    printf("%u %.2f\n", ranks->n, (double)(now_ns() - began) / 1e6);
    campaign_state_free(&s);
    free(points);
    return status == DFL_OK ? 0 : 1;
}

static Counted counted;
static double ours;

static int run_as_told(int argc, char **argv, dfl_ranks *ranks) {
    if (strcmp(mode, "cancel") == 0)
        return run_patient(ranks, false) || run_patient(ranks, true);
    if (strcmp(mode, "bench") == 0) {
        ours = chunk(ranks, atoi(argv[2]), &counted);
        return 0;
    }
    if (strcmp(mode, "scale") == 0)
        return argc < 4 ? 2 : scale(ranks, atoi(argv[2]), atoi(argv[3]));
    return argc < 4 ? 2 : run_campaign(ranks, atoi(argv[2]), argv[3], argc > 4 ? argv[4] : NULL);
}

/* Behind the runs, when it is known how large their messages are. */
static void compare(int rounds) {
    int there, back;
    double bare;
    if (rank != 0) {
        echo();
        return;
    }
    there = (int)(counted.task_bytes / counted.tasks);
    back = (int)(counted.answer_bytes / counted.tasks);
    bare = bare_message(rounds * 6, there, back);
    printf("a chunk: %.2f us, bare messages of %d bytes there and %d back: %.2f us, ratio %.2f\n", ours / 1e3, there, back,
           bare / 1e3, ours / bare);
}

int main(int argc, char **argv) {
    static const dfl_graph *const graphs[] = {&patient_graph, &campaign_graph};
    int level, status = 0;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &level);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    mode = argc > 1 ? argv[1] : "";
    if (rank == 0) {
        dfl_ranks *ranks = dfl_mpi_open(MPI_COMM_WORLD);
        status = ranks ? run_as_told(argc, argv, ranks) : 1;
        dfl_mpi_close(ranks);
    } else {
        status = dfl_mpi_serve(MPI_COMM_WORLD, graphs, 2, NULL) == DFL_OK ? 0 : 1;
    }
    if (strcmp(mode, "bench") == 0)
        compare(atoi(argv[2]));
    MPI_Finalize();
    return status;
}

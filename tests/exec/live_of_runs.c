#include "live_of_runs.h"

#include <dirent.h>
#include <pthread.h>

#include "check.h"

enum { THREADS = 4, RUNS = 50 };

static int files(void) {
    DIR *dir = opendir("live");
    const struct dirent *entry;
    int n = 0;
    CHECK(dir);
    while ((entry = readdir(dir)) != NULL)
        n += entry->d_name[0] != '.';
    closedir(dir);
    return n;
}

static void *run(void *hooks) {
    for (int i = 0; i < RUNS; i++) {
        outer_state s;
        outer_state_init(&s);
        CHECK_INT(outer_run(&s, &(dfl_run){.hooks = hooks, .thread_id = "anna"}), DFL_OK);
        CHECK_INT(s.total, 50 * 49 / 2 + 2 + 4);
        outer_state_free(&s);
    }
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    dfl_hooks *hooks = dfl_live_open("live"), *second = dfl_live_open("live");
    CHECK(hooks && second);
    CHECK_INT(files(), 2);
    for (int i = 0; i < THREADS; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, run, i % 2 ? hooks : second), 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_INT(pthread_join(threads[i], NULL), 0);
    dfl_live_close(second);
    CHECK_INT(files(), 1);
    dfl_live_close(hooks);
    CHECK_INT(files(), 0);
    return 0;
}

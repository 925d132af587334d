/* Reading live files, for tools; see live.h. What is in them was written by another program, perhaps a hostile one:
 * after reading, texts end and numbers are within what they count. */
#define _POSIX_C_SOURCE 200809L
#include "live.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum {
    TRIES = 1000,
    FILE_BYTES = DFL__LIVE_HEAD_BYTES + DFL__LIVE_RUNS * (int)sizeof(dfl__live_run)
};

/* As words, each read once: the other side writes meanwhile. */
static void copy_words(void *to, const void *from, size_t n) {
    uint64_t *out = to;
    const uint64_t *in = from;
    for (size_t i = 0; i < n / sizeof *out; i++)
        out[i] = __atomic_load_n(&in[i], __ATOMIC_RELAXED);
}

#define END_TEXT(text) ((text)[sizeof(text) - 1] = '\0')

const void *dfl__live_map(int fd) {
    struct stat about;
    void *p;
    if (fstat(fd, &about) != 0 || about.st_size < FILE_BYTES)
        return NULL;
    p = mmap(NULL, FILE_BYTES, PROT_READ, MAP_SHARED, fd, 0);
    return p == MAP_FAILED ? NULL : p;
}

void dfl__live_unmap(const void *file) {
    (void)munmap((void *)(uintptr_t)file, FILE_BYTES);
}

int dfl__live_read_head(const void *file, dfl__live_head *head) {
    copy_words(head, file, sizeof *head);
    END_TEXT(head->program);
    if (memcmp(head->magic, DFL__LIVE_MAGIC, sizeof head->magic) != 0)
        return DFL_ECORRUPT;
    return head->version == DFL__LIVE_VERSION && head->run_bytes == sizeof(dfl__live_run) &&
                   head->n_runs == DFL__LIVE_RUNS
               ? DFL_OK
               : DFL_ESCHEMA;
}

static void make_safe(dfl__live_run *run) {
    if (run->state > DFL__LIVE_PAUSED)
        run->state = DFL__LIVE_NONE;
    END_TEXT(run->graph);
    END_TEXT(run->thread);
    END_TEXT(run->node);
    END_TEXT(run->text);
    for (int i = 0; i < DFL__LIVE_NODES; i++)
        END_TEXT(run->nodes[i].path);
}

/* False: it was changed meanwhile. */
static bool try_read(const dfl__live_run *shared, dfl__live_run *run) {
    uint64_t before = __atomic_load_n(&shared->changes, __ATOMIC_ACQUIRE);
    if (before % 2 == 1)
        return false;
    copy_words(run, shared, sizeof *run);
#ifndef __SANITIZE_THREAD__ /* see live.c */
    atomic_thread_fence(memory_order_acquire);
#endif
    return __atomic_load_n(&shared->changes, __ATOMIC_RELAXED) == before;
}

bool dfl__live_read_run(const void *file, uint32_t slot, bool is_gone, dfl__live_run *run) {
    const dfl__live_run *runs =
        (const dfl__live_run *)(const void *)((const char *)file + DFL__LIVE_HEAD_BYTES);
    dfl__live_run copy = {0};
    bool done = false;
    for (int i = 0; i < TRIES && !done; i++)
        done = try_read(&runs[slot], &copy);
    if (!done && is_gone) {
        copy_words(&copy, &runs[slot], sizeof copy);
        done = true;
    }
    if (done) {
        make_safe(&copy);
        *run = copy;
    }
    return done;
}

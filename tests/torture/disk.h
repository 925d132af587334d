/* A disk after a loss of power: note [what a loss of power leaves] in trace.h. */
#ifndef DISK_H
#define DISK_H

#include "trace.h"

enum { DISK_NAMES = 100, STYLES = 6 };

/* How it is decided what is there of all that may be. */
typedef enum Style {
    ALL_OF_IT,
    NOTHING,
    UP_TO_ONE,  /* what was begun before one of them, and that one in part */
    SOME,       /* each whole, or not at all */
    SOME_BYTES, /* each sector by itself */
    ALL_BUT_ONE
} Style;

static const char *const style_names[STYLES] = {"all of it", "nothing",      "up to one",
                                                "some",      "some sectors", "all but one"};

typedef struct Loss {
    uint64_t when;       /* a tick; what was begun later is not there */
    Style files, names;  /* of what is in files, and of names and lengths */
    uint64_t one;        /* of UP_TO_ONE and ALL_BUT_ONE: its number in the trace */
    uint64_t percent;    /* of SOME and SOME_BYTES: how much is there */
    uint64_t sector;     /* bytes */
    bool has_stale_ends; /* what was never written to reads as anything, not as zeroes */
    bool has_stale_lock; /* `lock` and `shared`, too */
} Loss;

/* Ticks at which something ends or begins are all there are. */
static inline Loss loss_of(const Trace *trace, Chance *chance) {
    static const uint64_t sectors[] = {8, 512, 512, 4096};
    static const uint64_t percents[] = {5, 50, 50, 95};
    Loss loss = {.when = 1 + chance_below(chance, trace->ticks + 1),
                 .files = (Style)chance_below(chance, STYLES),
                 .names = (Style)chance_below(chance, STYLES),
                 .percent = percents[chance_below(chance, 4)],
                 .sector = sectors[chance_below(chance, 4)],
                 .has_stale_ends = chance_one_in(chance, 6),
                 .has_stale_lock = chance_one_in(chance, 2)};
    return loss;
}

static inline bool is_begun(const Done *done, const Loss *loss) {
    return done->begun < loss->when;
}

static inline bool is_safe(const Done *done, const Loss *loss) {
    return done->safe < loss->when;
}

/* One of those that may be there or not, for the styles that have one. */
static inline void loss_pick_one(const Trace *trace, Loss *loss, Chance *chance) {
    uint64_t n = 0;
    loss->one = trace->n;
    for (size_t i = 0; i < trace->n; i++) {
        const Done *done = &trace->done[i];
        if (done->kind == DONE_NOTHING || done->kind == DONE_SYNC || !is_begun(done, loss))
            continue;
        if (!is_safe(done, loss) && chance_one_in(chance, ++n))
            loss->one = i;
    }
}

static inline Style style_of(const Loss *loss, const Done *done) {
    return done->kind == DONE_WRITE ? loss->files : loss->names;
}

/* Whether the next part of one that may be there is. */
static inline bool is_there(const Loss *loss, size_t i, const Done *done, Chance *chance) {
    switch (style_of(loss, done)) {
    case ALL_OF_IT:
        return true;
    case NOTHING:
        return false;
    case UP_TO_ONE:
        return i < loss->one || (i == loss->one && chance_one_in(chance, 2));
    case ALL_BUT_ONE:
        return i != loss->one;
    default:
        return chance_below(chance, 100) < loss->percent;
    }
}

static inline bool is_torn(const Loss *loss, size_t i, const Done *done) {
    return style_of(loss, done) == SOME_BYTES ||
           (style_of(loss, done) == UP_TO_ONE && i == loss->one);
}

/* ---- one file ---- */

/* What programs see of it, and what is on the disk. */
typedef struct Disk {
    uint8_t *seen, *kept;
    uint64_t n_seen, n_kept, room;
} Disk;

static inline uint64_t disk_room(const Trace *trace, int file) {
    uint64_t room = trace->files[file].n;
    for (size_t i = 0; i < trace->n; i++) {
        const Done *done = &trace->done[i];
        uint64_t end = done->kind == DONE_WRITE ? done->offset + done->n : done->n;
        if ((done->kind == DONE_WRITE || done->kind == DONE_RESIZE) && done->file == file &&
            end > room)
            room = end;
    }
    return room + 4096;
}

static inline Disk disk_begin(const Trace *trace, int file, const Loss *loss, Chance *chance) {
    const TracedFile *traced = &trace->files[file];
    Disk disk = {.n_seen = traced->n, .n_kept = traced->n, .room = disk_room(trace, file)};
    disk.seen = calloc(2, disk.room);
    MUST(disk.seen, "no memory");
    disk.kept = disk.seen + disk.room;
    if (loss->has_stale_ends)
        for (uint64_t at = 0; at + 8 <= disk.room; at += 8) {
            uint64_t word = chance_next(chance);
            memcpy(disk.kept + at, &word, 8);
        }
    if (traced->n > 0) {
        memcpy(disk.seen, traced->bytes, traced->n);
        memcpy(disk.kept, traced->bytes, traced->n);
    }
    return disk;
}

static inline void disk_keep(Disk *disk, uint64_t from, uint64_t to) {
    memcpy(disk->kept + from, disk->seen + from, to - from);
}

/* The sectors that a write has touched, as they are behind it. */
static inline void disk_write(Disk *disk, const Loss *loss, size_t i, const Done *done,
                              Chance *chance) {
    uint64_t sector = loss->sector, end = done->offset + done->n,
             at = done->offset / sector * sector, to = (end + sector - 1) / sector * sector;
    bool is_whole = is_safe(done, loss) || !is_torn(loss, i, done);
    memcpy(disk->seen + done->offset, done->bytes, done->n);
    if (end > disk->n_seen)
        disk->n_seen = end;
    if (is_whole && (is_safe(done, loss) || is_there(loss, i, done, chance)))
        disk_keep(disk, at, to);
    for (; !is_whole && at < to; at += sector)
        if (is_there(loss, i, done, chance))
            disk_keep(disk, at, at + sector);
}

/* The length of a file is kept like a name: apart from what is in it. */
static inline void disk_resize(Disk *disk, const Loss *loss, size_t i, const Done *done,
                               Chance *chance) {
    Done length = *done;
    length.kind = DONE_RESIZE;
    if (done->kind == DONE_RESIZE) {
        if (done->n < disk->n_seen)
            memset(disk->seen + done->n, 0, disk->n_seen - done->n);
        disk->n_seen = done->n;
    }
    if (is_safe(done, loss) || is_there(loss, i, &length, chance))
        disk->n_kept = disk->n_seen;
}

static inline Disk disk_of(const Trace *trace, int file, const Loss *loss, Chance *chance) {
    Disk disk = disk_begin(trace, file, loss, chance);
    for (size_t i = 0; i < trace->n; i++) {
        const Done *done = &trace->done[i];
        if (done->file != file || !is_begun(done, loss))
            continue;
        if (done->kind == DONE_WRITE)
            disk_write(&disk, loss, i, done, chance);
        if (done->kind == DONE_WRITE || done->kind == DONE_RESIZE)
            disk_resize(&disk, loss, i, done, chance);
    }
    return disk;
}

/* ---- the directory ---- */

typedef struct DiskName {
    char name[TRACE_NAME];
    int file; /* 0: no longer there */
} DiskName;

typedef struct Names {
    DiskName all[DISK_NAMES];
    size_t n;
    bool has_store;
} Names;

static inline DiskName *names_find(Names *names, const char *name) {
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->all[i].name, name) == 0)
            return &names->all[i];
    return NULL;
}

static inline void names_put(Names *names, const char *name, int file) {
    DiskName *to = names_find(names, name);
    if (!to) {
        MUST(names->n < DISK_NAMES, "too many names");
        to = &names->all[names->n++];
        trace_name(to->name, name);
    }
    to->file = file;
}

static inline void names_apply(Names *names, const Done *done) {
    DiskName *from = names_find(names, done->from);
    switch (done->kind) {
    case DONE_LINK:
        if (from && from->file == done->target)
            from->file = 0;
        names_put(names, done->name, done->target);
        break;
    case DONE_UNLINK:
        names_put(names, done->name, 0);
        break;
    case DONE_MKDIR:
        names->has_store = true;
        break;
    default:
        break;
    }
}

static inline Names names_of(const Trace *trace, const Loss *loss, Chance *chance) {
    Names names = {.has_store = trace->had_store};
    for (int i = FIRST_FILE; i < trace->n_files; i++)
        if (trace->files[i].name[0])
            names_put(&names, trace->files[i].name, i);
    for (size_t i = 0; i < trace->n; i++) {
        const Done *done = &trace->done[i];
        if (is_begun(done, loss) && (is_safe(done, loss) || is_there(loss, i, done, chance)))
            names_apply(&names, done);
    }
    return names;
}

/* ---- writing it ---- */

static inline void disk_save(const Disk *disk, const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    uint64_t n = disk->n_kept;
    while (n > 0 && disk->kept[n - 1] == 0)
        n--;
    MUST(fd >= 0 && pwrite(fd, disk->kept, n, 0) == (ssize_t)n &&
             ftruncate(fd, (off_t)disk->n_kept) == 0,
         "%s cannot be written", path);
    close(fd);
}

static inline void disk_spoil(Disk *disk, Chance *chance) {
    for (uint64_t at = 0; at + 8 <= disk->n_kept; at += 8) {
        uint64_t word = chance_next(chance);
        memcpy(disk->kept + at, &word, 8);
    }
}

/* `name`, in the scratch directory, becomes what the store is after a loss. */
static inline void disk_leave(const Trace *trace, const Loss *loss, Chance *chance,
                              const char *name) {
    Names names = names_of(trace, loss, chance);
    scratch_remove(scratch_path(name));
    if (!names.has_store)
        return;
    MUST(mkdir(scratch_path(name), 0777) == 0, "%s cannot be made", name);
    for (size_t i = 0; i < names.n; i++) {
        const DiskName *one = &names.all[i];
        char path[100];
        Disk disk;
        if (one->file == 0)
            continue;
        disk = disk_of(trace, one->file, loss, chance);
        if (loss->has_stale_lock &&
            (strcmp(one->name, "shared") == 0 || strcmp(one->name, "lock") == 0))
            disk_spoil(&disk, chance);
        snprintf(path, sizeof path, "%s/%s", name, one->name);
        disk_save(&disk, scratch_path(path));
        free(disk.seen);
    }
}

#endif

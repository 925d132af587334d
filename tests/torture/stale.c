// Old records in space that is used again: of other segments, other places, other stores. They are valid by
// themselves, but not where they stand.
// in memory; quick: 6; full: 2000
#include "harmed.h"

enum { SPACE = 8192 };

/* Records that a segment with this salt could have from `at` on, with whatever they claim to be synced. */
static size_t put_stale(uint8_t *to, size_t room, uint64_t salt, uint64_t at, uint32_t segment,
                        Chance *chance) {
    static const char *const threads[] = {"a", "bb", "stale"};
    size_t used = 0;
    for (uint64_t id = 1000;; id++) {
        const char *thread = threads[chance_below(chance, 3)];
        uint8_t body[64] = "stale";
        dfl__log_record record = {.type = (uint8_t)(1 + chance_below(chance, 3)),
                                  .thread_n = (uint16_t)strlen(thread),
                                  .id = id,
                                  .durable_end = dfl__position(segment, at + used + 500),
                                  .thread = thread,
                                  .next = "next",
                                  .graph = "g"};
        if (record.type == DFL__LOG_CHECKPOINT) {
            record.next_n = 4;
            record.graph_n = 1;
            record.body_n = (uint32_t)chance_below(chance, sizeof body);
        }
        if (used + dfl__record_bytes(&record) > room)
            return used;
        dfl__record_put(to + used, salt, at + used, &record, body);
        used += dfl__record_bytes(&record);
    }
}

/* A way to fill the space behind the records of a segment. */
typedef struct Stale {
    const char *name;
    void (*fill)(const Taken *taken, const LogFile *file, uint8_t *space, Chance *chance);
} Stale;

static void of_another_salt(const Taken *taken, const LogFile *file, uint8_t *space,
                            Chance *chance) {
    (void)taken;
    put_stale(space, SPACE, file->salt ^ (UINT64_C(1) << chance_below(chance, 64)), file->end,
              file->number, chance);
}

/* One that no save here comes to. */
static void of_another_place(const Taken *taken, const LogFile *file, uint8_t *space,
                             Chance *chance) {
    (void)taken;
    put_stale(space, SPACE, file->salt, file->end + 8 * SPACE + 8 * chance_below(chance, 100),
              file->number, chance);
}

/* What the segment itself has before, once more. */
static void of_itself(const Taken *taken, const LogFile *file, uint8_t *space, Chance *chance) {
    size_t n = file->end - DFL__SEGMENT_HEAD;
    (void)taken, (void)chance;
    for (size_t at = 0; at < SPACE; at += n)
        memcpy(space + at, file->bytes + DFL__SEGMENT_HEAD, n < SPACE - at ? n : SPACE - at);
}

/* The same place of another segment; or all of it, with its head. */
static void of_another_segment(const Taken *taken, const LogFile *file, uint8_t *space,
                               Chance *chance) {
    const LogFile *other = &taken->files[chance_below(chance, taken->n_files)];
    size_t from = chance_one_in(chance, 2) && other->end > file->end ? file->end : 0;
    size_t n = other->end - from;
    if (other == file)
        from = 0, n = DFL__SEGMENT_HEAD;
    memcpy(space, other->bytes + from, n < SPACE ? n : SPACE);
}

/* Right in all but one bit of the header. */
static void of_one_wrong_bit(const Taken *taken, const LogFile *file, uint8_t *space,
                             Chance *chance) {
    uint64_t bit = chance_below(chance, DFL__RECORD_HEAD * 8);
    (void)taken;
    put_stale(space, 200, file->salt, file->end, 0, chance);
    space[bit / 8] ^= (uint8_t)(1 << bit % 8);
    memset(space + 200, 0, SPACE - 200);
}

/* The header arrived, the body did not. */
static void of_no_body(const Taken *taken, const LogFile *file, uint8_t *space, Chance *chance) {
    uint8_t body[1000];
    dfl__log_record record = {.type = DFL__LOG_CHECKPOINT,
                              .thread_n = 1,
                              .next_n = 1,
                              .graph_n = 1,
                              .body_n = sizeof body,
                              .id = 1000,
                              .thread = "a",
                              .next = "n",
                              .graph = "g"};
    (void)taken;
    memset(body, 1, sizeof body);
    dfl__record_put(space, file->salt, file->end, &record, body);
    memset(space + 512 + chance_below(chance, 500), 0, 16);
}

static void of_noise(const Taken *taken, const LogFile *file, uint8_t *space, Chance *chance) {
    (void)taken, (void)file;
    for (size_t i = 0; i < SPACE; i++)
        space[i] = (uint8_t)("dflr\1\0\0\0"[chance_below(chance, 8)]);
}

static const Stale stales[] = {
    {"another salt", of_another_salt},
    {"another place", of_another_place},
    {"itself", of_itself},
    {"another segment", of_another_segment},
    {"one wrong bit", of_one_wrong_bit},
    {"no body", of_no_body},
    {"noise", of_noise},
};

enum { STALES = sizeof stales / sizeof *stales };

/* A copy of the file with SPACE bytes behind its records. */
static uint8_t *with_space(const LogFile *file) {
    uint8_t *bytes = calloc(1, file->end + SPACE);
    MUST(bytes, "no memory");
    memcpy(bytes, file->bytes, file->end);
    return bytes;
}

/* Nothing is different, and nothing is damage; a sealed segment is not even read so far. */
static void look_behind(const Taken *taken, size_t f, const Stale *stale, Chance *chance) {
    Harm harm[TAKEN_PIECES] = {INTACT};
    Taken *changed = malloc(sizeof *changed);
    LogFile *file = &changed->files[f];
    MUST(changed, "no memory");
    *changed = *taken;
    file->bytes = with_space(&taken->files[f]);
    file->n = file->end + SPACE;
    stale->fill(taken, &taken->files[f], file->bytes + file->end, chance);
    look_at_changed(changed, taken_expect(taken, harm), chance_one_in(chance, 4));
    free(file->bytes);
    free(changed);
}

/* Puts a checkpoint at the end of a file. */
static void put_piece(Taken *taken, size_t f, const char *thread, uint64_t number,
                      const Content *content, const uint8_t *body) {
    LogFile *file = &taken->files[f];
    Piece *piece = &taken->pieces[taken->n++];
    dfl__log_record record = {.type = DFL__LOG_CHECKPOINT,
                              .thread_n = (uint16_t)strlen(thread),
                              .next_n = (uint16_t)strlen(content->next),
                              .graph_n = (uint16_t)strlen(content->graph),
                              .body_n = (uint32_t)content->n,
                              .id = number,
                              .schema = content->layout,
                              .step = number,
                              .bytes = content->n,
                              .durable_end = dfl__position(file->number, file->end),
                              .thread = thread,
                              .next = content->next,
                              .graph = content->graph};
    MUST(taken->n < TAKEN_PIECES, "too many records");
    *piece = (Piece){.file = f, .at = file->end, .record = record};
    snprintf(piece->thread, sizeof piece->thread, "%s", thread);
    piece->n = dfl__record_bytes(&record);
    piece->head_n = dfl__record_head_bytes(&record);
    dfl__record_put(file->bytes + file->end, file->salt, file->end, &record, body);
    file->end += piece->n;
}

/* The search behind a header that is damaged leads through the body, which has what looks like records. */
static void look_through_a_body(const Taken *taken, const Stale *stale, Chance *chance) {
    Harm harm[TAKEN_PIECES] = {INTACT};
    Taken *changed = malloc(sizeof *changed);
    LogFile *file;
    Content content = content_of("a", 2000, 0, 0);
    size_t f = taken->n_files - 1, at, pad;
    uint8_t body[SPACE + 8] = {0};
    MUST(changed, "no memory");
    *changed = *taken;
    file = &changed->files[f];
    file->bytes = with_space(file);
    file->n = file->end + SPACE;
    at = file->end + chance_below(chance, DFL__RECORD_HEAD);
    /* Where a record could begin. */
    pad =
        DFL__RECORD_ALIGN - (2 + strlen(content.next) + strlen(content.graph)) % DFL__RECORD_ALIGN;
    stale->fill(taken, &taken->files[f], body + pad, chance);
    content.n = SPACE / 2;
    put_piece(changed, f, "bb", 2000, &content, body);
    content = content_of("a", 2001, 0, 0);
    content_fill(&content, body);
    put_piece(changed, f, "a", 2001, &content, body);
    file->bytes[at] ^= 4;
    harm[changed->n - 2] = GONE;
    look_at_changed(changed, taken_expect(changed, harm), chance_one_in(chance, 4));
    free(file->bytes);
    free(changed);
}

/* In a store that is open: what is saved then stands before what was there, and is found by who comes
 * after a crash. */
static void look_behind_saves(const Stale *stale, Chance *chance) {
    Harm harm[TAKEN_PIECES] = {INTACT};
    Making making = {open_small("made", NULL), chance, 10000};
    Taken *left = calloc(1, sizeof *left), *before = calloc(1, sizeof *before);
    uint8_t space[SPACE] = {0};
    const LogFile *last;
    int fd;
    MUST(left && before, "no memory");
    make_one(&making, "a", 10);
    taken_read(before, "made");
    last = &before->files[before->n_files - 1];
    stale->fill(before, last, space, chance);
    fd = open(taken_name("made", last->number), O_WRONLY);
    MUST(pwrite(fd, space, SPACE, (off_t)last->end) == SPACE, "cannot write");
    close(fd);
    make_one(&making, "a", 10);
    make_some(&making, (int)chance_below(chance, 6));
    taken_read(left, "made");
    look_at_changed(left, taken_expect(left, harm), false);
    dfl_store_close(making.store);
    taken_free(left);
    taken_free(before);
    free(left);
    free(before);
}

static void one_round(Chance *chance) {
    Taken *taken = calloc(1, sizeof *taken);
    MUST(taken, "no memory");
    make_small(taken, chance, 10);
    for (size_t f = 0; f < taken->n_files; f++)
        for (size_t i = 0; i < STALES; i++)
            look_behind(taken, f, &stales[i], chance);
    for (size_t i = 0; i < STALES; i++)
        look_through_a_body(taken, &stales[i], chance);
    for (size_t i = 0; i < STALES; i++)
        look_behind_saves(&stales[i], chance);
    taken_free(taken);
    free(taken);
}

int main(int argc, char **argv) {
    return torture_run(argc, argv, "stores with stale bytes", one_round);
}

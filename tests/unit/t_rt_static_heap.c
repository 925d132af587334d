// Heaps in a caller's buffer: what is given out against a model of it, at the ends of the buffer, and without one.
#include "rt.h"

#include "arena.h"

enum { BUFFER = 4096, PARTS = 64, ROUNDS = 200000 };

typedef struct Out {
    uint8_t *p;
    size_t n;
    uint8_t fill;
} Out;

typedef struct Model {
    _Alignas(16) uint8_t before[16], buffer[BUFFER], after[16];
    Out parts[PARTS];
    uint64_t dice;
} Model;

static uint32_t roll(Model *model, uint32_t below) {
    model->dice = model->dice * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(model->dice >> 33) % below;
}

static void check_part(const Model *model, const Out *part) {
    assert_int_equal((uintptr_t)part->p % 16, 0);
    assert_true(part->p >= model->buffer && part->p + part->n <= model->buffer + BUFFER);
    for (size_t i = 0; i < part->n; i++)
        if (part->p[i] != part->fill)
            fail_msg("byte %zu of a part of %zu is %u, not %u", i, part->n, part->p[i], part->fill);
}

static void fill(Model *model, Out *part, size_t n) {
    part->n = n;
    part->fill = (uint8_t)(1 + roll(model, 255));
    memset(part->p, part->fill, n);
}

static void take(Model *model, dfl__heap *heap, Out *part) {
    size_t n = roll(model, roll(model, 8) ? 200 : 2000);
    part->p = dfl__heap_alloc(heap, n);
    if (part->p)
        fill(model, part, n);
}

static void resize(Model *model, dfl__heap *heap, Out *part) {
    size_t n = roll(model, 400), kept = n < part->n ? n : part->n;
    uint8_t *p = dfl__heap_realloc(heap, part->p, n);
    if (!p)
        return;
    for (size_t i = 0; i < kept; i++)
        assert_int_equal(p[i], part->fill);
    part->p = p;
    fill(model, part, n);
}

static void give_back(dfl__heap *heap, Out *part) {
    dfl__heap_free(heap, part->p);
    *part = (Out){0};
}

static void random_parts(void **state) {
    static Model model;
    size_t refused = 0, empty;
    dfl__heap *heap = dfl__heap_in(model.buffer, BUFFER);
    (void)state;
    model.dice = 20;
    empty = heap->used;
    for (size_t i = 0; i < ROUNDS; i++) {
        Out *part = &model.parts[roll(&model, PARTS)];
        if (part->p)
            check_part(&model, part);
        if (!part->p)
            take(&model, heap, part), refused += !part->p;
        else if (roll(&model, 4) == 0)
            resize(&model, heap, part);
        else
            give_back(heap, part);
        assert_true(heap->used <= dfl__heap_peak(heap) && dfl__heap_peak(heap) <= BUFFER);
    }
    assert_true(refused > 0 && refused < ROUNDS / 2);
    for (size_t i = 0; i < PARTS; i++)
        if (model.parts[i].p)
            check_part(&model, &model.parts[i]), give_back(heap, &model.parts[i]);
    assert_int_equal(heap->used, empty);
    assert_non_null(dfl__heap_alloc(heap, BUFFER - empty - 16)); /* it is one part again */
    for (size_t i = 0; i < sizeof model.before; i++)
        assert_int_equal(model.before[i] | model.after[i], 0);
}

/* A buffer may begin anywhere, and be too small for anything. */
static void any_buffer(void **state) {
    _Alignas(16) uint8_t bytes[512];
    (void)state;
    for (size_t from = 0; from < 32; from++)
        for (size_t n = 0; from + n <= sizeof bytes; n++) {
            memset(bytes, 0xa5, sizeof bytes);
            dfl__heap *heap = dfl__heap_in(bytes + from, n);
            uint8_t *p = dfl__heap_alloc(heap, 1);
            if (p) {
                assert_true(p > bytes + from && p + 16 <= bytes + from + n);
                dfl__heap_free(heap, p);
            } else {
                assert_true(n < 128);
            }
            for (size_t i = 0; i < from; i++)
                assert_int_equal(bytes[i], 0xa5);
            for (size_t i = from + n; i < sizeof bytes; i++)
                assert_int_equal(bytes[i], 0xa5);
        }
    assert_null(dfl__heap_alloc(dfl__heap_in(NULL, 4096), 1));
    assert_null(dfl__heap_alloc(dfl__heap_in(bytes, sizeof bytes), SIZE_MAX));
    assert_null(dfl__heap_alloc(dfl__heap_in(bytes, sizeof bytes), SIZE_MAX - 15));
}

/* An arena in a buffer: full is an answer, and what was there stays good; reclaiming makes room. */
static void an_arena_in_a_buffer(void **state) {
    static uint8_t buffer[16384];
    dfl__mem mem = {.heap = dfl__heap_in(buffer, sizeof buffer)};
    dfl_str kept = {0};
    const dfl__root roots[] = {{&kept, &dfl_type_string}, {0}};
    size_t n = 0;
    (void)state;
    kept.p = memcpy(dfl__mem_alloc(&mem, 8), "is kept", 8);
    kept.n = 7;
    while (dfl__mem_alloc(&mem, 100))
        n += 100;
    assert_true(n > sizeof buffer / 2);
    assert_string_equal(kept.p, "is kept");
    dfl__mem_free(&mem);

    mem = (dfl__mem){.heap = dfl__heap_in(buffer, sizeof buffer)};
    kept.p = memcpy(dfl__mem_alloc(&mem, 8), "is kept", 8);
    for (n = 0; n < 100 * sizeof buffer; n += 100) {
        assert_non_null(dfl__mem_alloc(&mem, 100));
        if (dfl__mem_due(&mem))
            assert_int_equal(dfl__mem_reclaim(&mem, roots), DFL_OK);
    }
    assert_string_equal(kept.p, "is kept");
    dfl__mem_free(&mem);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_parts),
        cmocka_unit_test(any_buffer),
        cmocka_unit_test(an_arena_in_a_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

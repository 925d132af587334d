/* How often to save: saves.h, note [how often to save]. In whole nanoseconds, without floating point. */
#include "internal.h"

#include "../saves.h"

/* 73 years: what is longer counts as this, so that no square overflows. */
static const int64_t LONGEST_NS = INT64_MAX / 4;

static int64_t bounded(int64_t ns) {
    return ns < LONGEST_NS ? ns : LONGEST_NS;
}

static UnsignedWide wide(int64_t ns) {
    return (uint64_t)ns;
}

/* Rounded down, bit by bit. */
static uint64_t square_root(UnsignedWide of) {
    uint64_t root = 0;
    for (int bit = 63; bit >= 0; bit--) {
        uint64_t with = root | (uint64_t)1 << bit;
        if ((UnsignedWide)with * with <= of)
            root = with;
    }
    return root;
}

static int64_t quotient_up(UnsignedWide a, int64_t b) {
    UnsignedWide result = a / wide(b);
    if (result >= wide(LONGEST_NS))
        return LONGEST_NS;
    return (int64_t)result + (a % wide(b) > 0);
}

/* ---- what is said ---- */

SaveTerms save_terms(const CostOptions *options) {
    const Machine *machine = options->machine, *usual = machine_default();
    bool is_said = options->mtbf_ns > 0 || (machine != usual && machine->mtbf_ns > 0);
    SaveTerms terms = {.save_ns = machine->save_ns,
                       .save_ns_per_kib = machine->save_ns_per_kib,
                       .save_by = machine == usual ? SAID_BY_DEFAULT : SAID_BY_MACHINE};
    terms.mtbf_ns = options->mtbf_ns > 0 ? options->mtbf_ns
                    : is_said            ? machine->mtbf_ns
                                         : usual->mtbf_ns;
    terms.mtbf_by = options->mtbf_ns > 0 ? SAID_BY_FLAG
                    : is_said            ? SAID_BY_MACHINE
                                         : SAID_BY_DEFAULT;
    if (options->save_price_ns > 0) {
        terms.save_ns = options->save_price_ns;
        terms.save_ns_per_kib = 0;
        terms.save_by = SAID_BY_FLAG;
    }
    return terms;
}

const char *said_by_text(SaidBy by) {
    return by == SAID_BY_FLAG      ? "the command line"
           : by == SAID_BY_MACHINE ? "the machine file"
                                   : "the default";
}

int64_t save_price(const SaveTerms *terms, uint64_t bytes) {
    UnsignedWide price = bytes / 1024;
    price = price * wide(terms->save_ns_per_kib) + wide(terms->save_ns);
    return price > wide(LONGEST_NS) ? LONGEST_NS : (int64_t)price;
}

/* ---- what follows ---- */

int64_t save_interval(int64_t price_ns, int64_t mtbf_ns) {
    int64_t c = bounded(price_ns), m = bounded(mtbf_ns);
    if (c / 2 >= m)
        return m;
    int64_t root = (int64_t)square_root(2 * wide(c) * wide(m));
    UnsignedWide more = wide(root) * wide(c) / (18 * wide(m));
    int64_t interval = root + (int64_t)more - 2 * (c / 3) - 2 * (c % 3) / 3;
    return interval > 0 ? bounded(interval) : 1;
}

/* The least L with L (L + w) >= square. */
static int64_t nearer_from(UnsignedWide square, int64_t w) {
    uint64_t root = square_root(wide(w) * wide(w) + 4 * square);
    int64_t from = (int64_t)((root - (uint64_t)w) / 2);
    while (wide(from) * (wide(from) + wide(w)) < square)
        from++;
    return from;
}

int64_t save_pays_from(int64_t interval_ns, int64_t next_ns, int64_t ahead_ns) {
    UnsignedWide square = wide(interval_ns) * wide(interval_ns);
    int64_t w = bounded(next_ns), from = nearer_from(square, w);
    if (ahead_ns <= 0)
        return SAVE_NEVER;
    if (w > 0) {
        int64_t alone = quotient_up(square, 2 * w);
        from = alone < from ? alone : from;
    }
    if (ahead_ns != AHEAD_UNKNOWN) {
        int64_t near = quotient_up(square, 2 * bounded(ahead_ns));
        from = near > from ? near : from;
    }
    return from > 0 ? from : 1;
}

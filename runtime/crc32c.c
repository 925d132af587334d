#include "crc32c.h"

#include <string.h>

/* Reflected. */
#define POLYNOMIAL 0x82f63b78u

/* ---- in software: eight bytes a step, by eight tables (Kounavis and Berry, "slicing by 8") ---- */

static uint32_t tables[8][256];

static uint32_t of_byte(uint32_t crc) {
    for (int bit = 0; bit < 8; bit++)
        crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
    return crc;
}

static void fill_tables(void) {
    for (uint32_t i = 0; i < 256; i++)
        tables[0][i] = of_byte(i);
    for (int k = 1; k < 8; k++)
        for (uint32_t i = 0; i < 256; i++)
            tables[k][i] = tables[k - 1][i] >> 8 ^ tables[0][tables[k - 1][i] & 255];
}

static uint32_t get_u32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t by_tables(uint32_t crc, const uint8_t *p, size_t n) {
    for (; n >= 8; p += 8, n -= 8) {
        uint32_t low = crc ^ get_u32(p), high = get_u32(p + 4);
        crc = tables[7][low & 255] ^ tables[6][low >> 8 & 255] ^ tables[5][low >> 16 & 255] ^
              tables[4][low >> 24] ^ tables[3][high & 255] ^ tables[2][high >> 8 & 255] ^
              tables[1][high >> 16 & 255] ^ tables[0][high >> 24];
    }
    for (; n > 0; p++, n--)
        crc = crc >> 8 ^ tables[0][(crc ^ *p) & 255];
    return crc;
}

/* ---- in hardware ---- */

typedef uint32_t Crc(uint32_t crc, const uint8_t *p, size_t n);

#if defined(__x86_64__) && defined(__GNUC__)

/* One stream: three cycles for eight bytes, which is faster than the records can be written. */
__attribute__((target("sse4.2"))) static uint32_t by_sse42(uint32_t crc, const uint8_t *p,
                                                           size_t n) {
    uint64_t wide = crc;
    for (; n >= 8; p += 8, n -= 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (uint32_t)wide;
    for (; n > 0; p++, n--)
        crc = __builtin_ia32_crc32qi(crc, *p);
    return crc;
}

static Crc *best(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.2") ? by_sse42 : by_tables;
}

#else

static Crc *best(void) {
    return by_tables;
}

#endif

static Crc *chosen;

/* Before main, and so before any thread: what follows only reads. */
__attribute__((constructor)) static void choose(void) {
    fill_tables();
    chosen = best();
}

uint32_t dfl__crc32c(uint32_t crc, const void *p, size_t n) {
    return ~chosen(~crc, p, n);
}

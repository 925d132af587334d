#include "crc32c.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

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

static uint64_t word_at(const uint8_t *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

__attribute__((target("sse4.2"))) static uint32_t by_sse42(uint32_t crc, const uint8_t *p,
                                                           size_t n) {
    uint64_t wide = crc;
    for (; n >= 8; p += 8, n -= 8)
        wide = _mm_crc32_u64(wide, word_at(p));
    crc = (uint32_t)wide;
    for (; n > 0; p++, n--)
        crc = _mm_crc32_u8(crc, *p);
    return crc;
}

/* The instruction takes three cycles, and one can begin in each: so three streams at a time, of STREAM
 * bytes each. */
enum { STREAM = 256 };

/* x to the (8 * STREAM * k - 33) modulo the polynomial, reflected, for k of 1 and 2: by it a checksum
 * becomes that of its bytes and STREAM * k zeroes (Gopal and others, "Fast CRC Computation for iSCSI
 * Polynomial Using CRC32 Instruction", Intel, 2011). */
#define PAST_ONE 0xb9e02b86u
#define PAST_TWO 0xdd7e3b0cu

__attribute__((target("sse4.2,pclmul"))) static uint32_t past_zeroes(uint64_t crc,
                                                                     uint32_t factor) {
    __m128i product =
        _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)crc), _mm_cvtsi32_si128((int)factor), 0);
    return (uint32_t)_mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(product));
}

__attribute__((target("sse4.2,pclmul"))) static uint32_t
by_three_streams(uint32_t crc, const uint8_t *p, size_t n) {
    for (; n >= 3 * STREAM; p += 3 * STREAM, n -= 3 * STREAM) {
        uint64_t first = crc, second = 0, third = 0;
        for (size_t i = 0; i < STREAM; i += 8) {
            first = _mm_crc32_u64(first, word_at(p + i));
            second = _mm_crc32_u64(second, word_at(p + STREAM + i));
            third = _mm_crc32_u64(third, word_at(p + 2 * STREAM + i));
        }
        crc = past_zeroes(first, PAST_TWO) ^ past_zeroes(second, PAST_ONE) ^ (uint32_t)third;
    }
    return by_sse42(crc, p, n);
}

static Crc *best(void) {
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("sse4.2"))
        return by_tables;
    return __builtin_cpu_supports("pclmul") ? by_three_streams : by_sse42;
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

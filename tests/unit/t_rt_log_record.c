// Records of the log: what is put is got, at its place alone; any changed byte is noticed.
#include "rt.h"

#include "crc32c.h"
#include "log_record.h"

static void the_checksum_is_crc32c(void **state) {
    uint8_t bytes[300] = {0};
    (void)state;
    /* RFC 3720, appendix B.4 */
    assert_int_equal(dfl__crc32c(0, bytes, 32), 0x8a9136aa);
    memset(bytes, 255, 32);
    assert_int_equal(dfl__crc32c(0, bytes, 32), 0x62a8ab43);
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)i;
    assert_int_equal(dfl__crc32c(0, bytes, 32), 0x46dd794e);
    assert_int_equal(dfl__crc32c(0, "123456789", 9), 0xe3069283);
    assert_int_equal(dfl__crc32c(0, NULL, 0), 0);
    for (size_t cut = 0; cut <= sizeof bytes; cut++)
        assert_int_equal(dfl__crc32c(dfl__crc32c(0, bytes, cut), bytes + cut, sizeof bytes - cut),
                         dfl__crc32c(0, bytes, sizeof bytes));
}

/* As the definition says: bit by bit. */
static uint32_t slow_crc32c(const uint8_t *p, size_t n) {
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
    }
    return ~crc;
}

/* Several at a time and one by one, whatever of these a length and an address lead to. */
static void the_checksum_of_any_length(void **state) {
    static uint8_t bytes[5000];
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * i >> 3 ^ i);
    for (size_t n = 0; n < sizeof bytes - 8; n += n < 1600 ? 1 : 61) {
        size_t at = n % 8;
        assert_int_equal(dfl__crc32c(0, bytes + at, n), slow_crc32c(bytes + at, n));
    }
}

static dfl__log_record example(void) {
    return (dfl__log_record){.type = DFL__LOG_CHECKPOINT,
                             .flags = DFL__LOG_COPIED,
                             .thread_n = 3,
                             .next_n = 5,
                             .graph_n = 1,
                             .body_n = 11,
                             .id = 7,
                             .previous = 6,
                             .time_ns = -5,
                             .schema = UINT64_MAX,
                             .step = 3,
                             .durable_end = dfl__position(2, 640),
                             .bytes = 4,
                             .thread = "t-1",
                             .next = "write",
                             .graph = "g"};
}

static void what_is_put_is_got(void **state) {
    dfl__log_record record = example(), got;
    uint8_t bytes[128];
    (void)state;
    assert_int_equal(dfl__record_bytes(&record), 104);
    dfl__record_put(bytes, 42, 640, &record, "hello world");
    assert_true(dfl__record_get(bytes, sizeof bytes, 42, 640, &got));
    assert_true(got.type == 1 && got.flags == 1 && got.id == 7 && got.previous == 6);
    assert_true(got.time_ns == -5 && got.schema == UINT64_MAX && got.step == 3 && got.bytes == 4);
    assert_true(dfl__position_segment(got.durable_end) == 2);
    assert_true(dfl__position_offset(got.durable_end) == 640);
    assert_memory_equal(got.thread, "t-1write", 8);
    assert_true(got.graph[0] == 'g' && got.body_n == 11);
    assert_true(dfl__record_body_is_intact(&got, bytes + dfl__record_head_bytes(&got)));
    assert_false(dfl__record_get(bytes, sizeof bytes, 43, 640, &got));
    assert_false(dfl__record_get(bytes, sizeof bytes, 42, 648, &got));
    for (size_t n = 0; n < 89; n++)
        assert_false(dfl__record_get(bytes, n, 42, 640, &got));
}

static void every_flipped_bit_is_noticed(void **state) {
    dfl__log_record record = example(), got;
    uint8_t bytes[104];
    (void)state;
    dfl__record_put(bytes, 42, 640, &record, "hello world");
    for (size_t bit = 0; bit < 100 * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(dfl__record_get(bytes, sizeof bytes, 42, 640, &got) &&
                     dfl__record_body_is_intact(&got, bytes + dfl__record_head_bytes(&got)));
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

/* Or with one wrong bit, which is found. */
static void a_segment_head_is_got_whole(void **state) {
    dfl__segment_head head = {1, 9, 77, dfl__position(8, 4096), 12}, got;
    uint8_t bytes[DFL__SEGMENT_HEAD];
    (void)state;
    dfl__segment_put(bytes, &head);
    assert_true(dfl__segment_get(bytes, &got));
    assert_true(got.version == 1 && got.number == 9 && got.salt == 77 && got.ids_above == 12);
    assert_true(got.previous_end == head.previous_end);
    for (size_t bit = 0; bit < sizeof bytes * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(dfl__segment_get(bytes, &got));
        got = (dfl__segment_head){0};
        assert_true(dfl__segment_mend(bytes, &got));
        assert_memory_equal(&got, &head, sizeof got);
        bytes[(bit / 8 + 9) % 64] ^= 1;
        assert_false(dfl__segment_mend(bytes, &got));
        bytes[(bit / 8 + 9) % 64] ^= 1;
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checksum_is_crc32c),
        cmocka_unit_test(the_checksum_of_any_length),
        cmocka_unit_test(what_is_put_is_got),
        cmocka_unit_test(every_flipped_bit_is_noticed),
        cmocka_unit_test(a_segment_head_is_got_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

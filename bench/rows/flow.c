/* Rows of one node after another, of routes and of loops. */
#include "state.h"

BOTH_SIDES_OF_NOTHING(bare3, bare3, must(s.counter == 3, "counter"))
BOTH_SIDES_OF_NOTHING(seq3, seq3, must(s.counter == 3 && s.data.n == 18, "counter, data"))
BOTH_SIDES(seq5, seq5, BEGIN_MESSAGES, must(s.counter == 5, "counter"); EXPECT(6, 105, 7, 102))
BOTH_SIDES(seq10, seq10, BEGIN_MESSAGES, must(s.counter == 10, "counter"); EXPECT(11, 185, 102, 1632))
BOTH_SIDES(binary, binary, BEGIN_MESSAGES, EXPECT(2, 23, 2, 32))
BOTH_SIDES(fourway, fourway, BEGIN_MESSAGES, EXPECT(2, 35, 2, 32))
BOTH_SIDES(nested10, nested10, BEGIN_MESSAGES, must(s.counter == 10, "counter"); EXPECT(11, 15 + 10 * 7, 2, 32))
BOTH_SIDES(loop5, loop, BEGIN_MESSAGES, must(s.counter == 5, "counter"); EXPECT(6, 70, 2, 32))
BOTH_SIDES(loop100, loop, BEGIN_MESSAGES; s.times = 100, must(s.counter == 100, "counter");
           EXPECT(101, 15 + 9 * 11 + 90 * 12 + 13, 2, 32))
BOTH_SIDES(customer, customer, BEGIN_MESSAGES, EXPECT(4, 90, 4, 32 + 6 + 4 + 10 + 4))
BOTH_SIDES_OF_NOTHING(nest10, nest10, must(s.n == 10, "n"))

const Row rows_flow[] = {
    {"3 bare nodes", KIND_SEQUENCE, 3, 0, ROW_SIDES(bare3)},
    {"sequential 3", KIND_SEQUENCE, 3, 641, ROW_SIDES(seq3)},
    {"sequential 5", KIND_SEQUENCE, 5, 3150, ROW_SIDES(seq5)},
    {"sequential 10", KIND_SEQUENCE, 10, 27400, ROW_SIDES(seq10)},
    {"binary route", KIND_SEQUENCE, 2, 987, ROW_SIDES(binary)},
    {"4-way route", KIND_SEQUENCE, 2, 1030, ROW_SIDES(fourway)},
    {"10 nested routes", KIND_SEQUENCE, 10, 6120, ROW_SIDES(nested10)},
    {"loop of 5", KIND_SEQUENCE, 5, 2770, ROW_SIDES(loop5)},
    {"100 iterations", KIND_SEQUENCE, 100, 121000, ROW_SIDES(loop100)},
    {"customer router", KIND_SEQUENCE, 3, 1870, ROW_SIDES(customer)},
    {"10-level nest", KIND_SEQUENCE, 10, 0, ROW_SIDES(nest10)},
    {.name = NULL},
};

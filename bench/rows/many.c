/* Rows of many nodes. */
#include "huge.h"
#include "state.h"
#include "wide.h"

/* wide.awk writes these */
int hand_chain100(chain100_state *s, dfl_ctx *ctx);
int hand_chain10000(chain10000_state *s, dfl_ctx *ctx);
int hand_fan50(fan50_state *s, dfl_ctx *ctx);

BOTH_SIDES(chain100, chain100, BEGIN_MESSAGES, must(s.counter == 100, "counter");
           EXPECT(101, 15 + 10 * 6 + 90 * 7, 2, 32))
BOTH_SIDES_OF_NOTHING(chain10000, chain10000, must(s.counter == 10000, "counter"))
BOTH_SIDES(fan50, fan50, BEGIN_MESSAGES, must(s.counter == 52, "counter");
           EXPECT(1, 15, 52, 32 + 10 * 11 + 40 * 12))

const Row rows_many[] = {
    {"100 nodes", KIND_SEQUENCE, 100, 126000, ROW_SIDES(chain100)},
    {"10,000 nodes", KIND_SEQUENCE, 10000, 0, ROW_SIDES(chain10000)},
    {"50 workers", KIND_SECTION, 50, 33200, ROW_SIDES(fan50)},
    {.name = NULL},
};

#include "settle_catches_node_failures_only.h"

#include "check.h"

int main(void) {
    for (way way = way_node_fails; way <= way_cancelled; way++) {
        dfl_cancel stop = {0};
        dfl_error error = {0};
        settled_state s;
        int status;
        settled_state_init(&s);
        s.way = way, s.stop = &stop;
        status = settled_run(&s, &(dfl_run){.cancel = &stop, .error = &error});
        printf("%s: %s, node '%s'; ", way_name(way), dfl_strerror(status), error.node);
        printf("log %s, total %d, n %d", s.log.p, s.total, s.n);
        for (uint32_t i = 0; i < s.faults.len; i++)
            printf(", fault %s/%s %d: %s", s.faults.items[i].branch.p, s.faults.items[i].node.p,
                   s.faults.items[i].code, s.faults.items[i].message.p);
        printf("\n");
        settled_state_free(&s);
    }
    return 0;
}

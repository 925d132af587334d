/* What a profile says; without one nothing is known here.
 *
 * A mean replaces the `cost` of a node, calls for each entry of the region its visits, counts of ways
 * the even shares. What the profile does not know (it may be older than the program) stays as it is:
 * each answer stands alone. */
#include "internal.h"

bool measured_node(const CostWork *w, const Node *node, int64_t *mean_ns) {
    (void)w, (void)node, (void)mean_ns;
    return false;
}

bool measured_visits(const CostWork *w, const Place *place, Visits *visits) {
    (void)w, (void)place, (void)visits;
    return false;
}

bool measured_elements(const CostWork *w, const Section *section, Visits *elements) {
    (void)w, (void)section, (void)elements;
    return false;
}

bool measured_ways(const CostWork *w, const Place *place, uint64_t *counts, uint64_t *total) {
    (void)w, (void)place, (void)counts, (void)total;
    return false;
}

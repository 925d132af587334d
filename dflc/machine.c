#include "machine.h"

/* Medians of a 2-core x86-64 VM, rounded; see dflc/README.md, "Cost: the model". */
const Machine *machine_default(void) {
    static const Machine common = {
        .name = "default",
        .cpus = 0,
        .publish_ns = 40,
        .hand_over_ns = 150,
        .stagger_ns = 20,
        .claim_ns = 60,
        .join_ns = 100,
        .branch_ns = 35,
        .after_100us = {.caller_ns = 7000, .latency_ns = 29000},
        .after_2ms = {.caller_ns = 11000, .latency_ns = 44000},
        .copy_ns_per_kib = 20,
        .save_ns = 100000,
        .save_ns_per_kib = 3000,
        .mtbf_ns = INT64_C(24) * 3600 * 1000000000,
    };
    return &common;
}

/* What else went on while the figures were measured.
 *
 *     /proc/stat      cpu0 user nice system idle iowait irq softirq steal ...      in ticks of a CPU
 *
 * Only the CPUs that this process may use count: a container sees those of others as well. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "calibrate.h"

static int64_t time_ns(struct timeval t) {
    return (int64_t)t.tv_sec * 1000000000 + (int64_t)t.tv_usec * 1000;
}

/* Time that the CPUs were busy, and that the host took, since they were started. */
typedef struct Busy {
    int64_t busy_ns, stolen_ns; /* -1: the system does not say */
} Busy;

#ifdef __linux__

static bool is_ours(unsigned cpu, const cpu_set_t *set) {
    return cpu < CPU_SETSIZE && CPU_ISSET(cpu, set);
}

static Busy busy_now(void) {
    char line[512];
    cpu_set_t set;
    Busy sum = {0, 0};
    long long tick_ns = 1000000000 / sysconf(_SC_CLK_TCK), t[8];
    unsigned cpu, found = 0;
    FILE *file = fopen("/proc/stat", "r");
    if (!file || sched_getaffinity(0, sizeof set, &set) != 0)
        CPU_ZERO(&set);
    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "cpu%u %lld %lld %lld %lld %lld %lld %lld %lld", &cpu, &t[0], &t[1], &t[2],
                   &t[3], &t[4], &t[5], &t[6], &t[7]) != 9 ||
            !is_ours(cpu, &set))
            continue;
        sum.busy_ns += (t[0] + t[1] + t[2] + t[5] + t[6]) * tick_ns;
        sum.stolen_ns += t[7] * tick_ns;
        found++;
    }
    if (file)
        fclose(file);
    return found > 0 ? sum : (Busy){-1, -1};
}

#else

static Busy busy_now(void) {
    return (Busy){-1, -1};
}

#endif

Noise noise_begin(void) {
    struct rusage use;
    Busy busy = busy_now();
    getrusage(RUSAGE_SELF, &use);
    return (Noise){.wall_ns = clock_ns(),
                   .own_ns = time_ns(use.ru_utime) + time_ns(use.ru_stime),
                   .stolen_ns = busy.stolen_ns,
                   .other_ns = busy.busy_ns,
                   .switches = use.ru_nivcsw};
}

void noise_end(Noise *noise) {
    Noise now = noise_begin();
    noise->wall_ns = now.wall_ns - noise->wall_ns;
    noise->own_ns = now.own_ns - noise->own_ns;
    noise->switches = now.switches - noise->switches;
    if (now.stolen_ns < 0 || noise->stolen_ns < 0) {
        noise->stolen_ns = noise->other_ns = -1;
        return;
    }
    noise->stolen_ns = now.stolen_ns - noise->stolen_ns;
    noise->other_ns = now.other_ns - noise->other_ns - noise->own_ns;
    noise->other_ns = noise->other_ns > 0 ? noise->other_ns : 0;
}

/* How many CPUs may this process use? More threads than that only take turns.
 *
 *     /proc/self/cgroup            0::/user.slice/a        version 2
 *                                  4:cpu,cpuacct:/a        version 1
 *     /sys/fs/cgroup/user.slice/a/cpu.max                  "150000 100000" or "max 100000"
 *     /sys/fs/cgroup/cpu/a/cpu.cfs_quota_us, cpu.cfs_period_us
 *
 * A group is bound by its ancestors' quotas too. Inside a container the path may be one of the
 * host's, which is not there: then the mounted root stands for it. */
#define _GNU_SOURCE

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cpus.h"
#include "dfl.h"

enum { PATH_BYTES = 4096 };

static unsigned at_least_one(long n) {
    return n < 1 ? 1 : n > 4096 ? 4096 : (unsigned)n;
}

static unsigned affinity(void) {
#ifdef __linux__
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return at_least_one(CPU_COUNT(&set));
#endif
    return at_least_one(sysconf(_SC_NPROCESSORS_ONLN));
}

/* The first line of a file, without its newline; false when there is none. */
static bool first_line(const char *path, char *line, int cap) {
    FILE *file = fopen(path, "re");
    bool ok = file && fgets(line, cap, file);
    if (file)
        fclose(file);
    if (ok)
        line[strcspn(line, "\n")] = '\0';
    return ok;
}

static unsigned whole_cpus(long long quota, long long period) {
    if (quota <= 0 || period <= 0)
        return UINT32_MAX;
    return at_least_one((long)(quota / period));
}

static unsigned quota_v2(const char *dir) {
    char path[PATH_BYTES + 32], line[64];
    long long quota, period;
    snprintf(path, sizeof path, "%s/cpu.max", dir);
    if (!first_line(path, line, sizeof line) || sscanf(line, "%lld %lld", &quota, &period) != 2)
        return UINT32_MAX;
    return whole_cpus(quota, period);
}

static long long number_in(const char *dir, const char *name) {
    char path[PATH_BYTES + 32], line[64];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return first_line(path, line, sizeof line) ? strtoll(line, NULL, 10) : -1;
}

static unsigned quota_v1(const char *dir) {
    return whole_cpus(number_in(dir, "cpu.cfs_quota_us"), number_in(dir, "cpu.cfs_period_us"));
}

/* The least quota on the way from root/group up to root. */
static unsigned tightest(const char *root, const char *group, unsigned (*quota)(const char *dir)) {
    char dir[PATH_BYTES];
    size_t root_n = strlen(root);
    unsigned least = quota(root);
    if (root_n + strlen(group) >= sizeof dir)
        return least;
    snprintf(dir, sizeof dir, "%s%s", root, group);
    for (char *slash; strlen(dir) > root_n && (slash = strrchr(dir, '/')) != NULL; *slash = '\0') {
        unsigned here = quota(dir);
        least = here < least ? here : least;
    }
    return least;
}

/* Whether "cpu" is one of the controllers in "cpu,cpuacct". */
static bool has_cpu(const char *controllers) {
    for (const char *at = controllers; *at;) {
        size_t n = strcspn(at, ",");
        if (n == 3 && memcmp(at, "cpu", 3) == 0)
            return true;
        at += n + (at[n] == ',');
    }
    return false;
}

/* The quota that one line of /proc/self/cgroup leads to; changes `line`. */
static unsigned quota_of_line(char *line) {
    char *controllers = strchr(line, ':'), *group;
    if (!controllers)
        return UINT32_MAX;
    *controllers++ = '\0';
    group = strchr(controllers, ':');
    if (!group)
        return UINT32_MAX;
    *group++ = '\0';
    if (!*controllers)
        return tightest("/sys/fs/cgroup", group, quota_v2);
    return has_cpu(controllers) ? tightest("/sys/fs/cgroup/cpu", group, quota_v1) : UINT32_MAX;
}

static unsigned quota(void) {
    char line[PATH_BYTES];
    unsigned least = UINT32_MAX;
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (!file)
        return UINT32_MAX;
    while (fgets(line, sizeof line, file)) {
        unsigned here;
        line[strcspn(line, "\n")] = '\0';
        here = quota_of_line(line);
        least = here < least ? here : least;
    }
    fclose(file);
    return least;
}

unsigned dfl__cpus(void) {
    unsigned allowed = affinity(), paid = quota();
    return paid < allowed ? paid : allowed;
}

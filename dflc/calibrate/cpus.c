/* How many CPUs there are to be had: as the runtime counts them (runtime/cpus.c has the formats),
 * which is not linked here. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calibrate.h"

enum { PATH_BYTES = 4096 };

static unsigned between(long n, unsigned least, unsigned most) {
    return n < (long)least ? least : n > (long)most ? most : (unsigned)n;
}

unsigned cpus_allowed(void) {
#ifdef __linux__
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return between(CPU_COUNT(&set), 1, MACHINE_MOST_CPUS);
#endif
    return between(sysconf(_SC_NPROCESSORS_ONLN), 1, MACHINE_MOST_CPUS);
}

/* ---- quotas, in hundredths of a CPU; 0: none ---- */

static bool first_line(const char *dir, const char *name, char *line, int cap) {
    char path[PATH_BYTES + 32];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "r");
    bool ok = file && fgets(line, cap, file);
    if (file)
        fclose(file);
    return ok;
}

static unsigned percent(long long quota, long long period) {
    if (quota <= 0 || period <= 0 || quota > INT64_MAX / 100)
        return 0;
    long long hundredths = quota * 100 / period;
    return hundredths < 1 ? 1 : hundredths > MACHINE_MOST_CPUS * 100 ? 0 : (unsigned)hundredths;
}

/* "150000 100000", or "max 100000" */
static unsigned quota_v2(const char *dir) {
    char line[64];
    long long quota, period;
    if (!first_line(dir, "cpu.max", line, sizeof line) ||
        sscanf(line, "%lld %lld", &quota, &period) != 2)
        return 0;
    return percent(quota, period);
}

static unsigned quota_v1(const char *dir) {
    char quota[64], period[64];
    if (!first_line(dir, "cpu.cfs_quota_us", quota, sizeof quota) ||
        !first_line(dir, "cpu.cfs_period_us", period, sizeof period))
        return 0;
    return percent(strtoll(quota, NULL, 10), strtoll(period, NULL, 10));
}

static unsigned tighter(unsigned a, unsigned b) {
    return a == 0 || (b != 0 && b < a) ? b : a;
}

/* Of a group and all that it lies in. */
static unsigned tightest(const char *root, const char *group, unsigned (*quota)(const char *)) {
    char dir[PATH_BYTES];
    unsigned least = quota(root);
    int n = snprintf(dir, sizeof dir, "%s%s", root, group);
    if (n < 0 || n >= (int)sizeof dir)
        return least;
    for (char *slash; strlen(dir) > strlen(root) && (slash = strrchr(dir, '/')); *slash = '\0')
        least = tighter(least, quota(dir));
    return least;
}

/* Whether "cpu" is one of the controllers in "cpu,cpuacct". */
static bool has_cpu(const char *controllers) {
    for (const char *at = controllers; *at; at += strspn(at, ",")) {
        size_t n = strcspn(at, ",");
        if (n == 3 && memcmp(at, "cpu", 3) == 0)
            return true;
        at += n;
    }
    return false;
}

/* "0::/group" or "4:cpu,cpuacct:/group"; cuts the line. */
static unsigned quota_of_line(char *line) {
    char *controllers = strchr(line, ':');
    char *group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!group)
        return 0;
    *controllers++ = '\0';
    *group++ = '\0';
    group[strcspn(group, "\n")] = '\0';
    if (!*controllers)
        return tightest("/sys/fs/cgroup", group, quota_v2);
    return has_cpu(controllers) ? tightest("/sys/fs/cgroup/cpu", group, quota_v1) : 0;
}

unsigned cpus_quota_percent(void) {
    char line[PATH_BYTES];
    unsigned least = 0;
    FILE *file = fopen("/proc/self/cgroup", "r");
    while (file && fgets(line, sizeof line, file))
        least = tighter(least, quota_of_line(line));
    if (file)
        fclose(file);
    return least;
}

unsigned cpus_usable(void) {
    unsigned allowed = cpus_allowed(), quota = cpus_quota_percent();
    unsigned paid = quota == 0 ? allowed : quota < 200 ? 1 : quota / 100;
    return paid < allowed ? paid : allowed;
}

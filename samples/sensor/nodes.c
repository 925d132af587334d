/* nodes.c: the steps of sensor.dfl, and a program without stdio and without a heap around them.
 *
 *     sensor <readings.txt
 *
 * A reading is a line: t or p, the sensor's name, a whole number of hundredths. */
#include <unistd.h>

#include "noheap.h"
#include "sensor.h"

/* ---- the line from the sensors ---- */

static char input[256];
static size_t have, used;

static int next_byte(void) {
    if (used == have) {
        ssize_t n = read(0, input, sizeof input);
        have = n > 0 ? (size_t)n : 0;
        used = 0;
    }
    return used < have ? (unsigned char)input[used++] : -1;
}

/* Its length; -1 at the end. */
static int read_line(char *line, int cap) {
    int n = 0, c = next_byte();
    if (c < 0)
        return -1;
    for (; c >= 0 && c != '\n'; c = next_byte())
        if (n < cap)
            line[n++] = (char)c;
    return n;
}

int sensor_take(dfl_ctx *ctx, int64_t *seen, reading *at, bool *ended) {
    char line[64];
    int n = read_line(line, sizeof line), i = 2, sign = 1;
    long hundredths = 0;
    *ended = n < 0;
    if (*ended)
        return 0;
    ++*seen;
    if (n < 5 || line[1] != ' ')
        return dfl_fail(ctx, 1, "no reading");
    at->of = line[0] == 't' ? kind_temperature : line[0] == 'p' ? kind_pressure : kind_unknown;
    while (i < n && line[i] != ' ')
        i++;
    at->id = dfl_copy(ctx, line + 2, (size_t)(i - 2));
    if (++i < n && line[i] == '-')
        sign = -1, i++;
    for (; i < n; i++) {
        if (line[i] < '0' || line[i] > '9' || hundredths > 100000000)
            return dfl_fail(ctx, 2, "no number");
        hundredths = hundredths * 10 + (line[i] - '0');
    }
    at->value = (double)(sign * hundredths) / 100;
    return 0;
}

/* ---- what is odd ---- */

static int outside(dfl_ctx *ctx, double value, double least, double most, bool *odd, dfl_str *why) {
    *odd = value < least || value > most;
    if (*odd)
        *why = dfl_printf(ctx, "%.2f is not in %.0f to %.0f", value, least, most);
    return 0;
}

int sensor_heat(dfl_ctx *ctx, const reading *at, bool *odd, dfl_str *why) {
    return outside(ctx, at->value, -40, 85, odd, why);
}

int sensor_press(dfl_ctx *ctx, const reading *at, bool *odd, dfl_str *why) {
    return outside(ctx, at->value, 850, 1100, odd, why);
}

/* Odd is what lies more than a tenth away from the sensor's mean, which follows slowly. */
int sensor_learn(dfl_ctx *ctx, const reading *at, dfl_f64_map *means, bool *odd, dfl_str *why) {
    const double *old = dfl_f64_map_get(means, at->id);
    double mean = old ? *old : at->value, off = at->value - mean;
    *odd = off * off > mean * mean / 100;
    if (*odd)
        *why = dfl_printf(ctx, "%.2f, and the mean is %.2f", at->value, mean);
    return dfl_f64_map_put(ctx, means, at->id, mean + off / 8);
}

static void say(dfl_str text) {
    ssize_t n = write(1, text.p, text.n);
    (void)n;
}

int sensor_alarm(dfl_ctx *ctx, const reading *at, dfl_str why, int64_t *alarms) {
    say(dfl_printf(ctx, "%s: %s\n", at->id.p, why.p));
    ++*alarms;
    return 0;
}

/* ---- the program ---- */

int main(void) {
    static char memory[SENSOR_STATE_BYTES];
    sensor_state s;
    noheap_from_here_on();
    sensor_state_init_in(&s, memory, sizeof memory);
    int status = sensor_run(&s, NULL);
    say(dfl_printf(sensor_state_ctx(&s), "%d readings, %d damaged, %d odd; status %d\n", (int)s.seen, (int)s.damaged,
                   (int)s.alarms, status));
    sensor_state_free(&s);
    return status != DFL_OK;
}

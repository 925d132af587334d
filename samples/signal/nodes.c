/* nodes.c: the steps of signal.dfl, and the program around them.
 *
 *     signal [-p FILE]        -p: measure, into a profile for dflc --profile */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "signal.h"

enum { RATE = 8000, TAPS = 257 };

static const double PI = 3.14159265358979323846;

/* Three tones, the middle one by far the loudest. */
int signal_make(dfl_ctx *ctx, int32_t seconds, dfl_f64_list *sound) {
    for (int i = 0; i < seconds * RATE; i++) {
        double t = (double)i / RATE;
        dfl_f64_list_push(ctx, sound, 0.1 * sin(2 * PI * 110 * t) + 0.8 * sin(2 * PI * 880 * t) + 0.02 * sin(2 * PI * 3000 * t));
    }
    return 0;
}

/* Of an ideal filter from 0 to `hz`, with a Hann window around it. */
static double low_pass(int k, double hz) {
    double x = k - TAPS / 2, window = 0.5 - 0.5 * cos(2 * PI * k / (TAPS - 1));
    double f = 2 * hz / RATE;
    return window * (x == 0 ? f : sin(PI * f * x) / (PI * x));
}

/* The loudness of what lies between two frequencies, and its greatest value. */
static int band(dfl_f64_list sound, double from, double to, double *loudness, double *peak) {
    double taps[TAPS], sum = 0;
    for (int k = 0; k < TAPS; k++)
        taps[k] = low_pass(k, to) - low_pass(k, from);
    *peak = 0;
    for (uint32_t i = TAPS; i < sound.len; i++) {
        double y = 0;
        for (uint32_t k = 0; k < TAPS; k++)
            y += taps[k] * sound.items[i - k];
        sum += y * y;
        *peak = fmax(*peak, fabs(y));
    }
    *loudness = 10 * log10(sum / (sound.len - TAPS) + 1e-12);
    return 0;
}

int signal_low_band(dfl_ctx *ctx, dfl_f64_list sound, double *bass, double *peak) {
    (void)ctx;
    return band(sound, 20, 300, bass, peak);
}

int signal_middle_band(dfl_ctx *ctx, dfl_f64_list sound, double *voice, double *peak) {
    (void)ctx;
    return band(sound, 300, 2000, voice, peak);
}

int signal_high_band(dfl_ctx *ctx, dfl_f64_list sound, double *treble, double *peak) {
    (void)ctx;
    return band(sound, 2000, 3900, treble, peak);
}

int signal_tell(dfl_ctx *ctx, double bass, double voice, double treble, double peak, dfl_str *told) {
    *told = dfl_printf(ctx, "bass %.1f dB, voice %.1f dB, treble %.1f dB, peak %.2f", bass, voice, treble, peak);
    return 0;
}

/* ---- the program ---- */

int main(int argc, char **argv) {
    dfl_error error = {0};
    dfl_hooks *profile = NULL;
    signal_state s;
    int status;
    if (argc == 3 && strcmp(argv[1], "-p") == 0 && !(profile = dfl_profile_open(argv[2])))
        return 1;
    signal_state_init(&s);
    status = signal_run(&s, &(dfl_run){.error = &error, .hooks = profile});
    if (status == DFL_OK)
        printf("%s\n", s.told.p);
    else
        fprintf(stderr, "signal: %s: %s\n", error.node, error.message);
    if (dfl_profile_close(profile) != DFL_OK) {
        fprintf(stderr, "signal: %s: %s\n", argv[2], strerror(errno));
        status = DFL_ESTORE;
    }
    signal_state_free(&s);
    return status != DFL_OK;
}

/* The sum of part(0) .. part(n - 1) by other runtimes, of which each is there only where it was found. */
#ifndef PEERS_H
#define PEERS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
int64_t openmp_sum(int n, int64_t (*part)(int i));
int64_t tbb_sum(int n, int64_t (*part)(int i));
#ifdef __cplusplus
}
#endif

#ifdef HAVE_OPENMP
#define OPENMP_SIDE(RUN) {"openmp", RUN},
#else
#define openmp_sum(N, PART) ((void)(N), (void)(PART), INT64_C(-1))
#define OPENMP_SIDE(RUN)
#endif
#ifdef HAVE_TBB
#define TBB_SIDE(RUN) {"tbb", RUN},
#else
#define tbb_sum(N, PART) ((void)(N), (void)(PART), INT64_C(-1))
#define TBB_SIDE(RUN)
#endif

#endif

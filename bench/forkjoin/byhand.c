/* One branch after another, by hand; and with OpenMP where it is compiled with it. */
#include "work.h"

#ifdef _OPENMP
#include <omp.h>
#endif

int main(int argc, char **argv) {
    Cell cell = work_begin(argc, argv);
    int64_t results[64], sum = 0;
#ifdef _OPENMP
    omp_set_dynamic(0);
#endif
    for (int64_t r = 0; r < cell.repetitions; r++) {
        work_gap();
#ifdef _OPENMP
#pragma omp parallel for schedule(static)
#endif
        for (int i = 0; i < cell.n; i++)
            results[i] = work_branch();
        for (int i = 0; i < cell.n; i++)
            sum += results[i];
        work_done();
    }
    work_end(sum);
    return 0;
}

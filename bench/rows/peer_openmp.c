#include "peers.h"

int64_t openmp_sum(int n, int64_t (*part)(int i)) {
    int64_t sum = 0;
#pragma omp parallel for schedule(static) reduction(+ : sum)
    for (int i = 0; i < n; i++)
        sum += part(i);
    return sum;
}

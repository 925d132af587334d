#include "peers.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_reduce.h>

#include <functional>

int64_t tbb_sum(int n, int64_t (*part)(int i)) {
    return tbb::parallel_reduce(
        tbb::blocked_range<int>(0, n), INT64_C(0),
        [part](const tbb::blocked_range<int> &range, int64_t sum) {
            for (int i = range.begin(); i < range.end(); i++)
                sum += part(i);
            return sum;
        },
        std::plus<int64_t>());
}

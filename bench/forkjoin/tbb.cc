// oneTBB: a task for each branch but one, which the caller runs itself.
#include <tbb/task_group.h>

#include "work.h"

int main(int argc, char **argv) {
    Cell cell = work_begin(argc, argv);
    int64_t results[64], sum = 0;
    for (int64_t r = 0; r < cell.repetitions; r++) {
        work_gap();
        tbb::task_group group;
        for (int i = 1; i < cell.n; i++)
            group.run([&results, i] { results[i] = work_branch(); });
        results[0] = work_branch();
        group.wait();
        for (int i = 0; i < cell.n; i++)
            sum += results[i];
        work_done();
    }
    work_end(sum);
    return 0;
}

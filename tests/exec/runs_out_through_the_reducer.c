#include "runs_out_through_the_reducer.h"

#include "check.h"

int main(void) {
    SHOW(parent);
    return 0;
}

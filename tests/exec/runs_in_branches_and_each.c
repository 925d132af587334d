#include "runs_in_branches_and_each.h"

#include "check.h"

int main(void) {
    SHOW(parent);
    return 0;
}

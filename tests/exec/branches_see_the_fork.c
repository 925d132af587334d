#include "branches_see_the_fork.h"

#include "check.h"

int main(void) {
    SHOW(fork_view);
    return 0;
}

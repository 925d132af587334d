#include "on_error_stays_in_its_branch.h"

#include "check.h"

int main(void) {
    for (int i = 0; i < 20; i++)
        SHOW(g);
    return 0;
}

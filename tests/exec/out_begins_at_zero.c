#include "out_begins_at_zero.h"

#include "check.h"

int main(void) {
    SHOW(zeros);
    return 0;
}

#include "merge_in_written_order.h"

#include "check.h"

int main(void) {
    SHOW(written);
    SHOW(inherited);
    return 0;
}

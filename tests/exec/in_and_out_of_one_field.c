#include "in_and_out_of_one_field.h"

#include "check.h"

int main(void) {
    SHOW(both);
    return 0;
}

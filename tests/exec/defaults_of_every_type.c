#include "defaults_of_every_type.h"

#include "check.h"

int main(void) {
    SHOW(defaults);
    return 0;
}

#include "lists_share_and_never_show_it.h"

#include "check.h"

int main(void) {
    SHOW(sharing);
    return 0;
}

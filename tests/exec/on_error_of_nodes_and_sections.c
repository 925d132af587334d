#include "on_error_of_nodes_and_sections.h"

#include "check.h"

int main(void) {
    SHOW(node_fails);
    SHOW(section_fails);
    SHOW(each_fails);
    SHOW(nothing_fails);
    return 0;
}

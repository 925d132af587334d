#include "optional_facts.h"

#include "check.h"

static void run(dfl_i32_opt n, person_opt who, dfl_str_opt word) {
    options_state s;
    options_state_init(&s);
    s.n = n, s.who = who, s.word = word;
    CHECK_INT(options_run(&s, NULL), DFL_OK);
    printf("%s\n", s.found.p);
    options_state_free(&s);
}

int main(void) {
    person old = {DFL_STR("Ida"), {true, 80}}, young = {DFL_STR("Kim"), {true, 8}};
    person unknown = {DFL_STR("Lou"), {false, 80}};
    run((dfl_i32_opt){true, 11}, (person_opt){true, old}, (dfl_str_opt){true, DFL_STR("Ada")});
    run((dfl_i32_opt){true, 10}, (person_opt){true, young}, (dfl_str_opt){true, DFL_STR("Bob")});
    run((dfl_i32_opt){true, 9}, (person_opt){true, unknown}, (dfl_str_opt){true, DFL_STR("")});
    run((dfl_i32_opt){false, 11}, (person_opt){false, old}, (dfl_str_opt){false, DFL_STR("Ada")});
    return 0;
}

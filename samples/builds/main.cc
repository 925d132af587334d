// The same as main.c, from C++.
#include <cstdio>

#include "sorting.h"
#include "tariff.h"

namespace {

// A state of a graph, from its beginning to its end.
class Sorting {
public:
    explicit Sorting(const parcel &box) {
        sorting_state_init(&state_);
        state_.box = box;
    }
    ~Sorting() { sorting_state_free(&state_); }
    Sorting(const Sorting &) = delete;
    Sorting &operator=(const Sorting &) = delete;

    int run(dfl_error *error) {
        dfl_run run = {};
        run.error = error;
        return sorting_run(&state_, &run);
    }
    lane way() const { return state_.way; }

private:
    sorting_state state_;
};

int cents_of(int64_t grams, int64_t *cents) {
    tariff_state state;
    tariff_state_init(&state);
    state.grams = grams;
    int status = tariff_run(&state, nullptr);
    *cents = state.cents;
    tariff_state_free(&state);
    return status;
}

void send(const parcel &box) {
    static const char *const lanes[] = {"letters", "small", "large", "by hand"};
    Sorting sorting(box);
    dfl_error error = {};
    int64_t cents = 0;
    if (sorting.run(&error) == DFL_OK && cents_of(box.grams, &cents) == DFL_OK)
        std::printf("%-6.*s %6lld g  %-8s %4lld cents\n", DFL_ARG(box.id),
                    static_cast<long long>(box.grams), lanes[sorting.way()],
                    static_cast<long long>(cents));
    else
        std::printf("%s\n", error.message);
}

} // namespace

int main() {
    const parcel parcels[] = {
        {DFL_STR("anna"), 120, false},
        {DFL_STR("bo"), 2500, false},
        {DFL_STR("carl"), 12000, false},
        {DFL_STR("dora"), 800, true},
        {DFL_STR("emil"), 0, false},
    };
    for (const parcel &box : parcels)
        send(box);
}

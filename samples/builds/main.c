// Sends some parcels through both graphs.
#include <inttypes.h>
#include <stdio.h>

#include "sorting.h"
#include "tariff.h"

static const char *const lanes[] = {"letters", "small", "large", "by hand"};

static void send(parcel box) {
    sorting_state sorting;
    tariff_state tariff;
    dfl_error error;
    sorting_state_init(&sorting);
    tariff_state_init(&tariff);
    sorting.box = box;
    tariff.grams = box.grams;
    if (sorting_run(&sorting, &(dfl_run){.error = &error}) == DFL_OK &&
        tariff_run(&tariff, &(dfl_run){.error = &error}) == DFL_OK)
        printf("%-6.*s %6" PRId64 " g  %-8s %4" PRId64 " cents\n", DFL_ARG(box.id), box.grams,
               lanes[sorting.way], tariff.cents);
    else
        printf("%s\n", error.message);
    sorting_state_free(&sorting);
    tariff_state_free(&tariff);
}

int main(void) {
    const parcel parcels[] = {
        {DFL_STR("anna"), 120, false},
        {DFL_STR("bo"), 2500, false},
        {DFL_STR("carl"), 12000, false},
        {DFL_STR("dora"), 800, true},
        {DFL_STR("emil"), 0, false},
    };
    for (size_t i = 0; i < sizeof parcels / sizeof *parcels; i++)
        send(parcels[i]);
    return 0;
}

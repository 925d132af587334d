/* nodes.c: the desks of support.dfl, and the program around them.
 *
 *     support messages.txt
 *
 * Nothing here guesses: topic, tone and grades come from the words that stand in the text. */
#define _POSIX_C_SOURCE 200809L /* strncasecmp */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "support.h"

#define OPENING "Hello, thank you for writing."
#define APOLOGY "Hello, I am sorry for the trouble."

/* ---- words ---- */

/* How many of "charge|invoice|..." begin a word of the text. */
static int count_words(dfl_str text, const char *words) {
    int found = 0;
    for (const char *word = words; *word;) {
        size_t n = strcspn(word, "|"), i = 0;
        while (i < text.n && ((i > 0 && isalnum((unsigned char)text.p[i - 1])) ||
                              strncasecmp(text.p + i, word, n) != 0))
            i++;
        found += i < text.n;
        word += n + (word[n] == '|');
    }
    return found;
}

static bool contains(dfl_str text, dfl_str part) {
    return strstr(text.p, part.p) != NULL;
}

/* What the desks know: a fact is part of the answer when one of its words is in the message. */
typedef struct Knowledge {
    topic desk;
    const char *words, *fact;
} Knowledge;

static const Knowledge knowledge[] = {
    {topic_billing, "twice|again|double", "We return the second payment within five days."},
    {topic_billing, "vat|receipt", "The VAT number is on page two of every invoice."},
    {topic_billing, "address", "The billing address is under Account, Billing, Address."},
    {topic_billing, "delete", "A stored card is deleted under Account, Billing, Cards."},
    {topic_billing, "subscription", "A cancelled subscription ends with the month that is paid."},
    {topic_technical, "crash", "Version 4.2.1 ends the crash; it is under Help, Update."},
    {topic_technical, "e1043", "E1043 is a damaged cache: start once with --clear-cache."},
    {topic_technical, "log in|password", "We have sent a new link, it is valid for one hour."},
    {topic_technical, "mail", "If no mail comes, add no-reply@shop.example to your contacts."},
    {topic_other, "ship", "We ship to all of Europe."},
    {topic_other, "delivery", "Delivery takes three to six working days."},
    {topic_other, "hours|holiday", "The shop is open from 9 to 18, but not on public holidays."},
    {topic_other, "pick up|parcel", "A parcel is kept for ten days; please bring its number."},
};

static int look_up(dfl_ctx *ctx, topic desk, dfl_str message, dfl_str_list *facts) {
    for (size_t i = 0; i < sizeof knowledge / sizeof *knowledge; i++)
        if (knowledge[i].desk == desk && count_words(message, knowledge[i].words) > 0)
            dfl_str_list_push(ctx, facts, dfl_strdup(ctx, knowledge[i].fact));
    return 0;
}

/* ---- reading ---- */

/* Sure of a topic when many of its words are there, and few of the others'. */
int support_classify(dfl_ctx *ctx, dfl_str message, topic *best, double *confidence,
                     dfl_str_list *notes) {
    static const char *const words[] = {
        [topic_billing] = "charge|invoice|payment|bank|vat|billing|card|receipt",
        [topic_technical] = "app|crash|error|bug|log in|password|version|update|export",
        [topic_refund] = "refund|money back|return|order|cancelled|cracked|damaged",
        [topic_other] = "ship|delivery|hours|shop|open|visit|parcel",
    };
    int most = 0, total = 0;
    for (int i = topic_billing; i <= topic_other; i++) {
        int n = count_words(message, words[i]);
        total += n;
        if (n > most)
            most = n, *best = (topic)i;
    }
    *confidence = most / (total + 1.0); /* one word alone is not much */
    const char *name = most > 0 ? topic_name(*best) : "unclear";
    return dfl_str_list_push(ctx, notes,
                             dfl_printf(ctx, "intent     %s, %.2f sure", name, *confidence));
}

int support_hear(dfl_ctx *ctx, dfl_str message, tone *mood, dfl_str_list *notes) {
    if (count_words(message, "lawyer|court|chargeback|sue you") > 0)
        *mood = tone_legal;
    else if (count_words(message, "frustrat|disappoint|angry|third time|unacceptable") > 0)
        *mood = tone_upset;
    else
        return 0;
    return dfl_str_list_push(ctx, notes, dfl_printf(ctx, "mood       %s", tone_name(*mood)));
}

int support_details(dfl_ctx *ctx, dfl_str message, dfl_str_opt *reference, dfl_f64_opt *amount,
                    dfl_str_list *notes) {
    const char *number = strstr(message.p, "INV-"), *dollar = strchr(message.p, '$');
    if (!number)
        number = strstr(message.p, "ORD-");
    if (number) {
        reference->has = true;
        reference->value = dfl_copy(ctx, number, 4 + strspn(number + 4, "0123456789"));
        dfl_str_list_push(ctx, notes, dfl_printf(ctx, "reference  %s", reference->value.p));
    }
    if (dollar) {
        amount->has = true;
        amount->value = 0;
        for (dollar++; isdigit((unsigned char)*dollar) || *dollar == ','; dollar++)
            if (*dollar != ',')
                amount->value = amount->value * 10 + (*dollar - '0');
        if (*dollar == '.')
            amount->value += strtod(dollar, NULL);
        dfl_str_list_push(ctx, notes, dfl_printf(ctx, "amount     $%.2f", amount->value));
    }
    return 0;
}

/* ---- the desks ---- */

int support_billing_desk(dfl_ctx *ctx, dfl_str message, dfl_str_list *facts) {
    return look_up(ctx, topic_billing, message, facts);
}

int support_technical_desk(dfl_ctx *ctx, dfl_str message, dfl_str_list *facts) {
    return look_up(ctx, topic_technical, message, facts);
}

int support_general_desk(dfl_ctx *ctx, dfl_str message, dfl_str_list *facts) {
    return look_up(ctx, topic_other, message, facts);
}

int support_refund_desk(dfl_ctx *ctx, dfl_str message, const double *amount,
                        const dfl_str *reference, dfl_str_list *facts) {
    if (!reference)
        dfl_str_list_push(ctx, facts, DFL_STR("Please send us the number of the order."));
    if (amount)
        dfl_str_list_push(ctx, facts,
                          dfl_printf(ctx, "We return $%.2f to the card that paid.", *amount));
    if (count_words(message, "crack|broken|damaged") > 0)
        dfl_str_list_push(ctx, facts, DFL_STR("A label for the way back is in our next mail."));
    return 0;
}

/* ---- the answer ---- */

/* A first answer is short: what matters most. */
int support_draft(dfl_ctx *ctx, dfl_str_list facts, dfl_str *answer) {
    const char *first = facts.len > 0 ? facts.items[0].p : "";
    *answer = dfl_printf(ctx, OPENING "%s%s", *first ? " " : "", first);
    return 0;
}

int support_grade(dfl_ctx *ctx, dfl_str answer, dfl_str_list facts, tone mood,
                  const dfl_str *reference, gap_list *gaps, double *score, dfl_str_list *notes) {
    uint32_t checks = facts.len + (facts.len == 0) + (mood == tone_upset) + (reference != NULL);
    if (facts.len == 0)
        gap_list_push(ctx, gaps, gap_no_answer);
    if (mood == tone_upset && !contains(answer, DFL_STR(APOLOGY)))
        gap_list_push(ctx, gaps, gap_no_apology);
    for (uint32_t i = 0; i < facts.len; i++)
        if (!contains(answer, facts.items[i]))
            gap_list_push(ctx, gaps, gap_no_fact);
    if (reference && !contains(answer, *reference))
        gap_list_push(ctx, gaps, gap_no_reference);
    *score = 1 - (double)gaps->len / checks;

    dfl_str line = dfl_printf(ctx, "grade      %.2f", *score);
    for (uint32_t i = 0; i < gaps->len; i++)
        line = dfl_printf(ctx, "%s, %s", line.p, gap_name(gaps->items[i]));
    return dfl_str_list_push(ctx, notes, line);
}

/* Mends the first gap. */
int support_refine(dfl_ctx *ctx, gap_list gaps, dfl_str_list facts, const dfl_str *reference,
                   dfl_str *answer, dfl_str_list *notes) {
    gap first = gaps.items[0];
    uint32_t i = 0;
    switch (first) {
    case gap_no_apology:
        *answer = dfl_printf(ctx, APOLOGY "%s", answer->p + strlen(OPENING));
        break;
    case gap_no_reference:
        *answer = dfl_printf(ctx, "%s We have noted this under %s.", answer->p, reference->p);
        break;
    case gap_no_fact:
        while (contains(*answer, facts.items[i]))
            i++;
        *answer = dfl_printf(ctx, "%s %s", answer->p, facts.items[i].p);
        break;
    case gap_no_answer:
        return dfl_fail(ctx, EINVAL, "there is no fact to answer with");
    }
    return dfl_str_list_push(ctx, notes, dfl_printf(ctx, "refine     %s", gap_name(first)));
}

int support_publish(dfl_ctx *ctx, dfl_str answer, dfl_str *reply, dfl_str_list *notes) {
    *reply = answer;
    return dfl_str_list_push(ctx, notes, DFL_STR("publish"));
}

/* ---- the program ---- */

/* Text as it is to be read: 72 columns, every line marked. */
static void print_wrapped(const char *mark, dfl_str text) {
    for (const char *at = text.p; *at;) {
        size_t n = strlen(at);
        if (n > 72)
            for (n = 72; n > 1 && at[n] != ' '; n--)
                ;
        printf("  %s %.*s\n", mark, (int)n, at);
        at += n + (at[n] == ' ');
    }
}

typedef enum Outcome { ANSWERED, TO_A_PERSON, FAILED } Outcome;

static Outcome handle(support_state *state, const char *message) {
    dfl_error error;
    dfl_run run = {.error = &error};
    support_state_reset(state);
    state->message = dfl_strdup(support_state_ctx(state), message);
    print_wrapped(">", state->message);
    if (support_run(state, &run) != DFL_OK) {
        printf("  failed in %s: %s\n", error.node, error.message);
        return FAILED;
    }
    for (uint32_t i = 0; i < state->notes.len; i++)
        printf("    %s\n", state->notes.items[i].p);
    print_wrapped("<", state->reply);
    if (state->queue.n > 0)
        printf("  to a person, %s\n", state->queue.p);
    return state->queue.n > 0 ? TO_A_PERSON : ANSWERED;
}

int main(int argc, char **argv) {
    char line[2048]; /* "4101: text of the message" */
    int counts[FAILED + 1] = {0};
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (!file) {
        fprintf(stderr, "usage: support FILE (%s)\n", argc == 2 ? strerror(errno) : "missing");
        return 2;
    }
    support_state state;
    support_state_init(&state);
    while (fgets(line, sizeof line, file)) {
        size_t number = strcspn(line, ":");
        line[strcspn(line, "\n")] = '\0';
        printf("%.*s\n", (int)number, line);
        counts[handle(&state, line + number + strspn(line + number, ": "))]++;
        putchar('\n');
    }
    fclose(file);
    support_state_free(&state);
    printf("%d answered, %d to a person, %d failed\n", counts[ANSWERED], counts[TO_A_PERSON],
           counts[FAILED]);
    return counts[FAILED] > 0;
}

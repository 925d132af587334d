/* nodes.c: what the analysts of finance.dfl compute, and the program around them.
 *
 *     finance [-u "Nov 1 2008"] stocks.csv [TICKER...]
 *
 * A signal lies in [-1, 1]: -1 sell, 1 buy. A risk lies in [0, 1]. The branches run in any order,
 * on any thread; the signals arrive in the order of finance.dfl all the same. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "finance.h"

enum { MONTHS_NEEDED = 37, YEAR = 12, RSI_MONTHS = 14, MOOD_MONTHS = 6 };

/* ---- the price table: one row a month and ticker, oldest first ---- */

/* What dfl_user() points to. */
typedef struct Market {
    const char *path;
    int until; /* later months are not seen; see month_number() */
} Market;

typedef struct Table {
    FILE *file;
    const Market *market;
    int line;
    char symbol[16]; /* of the row read last */
    int month;
    double price;
} Table;

static const char month_names[] = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ";

/* "Mar 1 2010" to a number that rises by one a month; -1 when it is no date. */
static int month_number(const char *date) {
    char name[5];
    int day, year;
    if (sscanf(date, "%3s %d %d", name, &day, &year) != 3 || year < 0 || year > 9999)
        return -1;
    strcat(name, " ");
    const char *found = strstr(month_names, name);
    return found ? year * YEAR + (int)(found - month_names) / 4 : -1;
}

static int table_open(dfl_ctx *ctx, Table *table) {
    const Market *market = dfl_user(ctx);
    char header[64] = "";
    *table = (Table){.file = fopen(market->path, "r"), .market = market, .line = 1};
    if (!table->file)
        return dfl_fail(ctx, errno, "cannot read %s: %s", market->path, strerror(errno));
    if (fgets(header, sizeof header, table->file) && !strncmp(header, "symbol,date,price", 17))
        return 0;
    fclose(table->file);
    return dfl_fatal(ctx, EINVAL, "%s: no table of symbol,date,price", market->path);
}

/* Moves to the next row. *more: whether there is one. */
static int table_next(dfl_ctx *ctx, Table *table, bool *more) {
    char text[128], date[32];
    do {
        *more = fgets(text, sizeof text, table->file) != NULL;
        if (!*more)
            return ferror(table->file) ? dfl_fail(ctx, EIO, "cannot read on") : 0;
        table->line++;
        if (sscanf(text, "%15[^,],%31[^,],%lf", table->symbol, date, &table->price) != 3 ||
            (table->month = month_number(date)) < 0 || !(table->price > 0))
            return dfl_fatal(ctx, EINVAL, "%s:%d: not a price: %.*s", table->market->path,
                             table->line, (int)strcspn(text, "\r\n"), text);
    } while (table->month > table->market->until);
    return 0;
}

/* ---- indicators ---- */

static double clamp(double x, double low, double high) {
    return x < low ? low : x > high ? high : x;
}

/* `back` months before the last one. */
static double price(dfl_f64_list prices, uint32_t back) {
    return prices.items[prices.len - 1 - back];
}

static double average(dfl_f64_list prices, uint32_t months) {
    double sum = 0;
    for (uint32_t i = 0; i < months; i++)
        sum += price(prices, i);
    return sum / months;
}

static double highest(dfl_f64_list prices, uint32_t months) {
    double high = 0;
    for (uint32_t i = 0; i < months; i++)
        high = fmax(high, price(prices, i));
    return high;
}

/* Standard deviation of the monthly changes, brought to a year. */
static double volatility(dfl_f64_list prices, uint32_t months) {
    double sum = 0, squares = 0;
    for (uint32_t i = 0; i < months; i++) {
        double change = price(prices, i) / price(prices, i + 1) - 1;
        sum += change;
        squares += change * change;
    }
    return sqrt(fmax(0, squares - sum * sum / months) / (months - 1) * YEAR);
}

/* Relative strength index: the share of the gains in all movement, in percent. */
static double rsi(dfl_f64_list prices, uint32_t months) {
    double gains = 0, losses = 0;
    for (uint32_t i = 0; i < months; i++) {
        double change = price(prices, i) - price(prices, i + 1);
        if (change > 0)
            gains += change;
        else
            losses -= change;
    }
    return gains + losses > 0 ? 100 * gains / (gains + losses) : 50;
}

/* ---- the nodes of finance.dfl ---- */

int finance_gather(dfl_ctx *ctx, dfl_str ticker, dfl_f64_list *prices) {
    Table table;
    bool more = false;
    int rc = table_open(ctx, &table);
    if (rc)
        return rc;
    while ((rc = table_next(ctx, &table, &more)) == 0 && more)
        if (dfl_str_eq(ticker, (dfl_str){table.symbol, strlen(table.symbol)}))
            dfl_f64_list_push(ctx, prices, table.price);
    fclose(table.file);
    if (rc == 0 && prices->len < MONTHS_NEEDED)
        rc = dfl_fatal(ctx, ENODATA, "%u months of prices, but %d are needed", prices->len,
                       MONTHS_NEEDED);
    return rc;
}

/* The growth of three years and of the last, against 40 % a year. Risk: the prices jump about. */
int finance_fundamental(dfl_ctx *ctx, dfl_f64_list prices, dfl_f64_list *signals, double *risk) {
    double three_years = cbrt(price(prices, 0) / price(prices, 3 * YEAR)) - 1;
    double last_year = price(prices, 0) / price(prices, YEAR) - 1;
    dfl_f64_list_push(ctx, signals, clamp((three_years + last_year) / 2 / 0.40, -1, 1));
    *risk = clamp(volatility(prices, 2 * YEAR) / 0.60, 0, 1);
    return 0;
}

/* The 3-month average above or below that of 12, and whether the rise has run hot. Risk: how far
 * the price has fallen from its high. */
int finance_technical(dfl_ctx *ctx, dfl_f64_list prices, dfl_f64_list *signals, double *risk) {
    double crossing = average(prices, 3) / average(prices, YEAR) - 1;
    dfl_f64_list_push(ctx, signals, clamp(crossing / 0.15, -1, 1));
    dfl_f64_list_push(ctx, signals, (50 - rsi(prices, RSI_MONTHS)) / 50);
    *risk = clamp(1 - price(prices, 0) / highest(prices, 3 * YEAR), 0, 1);
    return 0;
}

/* How the market likes the ticker: its last half year against that of all in the table. */
int finance_sentiment(dfl_ctx *ctx, dfl_str ticker, dfl_f64_list *signals) {
    Table table;
    char symbol[16] = "";
    double recent[MOOD_MONTHS + 1] = {0}; /* newest first */
    double own = 0, all = 0;
    int n = 0, months = 0, rc = table_open(ctx, &table);
    if (rc)
        return rc;
    for (bool more = true; more;) {
        rc = table_next(ctx, &table, &more);
        if (rc)
            break;
        if ((!more || strcmp(symbol, table.symbol) != 0) && months > MOOD_MONTHS) {
            double change = recent[0] / recent[MOOD_MONTHS] - 1; /* of the ticker before */
            all += change, n++;
            if (dfl_str_eq(ticker, (dfl_str){symbol, strlen(symbol)}))
                own = change;
        }
        if (strcmp(symbol, table.symbol) != 0)
            strcpy(symbol, table.symbol), months = 0;
        memmove(recent + 1, recent, sizeof recent - sizeof *recent);
        recent[0] = table.price, months++;
    }
    fclose(table.file);
    if (rc == 0)
        dfl_f64_list_push(ctx, signals, n ? clamp((own - all / n) / 0.25, -1, 1) : 0);
    return rc;
}

/* The mean of the signals, taken the less serious the higher the risk. */
int finance_assess(dfl_ctx *ctx, dfl_f64_list signals, double risk, dfl_str *verdict) {
    double sum = 0;
    for (uint32_t i = 0; i < signals.len; i++)
        sum += signals.items[i];
    double score = sum / signals.len * (1 - risk / 2);
    const char *advice = score > 0.20 ? "buy" : score < -0.20 ? "sell" : "hold";
    dfl_str line = dfl_printf(ctx, "%-7s %+.2f  %4.0f%%", advice, score, 100 * risk);
    for (uint32_t i = 0; i < signals.len; i++)
        line = dfl_printf(ctx, "%s   %+.2f", line.p, signals.items[i]);
    *verdict = line;
    return 0;
}

/* ---- the program ---- */

static int analyse(finance_state *state, Market *market, const char *ticker) {
    dfl_error error;
    dfl_run run = {.user = market, .error = &error};
    finance_state_reset(state);
    state->ticker = dfl_strdup(finance_state_ctx(state), ticker);
    if (finance_run(state, &run) != DFL_OK) {
        fprintf(stderr, "finance: %s: %s: %s\n", ticker, error.node,
                error.message[0] ? error.message : dfl_strerror(error.status));
        return 1;
    }
    printf("%-7s %.*s\n", ticker, DFL_ARG(state->verdict));
    return 0;
}

int main(int argc, char **argv) {
    char *all[] = {"AAPL", "AMZN", "GOOG", "IBM", "MSFT"};
    Market market = {.until = INT32_MAX};
    int arg = 1;
    if (argc > 2 && strcmp(argv[1], "-u") == 0)
        market.until = month_number(argv[2]), arg = 3;
    if (arg >= argc || market.until < 0) {
        fprintf(stderr, "usage: finance [-u \"Nov 1 2008\"] stocks.csv [TICKER...]\n");
        return 2;
    }
    market.path = argv[arg++];
    char **tickers = arg < argc ? argv + arg : all;
    int n = arg < argc ? argc - arg : (int)(sizeof all / sizeof *all), failed = 0;

    printf("ticker  verdict score   risk  growth   cross     rsi    mood\n");
    finance_state state;
    finance_state_init(&state);
    for (int i = 0; i < n; i++)
        failed |= analyse(&state, &market, tickers[i]);
    finance_state_free(&state);
    return failed;
}

/* The statements of the work queue. Each is planned once, without knowing how many rows an array has or a table
 * will have: every one finds its rows by an index (conn.c). What is locked is passed over, so nobody waits. */
#include "queue.h"

/* States, as in dfl_work_state. */
#define READY     "0"
#define SUSPECT   "1"
#define RUNNING   "2"
#define WAITING   "3"
#define PAUSED    "4"
#define DEAD      "5"
#define DONE      "6"
#define CANCELLED "7"

#define READY_AGAIN " CASE WHEN crashes > 0 THEN " SUSPECT " ELSE " READY " END"

/* Of a run that somebody believes to have. */
/* What a stranger has put at the end of its range must not stop what is done with other runs in the same statement:
 * an epoch is only to be another one, and counts stay where they are. */
#define NEXT_EPOCH "(q.epoch & 1073741823) + 1"
#define ONE_MORE(COUNT) "least(" COUNT ", 2147483646) + 1"

/* note [by its index]
 * That A is B, where A is to be looked for in an index, once for each B. Written as =, the server is free to read all of A's
 * table in order instead, and does so where it plans while that table is short; then it stays with that while the table
 * grows. Two bounds leave it no other way. */
#define IS(A, B) " " A " BETWEEN " B " AND " B " "

#define MINE(RUN, EPOCH) " run = " RUN " AND epoch = " EPOCH " AND state = " RUNNING

/* When a run is tried again that failed so often before: doubled, to an hour, and by chance a quarter more or less. */
#define AGAIN(BASE, FAILED)                                                                        \
    " now() + least(3600e6, " BASE "::bigint * power(2.0, least(" FAILED ", 30))) *"               \
    " (0.75 + random() / 2) * interval '1 microsecond'"

#define STATUS_OF(TABLE, DUE, FINISHED, WORKER)                                                    \
    "SELECT run, key, graph, state, priority, submitted, " DUE ", " FINISHED ", attempts, "        \
    "crashes, step, next, error, failures, " WORKER " FROM " TABLE " JOIN dfl_lane USING (lane)"
#define QUEUED   STATUS_OF("dfl_queue", "due", "NULL::timestamptz", "worker")
#define FINISHED STATUS_OF("dfl_finished", "submitted", "finished", "NULL::bigint")

/* Moves what `gone` has to the finished runs. */
#define KEEP(STATE, NEXT)                                                                          \
    " kept AS (INSERT INTO dfl_finished(run, submitted, finished, step, state, lane, priority,"    \
    " epoch, saves, attempts, crashes, failures, key, next, error, body) SELECT run, submitted, now(), " \
    "step, " STATE ", lane, priority, epoch, saves, attempts, crashes, failures, key, " NEXT       \
    ", error, body FROM gone),"                                                                    \
    " unasked AS (DELETE FROM dfl_question d USING (SELECT run FROM gone WHERE asked) AS g"        \
    " WHERE" IS("d.run", "g.run") ")"

/* clang-format off */
/* Arrays are taken apart in the list of what is selected, where the server keeps no copy of each, as it does in FROM. */
#define END_THEM                                                                                   \
    " gone AS (DELETE FROM dfl_queue q USING (SELECT unnest($4::bigint[]) AS run,"                 \
    " unnest($5::integer[]) AS epoch, unnest($6::integer[]) AS lane,"                              \
    " unnest($7::bigint[]) AS step, unnest($8::bytea[]) AS body) AS f"                             \
    " WHERE" IS("q.run", "f.run") "AND q.epoch = f.epoch AND q.state = " RUNNING                   \
    " RETURNING q.run, q.submitted, f.step, f.lane, q.priority, q.epoch, q.saves, q.attempts,"     \
    " q.crashes, q.failures, q.key, q.asked, q.error, f.body)," KEEP(DONE, "'end'")

/* Of several lanes it takes from the one that has the most urgent run; and a run that is suspect alone, so that what
 * dies with it is known. The order is that of the index. */
#define TAKE_THEM                                                                                  \
    " me AS MATERIALIZED (SELECT FROM dfl_worker WHERE worker = $1::bigint AND NOT given_up"       \
    " FOR KEY SHARE),"                                                                             \
    " suspect AS MATERIALIZED (SELECT s.* FROM unnest($2::integer[]) AS l(lane), LATERAL"         \
    " (SELECT q.ctid AS at, q.run FROM dfl_queue q WHERE q.state = " SUSPECT " AND q.lane = l.lane" \
    " ORDER BY (-q.priority::bigint), q.run LIMIT least(1, $3::bigint) FOR UPDATE SKIP LOCKED)"    \
    " AS s LIMIT 1),"                                                                              \
    " best AS MATERIALIZED (SELECT l.* FROM unnest($2, $9::bigint[], $10::bigint[]) AS"            \
    " l(lane, rank, run), LATERAL (SELECT (-q.priority::bigint) AS rank, q.run FROM dfl_queue q"   \
    " WHERE q.state = " READY " AND q.lane = l.lane AND ((-q.priority::bigint), q.run) >="         \
    " (l.rank, l.run) ORDER BY (-q.priority::bigint), q.run LIMIT 1) AS h"                         \
    " ORDER BY h.rank, h.run LIMIT 1),"                                                            \
    " picked AS MATERIALIZED (SELECT q.ctid AS at, q.run FROM dfl_queue q WHERE q.state = " READY  \
    " AND q.lane = (SELECT lane FROM best) AND ((-q.priority::bigint), q.run) >="                  \
    " ((SELECT rank FROM best), (SELECT run FROM best)) ORDER BY (-q.priority::bigint), q.run"     \
    " LIMIT CASE WHEN EXISTS (SELECT FROM suspect) THEN 0 ELSE $3 END FOR UPDATE SKIP LOCKED),"    \
    " noted AS (UPDATE dfl_taken SET runs = ARRAY(SELECT run FROM suspect UNION ALL SELECT run"    \
    " FROM picked) WHERE worker = $1 AND $3 > 0 AND EXISTS (SELECT FROM me) AND (EXISTS (SELECT"   \
    " FROM suspect) OR EXISTS (SELECT FROM picked) OR runs <> '{}'))"                              \
    " UPDATE dfl_queue q SET state = " RUNNING ", worker = $1, epoch = " NEXT_EPOCH                \
    " WHERE q.ctid = ANY (ARRAY(SELECT at FROM suspect UNION ALL SELECT at FROM picked)) AND"      \
    " EXISTS (SELECT FROM me)"                                                                     \
    " RETURNING run, epoch, lane, priority, step, saves, asks, key, next, body"
/* clang-format on */

const PgStatement dfl__queue_statements[Q_STATEMENTS] = {
    [Q_LANE_PUT] = {"dfl_lane_put", "INSERT INTO dfl_lane(graph, mark) VALUES($1::text, $2::bigint)"
                                    " ON CONFLICT DO NOTHING"},
    [Q_LANE_GET] = {"dfl_lane_get",
                    "SELECT lane FROM dfl_lane WHERE graph = $1::text AND mark = $2::bigint"},
    [Q_LANES] = {"dfl_lanes",
                 "SELECT lane, graph, mark FROM dfl_lane WHERE graph = ANY($1::text[])"},
    [Q_PUT_LAYOUT] = {"dfl_put_layout",
                      "INSERT INTO dfl_layout(mark, graph, text) VALUES($1::bigint, $2::text,"
                      " $3::bytea) ON CONFLICT DO NOTHING"},
    [Q_LAYOUT] = {"dfl_layout", "SELECT text FROM dfl_layout WHERE mark = $1::bigint"},

    /* ---- submitting ---- */

    [Q_NUMBERS] = {"dfl_numbers",
                   "SELECT nextval('dfl_run_id') FROM generate_series(1, $1::bigint)"},
    /* In order of the keys, so that two who submit the same wait for each other only one way round. */
    [Q_SUBMIT_KEYS] = {"dfl_submit_keys",
                       "INSERT INTO dfl_key(key, run) SELECT key, run FROM unnest($1::bytea[],"
                       " $2::bigint[]) AS s(key, run) WHERE key IS NOT NULL ORDER BY key, run"
                       " ON CONFLICT DO NOTHING"},
    [Q_SUBMIT] =
        {"dfl_submit",
         "INSERT INTO dfl_queue(run, submitted, due, step, state, lane, priority, epoch, saves,"
         " attempts, crashes, asks, asked, key, next, body)"
         " SELECT run, now(), coalesce(due, now()), 0, CASE WHEN due > now() THEN " WAITING
         " ELSE " READY " END, lane, priority, 0, 0, 0, 0, 0, false, key, next, body"
         " FROM unnest($1::bytea[], $2::bigint[], $3::integer[], $4::integer[], $5::timestamptz[],"
         " $6::text[], $7::bytea[]) AS s(key, run, lane, priority, due, next, body)"
         " WHERE (key IS NULL OR EXISTS (SELECT FROM dfl_key k WHERE k.key = s.key AND k.run ="
         " s.run)) AND (SELECT f.run FROM dfl_finished f WHERE f.run = s.run) IS NULL"
         " ON CONFLICT DO NOTHING"},
    [Q_SUBMITTED] = {"dfl_submitted",
                     "SELECT k.run FROM unnest($1::bytea[]) WITH ORDINALITY AS s(key, n)"
                     " LEFT JOIN dfl_key k ON" IS("k.key", "s.key") "ORDER BY n"},

    /* ---- looking ---- */

    [Q_LOOK] = {"dfl_look", QUEUED " WHERE run = $1::bigint UNION ALL " FINISHED " WHERE run = $1"},
    [Q_FIND] = {"dfl_find", "SELECT run FROM dfl_key WHERE key = $1::bytea"},
    [Q_LIST] = {"dfl_list", "(" QUEUED " WHERE run > $1::bigint AND (1 << state) & $2::integer <> 0"
                            " AND ($3::text IS NULL OR graph = $3) ORDER BY run LIMIT $4::bigint)"
                            " UNION ALL (" FINISHED " WHERE $2 & ((1 << " DONE
                            ") | (1 << " CANCELLED ")) <> 0 AND run > $1 AND (1 << state) & $2 <> 0"
                            " AND ($3 IS NULL OR graph = $3) ORDER BY run LIMIT $4)"
                            " ORDER BY run LIMIT $4"},
    [Q_LOAD] = {"dfl_load",
                "SELECT graph, mark, step, saves, next, body FROM dfl_queue JOIN dfl_lane USING "
                "(lane)"
                " WHERE run = $1::bigint UNION ALL SELECT graph, mark, step, saves, next, body"
                " FROM dfl_finished JOIN dfl_lane USING (lane) WHERE run = $1"},
    /* A time that a stranger has put at infinity, or thousands of years away, is no age. */
    [Q_COUNT] =
        {"dfl_count",
         "SELECT graph, state, sum(n)::bigint, least(9e18, 1e9 * greatest(0, extract(epoch FROM now() -"
         " min(due) FILTER (WHERE state < " RUNNING "))))::bigint FROM"
         " (SELECT lane, state, count(*) AS n, min(due) FILTER (WHERE isfinite(due)) AS due FROM dfl_queue GROUP BY 1, 2"
         " UNION ALL SELECT lane, state, count(*), NULL FROM dfl_finished GROUP BY 1, 2) AS each"
         " JOIN dfl_lane USING (lane) GROUP BY graph, state ORDER BY graph, state"},
    [Q_QUESTIONS] = {"dfl_questions",
                     "SELECT question, node, element, asked, answer FROM dfl_question"
                     " WHERE run = $1::bigint ORDER BY question"},

    /* ---- changing ---- */

    [Q_ANSWER] =
        {"dfl_answer",
         "WITH r AS MATERIALIZED (SELECT run, state FROM dfl_queue WHERE run = $1::bigint FOR "
         "UPDATE),"
         " given AS (UPDATE dfl_question d SET answer = $3::text FROM r WHERE d.run = r.run AND"
         " r.state <> " RUNNING " AND d.question = coalesce($2::text, d.question) AND"
         " ($2 IS NOT NULL OR 1 = (SELECT count(*) FROM dfl_question WHERE run = $1))"
         " RETURNING d.run),"
         " woken AS (UPDATE dfl_queue q SET state = " READY_AGAIN ", due = now() FROM given"
         " WHERE q.run = given.run AND q.state = " PAUSED ")"
         " SELECT (SELECT state FROM r), (SELECT count(*) FROM given)"},
    [Q_RETRY] = {"dfl_retry",
                 "UPDATE dfl_queue q SET state = " READY ", attempts = 0, crashes = 0, failures = 0, error = NULL,"
                 " due = now(), epoch = " NEXT_EPOCH " WHERE run = $1::bigint AND state IN (" WAITING
                 ", " DEAD ")"},
    [Q_CANCEL] = {"dfl_cancel",
                  "WITH gone AS (DELETE FROM dfl_queue WHERE run = $1::bigint RETURNING *)," KEEP(
                      CANCELLED, "next") " SELECT FROM gone"},
    [Q_FORGET] =
        {"dfl_forget",
         "WITH gone AS (DELETE FROM dfl_finished WHERE run = ANY (ARRAY(SELECT run FROM dfl_finished"
         " WHERE finished < $1::timestamptz ORDER BY run LIMIT $2::bigint)) RETURNING key, run),"
         " keys AS (DELETE FROM dfl_key k USING gone WHERE" IS("k.key", "gone.key") "AND k.run = gone.run)"
         " SELECT count(*) FROM gone"},

    /* ---- working ---- */

    [Q_REGISTER] = {"dfl_register",
                    "WITH me AS (INSERT INTO dfl_worker(worker, name, began, until, given_up) VALUES("
                    "nextval('dfl_worker_id'), $1::text, now(), now() + $2::bigint *"
                    " interval '1 microsecond', false) RETURNING worker)"
                    " INSERT INTO dfl_taken(worker, runs) SELECT worker, '{}' FROM me RETURNING worker"},
    [Q_BEAT] = {"dfl_beat", "UPDATE dfl_worker SET until = now() + $2::bigint * interval"
                            " '1 microsecond' WHERE worker = ANY($1::bigint[]) AND NOT given_up"
                            " RETURNING worker"},
    [Q_STRAYS] =
        {"dfl_strays",
         "SELECT slot, run, epoch FROM unnest($1::integer[], $2::bigint[], $3::integer[]) AS"
         " f(slot, run, epoch) WHERE NOT EXISTS (SELECT FROM dfl_queue q WHERE" IS("q.run", "f.run")
         "AND q.epoch = f.epoch AND q.state = " RUNNING ")"},
    /* Ends runs and takes others: a round trip and a commit for both. $1 the worker, $2 lanes, $3 how many; $4 .. $8
     * what has ended; $9 and $10 from where on to look in each lane, see note [from where on]. */
    [Q_TURN] = {"dfl_turn", "WITH" END_THEM "," TAKE_THEM},
    /* What has got further has not failed there yet. */
    [Q_SAVE] =
        {"dfl_save",
         "UPDATE dfl_queue q SET lane = $3::integer, step = $4::bigint, next = $5::text, body ="
         " $6::bytea, saves = saves + 1, asks = 0, attempts = CASE WHEN $4 > step THEN 0"
         " ELSE attempts END, crashes = CASE WHEN $4 > step THEN 0 ELSE crashes END"
         " WHERE" MINE("$1::bigint", "$2::integer") " RETURNING saves"},
    /* What was asked before and is asked still has no answer any more: it was given, and used up. */
    [Q_PAUSE] =
        {"dfl_pause",
         "WITH mine AS (UPDATE dfl_queue q SET state = " PAUSED ", epoch = " NEXT_EPOCH ", worker = NULL,"
         " asks = cardinality($3::text[]), asked = true WHERE" MINE(
             "$1::bigint",
             "$2::integer") " RETURNING run),"
                            " over AS (DELETE FROM dfl_question d USING mine WHERE d.run = "
                            "mine.run AND"
                            " d.question <> ALL ($3))"
                            " INSERT INTO dfl_question(run, question, node, element, asked) SELECT "
                            "mine.run, s.*"
                            " FROM mine, unnest($3, $4::text[], $5::bigint[], $6::text[]) AS s"
                            " ON CONFLICT (run, question) DO UPDATE SET node = excluded.node, "
                            "element ="
                            " excluded.element, asked = excluded.asked, answer = NULL"},
    [Q_FAIL] = {"dfl_fail",
                "UPDATE dfl_queue q SET state = CASE WHEN " ONE_MORE("attempts") " >= $3::integer OR "
                ONE_MORE("failures") " >= $6::integer THEN " DEAD " ELSE " WAITING " END, attempts = "
                ONE_MORE("attempts") ", failures = " ONE_MORE("failures") ", epoch = " NEXT_EPOCH ", worker = NULL,"
                " error = $5::text, due =" AGAIN("$4", "attempts") " WHERE" MINE("$1::bigint",
                                                                                 "$2::integer")},
    [Q_RELEASE] = {"dfl_release",
                   "UPDATE dfl_queue q SET state =" READY_AGAIN ", epoch = " NEXT_EPOCH ", worker ="
                   " NULL FROM unnest($1::bigint[], $2::integer[]) AS f(run, epoch) WHERE"
                   IS("q.run", "f.run") "AND q.epoch = f.epoch AND q.state = " RUNNING},
    [Q_ANSWERS] = {"dfl_answers", "SELECT question, answer FROM dfl_question WHERE run ="
                                  " $1::bigint AND answer IS NOT NULL"},
    [Q_UNREGISTER] = {"dfl_unregister", "DELETE FROM dfl_worker WHERE worker = $1::bigint"},
    [Q_GIVE_BACK] = {"dfl_give_back",
                     "WITH had AS (DELETE FROM dfl_taken WHERE worker = $1::bigint RETURNING runs)"
                     " UPDATE dfl_queue q SET state =" READY_AGAIN ", epoch = " NEXT_EPOCH
                     ", worker = NULL FROM (SELECT unnest(runs) AS run FROM had) AS f WHERE"
                     IS("q.run", "f.run") "AND q.worker = $1 AND q.state = " RUNNING},

    /* ---- tending ---- */

    [Q_PROMOTE] =
        {"dfl_promote",
         "WITH due AS MATERIALIZED (SELECT ctid AS at FROM dfl_queue WHERE state = " WAITING
         " AND due <= now() ORDER BY due LIMIT $1::bigint FOR UPDATE SKIP LOCKED)"
         " UPDATE dfl_queue q SET state =" READY_AGAIN
         " WHERE ctid = ANY (ARRAY(SELECT at FROM due))"},
    [Q_IS_ANY_LOST] = {"dfl_is_any_lost",
                       "SELECT count(*) FROM dfl_worker WHERE given_up OR until < now()"},
    [Q_EXPIRE] = {"dfl_expire",
                  "UPDATE dfl_worker SET given_up = true WHERE worker IN (SELECT worker FROM"
                  " dfl_worker WHERE NOT given_up AND until < now() FOR NO KEY UPDATE SKIP LOCKED)"},
    [Q_REAP] = {"dfl_reap",
                "WITH lost AS MATERIALIZED (SELECT q.ctid AS at FROM dfl_taken t, unnest(t.runs) AS f(run),"
                " dfl_queue q WHERE t.worker = ANY (ARRAY(SELECT worker FROM dfl_worker WHERE given_up)) AND"
                IS("q.run", "f.run") "AND q.worker = t.worker AND q.state = " RUNNING " LIMIT $3::bigint"
                " FOR UPDATE OF q SKIP LOCKED)"
                " UPDATE dfl_queue q SET state = CASE WHEN " ONE_MORE("crashes") " >= $1::integer OR "
                ONE_MORE("failures") " >= $4::integer THEN " DEAD " ELSE " WAITING " END, crashes = "
                ONE_MORE("crashes") ", failures = " ONE_MORE("failures") ", epoch = " NEXT_EPOCH ", worker = NULL, error ="
                " 'its worker crashed, or was not heard of for too long', due =" AGAIN(
                    "$2", "crashes") " WHERE ctid = ANY (ARRAY(SELECT at FROM lost))"},
    [Q_LOCK_ENDED] = {"dfl_lock_ended",
                      "SELECT worker FROM dfl_worker WHERE given_up FOR UPDATE SKIP LOCKED"},
    [Q_BURY] = {"dfl_bury",
                "WITH gone AS (DELETE FROM dfl_worker w WHERE worker = ANY($1::bigint[]) AND NOT"
                " EXISTS (SELECT FROM dfl_taken t, unnest(t.runs) AS f(run), dfl_queue q WHERE"
                " t.worker = w.worker AND" IS("q.run", "f.run") "AND q.worker = w.worker AND q.state = " RUNNING
                ") RETURNING worker) DELETE FROM dfl_taken t USING gone WHERE t.worker = gone.worker"},
    [Q_IS_ANY_LEFT] = {"dfl_is_any_left",
                       "SELECT EXISTS (SELECT FROM dfl_queue WHERE state < " RUNNING
                       " AND lane = ANY($1::integer[])) OR EXISTS (SELECT FROM dfl_taken t,"
                       " unnest(t.runs) AS f(run), dfl_queue q WHERE" IS("q.run", "f.run") "AND q.state = " RUNNING
                       " AND q.lane = ANY($1)) OR EXISTS (SELECT FROM dfl_queue"
                       " WHERE state = " WAITING " AND lane = ANY($1))"},
};

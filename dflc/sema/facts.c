/* Which optional things are known to be some at a point of a guard.
 *
 * `q is some && q.price > 3` and `q is none -> ...; q.price > 3 -> ...` both know it of q. A fact
 * is about a path, "q" or "q.at"; facts are learned and forgotten like a stack. */
#include "internal.h"

const char *facts_path(Compilation *comp, const Expr *expr) {
    switch (expr->kind) {
    case EX_FIELD:
        return expr->field->name;
    case EX_VAR:
        return expr->var->name;
    case EX_UNWRAP:
        return facts_path(comp, expr->left);
    case EX_MEMBER: {
        const char *of = facts_path(comp, expr->left);
        return of ? intern_cstr(comp->names,
                                arena_printf(comp->arena, "%s.%s", of, expr->member->name))
                  : NULL;
    }
    default:
        return NULL;
    }
}

/* The count of a path is kept in the pointer itself. */
static uintptr_t count_of_path(const Facts *facts, const char *path) {
    return (uintptr_t)strmap_get(&facts->known, path);
}

bool facts_know(const Facts *facts, const char *path) {
    return path && count_of_path(facts, path) > 0;
}

void facts_learn(Facts *facts, Arena *arena, const char *path) {
    strmap_put(&facts->known, arena, path, (void *)(count_of_path(facts, path) + 1));
    ARENA_PUSH(arena, facts->paths, facts->n, facts->cap, path);
}

void facts_forget(Facts *facts, Arena *arena, size_t n) {
    while (facts->n > n) {
        const char *path = facts->paths[--facts->n];
        strmap_put(&facts->known, arena, path, (void *)(count_of_path(facts, path) - 1));
    }
}

static const char *ast_path(Compilation *comp, const AstExpr *ast) {
    if (ast->kind == AE_NAME)
        return ast->u.name;
    const char *of = ast->kind == AE_MEMBER ? ast_path(comp, ast->left) : NULL;
    return of ? intern_cstr(comp->names, arena_printf(comp->arena, "%s.%s", of, ast->u.name))
              : NULL;
}

void facts_learn_asked(Facts *facts, Compilation *comp, const AstExpr *ast) {
    if (!ast)
        return;
    if (ast->kind == AE_IS_NONE || ast->kind == AE_IS_SOME) {
        const char *path = ast_path(comp, ast->left);
        if (path)
            facts_learn(facts, comp->arena, path);
    }
    facts_learn_asked(facts, comp, ast->left);
    facts_learn_asked(facts, comp, ast->right);
}

void facts_learn_if(Facts *facts, Compilation *comp, const Expr *expr, bool truth) {
    switch (expr->kind) {
    case EX_IS_SOME:
    case EX_IS_NONE: {
        const char *path = facts_path(comp, expr->left);
        if (path && truth == (expr->kind == EX_IS_SOME))
            facts_learn(facts, comp->arena, path);
        break;
    }
    case EX_NOT:
        facts_learn_if(facts, comp, expr->left, !truth);
        break;
    case EX_AND:
    case EX_OR:
        /* A true && and a false || say it of both sides. */
        if (truth == (expr->kind == EX_AND)) {
            facts_learn_if(facts, comp, expr->left, truth);
            facts_learn_if(facts, comp, expr->right, truth);
        }
        break;
    default:
        break;
    }
}

#include "project/autofix.h"

#include "project/held_lock.h"

void sw_autofix_init(struct sw_autofix *autofix, struct sw_project *project, const struct sw_catalog *catalog,
                     const char *path, unsigned most)
{
    *autofix = (struct sw_autofix){.most = most};
    sw_fixing_init(&autofix->fixing, project, catalog, path);
}

void sw_autofix_release(struct sw_autofix *autofix)
{
    sw_fixing_release(&autofix->fixing);
}

/* Another profile would not help if the attempt succeeded, was interrupted or had no engine. */
static bool is_mendable(int code)
{
    return code != SW_OK && code != SW_EENV && code != SW_ECANCELED;
}

bool sw_autofix_again(struct sw_autofix *autofix, struct sw_attempt *attempt, int code)
{
    struct sw_fixing *fixing = &autofix->fixing;
    struct sw_error error;
    size_t first = fixing->count;
    if (!is_mendable(code) || autofix->rounds == autofix->most ||
        sw_cancel_requested(fixing->project->cancel))
        return false;
    /* The findings of check are found anew, so that only the findings of the build are seeds. */
    code = sw_fix_mark(&fixing->fix, &error);
    if (code == 0)
        code = sw_fixing_run(fixing, &attempt->findings, attempt->checked, SW_ERROR, &error);
    if (code != 0)
        (void)sw_findings_add_error(&attempt->findings, NULL, &error);
    if (code != 0 || sw_fixing_applied(fixing, first) == 0)
        return false;
    autofix->rounds++;
    return true;
}

int sw_autofix_settle(struct sw_autofix *autofix, struct sw_attempt *attempt, int code)
{
    struct sw_error error;
    autofix->passed = code == SW_OK;
    if (autofix->rounds == 0 || code != SW_OK || attempt->choices->dry_run)
        return code;
    code = sw_fixing_write(&autofix->fixing, &error);
    if (code == 0)
        code = sw_prepared_keep_lock(&attempt->prepared, attempt->project, &error);
    autofix->written = code == 0;
    if (code != 0)
        (void)sw_findings_add_error(&attempt->findings, code == SW_ENO ? "SW102" : NULL, &error);
    return code;
}

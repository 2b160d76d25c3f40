#include "commands.h"

#include "output/format.h"
#include "prepare.h"

/* Check a profile. A file that does not exist or cannot be read does not hide the faults of the others. */
static void check(struct session *session, const char *path, const struct sw_catalog *catalog,
                  struct sw_findings *findings)
{
    PREPARED_AUTO prepared;
    struct sw_error error;
    if (prepare(&prepared, session, path, catalog, findings, &error) != 0 ||
        prepared_needs(&prepared, session, SW_WARNING, findings, &error) != 0 ||
        prepared_check(&prepared, session, catalog, findings, &error) != 0)
        (void)sw_findings_add_error(findings, NULL, &error);
}

enum status command_check(struct session *session)
{
    SW_CATALOG_AUTO catalog = {0};
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    const struct text_list *names = &session->options.arguments;
    struct text_list paths = {0};
    struct sw_error error;
    int code = names->count > 0 ? 0 : session_choose_profiles(&paths, session, true, &error);
    if (code == 0)
        code = sw_catalog_load(&catalog, session->project, &error);
    if (code != 0)
        return session_fail(session, &error);
    const struct sw_cancel *cancel = &session->cancel;
    for (size_t i = 0; i < names->count && !sw_cancel_requested(cancel); i++) {
        const char *path;
        if (session_find_profile(&path, session, names->items[i], &error) == 0)
            check(session, path, &catalog, &findings);
        else
            (void)sw_findings_add_error(&findings, NULL, &error);
    }
    for (size_t i = 0; i < paths.count && !sw_cancel_requested(cancel); i++)
        check(session, paths.items[i], &catalog, &findings);
    if (sw_cancel_requested(cancel)) {
        (void)sw_fail_canceled(&error);
        return session_fail(session, &error);
    }
    sw_findings_unique(&findings);
    return format_result(session, &findings);
}

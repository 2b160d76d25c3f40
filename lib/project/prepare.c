#include "project/prepare.h"

#include "project/grants.h"
#include "project/held_lock.h"
#include "project/settled_base.h"

int sw_prepare_with(struct sw_prepared *prepared, struct sw_project *project, const char *path,
                    const struct sw_profile_source *source, const struct sw_catalog *catalog,
                    struct sw_findings *findings, struct sw_error *error)
{
    size_t before = sw_findings_count(findings, SW_ERROR);
    int code = sw_prepare_from(prepared, project, path, source, catalog, findings, error);
    if (code == 0)
        code = sw_prepared_settle_base(prepared, project, catalog, findings, error);
    return code == 0 && sw_findings_count(findings, SW_ERROR) == before
               ? sw_prepared_hold_lock(prepared, project, source, catalog, findings, error)
               : code;
}

int sw_prepare(struct sw_prepared *prepared, struct sw_project *project, const char *path,
               const struct sw_catalog *catalog, struct sw_findings *findings, struct sw_error *error)
{
    const struct sw_profile_source source = sw_grants_source(project);
    *prepared = (struct sw_prepared){0};
    return sw_cancel_requested(project->cancel)
               ? sw_fail_canceled(error)
               : sw_prepare_with(prepared, project, path, &source, catalog, findings, error);
}

#include "project/settled_base.h"

#include "base/limits.h"
#include "check/base_torch.h"
#include "project/web.h"

static bool is_not_torch(struct sw_str key)
{
    return !sw_str_is(key, "torch");
}

static void add_place(struct sw_findings *findings, struct sw_finding *finding, const struct sw_node *at)
{
    sw_finding_place(findings, finding, sw_node_file(at), sw_node_line(at), sw_node_column(at));
}

static void add_requirement(struct sw_findings *findings, struct sw_finding *finding,
                            const struct sw_base_torch *torch)
{
    char source[SW_MAX_PATH_SIZE];
    if (torch->at == NULL)
        return;
    (void)snprintf(source, sizeof source, "%s:%u", sw_node_file(torch->at), sw_node_line(torch->at));
    sw_finding_evidence(findings, finding, sw_node_str(torch->at), source);
}

/* Report the replacement at the base image, which stands at `at`. */
static void report(const struct sw_profile *profile, const struct sw_node *at,
                   const struct sw_base_torch *torch, const struct sw_catalog *catalog,
                   struct sw_findings *findings)
{
    const char *former = profile->base_torch;
    const struct sw_node *row = sw_catalog_version(catalog->torch, torch->version);
    struct sw_finding *finding = sw_findings_add(
        findings, "SW223", SW_WARNING,
        "torch %s of the base image is replaced by torch %s: the image carries the bytes of both", former,
        torch->version);
    add_place(findings, finding, at);
    add_requirement(findings, finding, torch);
    sw_finding_hint(findings, finding, "take a base image with torch %s, or an image with Python alone",
                    torch->version);
    for (size_t i = 0; i < torch->left_count; i++) {
        const char *fitting = sw_node_text(sw_node_get(row, torch->left[i]), NULL);
        finding = sw_findings_add(findings, "SW205", SW_WARNING,
                                  "%s of the base image is built for torch %s, and torch %s takes its place",
                                  torch->left[i], former, torch->version);
        add_place(findings, finding, at);
        sw_finding_subject(findings, finding, torch->left[i]);
        add_requirement(findings, finding, torch);
        if (fitting != NULL)
            sw_finding_hint(findings, finding, "install %s==%s along with it", torch->left[i], fitting);
    }
}

/* Return true if the profile has the torch of a base image, and the index may be asked for another torch. */
static bool may_be_replaced(const struct sw_prepared *prepared, const struct sw_project *project)
{
    return prepared->plan.root != NULL && prepared->profile.base_torch != NULL &&
           sw_node_get(prepared->profile.root, "requirements") != NULL &&
           (prepared->wrapped.draft == NULL || project->stale_locks != SW_STALE_ASIDE);
}

/* Find the torch that takes the place of the torch of the base image, which `prepared` is without. */
static int find(struct sw_base_torch *torch, struct sw_prepared *prepared, struct sw_project *project,
                const struct sw_catalog *catalog, struct sw_error *error)
{
    struct sw_check_input input = {.profile = &prepared->profile,
                                   .plan = &prepared->plan,
                                   .catalog = catalog,
                                   .cancel = project->cancel,
                                   .offline = project->offline};
    if (sw_project_index(&input.index, project, NULL) != 0)
        return 0;
    return sw_base_torch_find(torch, &prepared->profile.arena, &input, error);
}

int sw_prepared_settle_base(struct sw_prepared *prepared, struct sw_project *project,
                            const struct sw_catalog *catalog, struct sw_findings *findings,
                            struct sw_error *error)
{
    SW_FINDINGS_AUTO told; /* with the first plan */
    sw_findings_init(&told);
    struct sw_builder b = {.arena = &prepared->profile.arena};
    struct sw_base_torch torch = {.version = NULL};
    struct sw_plan former = prepared->plan;
    const struct sw_node *root = prepared->profile.root;
    if (!may_be_replaced(prepared, project))
        return 0;
    prepared->plan = (struct sw_plan){.root = NULL};
    prepared->profile.root = sw_build_filtered(&b, root, is_not_torch);
    int code = prepared->profile.root == NULL
                   ? sw_fail_memory(error)
                   : sw_plan_resolve(&prepared->plan, &prepared->profile, catalog, &told, error);
    if (code == 0)
        code = find(&torch, prepared, project, catalog, error);
    if (code == 0 && torch.version != NULL) {
        sw_plan_release(&former);
        report(&prepared->profile, sw_node_get(root, "torch"), &torch, catalog, findings);
        return 0;
    }
    sw_plan_release(&prepared->plan);
    prepared->plan = former;
    prepared->profile.root = root;
    return code;
}

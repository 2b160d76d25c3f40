#include "project/own_image.h"

#include "base/file.h"
#include "data/path.h"
#include "engine/reference.h"
#include "history/facts.h"
#include "project/committed.h"
#include "project/grants.h"
#include "project/profiles.h"

/* image.name of the profile `name`, whatever else may be wrong with the file. */
static const char *image_name(struct sw_arena *arena, const char *path,
                              const struct sw_profile_source *source, const char *name)
{
    SW_PROFILE_AUTO profile = {0};
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    if (sw_profile_load(&profile, path, source, &findings, NULL) != 0 || profile.name == NULL ||
        strcmp(profile.name, name) != 0)
        return NULL;
    const char *image = sw_node_text(sw_node_at(profile.root, "image.name"), name);
    return sw_reference_valid(sw_str_from(image)) ? sw_arena_text(arena, image) : NULL;
}

/* The file of the working tree that the newest record names: a profile that was built by its path lies
 * outside the folders that are listed. */
static const char *last_file(struct sw_project *project, struct sw_history *history, const char *profile)
{
    struct sw_record record;
    struct sw_record_facts facts;
    if (sw_history_find(&record, project->arena, history, profile, 0, NULL) != 0 ||
        sw_record_facts_read(&facts, project->arena, history, &record, NULL) != 0 ||
        facts.files.items[0][0] == '/')
        return NULL;
    return sw_path_join(project->arena, sw_history_root(history), facts.files.items[0]);
}

const char *sw_own_image(struct sw_project *project, struct sw_history *history, const char *profile)
{
    const struct sw_profile_source here = sw_grants_source(project);
    struct sw_committed files;
    struct sw_texts paths = {0};
    const char *path = last_file(project, history, profile), *image = NULL;
    if (sw_profiles_list(&paths, project, NULL) != 0)
        return NULL;
    for (size_t i = 0; image == NULL && i < paths.count; i++)
        image = image_name(project->arena, paths.items[i], &here, profile);
    if (image == NULL && path != NULL)
        image = image_name(project->arena, path, &here, profile);
    if (image == NULL && sw_committed_open(&files, &path, project, history, profile, "HEAD", NULL) == 0)
        image = image_name(project->arena, path, &files.source, profile);
    return image;
}

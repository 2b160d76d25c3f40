/* The permissions of a project's profiles on this host: for the project's own files, and for all that the caller grants. */
#ifndef SLIPWAY_PROJECT_GRANTS_H
#define SLIPWAY_PROJECT_GRANTS_H

#include "profile/profile.h"
#include "project/project.h"

/* Fill project->permissions from project->grants. The profiles' own files are those of the git repository that the project's
 * folder lies in, or else of that folder; a home folder and "/" hold own files only if slipway was started in them, and only
 * for profiles that lie in no repository below them. */
int sw_grants_open(struct sw_project *project, struct sw_error *error) SW_NODISCARD;

/* The caller named this file, which is read with all that it names: if these words lead out of the project, then the file may be
 * read, and its own project with it. A link within the project is nobody's word. */
int sw_grants_add_file(struct sw_project *project, const char *path, struct sw_error *error) SW_NODISCARD;
/* The caller named this file or folder, and it alone: SW_EREFUSED if it is in the project by these words and not by its links. */
int sw_grants_check_file(const struct sw_project *project, const char *path, enum sw_access access,
                         struct sw_error *error) SW_NODISCARD;

/* The files of the project's profiles, as far as the caller lets the profiles have them. */
struct sw_profile_source sw_grants_source(const struct sw_project *project);

/* Find all permissions that these profiles lack, as findings SW104 whose subjects are words for sw_permissions_add_word(). */
int sw_grants_missing(struct sw_findings *missing, const struct sw_project *project,
                      const struct sw_texts *paths, struct sw_error *error) SW_NODISCARD;

/* A value of --secret: "id=ID,src=FILE" or "id=ID,env=NAME", in any order; "source" and "type" as docker's client takes
 * them. */
struct sw_secret_grant {
    const char *id;
    const char *file, *variable; /* either may be set, but not both */
};
int sw_secret_grant_read(struct sw_secret_grant *out, struct sw_arena *arena, const char *text,
                         struct sw_error *error) SW_NODISCARD;

#endif

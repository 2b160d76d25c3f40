/* The image of a record, built again from the record alone: nothing of today's profile, catalog or templates
 * is in it.
 *
 * The record may be anybody's, so that its build gets nothing of this host that the caller does not give it:
 * secrets and SSH agents are those of --secret and --ssh, and the user is only told of the secrets and agents
 * that the record's profile asks for. */
#ifndef SLIPWAY_PROJECT_REBUILD_H
#define SLIPWAY_PROJECT_REBUILD_H

#include "history/facts.h"
#include "history/history.h"
#include "project/attempt.h"

struct sw_rebuild_input {
    struct sw_project *project;
    const struct sw_attempt_choices *choices;
    const struct sw_attempt_view *view; /* of the attempts */
    struct sw_history *history;
    const struct sw_record *record;
    const struct sw_record_facts *facts; /* of the record */
};

/* `image` gets the id of the new image, in the project's arena. The image bears no name yet. It holds exactly
 * the releases that the record's image held: if the indexes offer newer releases by now, the image is built
 * once more with the releases of then as constraints. SW_ENO if that is impossible; `findings` then tell the reason. */
int sw_rebuild(const char **image, struct sw_findings *findings, const struct sw_rebuild_input *input,
               struct sw_error *error) SW_NODISCARD;

#endif

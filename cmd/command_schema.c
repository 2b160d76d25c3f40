#include "commands.h"

#include "output/format.h"

enum status command_schema(struct session *session)
{
    struct sw_builder b = {.arena = &session->arena};
    struct sw_node *schema = sw_schema_json(&b, &sw_profile_schema, "slipway profile");
    return format_node(session, b.failed ? NULL : schema, true);
}

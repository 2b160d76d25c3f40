/* A profile's own words in the names of a log's steps: they tell the place of a command, and the profile that the log is of. */
#include "diagnose/diagnosis_internal.h"

#include "data/path.h"

/* Is the profile's command the one in the step's name? The engine puts one blank for every run of them. */
static bool names_command(struct sw_str name, struct sw_str command)
{
    SW_BUFFER_AUTO line;
    sw_buffer_init(&line, SW_MAX_LOG_LINE);
    command = sw_str_trim(command);
    for (size_t i = 0; i < command.n; i++) {
        bool blank = sw_is_space((unsigned char)command.p[i]);
        if (!blank || line.p[line.n - 1] != ' ')
            sw_buffer_add_char(&line, blank ? ' ' : command.p[i]);
    }
    return line.n > 0 && line.state == SW_BUFFER_OK && sw_str_find(name, sw_buffer_str(&line)) < name.n;
}

const struct sw_node *sw_step_command(const struct sw_node *profile, const struct sw_step *step)
{
    static const char *const lists[] = {"steps", "steps.before", "steps.after"};
    for (size_t i = 0; step != NULL && profile != NULL && i < SW_COUNT(lists); i++) {
        const struct sw_node *steps = sw_node_at(profile, lists[i]);
        for (size_t k = 0; k < sw_node_count(steps); k++) {
            const struct sw_node *command = sw_node_item(steps, k);
            if (sw_node_type(command) == SW_NODE_TEXT &&
                names_command((struct sw_str){step->name, step->name_n}, sw_node_str(command)))
                return command;
        }
    }
    return NULL;
}

/* Is the text, which a profile says, in the name of a step? */
static bool is_named(const struct sw_diagnosis *d, const struct sw_node *text)
{
    enum { SHORTEST = 5 };
    if (sw_node_type(text) != SW_NODE_TEXT || sw_node_str(text).n < SHORTEST)
        return false;
    for (size_t i = 0; i < SW_MAX_LOG_STEPS; i++) {
        const struct sw_step *step = &d->steps.items[i];
        if (step->serial != 0 &&
            sw_str_find((struct sw_str){step->name, step->name_n}, sw_node_str(text)) < step->name_n)
            return true;
    }
    return false;
}

unsigned sw_diagnosis_likeness(const struct sw_diagnosis *d, const struct sw_node *profile)
{
    enum { COMMAND = 2 };
    unsigned found = is_named(d, sw_node_at(profile, "base_image"));
    const struct sw_node *requirements = sw_node_at(profile, "requirements");
    for (size_t k = 0; k < sw_node_count(requirements); k++)
        found += is_named(d, sw_node_item(requirements, k));
    for (size_t i = 0; i < SW_MAX_LOG_STEPS; i++) {
        const struct sw_step *step = &d->steps.items[i];
        if (step->serial != 0 && sw_step_command(profile, step) != NULL)
            found += COMMAND;
    }
    return found;
}

#include "commands.h"

#include "data/resource.h"

/* Keep alphabetical. */
const struct command commands[] = {
    {"build", "[PROFILE...]", "check, render, build and verify an image", "slipway build mixtral-rtx5090",
     command_build},
    {"catalog", "verify [FILE...] | update", "hold the catalog against the wheels that it speaks of",
     "slipway catalog verify torch companions", command_catalog},
    {"check", "[PROFILE|FILE|FOLDER|image:REF...]",
     "every fault that can be known before a build; needs no engine",
     "slipway check Dockerfile --gpu rtx-5090", command_check},
    {"completion", "bash|zsh|fish", "what makes a shell complete slipway's words",
     "source <(slipway completion bash)", command_completion},
    {"diff", "A B", "what differs between two builds, profiles or revisions",
     "slipway diff 'mixtral@{main}' mixtral", command_diff},
    {"doctor", "", "this host: engine, builder, disk, GPU, driver, which profiles fit", "slipway doctor",
     command_doctor},
    {"explain", "FILE|-", "diagnose any log of a build or a start", "docker build . 2>&1 | slipway explain -",
     command_explain},
    {"fix", "[PROFILE]", "apply the fixes of the last findings to the profile",
     "slipway fix mixtral-rtx5090 --dry-run", command_fix},
    {"gpus", "[NAME...]", "the GPUs known", "slipway gpus 'RTX 4090'", command_gpus},
    {"help", "[COMMAND|CODE]", "help on a command or a finding code", "slipway help SW304", command_help},
    {"history", "[PROFILE]", "what was built: when, by which plan, image, proven or not",
     "slipway history mixtral-rtx5090", command_history},
    {"init", "[NAME]", "write a first profile, from nothing or from what is here",
     "slipway init --gpu rtx-4090 --from Dockerfile", command_init},
    {"inspect", "REQUIREMENT|URL|FILE|IMAGE", "what a wheel or an image really contains",
     "slipway inspect torch==2.6.0 --python 3.11", command_inspect},
    {"list", "", "the profiles here", "slipway list", command_list},
    {"lock", "[PROFILE...]", "resolve the requirements for the target, and write the set down",
     "slipway lock mixtral-rtx5090 --upgrade-package transformers", command_lock},
    {"matrix", "[PROFILE...]", "the profiles as JSON for a CI matrix", "slipway matrix demo mixtral-rtx5090",
     command_matrix},
    {"mcp", "", "serve check, explain, fix, inspect, plan and suggest to agents", "slipway mcp -C ~/service",
     command_mcp},
    {"plan", "PROFILE", "the resolved plan, with nothing left open", "slipway plan demo --format json",
     command_plan},
    {"push", "[PROFILE...]", "push the last good build's tags, with the registry's login",
     "slipway push mixtral-rtx5090", command_push},
    {"render", "PROFILE", "write the Dockerfile and all that a build by it needs",
     "slipway render demo -o out && docker build out", command_render},
    {"rollback", "[PROFILE]", "bring image tags and profile back to the prior good build",
     "slipway rollback mixtral-rtx5090 --to 3", command_rollback},
    {"schema", "", "the JSON Schema of profiles, for editors", "slipway schema > slipway.schema.json",
     command_schema},
    {"suggest", "[NAME]", "the newest stack that fits a GPU, as a profile",
     "slipway suggest --gpu rtx-5090 --with transformers --with bitsandbytes", command_suggest},
    {"upgrade", "PROFILE", "a new profile from an old one, and what becomes of each component",
     "slipway upgrade mixtral-torch231 --to torch==2.8.0+cu128", command_upgrade},
    {"verify", "PROFILE|IMAGE", "run the profile's assertions inside the image",
     "slipway verify mixtral-rtx5090", command_verify},
};
const size_t commands_count = SW_COUNT(commands);

const char *command_text(const struct command *command)
{
    char name[64];
    (void)snprintf(name, sizeof name, "cmd/help/%s.txt", command->name);
    return sw_resource_text(name);
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < commands_count; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

/* Commands of other tools, and the words to type here. */
static const struct {
    const char *name, *typed;
} elsewhere[] = {
    {"create", "slipway init"},    {"generate", "slipway render"},   {"info", "slipway doctor"},
    {"install", "slipway build"},  {"lint", "slipway check"},        {"log", "slipway history"},
    {"logs", "slipway explain"},   {"ls", "slipway list"},           {"new", "slipway init"},
    {"prove", "slipway verify"},   {"publish", "slipway push"},      {"revert", "slipway rollback"},
    {"run", "docker run"},         {"scan", "slipway check"},        {"start", "docker run"},
    {"test", "slipway verify"},    {"undo", "slipway rollback"},     {"update", "slipway upgrade"},
    {"validate", "slipway check"}, {"version", "slipway --version"}, {"why", "slipway plan PROFILE --why"},
};

const char *command_instead(const char *name)
{
    for (size_t i = 0; i < SW_COUNT(elsewhere); i++) {
        if (strcmp(elsewhere[i].name, name) == 0)
            return elsewhere[i].typed;
    }
    return NULL;
}

const char *command_nearest(const char *name)
{
    const char *nearest = NULL;
    unsigned best = 3;
    for (size_t i = 0; i < commands_count; i++) {
        unsigned distance = sw_str_distance(sw_str_from(name), sw_str_from(commands[i].name));
        if (distance < best && distance < strlen(name)) {
            best = distance;
            nearest = commands[i].name;
        }
    }
    return nearest;
}

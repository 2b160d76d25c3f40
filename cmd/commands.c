#include "commands.h"

/* Keep alphabetical. */
const struct command commands[] = {
    {"build", "[PROFILE...]", "check, render, build and verify an image",
     "Finds an engine, or starts one where none runs. A failed build is explained at the line of the "
     "profile\n"
     "that caused it; the whole log is kept in a file that the last line names.\n"
     "With --autofix each round applies the safe fixes of what was found and builds again; the profile is\n"
     "written once, whole, when a build has passed. Else it stays as it was, and what was tried is shown.\n"
     "The image gets its names when it is verified and recorded; until then they lead to the former image.",
     "slipway build mixtral-rtx5090", command_build},
    {"catalog", "verify [FILE...] | update", "hold the catalog against the wheels that it speaks of",
     "Reads the wheels again by byte ranges, from the index that pip uses here and from torch's own, and "
     "tells "
     "at each\n"
     "row where they differ: exit status 1. A newer release than the catalog knows is a note. What no wheel "
     "can settle is\n"
     "listed and never counts as settled. FILE is a file of the catalog, such as torch or "
     "profiles/catalog/torch.yaml.\n"
     "With update, the GPU code of each new release of the projects in code.yaml is read from its wheel and "
     "becomes a row there,\n"
     "newest first; a run that is interrupted keeps its rows.",
     "slipway catalog verify torch companions", command_catalog},
    {"check", "[PROFILE|FILE|FOLDER...]", "every fault that can be known before a build; needs no engine",
     "Without an argument every profile here is checked. FILE needs no profile: a Dockerfile, requirements,\n"
     "pyproject.toml, uv.lock, poetry.lock, pylock.toml, Pipfile, Pipfile.lock, cog.yaml, a Truss "
     "config.yaml,\n"
     "a conda environment.yml (its pip part) or a compose file (its builds) is judged as it stands, and "
     "each\n"
     "finding stands at its line. Of a FOLDER, such as '.', all of these are judged. A part that could not "
     "be\n"
     "judged is named with its line.\n"
     "  slipway check requirements.txt --gpu h100 --driver 550\n"
     "  slipway check docker/Dockerfile --gpu rtx-5090 --build-arg TORCH=2.8.0\n"
     "  slipway check --format github",
     "slipway check Dockerfile --gpu rtx-5090", command_check},
    {"completion", "bash|zsh|fish", "what makes a shell complete slipway's words",
     "Packages install it where the shell looks; else:\n"
     "  bash: slipway completion bash > ~/.local/share/bash-completion/completions/slipway\n"
     "  zsh:  slipway completion zsh > \"${fpath[1]}/_slipway\"\n"
     "  fish: slipway completion fish > ~/.config/fish/completions/slipway.fish",
     "source <(slipway completion bash)", command_completion},
    {"diff", "A B", "what differs between two builds, profiles or revisions",
     "Each is a build of the history (NAME@NUMBER), the profile NAME as it is now, or as it was committed in "
     "git\n"
     "(NAME@{REVISION}, its parents as of then; the catalog is that of now): pins, environment and steps, "
     "what is\n"
     "really installed, size and time; and where two images differ, from which step on and why.",
     "slipway diff 'mixtral@{main}' mixtral", command_diff},
    {"doctor", "", "this host: engine, builder, disk, GPU, driver, which profiles fit",
     "Each problem with its remedy. Exit status 3 where a build cannot run here.", "slipway doctor",
     command_doctor},
    {"explain", "FILE|-", "diagnose any log of a build or a start",
     "Names the error that the failure hangs on, its evidence and what to do; what follows from it is "
     "folded.\n"
     "Exit status 0 only if nothing in the log failed. With --profile a finding has its place in the "
     "profile\n"
     "and, if one is safe, a fix.",
     "docker build . 2>&1 | slipway explain -", command_explain},
    {"fix", "[PROFILE]", "apply the fixes of the last findings to the profile",
     "Of `check`, and of the last failed build where the profile is still the one that was built. What "
     "changes\n"
     "is shown as a diff on standard output; comments and blank lines stay. A fix after which `check` would\n"
     "find a new error is not applied. What a parent says is changed in the parent's file.",
     "slipway fix mixtral-rtx5090 --dry-run", command_fix},
    {"gpus", "[NAME...]", "the GPUs known",
     "Names for `accelerators` in a profile, with the first driver, CUDA and torch that serve each. NAME is\n"
     "whatever people call one: 4090, 'NVIDIA GeForce RTX 4090', sm_89, 8.9, a PCI id (10de:2684), a MIG\n"
     "slice ('h100 1g.10gb'), or 'local' for the GPUs of this machine.",
     "slipway gpus 'RTX 4090'", command_gpus},
    {"help", "[COMMAND|CODE]", "help on a command or a finding code", "", "slipway help SW304", command_help},
    {"history", "[PROFILE]", "what was built: when, by which plan, image, proven or not",
     "Every build is a commit of refs/slipway/PROFILE in the git repository here; branches, index and files "
     "are left\n"
     "alone. Outside of a repository slipway keeps one of its own. Share the records as any other ref:\n"
     "  git push origin 'refs/slipway/*:refs/slipway/*'\n"
     "  git fetch origin 'refs/slipway/*:refs/slipway/*'",
     "slipway history mixtral-rtx5090", command_history},
    {"init", "[NAME]", "write a first profile, from nothing or from what is here",
     "Writes profiles/NAME.yaml where there is that folder, else slipway/NAME.yaml; on a terminal it asks. "
     "--from reads\n"
     "any file that `check` reads; each instruction without a place in a profile is listed with its line and "
     "why.",
     "slipway init --gpu rtx-4090 --from Dockerfile", command_init},
    {"inspect", "REQUIREMENT|URL|FILE|IMAGE", "what a wheel or an image really contains",
     "Of a wheel, the directory and single files are read by byte ranges, from the index that pip uses here: "
     "what it\n"
     "requires, what its version modules say (torch.version.cuda), its CUDA libraries. --architectures reads "
     "the\n"
     "libraries as a whole, for the GPU code in them; --file takes a pattern and narrows that down, or lists "
     "files.\n"
     "--module tells what a module defines and imports, and with --name whether it has that name: exit "
     "status 1\n"
     "says no. A second time is answered from the cache.\n"
     "  slipway inspect torch==2.8.0 --module torch._inductor.kernel.mm_common --name mm_configs\n"
     "  slipway inspect bitsandbytes==0.42.0 --architectures\n"
     "  slipway inspect torch==2.6.0 --print torch/version.py\n"
     "  slipway inspect ./dist/demo-1.0-py3-none-any.whl --file '*.so'\n"
     "Of an image of the engine (NAME:TAG, image:NAME), or of the file that `docker save` wrote (FILE.tar), "
     "it tells\n"
     "what the bytes are spent on: layers, Python packages, GPU code by architecture, host code, the rest; "
     "and with\n"
     "--gpu what trimming for that GPU would save.\n"
     "  slipway inspect api:latest --gpu rtx-4090",
     "slipway inspect torch==2.6.0 --python 3.11", command_inspect},
    {"list", "", "the profiles here", "Profiles are slipway/NAME.yaml, profiles/NAME.yaml and NAME.yaml.",
     "slipway list", command_list},
    {"lock", "[PROFILE...]", "resolve the requirements for the target, and write the set down",
     "Writes pylock.NAME.toml beside the profile (PEP 751): every package with its URL, size and SHA-256. "
     "pip "
     "and uv read\n"
     "it too. From then on the image gets exactly that set, with its hashes and without another resolution. "
     "Releases of\n"
     "the former lock stay as long as they fit. Without PROFILE every profile here is locked.",
     "slipway lock mixtral-rtx5090 --upgrade-package transformers", command_lock},
    {"matrix", "[PROFILE...]", "the profiles as JSON for a CI matrix",
     "For `strategy: {matrix: ${{ fromJSON(...) }}}` of GitHub Actions, by a step that runs\n"
     "  echo \"matrix=$(slipway matrix)\" >> \"$GITHUB_OUTPUT\"\n"
     "Without PROFILE every profile here that no other one extends. `profile` is what `slipway build` takes "
     "for it.",
     "slipway matrix demo mixtral-rtx5090", command_matrix},
    {"mcp", "", "serve check, explain, fix, inspect, plan and suggest to agents",
     "A server of the Model Context Protocol on standard input and output: each tool is the command of its "
     "name, "
     "with the\n"
     "same JSON. Several calls run at once, and each can be cancelled. fix writes nothing unless the call "
     "says "
     "dry_run: false,\n"
     "and no call takes more of this host than the command without --allow.",
     "slipway mcp -C ~/service", command_mcp},
    {"plan", "PROFILE", "the resolved plan, with nothing left open",
     "What will be installed from where, on which base, and what will be proven. NAME@{REVISION} is the "
     "profile as it\n"
     "was committed in git.",
     "slipway plan demo --format json", command_plan},
    {"push", "[PROFILE...]", "push the last good build's tags, with the registry's login",
     "Each tag must still name the image that the last recorded good build made. Logins come from where "
     "docker keeps\n"
     "them ('docker login', credential helpers). What fails in passing is tried again. The digest by which "
     "the\n"
     "registry has the image from then on is reported and recorded, so that a rollback can pull it.",
     "slipway push mixtral-rtx5090", command_push},
    {"render", "PROFILE", "write the Dockerfile and all that a build by it needs",
     "With -o the folder becomes a whole build context (Dockerfile, requirements.txt, constraints.txt, "
     ".dockerignore,\n"
     "stack.json): `docker build DIR` is the same build. Without -o the Dockerfile (or the config) goes to\n"
     "standard output. --target truss writes a Truss's config.yaml, --target compose a compose.yaml that\n"
     "starts the image with a GPU, and both list what the target has no words for.",
     "slipway render demo -o out && docker build out", command_render},
    {"rollback", "[PROFILE]", "bring image tags and profile back to the prior good build",
     "The newest verified build before what is here now, or --to any build of the history: its image gets "
     "its tags\n"
     "back (from this engine, else pulled by digest, else built again from its record), its profile comes "
     "back to\n"
     "the working tree, and the rollback is recorded, so that it can be undone by another. A file with "
     "changes that\n"
     "are neither committed nor built is left alone. If it is interrupted, the same command finishes it.",
     "slipway rollback mixtral-rtx5090 --to 3", command_rollback},
    {"schema", "", "the JSON Schema of profiles, for editors",
     "Put `# yaml-language-server: $schema=FILE` at the top of a profile.",
     "slipway schema > slipway.schema.json", command_schema},
    {"suggest", "[NAME]", "the newest stack that fits a GPU, as a profile",
     "Builds of torch are tried newest first, as `check` judges them, until one serves every --gpu and every "
     "--with has a\n"
     "release that goes with it; torch and these are pinned. What was passed over is told with its reason. "
     "The profile\n"
     "goes to standard output. Exit status 1 says that nothing fits.\n"
     "  slipway suggest --gpu v100 --gpu rtx-4090 --driver 550\n"
     "  slipway suggest --gpu h100 --with 'torch<2.9' --with vllm --python 3.12",
     "slipway suggest --gpu rtx-5090 --with transformers --with bitsandbytes", command_suggest},
    {"upgrade", "PROFILE", "a new profile from an old one, and what becomes of each component",
     "Writes PROFILE-RELEASE.yaml beside the old profile, which stays, with what --to asks for: requirements "
     "as pip\n"
     "takes them; torch's local version says its CUDA, else it is one that serves the GPUs. What must move "
     "along is\n"
     "moved as `fix` would: companions, pins (which stay pins), variables that are in vain. The table tells "
     "old, new\n"
     "and why; the checklist becomes assertions. Exit status 1 where something is still wrong.\n"
     "  slipway upgrade mixtral-torch231 --to bitsandbytes==0.48.2 --name mixtral-next",
     "slipway upgrade mixtral-torch231 --to torch==2.8.0+cu128", command_upgrade},
    {"verify", "PROFILE|IMAGE", "run the profile's assertions inside the image",
     "The container has no network, no capabilities and a read-only root, and ends after --verify-timeout.\n"
     "Without a profile the image's own list of assertions and pins is taken.",
     "slipway verify mixtral-rtx5090", command_verify},
};
const size_t commands_count = SW_COUNT(commands);

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < commands_count; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
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

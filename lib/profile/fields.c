/* The table of a profile's keys, which validates them, and from which the JSON Schema for editors is printed. */
#include "profile/profile.h"

#include "base/limits.h"
#include "profile/fields_internal.h"
#include "profile/values.h"

static const struct sw_schema text = {.kind = SW_SCHEMA_TEXT, .check = sw_value_line};
static const struct sw_schema boolean = {.kind = SW_SCHEMA_BOOL};
static const struct sw_schema words = LIST_MEANT(text, sw_value_meant_words);

static const struct sw_schema format_version = {.kind = SW_SCHEMA_INTEGER, .least = 1, .most = 1};
static const struct sw_schema name = {.kind = SW_SCHEMA_TEXT,
                                      .pattern = "^[a-z0-9]+([._-][a-z0-9]+)*$",
                                      .check = sw_value_name,
                                      .meant = sw_value_meant_name};
static const struct sw_schema gpu = {.kind = SW_SCHEMA_TEXT, .check = sw_value_gpu};
static const struct sw_schema gpus = FEW_OF(gpu, SW_MAX_PROFILE_GPUS);
static const struct sw_schema python_version = {.kind = SW_SCHEMA_TEXT,
                                                .pattern = "^3\\.[0-9]{1,2}$",
                                                .check = sw_value_python,
                                                .meant = sw_value_meant_python};
static const struct sw_schema cuda = {.kind = SW_SCHEMA_TEXT,
                                      .pattern = "^[0-9]{1,2}\\.[0-9]$",
                                      .check = sw_value_cuda,
                                      .meant = sw_value_meant_cuda};
static const struct sw_schema gigabytes = {.kind = SW_SCHEMA_INTEGER, .least = 1, .most = 100000};
static const struct sw_schema version = {
    .kind = SW_SCHEMA_TEXT, .check = sw_value_version, .meant = sw_value_meant_version};
static const struct sw_schema specifier = {.kind = SW_SCHEMA_TEXT, .check = sw_value_specifier};
static const struct sw_schema requirement = {
    .kind = SW_SCHEMA_TEXT, .check = sw_value_requirement, .meant = sw_value_meant_requirement};
static const struct sw_schema requirements = LIST_OF(requirement);
static const struct sw_schema constraint = {
    .kind = SW_SCHEMA_TEXT, .check = sw_value_constraint, .meant = sw_value_meant_requirement};
static const struct sw_schema constraints = LIST_OF(constraint);
static const struct sw_schema project = {.kind = SW_SCHEMA_TEXT, .check = sw_value_project};
static const struct sw_schema projects = FEW_OF(project, SW_MAX_PROFILE_INDEX_PROJECTS);
static const struct sw_schema url = {.kind = SW_SCHEMA_TEXT, .check = sw_value_index_url};
static const struct sw_schema package = {.kind = SW_SCHEMA_TEXT,
                                         .pattern = "^[a-z0-9][a-z0-9+.-]+(=[A-Za-z0-9.+~:-]+)?$",
                                         .check = sw_value_package};
static const struct sw_schema packages = LIST_OF(package);
static const struct sw_schema reference = {
    .kind = SW_SCHEMA_TEXT, .check = sw_value_reference, .meant = sw_value_meant_reference};
static const struct sw_schema repository = {
    .kind = SW_SCHEMA_TEXT, .check = sw_value_repository, .meant = sw_value_meant_repository};
static const struct sw_schema variable_value = {.kind = SW_SCHEMA_TEXT, .check = sw_value_setting};
static const struct sw_schema environment = {.kind = SW_SCHEMA_MAP,
                                             .check = sw_value_variable,
                                             .items = &variable_value,
                                             .most_items = SW_MAX_PROFILE_ITEMS};
static const struct sw_schema variable = {.kind = SW_SCHEMA_TEXT, .check = sw_value_variable};
static const struct sw_schema relative_path = {.kind = SW_SCHEMA_TEXT, .check = sw_value_path};
static const struct sw_schema folder = {.kind = SW_SCHEMA_TEXT, .check = sw_value_line};
static const struct sw_schema code = {
    .kind = SW_SCHEMA_TEXT, .pattern = "^SW[0-9]{3}$", .check = sw_value_code};
static const struct sw_schema tag = {.kind = SW_SCHEMA_TEXT, .check = sw_value_line};
static const struct sw_schema tags = LIST_OF(tag);

static const char *const installer_words[] = {"uv", "pip", NULL};
static const struct sw_schema installer = {.kind = SW_SCHEMA_TEXT, .words = installer_words};

static const struct sw_field bootstrap_fields[] = {
    {"bootstrap", "distribution and suite to make the base from, with no registry", &reference, true,
     "debian:bookworm"},
    {0},
};
static const struct sw_schema bootstrap = {.kind = SW_SCHEMA_OBJECT, .fields = bootstrap_fields};
static const struct sw_schema *const base_choices[] = {&reference, &bootstrap, NULL};
static const struct sw_schema base_image = {.kind = SW_SCHEMA_ANY_OF, .choices = base_choices};

static const struct sw_field torch_fields[] = {
    {"version", "the public version", &version, true, "\"2.8.0\""},
    {"cuda",
     "the CUDA of the build, as torch.version.cuda says it; left out, the build that serves the GPUs is "
     "taken",
     &cuda, false, "\"12.8\""},
    {0},
};
static const struct sw_schema torch = {
    .kind = SW_SCHEMA_OBJECT, .fields = torch_fields, .meant = sw_value_meant_torch};

static const struct sw_field index_fields[] = {
    {"url", "the index's URL, or 'default' for the installer's own", &url, true,
     "https://example.org/simple"},
    {"for", "the projects that come from it and from nowhere else", &projects, true, "[torch, torchvision]"},
    {0},
};
static const struct sw_schema index_row = {.kind = SW_SCHEMA_OBJECT, .fields = index_fields};
static const struct sw_schema indexes = FEW_OF(index_row, SW_MAX_PROFILE_INDEXES);

static const struct sw_schema secret_id = {.kind = SW_SCHEMA_TEXT, .check = sw_value_secret};
static const struct sw_field secret_fields[] = {
    {"id", "what the build calls it", &secret_id, true, "hf_token"},
    {"env", "the variable that the steps find it in", &variable, false, "HF_TOKEN"},
    {0},
};
static const struct sw_schema secret = {
    .kind = SW_SCHEMA_OBJECT, .fields = secret_fields, .meant = sw_value_meant_secret};
static const struct sw_schema secrets = FEW_OF(secret, SW_MAX_PROFILE_SECRETS);

static const struct sw_field context_fields[] = {
    {"path", "the folder that files are copied from, relative to the profile's file", &folder, false, "."},
    {"copy", "what is copied, and nothing else is sent; also from images, URLs and texts", &sw_fields_copies,
     false, "[{from: handler.py, to: /app/}]"},
    {0},
};
static const struct sw_schema context = {
    .kind = SW_SCHEMA_OBJECT, .fields = context_fields, .meant = sw_value_meant_path_map};

static const struct sw_schema stage_name = {.kind = SW_SCHEMA_TEXT, .check = sw_value_line};
static const struct sw_field dockerfile_fields[] = {
    {"path", "your Dockerfile, relative to the profile's file", &folder, true, "../Dockerfile"},
    {"context",
     "the folder of its COPY, relative to the profile's file; without it the folder that has the sources",
     &folder, false, ".."},
    {"target", "the stage; without it the last", &stage_name, false, "runtime"},
    {"args", "values of its ARGs; --build-arg comes before them", &environment, false, "{CUDA: \"12.8\"}"},
    {0},
};
static const struct sw_schema dockerfile = {
    .kind = SW_SCHEMA_OBJECT, .fields = dockerfile_fields, .meant = sw_value_meant_path_map};
static const struct sw_schema wheel_cache = {.kind = SW_SCHEMA_TEXT, .check = sw_value_wheel_cache};
static const struct sw_field wheels_fields[] = {
    {"cache",
     "a folder, relative to the profile's file, or a repository in a registry, that keeps compiled wheels",
     &wheel_cache, true, "registry.example.org/team/wheels"},
    {0},
};
static const struct sw_schema wheels = {.kind = SW_SCHEMA_OBJECT, .fields = wheels_fields};

static const char *const proof_words[] = {"inside", "outside", NULL};
static const struct sw_schema proof = {.kind = SW_SCHEMA_TEXT, .words = proof_words};

static const char *const removal_words[] = {"libraries", "archives", "headers", "tests", "bytecode", NULL};
static const struct sw_schema removal = {.kind = SW_SCHEMA_TEXT, .words = removal_words};
static const struct sw_schema removals = LIST_OF(removal);
static const struct sw_field trim_fields[] = {
    {"for", "the GPUs whose code stays; without it those of accelerators", &gpus, false,
     "[rtx-5090, rtx-4090]"},
    {"keep", "the projects that stay whole; nvidia stands for all of NVIDIA's", &projects, false, "[nvidia]"},
    {"remove", "the kinds of files that go as no process loads them; without it all but bytecode", &removals,
     false, "[libraries, archives]"},
    {0},
};
static const struct sw_schema trim_parts = {
    .kind = SW_SCHEMA_OBJECT, .fields = trim_fields, .meant = sw_value_meant_trim};
static const struct sw_schema *const trim_choices[] = {&boolean, &trim_parts, NULL};
static const struct sw_schema trim = {.kind = SW_SCHEMA_ANY_OF, .choices = trim_choices};

static const struct sw_field assertion_fields[] = {
    {"that",
     "'python', a project's name (its installed version), or a dotted name such as torch.version.cuda", &text,
     false, "torch.version.cuda"},
    {"is", "a version specifier, or the very text", &specifier, false, "\">=12.4,<12.9\""},
    {"import", "a module that must import", &text, false, "bitsandbytes"},
    {0},
};
static const struct sw_schema assertion = {
    .kind = SW_SCHEMA_OBJECT, .fields = assertion_fields, .meant = sw_value_meant_assertion};
static const struct sw_schema assertions = LIST_OF(assertion);

static const char *const compressions[] = {"gzip", "zstd", NULL};
static const struct sw_schema compression = {.kind = SW_SCHEMA_TEXT, .words = compressions};
static const struct sw_field image_fields[] = {
    {"name", "the repository to tag the image in", &repository, true, "example/service"},
    {"tags", "tags, with {{profile}}, {{python}}, {{cuda}} and {{torch}}", &tags, false, "[\"{{profile}}\"]"},
    {"compression",
     "how the layers are compressed: 'gzip', or 'zstd' if the engine keeps its images in containerd",
     &compression, false, "zstd"},
    {0},
};
static const struct sw_schema image = {
    .kind = SW_SCHEMA_OBJECT, .fields = image_fields, .meant = sw_value_meant_image};

static const struct sw_field ignore_fields[] = {
    {"code", "the finding to be silent about", &code, true, "SW204"},
    {"why", "the reason, which is reported", &text, true, NULL},
    {0},
};
static const struct sw_schema ignore = {.kind = SW_SCHEMA_OBJECT, .fields = ignore_fields};
static const struct sw_schema ignores = LIST_OF(ignore);

static const struct sw_schema driver = {
    .kind = SW_SCHEMA_TEXT, .check = sw_value_driver, .meant = sw_value_meant_driver};

static const struct sw_field profile_fields[] = {
    {"slipway", "the version of this format", &format_version, true, "1"},
    {"name", "the profile's name", &name, true, "mixtral-rtx5090"},
    {"description", "one line for people", &text, false, NULL},
    {"extends", "a profile that this one builds on", &folder, false, "mixtral-base"},
    {"accelerators", "the GPUs that it must run on; 'slipway gpus' lists them", &gpus, false, "[rtx-5090]"},
    {"driver", "the NVIDIA driver of the hosts it will run on", &driver, false, "\">=570\""},
    {"gpu_memory", "the memory that each GPU must have, in GB as sold; the guard warns if a GPU has less",
     &gigabytes, false, "24"},
    {"python_version", "the image's Python; quoted", &python_version, false, "\"3.11\""},
    {"python_builds",
     "a folder below the context's path with builds of Python (python-build-standalone), for a base image "
     "that "
     "has another Python and a build without GitHub",
     &relative_path, false, "python"},
    {"installer", "what installs the requirements", &installer, false, "uv"},
    {"bytecode",
     "compile all modules while the image is built, so that no start of a container has to; without it pip "
     "compiles packages, and uv does not",
     &boolean, false, "true"},
    {"base_image", "'auto', a reference, or {bootstrap: ...}", &base_image, false, "auto"},
    {"dockerfile", "your own Dockerfile, built as it is, in place of what slipway renders", &dockerfile,
     false, "{path: ../Dockerfile}"},
    {"prove", "'outside' adds nothing to the image of your Dockerfile: the probe runs in a container", &proof,
     false, "outside"},
    {"hold", "hold every install of your Dockerfile to the constraints", &boolean, false, "true"},
    {"torch", "the torch build, installed once and held", &torch, false,
     "{version: \"2.8.0\", cuda: \"12.8\"}"},
    {"requirements", "PEP 508 requirements", &requirements, false, "[\"bitsandbytes>=0.45.5\"]"},
    {"constraints", "PEP 508 requirements that hold only where something asks for the project", &constraints,
     false, "[\"numpy<2\"]"},
    {"overrides",
     "PEP 508 requirements that stand in the place of all others of their projects, whoever has them (uv's "
     "override-dependencies)",
     &constraints, false, "[\"protobuf>=5\"]"},
    {"indexes", "package indexes for single projects", &indexes, false,
     "[{url: \"https://example.org/simple\", for: [my-project]}]"},
    {"compile",
     "the projects that are compiled from source with nvcc, beside those that the catalog knows; "
     "'slipway help compile' says more",
     &projects, false, "[my-kernels]"},
    {"wheels", "where compiled wheels are kept for other builders; 'slipway help compile' says more", &wheels,
     false, "{cache: ../wheels}"},
    {"repositories", "package repositories beside the distribution's, for system_packages and the steps",
     &sw_fields_repositories, false, NULL},
    {"system_packages", "packages of the base's distribution", &packages, false, "[git]"},
    {"nvidia", "packages of NVIDIA's own repository for the base's distribution, which is added with its key",
     &packages, false, "[cuda-nvcc-12-8]"},
    {"environment", "variables of the image", &environment, false, "{HF_HOME: /models}"},
    {"secrets", "secrets that the steps may read and that stay out of the image", &secrets, false,
     "[{id: HF_TOKEN, env: HF_TOKEN}]"},
    {"ssh", "the steps may sign with the host's SSH agent, as git over SSH does", &boolean, false, "true"},
    {"context", "the files that go into the image", &context, false,
     "{copy: [{from: handler.py, to: /app/}]}"},
    {"steps", "shell commands, after the installs; or {before: [...], after: [...]}", &sw_fields_steps, false,
     "[\"python -m compileall /app\"]"},
    {"shell", "what runs the steps: bash, sh, or the words of a command", &sw_fields_shell, false, "bash"},
    {"arguments", "variables of the build and their defaults; --build-arg gives others", &sw_fields_arguments,
     false, "{MODEL: small}"},
    {"workdir", "the folder in which the steps and the container run", &sw_fields_workdir, false, "/app"},
    {"user", "whom the container runs as, and to whom its files belong; created if the base lacks the name",
     &sw_fields_user, false, "service"},
    {"entrypoint", "what runs the command: a list; 'base' keeps the base image's, 'none' clears it",
     &sw_fields_entrypoint, false, "[python, -u]"},
    {"command", "what the container runs", &words, false, "[\"python\", \"/app/handler.py\"]"},
    {"ports", "the ports that the service listens on", &sw_fields_ports, false, "[8000]"},
    {"volumes", "folders that hold data of the container", &sw_fields_volumes, false, "[/models]"},
    {"labels", "labels of the image", &sw_fields_labels, false, "{org.opencontainers.image.vendor: example}"},
    {"stop_signal", "the signal that ends the container", &sw_fields_stop_signal, false, "SIGINT"},
    {"healthcheck", "how the engine asks whether the service is well; 'none' clears the base image's",
     &sw_fields_healthcheck, false, "{command: [python, /app/health.py]}"},
    {"guard", "refuse to start on a GPU or driver that the stack cannot use", &boolean, false, "true"},
    {"trim",
     "keep only the GPU code that the image's GPUs run, and no files that no process loads; "
     "'slipway help trim' says more",
     &trim, false, "true"},
    {"assertions", "what must hold in the image", &assertions, false,
     "[{that: torch.version.cuda, is: \">=12.4,<12.9\"}]"},
    {"image", "how the image is called", &image, false, "{name: example/service}"},
    {"ignore", "findings to be silent about", &ignores, false,
     "[{code: SW204, why: \"a mirror of our own has it\"}]"},
    {0},
};
/* Words of other tools for these keys. */
static const struct sw_synonym profile_synonyms[] = {
    {"gpu", "accelerators"},
    {"gpus", "accelerators"},
    {"accelerator", "accelerators"},
    {"cards", "accelerators"},
    {"python", "python_version"},
    {"pytorch", "torch"},
    {"torch_version", "torch"},
    {"cuda", "torch"},
    {"cuda_version", "torch"},
    {"pip", "requirements"},
    {"compile_bytecode", "bytecode"},
    {"python_packages", "requirements"},
    {"dependencies", "requirements"},
    {"install", "requirements"},
    {"packages", "requirements"},
    {"apt", "system_packages"},
    {"apt_packages", "system_packages"},
    {"env", "environment"},
    {"environment_variables", "environment"},
    {"variables", "environment"},
    {"run", "steps"},
    {"cmd", "command"},
    {"entry_point", "entrypoint"},
    {"expose", "ports"},
    {"port", "ports"},
    {"working_dir", "workdir"},
    {"work_dir", "workdir"},
    {"volume", "volumes"},
    {"label", "labels"},
    {"args", "arguments"},
    {"build_args", "arguments"},
    {"health_check", "healthcheck"},
    {"apt_repositories", "repositories"},
    {"from", "base_image"},
    {"base", "base_image"},
    {"parent", "extends"},
    {"compute_capability", "accelerators"},
    {"vram", "gpu_memory"},
    {"memory", "gpu_memory"},
    {"tag", "image"},
    {"tags", "image"},
    {"image_name", "image"},
    {"copy", "context"},
    {"files", "context"},
    {"secret", "secrets"},
    {"index", "indexes"},
    {"index_url", "indexes"},
    {"extra_index_url", "indexes"},
    {"build_steps", "steps"},
    {"commands", "steps"},
    {"tests", "assertions"},
    {"checks", "assertions"},
    {"verify", "assertions"},
    {"nvidia_driver", "driver"},
    {"driver_version", "driver"},
    {0},
};
#define AT_START(option) \
    "no image has it: a container gets it when it starts, by 'docker run " option "' or a compose file"
/* Words for a container, not for its image. */
static const struct sw_synonym container_words[] = {
    {"shm_size", AT_START("--shm-size")},
    {"shm", AT_START("--shm-size")},
    {"ipc", AT_START("--ipc")},
    {"restart", AT_START("--restart")},
    {"network", AT_START("--network")},
    {"networks", AT_START("--network")},
    {"network_mode", AT_START("--network")},
    {"privileged", AT_START("--privileged")},
    {"cap_add", AT_START("--cap-add")},
    {"devices", AT_START("--device")},
    {"mounts", AT_START("--mount")},
    {"tmpfs", AT_START("--tmpfs")},
    {"ulimits", AT_START("--ulimit")},
    {"init", AT_START("--init")},
    {"runtime", AT_START("--runtime")},
    {"hostname", AT_START("--hostname")},
    {"cpus", AT_START("--cpus")},
    {"mem_limit", AT_START("--memory")},
    {0},
};
const struct sw_schema sw_profile_schema = {.kind = SW_SCHEMA_OBJECT,
                                            .fields = profile_fields,
                                            .synonyms = profile_synonyms,
                                            .elsewhere = container_words};

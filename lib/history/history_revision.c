#include "history/history_internal.h"

int sw_history_find_object(git_oid *out, struct sw_history *history, const char *tree, const char *path)
{
    const struct sw_git *git = history->git;
    git_oid id;
    git_tree *found = NULL;
    git_tree_entry *entry = NULL;
    int status = git->oid_fromstr(&id, tree);
    if (status == 0 && git->tree_lookup(&found, history->repository, &id) != 0)
        /* A tree that is missing is damage, unlike a path that the tree does not have. */
        status = GIT_ERROR;
    if (status == 0)
        status = git->tree_entry_bypath(&entry, found, path);
    if (status == 0)
        *out = *git->tree_entry_id(entry);
    git->tree_entry_free(entry);
    git->tree_free(found);
    return status;
}

int sw_history_add_blob(struct sw_buffer *out, struct sw_history *history, const git_oid *id)
{
    git_blob *blob = NULL;
    int status = history->git->blob_lookup(&blob, history->repository, id);
    if (status != 0)
        return status;
    sw_buffer_add(out, history->git->blob_rawcontent(blob), (size_t)history->git->blob_rawsize(blob));
    history->git->blob_free(blob);
    return 0;
}

int sw_revision_find(struct sw_revision *out, struct sw_history *history, const char *expression,
                     struct sw_error *error)
{
    const struct sw_git *git = history->git;
    git_object *object = NULL, *tree = NULL;
    if (history->repository == NULL || git->repository_workdir(history->repository) == NULL)
        return sw_fail(error, SW_EINPUT, "'%s' is no revision: '%s' is in no git repository", expression,
                       history->root);
    int status = git->revparse_single(&object, history->repository, expression);
    if (status == 0)
        status = git->object_peel(&tree, object, GIT_OBJECT_TREE);
    if (status == 0) {
        *out = (struct sw_revision){.history = history, .expression = expression};
        (void)git->oid_tostr(out->tree, sizeof out->tree, git->object_id(tree));
    }
    git->object_free(tree);
    git->object_free(object);
    if (status == 0)
        return 0;
    (void)sw_fail(error, SW_EINPUT, "'%s' is no revision of the repository '%s'", expression, history->root);
    return sw_error_hint(error, "name one as git does: a branch, a tag, a commit, HEAD~1");
}

int sw_revision_read(struct sw_buffer *out, const struct sw_revision *revision, const char *path,
                     struct sw_error *error)
{
    struct sw_history *history = revision->history;
    git_oid id;
    bool fits = false;
    int status = sw_history_find_object(&id, history, revision->tree, path);
    if (status == 0)
        status = sw_history_measure(&fits, history, &id, GIT_OBJECT_BLOB, out->max - out->n);
    if (status == 0 && !fits)
        return sw_fail(error, SW_EINPUT, "'%s' of '%s' is no file, or too large", path, revision->expression);
    if (status == 0)
        status = sw_history_add_blob(out, history, &id);
    if (status == GIT_ENOTFOUND)
        return sw_fail(error, SW_ENOTFOUND, "there is no '%s' in '%s'", path, revision->expression);
    if (status != 0)
        return sw_git_fail(error, history->git, "cannot read '%s' of '%s'", path, revision->expression);
    return sw_buffer_check(out, path, error);
}

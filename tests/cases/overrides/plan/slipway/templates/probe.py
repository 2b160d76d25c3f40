# the project's own

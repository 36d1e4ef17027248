package command

import (
	"path/filepath"
	"regexp"

	"github.com/sescheck/sescheck/internal/report"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// This file finds the working directory's place in the repository. GitHub expects
// paths of annotations and SARIF from the repository's root, whatever the working
// directory of a step.

// repository returns the location of the files that a report names.
func (env *Env) repository() report.Repository {
	in := report.Repository{Blob: env.blob()}
	here, err := untrusted.Whole(".")
	if err != nil {
		return in
	}
	root := env.root(here)
	if root == "" {
		return in
	}
	bare := untrusted.Checkout(root) == ""
	in.Path = func(file string) (string, bool) {
		path := filepath.FromSlash(file)
		if !filepath.IsAbs(path) {
			path = filepath.Join(here, path)
		}
		to, path, ok := reach(root, path)
		if !ok {
			return filepath.ToSlash(file), false
		}
		if bare {
			to = below(root, path, to)
		}
		return filepath.ToSlash(to), true
	}
	return in
}

// below is the path of a file from the checkout that it lies in, if that is a folder
// of the workspace, as with the input path of actions/checkout. A file in no
// checkout keeps its path from the workspace.
func below(workspace, path, from string) string {
	checkout := untrusted.Checkout(filepath.Dir(path))
	if _, ok := within(workspace, checkout); !ok {
		return from
	}
	if to, _, ok := reach(checkout, path); ok {
		return to
	}
	return from
}

// reach is within, also for a path that leads into the folder by links of the machine.
// real is the path that does.
func reach(folder, path string) (to, real string, ok bool) {
	if to, ok = within(folder, path); ok {
		return to, path, true
	}
	real, err := untrusted.Whole(path)
	if err != nil {
		return "", path, false
	}
	to, ok = within(folder, real)
	return to, real, ok
}

// root is the innermost of the folders around the working directory that are a
// repository: the workspace of the step, or a checkout.
func (env *Env) root(here string) (root string) {
	for _, folder := range []string{env.Getenv("GITHUB_WORKSPACE"), env.Checkout} {
		if folder == "" {
			continue
		}
		folder, err := untrusted.Whole(folder)
		if err != nil {
			continue
		}
		if _, ok := within(folder, here); ok && len(folder) > len(root) {
			root = folder
		}
	}
	return root
}

// within returns the path relative to a folder; ok is false if it leads out.
func within(folder, path string) (string, bool) {
	to, err := filepath.Rel(folder, path)
	return to, err == nil && filepath.IsLocal(to)
}

var (
	serverURL  = regexp.MustCompile(`^https?://[A-Za-z0-9.-]+(:[0-9]+)?$`)
	repoName   = regexp.MustCompile(`^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$`)
	commitHash = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)
)

// blob returns the URL of the files at the step's commit; "" if unknown.
func (env *Env) blob() string {
	server, name, commit := env.Getenv("GITHUB_SERVER_URL"), env.Getenv("GITHUB_REPOSITORY"), env.Getenv("GITHUB_SHA")
	if !serverURL.MatchString(server) || !repoName.MatchString(name) || !commitHash.MatchString(commit) {
		return ""
	}
	return server + "/" + name + "/blob/" + commit
}

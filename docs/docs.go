// Package docs holds the documents that the program carries with it: the JSON
// Schemas of the file and of the report, and a workflow.
package docs

import _ "embed"

// FileSchema is the JSON Schema of the file (draft-07, which all editors read).
//
//go:embed sescheck.schema.json
var FileSchema []byte

// PullRequestWorkflow is the workflow that checks pull requests.
//
//go:embed workflows/pull-request.yml
var PullRequestWorkflow string

package config_test

import (
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/config"
)

// TestOtherFilesAreNotQuoted: a path or link may lead to a file with secrets in
// it. What is no file of sescheck is reported without its words.
func TestOtherFilesAreNotQuoted(t *testing.T) {
	t.Parallel()
	for what, text := range map[string]string{
		"passwords":     "root:x:0:0:SECRET:/root:/bin/bash\ndaemon:x:1:1:SECRET:/usr/sbin:/usr/sbin/nologin\n",
		"a shadow":      "root:*SECRET:19000:0:99999:7:::\nSECRET:$6$SECRET:1:\n",
		"variables":     "TOKEN=SECRET\nOTHER=SECRET\n",
		"credentials":   "[default]\naws_access_key_id = SECRET\naws_secret_access_key = SECRET/+x\n",
		"a key":         "-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----\n",
		"JSON":          `{"type": "service_account", "SECRET": "SECRET"}`,
		"a JSON list":   `["SECRET"]`,
		"a kubeconfig":  "clusters:\n- cluster: {server: SECRET}\nusers: [{token: SECRET}]\nSECRET: SECRET\n",
		"a crontab":     "* * * * * root curl -H SECRET\n",
		"a gitconfig":   "[http \"https://github.com/\"]\n\textraheader = AUTHORIZATION: basic SECRET\n",
		"a netrc":       "machine api.example login SECRET password SECRET\n",
		"one word":      "SECRET\n",
		"one key":       "password: SECRET\n",
		"a list":        "- SECRET\n",
		"a list of two": "- [SECRET]\n- {SECRET: SECRET}\n",
		"an alias":      "a: *SECRET\n",
		"a sign":        "a: *SECRET:\nb: * SECRET\n",
		"an anchor":     "&SECRET SECRET: x\n",
		"a merge":       "<<: SECRET\n",
		"a tag":         "!SECRET SECRET\n",
		"a tagged key":  "!SECRET k: !SECRET x\n",
		"a directive":   "%SECRET\n",
		"quotes":        "\"SECRET: x\n",
		"two colons":    "SECRET: b: c\n",
		"a sign first":  "@SECRET\n",
		"documents":     "--- SECRET\n--- SECRET\n",
		"no UTF-8":      "SECRET\xc3\x28",
		"binary":        "\x00SECRET",
	} {
		_, ps := config.Parse("f", []byte(text))
		if got := reported(ps); got == "" || strings.Contains(got, "SECRET") {
			t.Errorf("%s: %q", what, got)
		}
	}
}

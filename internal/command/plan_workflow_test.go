package command

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/scripttest"
)

// TestPlanWorkflow: the reduced plan for the job without credentials gives the
// findings and identities of the whole plan, and has no secret.
func TestPlanWorkflow(t *testing.T) {
	tools(t, "bash", "jq")
	script := workflow(t, "plan.yml")["plan"].script(t, "Keep what is about DNS")
	for _, name := range []string{"all", "next", "first-apply"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(filepath.Join("../source/testdata/terraform", name))); err != nil {
				t.Fatal(err)
			}
			bin := t.TempDir()
			whole := withSecrets(t, filepath.Join(dir, "plan.json"))
			for path, text := range map[string]string{
				filepath.Join(dir, "plan.json"): whole,
				filepath.Join(bin, "tfplan"):    whole,
				filepath.Join(bin, "terraform"): "#!/bin/sh\n[ \"$1 $2\" = 'show -json' ] && exec cat \"$3\"\n",
			} {
				scripttest.Write(t, path, text)
			}
			out, code := bash(t, dir, script, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "RUNNER_TEMP="+bin)
			if code != 0 {
				t.Fatalf("exit %d\n%s", code, out)
			}
			handed := readFile(t, filepath.Join(bin, "plan.json"))
			if strings.Contains(handed, "hunter2") {
				t.Errorf("a secret is handed on: %s", handed)
			}
			t.Chdir(dir)
			if err := os.WriteFile("sescheck.yaml", []byte("version: 1\ndomains:\n  example.com: {region: eu-west-1, dkim: easy, mail_from: bounce, spf: [amazonses.com], dmarc: reject}\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			findings := func() string {
				checked, errs, code := run(t, "check", "--offline", "--plan", "plan.json", "--format", "github", "sescheck.yaml")
				imported, _, _ := run(t, "import", "plan.json")
				all := checked + errs + code + imported
				for _, m := range passing {
					all = m.pattern.ReplaceAllString(all, m.still)
				}
				return all
			}
			want := findings()
			if err := os.WriteFile("plan.json", []byte(handed), 0o644); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(findings(), "\n")); diff != "" {
				t.Errorf("the whole plan -, what is handed on +\n%s", diff)
			}
		})
	}
}

// withSecrets adds a secret to a plan at the usual places: in variables, in
// resources of other kinds, and as an identity's private key.
func withSecrets(t *testing.T, path string) string {
	t.Helper()
	var plan map[string]any
	if err := json.Unmarshal([]byte(readFile(t, path)), &plan); err != nil {
		t.Fatal(err)
	}
	plan["variables"] = map[string]any{"password": map[string]any{"value": "hunter2"}}
	plan["planned_values"] = map[string]any{"outputs": map[string]any{"password": map[string]any{"value": "hunter2"}}}
	changes := plan["resource_changes"].([]any)
	for _, c := range changes {
		c := c.(map[string]any)
		if after, ok := c["change"].(map[string]any)["after"].(map[string]any); ok && c["type"] == "aws_sesv2_email_identity" {
			after["dkim_signing_attributes"] = []any{map[string]any{"domain_signing_private_key": "hunter2"}}
		}
	}
	plan["resource_changes"] = append(changes, map[string]any{
		"address": "random_password.p", "mode": "managed", "type": "random_password", "name": "p",
		"change": map[string]any{"actions": []string{"create"}, "before": nil, "after": map[string]any{"result": "hunter2"}},
	})
	text, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

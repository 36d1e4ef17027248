package command

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/app"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/hostile"
)

// initRun is a run of init in a new folder.
type initRun struct {
	stdin    string
	terminal bool
	args     []string
	env      vars
	files    map[string]string // existing files
}

// start runs init in a new folder, and returns the folder.
func (b initRun) start(t *testing.T) (dir, stdout, stderr string, code int) {
	t.Helper()
	dir = put(t, b.files)
	t.Chdir(dir)
	var out, errs bytes.Buffer
	env := Env{Version: "test", Stdout: &out, Stderr: &errs, Getenv: b.env.get, Stdin: strings.NewReader(b.stdin), StdinTerminal: b.terminal}
	code = Main(t.Context(), append([]string{"init"}, b.args...), env)
	return dir, out.String(), errs.String(), code
}

// writtenDomains returns the domains of the written file, one line each.
func writtenDomains(t *testing.T) string {
	t.Helper()
	file, problems, err := config.Load(nil)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	var lines []string
	for _, d := range file.Domains {
		line := string(d.Name)
		for _, id := range d.Identities {
			line += " " + id.Region.Value
			if id.MailFrom != nil {
				line += " " + string(id.MailFrom.Name.Value)
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// TestInit: answers and flags give a file that check accepts, and the workflow of
// the documents.
func TestInit(t *testing.T) {
	for name, c := range map[string]struct {
		initRun
		domains string
		asks    []string
	}{
		"three answers": {initRun{stdin: "example.com\neu-west-1\nbounce\n", terminal: true}, "example.com eu-west-1 bounce.example.com", []string{"Domain", "Region", "MAIL FROM"}},
		"no MAIL FROM":  {initRun{stdin: "example.com\neu-west-1\n\n", terminal: true}, "example.com eu-west-1", nil},
		"a full name":   {initRun{stdin: "Example.COM.\n us-east-1 \r\nbounce.example.com\n", terminal: true}, "example.com us-east-1 bounce.example.com", nil},
		"wrong answers are asked for again": {initRun{stdin: "\nhttps://example.com\nexample.com\neu-west\n\neu-west-1\nbounce.example.org\nbounce\n", terminal: true}, "example.com eu-west-1 bounce.example.com",
			[]string{"an answer is required", "is not an AWS region", "is not under example.com"}},
		"the usual region":        {initRun{stdin: "example.com\n\nbounce\n", terminal: true, env: vars{"AWS_REGION": "eu-north-1"}}, "example.com eu-north-1 bounce.example.com", []string{"[eu-north-1]"}},
		"no usual region":         {initRun{stdin: "example.com\n\neu-west-1\n\n", terminal: true, env: vars{"AWS_REGION": "##[error]x"}}, "example.com eu-west-1", nil},
		"flags":                   {initRun{args: []string{"--domain", "example.com", "--region", "eu-west-1", "--mail-from", "bounce"}}, "example.com eu-west-1 bounce.example.com", nil},
		"flags without MAIL FROM": {initRun{args: []string{"--domain", "example.com", "--region", "eu-west-1"}}, "example.com eu-west-1", nil},
		"flags and an answer":     {initRun{args: []string{"--domain", "example.com", "--region", "eu-west-1"}, stdin: "mail\n", terminal: true}, "example.com eu-west-1 mail.example.com", []string{"MAIL FROM"}},
		"an IDN":                  {initRun{args: []string{"--domain", "bücher.example", "--region", "eu-west-1"}}, "xn--bcher-kva.example eu-west-1", nil},
		"zones":                   {initRun{args: []string{"--zones", "zones"}, files: map[string]string{"zones/example.com.zone": sesZone}}, "example.com eu-west-1 bounce.example.com", nil},
		"ses": {initRun{args: []string{"--ses", "ses", "--region", "eu-west-1"}, files: map[string]string{"ses/a.json": `{"EmailIdentity": "example.com", "IdentityType": "DOMAIN", "MailFromAttributes": {"MailFromDomain": "bounce.example.com"}}`}},
			"example.com eu-west-1 bounce.example.com", nil},
		"a path": {initRun{args: []string{"zones"}, files: map[string]string{"zones/example.com.zone": sesZone}}, "example.com eu-west-1 bounce.example.com", nil},
		"stdin":  {initRun{stdin: sesZone}, "example.com eu-west-1 bounce.example.com", nil},
		"a plan": {initRun{args: []string{"--plan", "change.json"}, files: map[string]string{"change.json": `{"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {"Name": "bounce.example.com.", "Type": "MX", "TTL": 300,
			"ResourceRecords": [{"Value": "10 feedback-smtp.eu-west-1.amazonses.com"}]}}]}`}}, "example.com eu-west-1 bounce.example.com", nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, out, errs, code := c.start(t)
			if code != 0 || !strings.HasPrefix(out, "wrote sescheck.yaml and .github/workflows/sescheck.yml\nnext: ") {
				t.Fatalf("exit %d\n%s%s", code, out, errs)
			}
			if !strings.Contains(out, "if you choose Run workflow") {
				t.Errorf("it does not say how the workflow runs: %s", out)
			}
			if got := writtenDomains(t); got != c.domains {
				t.Errorf("the file has\n%s", got)
			}
			for _, ask := range c.asks {
				if !strings.Contains(errs, ask) {
					t.Errorf("no %q in %s", ask, errs)
				}
			}
			documented := readFile(t, filepath.Join(moduleRoot, "docs", "workflows", "pull-request.yml"))
			if got := readFile(t, app.WorkflowPath); !strings.HasSuffix(documented, "\n#\n"+got) || !strings.HasPrefix(got, "# Checks DNS") || !strings.Contains(got, "\n  workflow_dispatch:") {
				t.Errorf("the workflow is\n%s", got)
			}
		})
	}
}

// moduleRoot is the folder of the module. Tests may change the working directory.
var moduleRoot, _ = filepath.Abs("../..")

const sesZone = `$ORIGIN example.com.
@ 300 IN SOA ns1 hostmaster 1 3600 600 86400 300
bounce 300 IN MX 10 feedback-smtp.eu-west-1.amazonses.com.
`

// TestInitWritesNothing: after an error, or if a file exists, nothing is written
// and existing files keep their content.
func TestInitWritesNothing(t *testing.T) {
	flags := []string{"--domain", "example.com", "--region", "eu-west-1"}
	for name, c := range map[string]struct {
		initRun
		want string
	}{
		"nobody to ask":          {initRun{}, "`sescheck init --domain example.com --region eu-west-1 --mail-from bounce`"},
		"no region":              {initRun{args: []string{"--domain", "example.com"}}, "--region is missing, and init cannot ask for it"},
		"a region alone":         {initRun{args: []string{"--region", "eu-west-1"}}, "init cannot ask questions"},
		"a wrong domain":         {initRun{args: []string{"--domain", "https://example.com", "--region", "eu-west-1"}}, "https://example.com"},
		"a wrong region":         {initRun{args: []string{"--domain", "example.com", "--region", "Ireland"}}, "is not an AWS region"},
		"a wrong MAIL FROM":      {initRun{args: append([]string{"--mail-from", "bounce.example.org"}, flags...)}, "is not under example.com"},
		"two domains":            {initRun{args: append([]string{"--domain", "example.org"}, flags...)}, "without sources, init writes one domain"},
		"answers that end":       {initRun{stdin: "example.com\neu-w", terminal: true}, "the input ended before the last answer, so nothing was written"},
		"answers that end early": {initRun{terminal: true}, "the input ended before the last answer, so nothing was written"},
		"the file is there":      {initRun{args: flags, files: map[string]string{"sescheck.yaml": "x"}}, "`sescheck import SOURCES --into sescheck.yaml` adds to it"},
		"another name":           {initRun{args: flags, files: map[string]string{".github/sescheck.yml": "x"}}, "--into .github/sescheck.yml` adds to it"},
		"the workflow is there":  {initRun{args: flags, files: map[string]string{app.WorkflowPath: "x"}}, "`sescheck import SOURCES --into sescheck.yaml` writes the file alone"},
		"both are there":         {initRun{args: flags, files: map[string]string{"sescheck.yml": "x", app.WorkflowPath: "x"}}, "sescheck.yml and .github/workflows/sescheck.yml already exist,"},
		"there, and asked":       {initRun{stdin: "example.com\neu-west-1\n\n", terminal: true, files: map[string]string{"sescheck.yaml": "x"}}, "sescheck.yaml already exists,"},
		"no such source":         {initRun{args: []string{"no-folder/x y"}}, "neither a file here nor a domain"},
		"nothing in the sources": {initRun{args: []string{"--zones", "zones"}, files: map[string]string{"zones/a.example.zone": "$ORIGIN a.example.\n@ 300 IN SOA ns1 h 1 1 1 1 1\n"}}, "there is nothing to write"},
		"a file at the folder":   {initRun{args: flags, files: map[string]string{".github": "x"}}, ".github"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, out, errs, code := c.start(t)
			want := exitUsage
			if name == "a file at the folder" {
				want = exitBroken
			}
			if code != want || out != "" || !strings.Contains(errs, c.want) {
				t.Errorf("exit %d\n%s%s", code, out, errs)
			}
			if got := changed(c.files, tree(t, dir)); len(got) > 0 {
				t.Errorf("written: %q", got)
			}
		})
	}
}

// TestInitElsewhere: GitHub reads workflows only in the root of a repository.
func TestInitElsewhere(t *testing.T) {
	dir := put(t, map[string]string{"dns/x": ""})
	t.Chdir(filepath.Join(dir, "dns"))
	var out, errs bytes.Buffer
	env := Env{Stdout: &out, Stderr: &errs, Getenv: vars{}.get, Checkout: dir}
	if code := Main(t.Context(), []string{"init", "--domain", "example.com", "--region", "eu-west-1"}, env); code != exitUsage || !strings.Contains(errs.String(), "run it in the root of the repository, ") || !strings.Contains(errs.String(), "--into sescheck.yaml` writes the file of a subfolder") {
		t.Errorf("exit %d: %s%s", code, out.String(), errs.String())
	}
	if _, err := os.Stat("sescheck.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a file was written")
	}
}

// TestInitIsNotObeyed gives the payloads as answers.
func TestInitIsNotObeyed(t *testing.T) {
	for _, p := range hostile.Payloads {
		for _, stdin := range []string{p + "\n", "example.com\n" + p + "\n", "example.com\neu-west-1\n" + p + "\n"} {
			_, out, errs, _ := initRun{stdin: stdin, terminal: true, env: vars{"AWS_REGION": p}}.start(t)
			harmless(t, "init", out+errs)
		}
	}
}

// TestVersionCommand: `version` prints the same as --version.
func TestVersionCommand(t *testing.T) {
	t.Parallel()
	out, errs, code := run(t, "version")
	if flag, _, _ := run(t, "--version"); code != "0" || errs != "" || out != flag || out != "sescheck version test\n" {
		t.Errorf("exit %s: %s%s, and --version %s", code, out, errs, flag)
	}
}

package command

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/report"
	"github.com/sescheck/sescheck/internal/zonetest"
)

// evidence matches the evidence, which may differ in a merged report.
var evidence = regexp.MustCompile(`(?s)"evidence": ?\{[^}]*\}`)

// written writes a report in every format to a folder, and returns the reports
// without times and evidence.
func written(t *testing.T, dir, addr string, args ...string) map[string]string {
	t.Helper()
	folder := t.TempDir()
	for _, f := range report.OfCheck().Names() {
		args = append(args, "--write", f+"="+filepath.Join(folder, f))
	}
	_, errs, code := run(t, args...)
	all := map[string]string{"exit": code, "stderr": errs}
	for _, f := range report.OfCheck().Names() {
		text, err := os.ReadFile(filepath.Join(folder, f))
		if err != nil {
			t.Fatalf("%v\nexit %s %s", err, code, errs)
		}
		all[f] = evidence.ReplaceAllString(still(string(text), dir, addr), `"evidence": {}`)
	}
	return all
}

// shards checks in n shards and returns their JSON reports.
func shards(t *testing.T, n int, args ...string) (paths []string) {
	t.Helper()
	folder := t.TempDir()
	for i := 1; i <= n; i++ {
		path := filepath.Join(folder, fmt.Sprintf("%d.json", i))
		all := append([]string{"check", "--shard", fmt.Sprintf("%d/%d", i, n), "--write", "json=" + path}, args...)
		if _, errs, code := run(t, all...); code == "2" || code == "4" {
			t.Fatalf("exit %s: %s", code, errs)
		}
		paths = append(paths, path)
	}
	return paths
}

// TestMergeEqualsWhole: three merged shards give the report of the whole run in
// every format: for each story with several domains, and for one in eight of the
// rest.
func TestMergeEqualsWhole(t *testing.T) {
	t.Parallel()
	for _, dir := range scenarios(t) {
		t.Run(strings.TrimPrefix(dir, testdata+"/"), func(t *testing.T) {
			t.Parallel()
			file := readFile(t, filepath.Join(dir, "sescheck.yaml"))
			if crc32.ChecksumIEEE([]byte(file))%8 != 0 && len(regexp.MustCompile(`(?m)^  [\w.-]+\.\w+:$`).FindAllString(file, 2)) < 2 {
				t.Skip("one of those left out for time")
			}
			faults, err := os.ReadFile(filepath.Join(dir, "faults"))
			if err == nil && regexp.MustCompile(`DROP|GARBAGE|STRANGER| [0-9]+ `).Match(faults) {
				t.Skip("what this server does depends on when it is asked")
			}
			s := zonetest.Start(t, filepath.Join(testdata, "common"), dir)
			args := []string{"--resolver", s.Addr, "--timeout", "20s"}
			var later []string // errors of merge instead of check
			more := storyArgs(t, dir)
			for i := 0; i < len(more); i++ {
				switch more[i] {
				case "--fail-on", "--inconclusive", "--baseline":
					later = append(later, more[i], more[i+1])
					i++
				default:
					args = append(args, more[i])
				}
			}
			args = append(args, filepath.Join(dir, "sescheck.yaml"))
			if _, _, code := run(t, append([]string{"check"}, args...)...); code == "2" {
				t.Skip("nothing is checked")
			}
			whole := written(t, dir, s.Addr, append(append([]string{"check"}, later...), args...)...)
			merged := written(t, dir, s.Addr, append(append([]string{"merge"}, later...), shards(t, 3, args...)...)...)
			if diff := cmp.Diff(whole, merged); diff != "" {
				t.Errorf("whole -, merged +\n%s", diff)
			}
		})
	}
}

// fleet creates 40 domains in zone files, one in five with a missing record, and
// with findings about the file as a whole. It returns the folder.
func fleet(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	zones := filepath.Join(dir, "zones")
	if err := os.Mkdir(zones, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var yaml strings.Builder
	yaml.WriteString("version: 1\nchecks: {dmarc-missing: off, spf-all: note}\nignore:\n")
	soon := time.Now().AddDate(0, 0, 3).Format(time.DateOnly)
	for _, ig := range []string{
		"{check: mail-from-mx-missing, domain: d05.example, reason: used in one shard, until: " + soon + "}",
		"{check: mail-from-mx-*, domain: d10.example, reason: used in another one, until: " + soon + "}",
		"{check: dkim-missing, reason: used by nobody}",
		"{check: dkim-wrong-target, reason: used by nobody and near its end, until: " + soon + "}",
		"{check: spf-missing, reason: over, until: 2020-01-01}",
	} {
		yaml.WriteString("  - " + ig + "\n")
	}
	yaml.WriteString("domains:\n")
	for i := range 40 {
		name := fmt.Sprintf("d%02d.example", i)
		fmt.Fprintf(&yaml, "  %s: {region: eu-west-1, mail_from: bounce, spf: [amazonses.com], dmarc: reject}\n", name)
		zone := "$TTL 300\n@ SOA ns1.example. host.example. 1 1 1 1 1\n@ TXT \"v=spf1 include:amazonses.com -all\"\nbounce TXT \"v=spf1 include:amazonses.com -all\"\n" +
			"_dmarc TXT \"v=DMARC1; p=reject\"\n"
		if i%5 != 0 {
			zone += "bounce MX 10 feedback-smtp.eu-west-1.amazonses.com.\n"
		}
		if i == 7 {
			zone += "old MX 10 feedback-smtp.eu-west-1.amazonses.com.\n"
		}
		write("zones/"+name+".zone", zone)
	}
	write("zones/amazonses.com.zone", readFile(t, testdata+"/common/amazonses.com.zone"))
	write("sescheck.yaml", yaml.String())
	return dir
}

// TestMergeFleet: findings about the file as a whole are those of one run, and
// every shard has some domains.
func TestMergeFleet(t *testing.T) {
	t.Parallel()
	dir := fleet(t)
	args := []string{"--zones", filepath.Join(dir, "zones"), "--offline", "--verbose", filepath.Join(dir, "sescheck.yaml")}
	whole := written(t, dir, "none", append([]string{"check"}, args...)...)
	for _, want := range []string{"record-unclaimed", "ignore-unused", "ignore-expired", "turned off", "lowered", "ends on", "mail-from-mx-missing"} {
		if !strings.Contains(whole["text"], want) {
			t.Errorf("the fleet has no %s:\n%s", want, whole["text"])
		}
	}
	paths := shards(t, 3, args...)
	merged := written(t, dir, "none", append([]string{"merge"}, paths[2], paths[0], paths[1])...)
	if diff := cmp.Diff(whole, merged); diff != "" {
		t.Errorf("whole -, merged +\n%s", diff)
	}
	again := written(t, dir, "none", "merge", filepath.Join(writtenTo(t, append([]string{"check"}, args...)...)))
	if diff := cmp.Diff(whole, again); diff != "" {
		t.Errorf("whole -, read again +\n%s", diff)
	}
	if shardOf("d05.example", 3) == shardOf("d10.example", 3) {
		t.Error("the ignores are used in one shard")
	}
	for i, p := range paths {
		if n := strings.Count(readFile(t, p), "\"parts\""); n < 5 || n > 22 {
			t.Errorf("shard %d has %d of 40 domains", i+1, n)
		}
	}
}

// writtenTo runs the program and returns the path of its JSON report.
func writtenTo(t *testing.T, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.json")
	if _, errs, code := run(t, append(args, "--write", "json="+path)...); code == "2" || code == "4" {
		t.Fatalf("exit %s: %s", code, errs)
	}
	return path
}

func TestMergeBaseline(t *testing.T) {
	t.Parallel()
	dir := fleet(t)
	args := []string{"--zones", filepath.Join(dir, "zones"), "--offline", filepath.Join(dir, "sescheck.yaml")}
	before := writtenTo(t, append([]string{"check"}, args...)...)
	out, errs, code := run(t, append([]string{"merge", "--baseline", before}, shards(t, 3, args...)...)...)
	if code != "0" || errs != "" || !strings.Contains(out, "(first seen ") || strings.Contains(out, "(new)") {
		t.Errorf("exit %s\n%s%s", code, out, errs)
	}
	if _, errs, code := run(t, append([]string{"check", "--shard", "1/3", "--baseline", before}, args...)...); code != "2" || !strings.Contains(errs, "use it with `sescheck merge`") {
		t.Errorf("exit %s: %s", code, errs)
	}
}

// TestMergeFixed: findings of a baseline are fixed or carried as in the whole run,
// and again if the merged report is written in other formats.
func TestMergeFixed(t *testing.T) {
	t.Parallel()
	dir := fleet(t)
	file := filepath.Join(dir, "sescheck.yaml")
	args := []string{"--zones", filepath.Join(dir, "zones"), "--offline", file}
	before := writtenTo(t, append([]string{"check", "--strict"}, args...)...)
	age(t, before)
	change := func(path, old, text string) {
		t.Helper()
		now := readFile(t, path)
		if !strings.Contains(now, old) {
			t.Fatalf("%s has no %s", path, old)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(now, old, text, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	zone := func(name string) string { return filepath.Join(dir, "zones", name+".zone") }
	change(zone("d00.example"), "bounce TXT", "bounce MX 10 feedback-smtp.eu-west-1.amazonses.com.\nbounce TXT") // fixed
	change(zone("d15.example"), "bounce TXT", "bounce MX 10 mail.example.net.\nbounce TXT")                      // hidden
	change(zone("d07.example"), "old MX 10", "old MX 20")                                                        // standing
	if err := os.Remove(zone("d20.example")); err != nil {                                                       // not answered
		t.Fatal(err)
	}
	change(file, "  d25.example: {region: eu-west-1, mail_from: bounce, spf: [amazonses.com], dmarc: reject}\n", "")
	change(file, "  d30.example: {region: eu-west-1, mail_from: bounce, ", "  d30.example: {")
	change(file, "  - {check: spf-missing, reason: over, until: 2020-01-01}\n", "")
	whole := written(t, dir, "none", append([]string{"check", "--baseline", before}, args...)...)
	for _, want := range []string{
		"fixed: mail-from-mx-missing of d00.example\n",
		"carried, hidden by another finding: mail-from-mx-missing of d15.example (mail-from-mx-wrong)\n",
		"carried, not answered: mail-from-mx-missing of d20.example\n",
		"carried, ignored by the file: mail-from-mx-missing of d05.example, mail-from-mx-missing of d10.example\n",
		"carried, no longer in the file: mail-from-mx-missing of d25.example, mail-from-mx-missing of d30.example\n",
	} {
		if !strings.Contains(whole["text"], want) {
			t.Errorf("no %q in\n%s", want, whole["text"])
		}
	}
	merged := written(t, dir, "none", append([]string{"merge", "--baseline", before}, shards(t, 3, args...)...)...)
	if diff := cmp.Diff(whole, merged); diff != "" {
		t.Errorf("whole -, merged +\n%s", diff)
	}
	read := written(t, dir, "none", "merge", "--baseline", before, writtenTo(t, append([]string{"check"}, args...)...))
	if diff := cmp.Diff(whole, read); diff != "" {
		t.Errorf("whole -, of its report +\n%s", diff)
	}
	again := written(t, dir, "none", "merge", writtenTo(t, append([]string{"check", "--baseline", before}, args...)...))
	if diff := cmp.Diff(whole, again); diff != "" {
		t.Errorf("whole -, read again +\n%s", diff)
	}
	incomplete := shards(t, 3, args...)
	partial, errs, code := run(t, "merge", "--partial", "--baseline", before, incomplete[0], incomplete[2])
	if code == "2" || !strings.Contains(partial, "carried, not checked in this run: ") || strings.Contains(partial, "no longer in the file: mail-from-mx-missing of d25.example") {
		t.Errorf("exit %s: %s%s", code, partial, errs)
	}
}

// TestMergeNotWhole: shards are missing, doubled or of other runs.
func TestMergeNotWhole(t *testing.T) {
	t.Parallel()
	dir := fleet(t)
	args := []string{"--zones", filepath.Join(dir, "zones"), "--offline", filepath.Join(dir, "sescheck.yaml")}
	three := shards(t, 3, args...)
	two := shards(t, 2, args...)
	strict := shards(t, 3, append([]string{"--strict"}, args...)...)
	whole := writtenTo(t, append([]string{"check"}, args...)...)
	for name, c := range map[string]struct {
		args []string
		code string
		want string
	}{
		"one missing":            {[]string{three[0], three[2]}, "2", "shard 2 of 3 is missing; with --partial"},
		"one twice":              {[]string{three[0], three[1], three[1], three[2]}, "2", "shard 2 of 3 appears twice"},
		"of other runs":          {[]string{three[0], two[1]}, "2", "not shards of one run"},
		"with other flags":       {[]string{three[0], three[1], strict[2]}, "2", "not shards of one run"},
		"whole runs":             {[]string{whole, whole}, "2", "not shards of one run"},
		"partial and one twice":  {[]string{"--partial", three[0], three[1], three[1], three[2]}, "1", "FAILED"},
		"partial, lost, warned":  {[]string{"--partial", "--inconclusive", "warn", "--baseline", whole, three[0], three[2]}, "0", "shard 2 of 3 is missing: "},
		"partial, lost, failed":  {[]string{"--partial", "--baseline", whole, three[0], three[2]}, "3", "shard 2 of 3 is missing: "},
		"partial and never":      {[]string{"--partial", "--fail-on", "never", three[0], three[2]}, "0", "shard 2 of 3 is missing: "},
		"partial and one gone":   {[]string{"--partial", three[0], three[2]}, "1", "FAILED"},
		"no such file":           {[]string{three[0], "nowhere.json"}, "2", `"nowhere.json": `},
		"none":                   {nil, "2", "REPORT.json… is missing"},
		"partial of another run": {[]string{"--partial", three[0], two[1]}, "2", "not shards of one run"},
	} {
		out, errs, code := run(t, append([]string{"merge"}, c.args...)...)
		if code != c.code || !strings.Contains(out+errs, c.want) {
			t.Errorf("%s: exit %s, want %s and %q\n%s%s", name, code, c.code, c.want, out, errs)
		}
		if strings.Contains(name, "gone") && strings.Contains(out, "ignore-unused") {
			t.Errorf("%s: whether an ignore is unused cannot be decided\n%s", name, out)
		}
	}
}

func TestShard(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"0/3": "the first shard is 1/3", "4/3": "the last one 3/3", "1": "write I/N", "a/b": "write I/N", "1/0": "can be 1 to", "1/1001": "can be 1 to", "-1/3": "the first", "": "write I/N",
	} {
		if _, err := parseShard(arg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", arg, err, want)
		}
	}
	if s, err := parseShard("1/1"); s != nil || err != nil {
		t.Errorf("1/1 is a shard: %v %v", s, err)
	}
	// docs/fleets.md documents the hash, so it must never change.
	for name, want := range map[record.Name]int{"example.com": 6, "xn--bcher-kva.example": 1, "shop.example": 7} {
		if got := shardOf(name, 8); got != want {
			t.Errorf("%s is in shard %d of 8, want %d", name, got, want)
		}
	}
}

// TestEmptyShard: a shard without domains passes, and gives the reason.
func TestEmptyShard(t *testing.T) {
	t.Parallel()
	dir := fleet(t)
	zones := []string{"--zones", filepath.Join(dir, "zones"), "--offline", "--domain", "d05.*", filepath.Join(dir, "sescheck.yaml")}
	mine := shardOf("d05.example", 3)
	for i := 1; i <= 3; i++ {
		out, errs, code := run(t, append([]string{"check", "--shard", fmt.Sprintf("%d/3", i)}, zones...)...)
		want := fmt.Sprintf("shard %d of 3: none of the 1 domain is in it", i)
		if i == mine {
			want = fmt.Sprintf("shard %d of 3: 1 of 1 domain;", i)
		}
		if code != "0" || errs != "" || !strings.Contains(out, want) || !strings.Contains(out, "PASSED") {
			t.Errorf("exit %s, want %q\n%s%s", code, want, out, errs)
		}
	}
}

// TestMergeInStep: on GitHub, merge has the outputs, the summary and the
// annotations of the action.
func TestMergeInStep(t *testing.T) {
	dir := fleet(t)
	paths := shards(t, 2, "--zones", filepath.Join(dir, "zones"), "--offline", filepath.Join(dir, "sescheck.yaml"))
	files, workspace := t.TempDir(), t.TempDir()
	t.Chdir(workspace)
	env := vars{"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": workspace, "GITHUB_OUTPUT": filepath.Join(files, "output"), "GITHUB_STEP_SUMMARY": filepath.Join(files, "summary")}
	step := func(args ...string) (string, int) {
		var out, errs bytes.Buffer
		code := Main(t.Context(), append([]string{"merge"}, args...), Env{Version: "test", Stdout: &out, Stderr: &errs, Getenv: env.get})
		if errs.Len() > 0 {
			t.Errorf("stderr: %s", &errs)
		}
		return out.String(), code
	}
	if out, code := step(paths...); code != exitFindings || !strings.Contains(out, "title=mail-from-mx-missing::") {
		t.Errorf("exit %d\n%s", code, out)
	}
	outputs := readOutputs(t, env["GITHUB_OUTPUT"])
	if outputs["result"] != "fail" || outputs["errors"] != "6" || outputs["report"] != ".sescheck/report.json" {
		t.Errorf("outputs: %v", outputs)
	}
	if text := readFile(t, filepath.Join(files, "summary")); text != readFile(t, ".sescheck/summary.md")+"\n" && strings.TrimSpace(text) != strings.TrimSpace(readFile(t, ".sescheck/summary.md")) {
		t.Errorf("summary: %s", text)
	}
	if out, code := step(paths[0]); code != exitUsage || !strings.Contains(out, "::error title=sescheck::shard 2 of 2 is missing") {
		t.Errorf("exit %d\n%s", code, out)
	}
}

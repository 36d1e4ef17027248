package command

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/zonetest"
)

// TestImport runs the program on every story of testdata/import. Beside its
// sources a story has
//
//	zones       what DNS holds, with faults; world is there too and no source
//	export      a zone as a DNS provider exports it, laid over that for check
//	plan        a change, laid over DNS for check
//	args        the arguments, one a line; $DIR is the story's folder, $SERVER
//	            a server that has its zones, $INTO a copy of into.yaml
//	stdin       what is piped in
//	want.yaml   the file that comes out
//	want.txt    stderr and the exit code of import, and what check says of the
//	            file against the story's zones
func TestImport(t *testing.T) {
	t.Parallel()
	for _, dir := range imports(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			into := filepath.Join(t.TempDir(), "sescheck.yaml")
			if before, err := os.ReadFile(filepath.Join(dir, "into.yaml")); err == nil {
				if err := os.WriteFile(into, before, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			zones := filepath.Join(dir, "zones")
			if !exists(zones) {
				zones = filepath.Join(testdata, "common")
			}
			served := []string{filepath.Join(testdata, "common"), zones}
			if world := filepath.Join(dir, "world"); exists(world) {
				served = append(served, world)
			}
			s := zonetest.Start(t, served...)
			replace := strings.NewReplacer("$DIR", dir, "$SERVER", s.Addr, "$INTO", into)
			got, file := importStory(t, dir, replace, into)
			if file != "" {
				if lint, errs, code := run(t, "lint", into); code != "0" {
					t.Errorf("what was written has mistakes: %s%s", lint, errs)
				}
				args := []string{"check", "--resolver", s.Addr, "--timeout", "20s", into}
				if export := filepath.Join(dir, "export"); exists(export) {
					args = append(args, "--zones", export)
				}
				if plan := filepath.Join(dir, "plan"); exists(plan) {
					args = append(args, "--plan", plan)
				}
				out, errs, code := run(t, args...)
				got += "check:\n" + out + errs + "exit " + code + "\n"
			}
			got = strings.ReplaceAll(strings.ReplaceAll(got, into, "sescheck.yaml"), filepath.ToSlash(into), "sescheck.yaml")
			compare(t, filepath.Join(dir, "want.txt"), uncounted(still(got, dir, s.Addr), dir))
			compare(t, filepath.Join(dir, "want.yaml"), file)
		})
	}
}

// imports are the stories of import.
func imports(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(testdata, "import", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatal("no stories", err)
	}
	return dirs
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// importStory returns the stderr of import, and the file.
func importStory(t *testing.T, dir string, replace *strings.Replacer, into string) (stderr, file string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "args"))
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"import"}, strings.Split(strings.TrimSpace(replace.Replace(string(text))), "\n")...)
	var out, errs bytes.Buffer
	env := Env{Version: "test", Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }, StdinTerminal: true}
	if in, err := os.ReadFile(filepath.Join(dir, "stdin")); err == nil {
		env.Stdin, env.StdinTerminal = bytes.NewReader(in), false
	}
	code := Main(t.Context(), args, env)
	harmless(t, "text", errs.String())
	harmless(t, "text", out.String())
	if out.Len() > 0 {
		if err := os.WriteFile(into, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	after, err := os.ReadFile(into)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return errs.String() + "exit " + strconv.Itoa(code) + "\n", string(after)
}

// compare compares a text with a want file; a missing file is empty.
func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		var err error
		if got == "" {
			err = os.RemoveAll(path)
		} else {
			err = os.WriteFile(path, []byte(got), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: want -, got +\n%s", filepath.Base(path), diff)
	}
}

// TestImportRoundTrip: the records of a file, written as zone files and imported,
// give a file with the same records and no mistakes.
func TestImportRoundTrip(t *testing.T) {
	t.Parallel()
	others := standIns(t)
	for n := range uint64(30) {
		t.Run(strconv.FormatUint(n, 10), func(t *testing.T) {
			t.Parallel()
			zones, dir := t.TempDir(), t.TempDir()
			file, back := filepath.Join(dir, "file.yaml"), filepath.Join(dir, "back.yaml")
			if err := os.WriteFile(file, []byte(generated(n)), 0o644); err != nil {
				t.Fatal(err)
			}
			if out, errs, code := run(t, "records", "--format", "zone", "--dir", zones, file); code != "0" {
				t.Fatalf("records: exit %s: %s%s", code, out, errs)
			}
			args := []string{"import", zones, "--all", "--into", back}
			for _, m := range regexp.MustCompile(`selector: (\w+)`).FindAllStringSubmatch(generated(n), -1) {
				args = append(args, "--byodkim", m[1])
			}
			_, stderr, code := run(t, args...)
			if code != "0" {
				t.Fatalf("import: exit %s: %s\n%s", code, stderr, generated(n))
			}
			text, err := os.ReadFile(back)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(seen(t, file), seen(t, back)); diff != "" {
				t.Errorf("file -, back +\n%s\n%s\n%s\n%s", diff, generated(n), text, stderr)
			}
			if err := os.CopyFS(zones, os.DirFS(others)); err != nil {
				t.Fatal(err)
			}
			out, errs, code := run(t, "check", "--zones", zones, "--offline", "--fail-on", "note", back)
			if code != "0" || errs != "" {
				t.Errorf("check: exit %s\n%s%s\n%s", code, out, errs, text)
			}
		})
	}
}

// seen returns the records of a file without those that import cannot recognise as
// records for SES.
func seen(t *testing.T, file string) string {
	t.Helper()
	out, errs, code := run(t, "records", "--format", "zone", file)
	if code != "0" {
		t.Fatalf("records: exit %s: %s%s", code, out, errs)
	}
	var lines []string
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, ";") && strings.TrimSpace(line) != "" && !strings.Contains(line, "cloudfront.net") {
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// TestImportInterrupted: an interrupted import writes nothing.
func TestImportInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	into := filepath.Join(t.TempDir(), "sescheck.yaml")
	var out, errs bytes.Buffer
	env := Env{Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }}
	code := Main(ctx, []string{"import", "a.example", "--resolver", "127.0.0.1:1", "--into", into}, env)
	if code != exitInterrupted || exists(into) || out.Len() > 0 {
		t.Errorf("exit %d, written: %v\n%s%s", code, exists(into), &out, &errs)
	}
}

// TestImportUsage: wrong usage is reported, and nothing is written.
func TestImportUsage(t *testing.T) {
	t.Parallel()
	dir := put(t, map[string]string{
		"wrong.yaml": "version: 1\ndomains:\n  a.example: {regoin: x}\n", "bad.example.zone": "@ IN SOA a b 1 1 1 1 1\n@ IN NONSENSE x\n@ MX x\n",
		"list.json": `{"EmailIdentities": [{"IdentityName": "b.example"}]}`,
	})
	for _, c := range []struct{ args, want string }{
		{"", "nothing to import: name zone files, JSON of the AWS CLI, or domains; see `sescheck import -h`"},
		{"no-such-file", `"no-such-file" is neither a file here nor a domain: it has no dot; write the whole domain name`},
		{"www.a.example", `"www.a.example" is neither a file here nor a domain: it is the name of a website (did you mean a.example?)`},
		{"a.example --offline", "--offline with a domain name needs zone files; without them there is nothing to read"},
		{"a.example --region Ireland", `--region "Ireland": write an AWS region, such as eu-west-1`},
		{"a.example --identity x", `--identity "x" has no dot; write the whole domain name`},
		{"a.example --mail-from a..b", `--mail-from "a..b": write a label, such as bounce`},
		{"a.example --byodkim a.b", `--byodkim "a.b": write a selector, such as s1`},
		{"a.example --domain [", `"[" is not a valid glob`},
		{"a.example --retries -1", "--retries must be from 0 to 100"},
		{"DIR/bad.example.zone", `DIR/bad.example.zone:3: the data of this MX record is not a preference and a host name`},
		{"DIR/list.json --into DIR/wrong.yaml", `DIR/wrong.yaml:3:15: a domain has no key "regoin" (did you mean region?)`},
	} {
		out, errs, code := run(t, append([]string{"import"}, strings.Fields(strings.ReplaceAll(c.args, "DIR", filepath.ToSlash(dir)))...)...)
		errs = strings.TrimSpace(strings.ReplaceAll(filepath.ToSlash(errs), filepath.ToSlash(dir), "DIR"))
		if code != "2" || out != "" || !strings.Contains(errs, c.want) {
			t.Errorf("%s: exit %s\n got %s%s\nwant %s", c.args, code, out, errs, c.want)
		}
	}
	if text, err := os.ReadFile(filepath.Join(dir, "wrong.yaml")); err != nil || !strings.Contains(string(text), "regoin: x}\n") || strings.Contains(string(text), "b.example") {
		t.Errorf("the file was touched: %s %v", text, err)
	}
}

// TestImportIntoStays: a file that is added to keeps its mode, a link stays a link,
// and if the file cannot be written it keeps its content.
func TestImportIntoStays(t *testing.T) {
	before := "version: 1\ndomains:\n  b.example: {spf: none}\n"
	dir := put(t, map[string]string{"a.example.zone": "@ IN TXT \"v=spf1 include:amazonses.com ~all\"\n", "mine.yaml": before, "target.yaml": before})
	outside := put(t, map[string]string{"outside.yaml": before})
	t.Chdir(dir)
	if err := os.Chmod("mine.yaml", 0o600); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{"link.yaml": "target.yaml", "out.yaml": filepath.Join(outside, "outside.yaml"), "dangling.yaml": "gone.yaml"} {
		if err := os.Symlink(target, link); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	for _, c := range []struct{ path, code, want string }{
		{"mine.yaml", "0", "added 1 domain to mine.yaml\n"},
		{"mine.yaml", "0", "mine.yaml has all of it already\n"},
		{"new.yaml", "0", "added 1 domain to new.yaml\n"},
		{"link.yaml", "4", "write link.yaml: it is a link"},
		{filepath.Join(dir, "link.yaml"), "4", "link.yaml: it is a link"},
		{"out.yaml", "2", "read out.yaml: it leads out of the working directory"},
		{filepath.Join(dir, "out.yaml"), "2", "out.yaml: it leads out of the working directory"},
		{"dangling.yaml", "4", "write dangling.yaml: it is a link"},
		{".", "2", "read .: it is not a regular file"},
	} {
		if out, errs, code := run(t, "import", "a.example.zone", "--into", c.path); code != c.code || out != "" || !strings.Contains(errs, c.want) || code != "0" && strings.Contains(errs, "added") {
			t.Errorf("%s: exit %s, want %q\n%s%s", c.path, code, c.want, out, errs)
		}
	}
	for path, mode := range map[string]fs.FileMode{"mine.yaml": 0o600, "target.yaml": 0o644, "link.yaml": fs.ModeSymlink, "out.yaml": fs.ModeSymlink} {
		info, err := os.Lstat(path)
		if err != nil || info.Mode().Type() != mode.Type() || mode.IsRegular() && runtime.GOOS != "windows" && info.Mode() != mode {
			t.Errorf("%s is %v, want %v", path, info.Mode(), mode)
		}
	}
	for _, path := range []string{"target.yaml", filepath.Join(outside, "outside.yaml")} {
		if got := readFile(t, path); got != before {
			t.Errorf("%s: %s", path, got)
		}
	}
	if exists("gone.yaml") {
		t.Error("a link decided where was written")
	}
}

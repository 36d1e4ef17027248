package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/hostile"
	"github.com/sescheck/sescheck/internal/zonetest"
)

// This file has a world in which every text of a stranger is a payload, and a test
// in which every command prints it.

// hostileRun is one run of a command.
type hostileRun struct {
	args  []string // FORMAT is replaced by each format, WRITES by --write of all of them
	stdin string
	env   vars
	codes string   // allowed exit codes
	quiet bool     // the output has no payload
	files []string // written files, or their folders
}

// hostileWorld has the files and zones of the runs.
type hostileWorld struct {
	zones  string   // a folder of zone files, a domain each
	served string   // their server
	names  []string // of the domains
	file   string   // the YAML
	one    string   // a YAML of one of them
	oneOf  string   // a folder with its zone file
	report string   // JSON of a check
	broken []string // folders with files that are payloads in name and content
}

func (w *hostileWorld) offline(args ...string) []string {
	return append(args, "--zones", w.zones, "--offline")
}

func (w *hostileWorld) alone(args ...string) []string {
	return append(args, "--zones", w.oneOf, "--offline", w.one)
}

func (w *hostileWorld) asking(args ...string) []string {
	return append(args, "--resolver", w.served, "--timeout", "20s")
}

// quotedYAML writes a text as a YAML scalar in ASCII, as a stranger may.
func quotedYAML(s string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, `\U%08x`, r)
	}
	return `"` + b.String() + `"`
}

// wrongZone is a zone with a payload in every text.
func wrongZone(p string) string {
	l := hostile.Label(p)
	lines := []string{
		"@ SOA " + l + ".ns.example. " + l + ".ns.example. 1 1 1 1 300", "@ NS " + l + ".ns.example.",
		"@ TXT " + hostile.TXT(p), "@ TXT " + hostile.TXT("v=spf1 include:amazonses.com "+p+" include:"+p+".b.example exists:"+p+" ?x="+p+" ~all"),
		"@ MX 10 " + l + ".b.example.",
		"_dmarc TXT " + hostile.TXT("v=DMARC1; p=none; sp="+p+"; rua=mailto:"+p+"@evil.example,"+p+"; ruf="+p+"; "+p+"=1"),
		"_amazonses TXT " + hostile.TXT(p), "_amazonses TXT " + hostile.TXT("amazonses:"+p),
		"t1._domainkey CNAME " + l + ".dkim.amazonses.com.", "t2._domainkey TXT " + hostile.TXT("v=DKIM1; n="+p+"; p="+p), "s1._domainkey TXT " + hostile.TXT("n="+p+"; p="+ownKey),
		l + "._domainkey CNAME " + l + ".dkim.amazonses.com.",
		"bounce MX 10 feedback-smtp.eu-west-1.amazonses.com.", "bounce MX 20 " + l + ".b.example.", "bounce TXT " + hostile.TXT("v=spf1 include:amazonses.com a:"+p+" ~all"),
		"click CNAME " + l + ".b.example.", l + " MX 10 feedback-smtp.eu-west-1.amazonses.com.", "c" + hostile.Label(p[1:]) + " CNAME r.eu-west-1.awstrack.me.",
		"mail MX 10 feedback-smtp." + l + ".amazonses.com.", "in MX 10 inbound-smtp." + l + ".amazonaws.com.", "track CNAME r." + l + ".awstrack.me.",
	}
	return strings.Join(lines, "\n") + "\n"
}

// rightZone is the zone of a domain without errors, with payloads where they are
// valid.
func rightZone(p string) string {
	p = strings.Join(strings.Fields(p), "")
	return strings.Join([]string{
		"@ TXT " + hostile.TXT(p), "@ TXT " + hostile.TXT("v=spf1 include:amazonses.com include:%{i}."+p+".b.example -all"), "@ MX 10 " + hostile.Label(p) + ".b.example.",
		"_dmarc TXT " + hostile.TXT("v=DMARC1; p=reject; rua=mailto:"+p+"@evil.example,https://evil.example/"+p),
		"_amazonses TXT abc=", "t1._domainkey CNAME t1.dkim.amazonses.com.", "t2._domainkey CNAME t2.dkim.amazonses.com.", "t3._domainkey CNAME t3.dkim.amazonses.com.",
		"bounce MX 10 feedback-smtp.eu-west-1.amazonses.com.", "bounce TXT " + hostile.TXT("v=spf1 include:amazonses.com include:%{s}."+p+".b.example -all"),
	}, "\n") + "\n"
}

// entryFor is a domain's entry in the YAML, with a payload in every text.
func entryFor(t *testing.T, name, p string) string {
	t.Helper()
	entry := "  " + name + ":\n    region: eu-west-1\n    dkim: [t1, t2, t3]\n    receiving: true\n    tracking: click\n"
	whole := func(line string) string { return "version: 1\ndomains:\n" + entry + line }
	for _, options := range [][]string{
		{"    verification: " + quotedYAML(p) + "\n", "    verification: abc=\n"},
		{"    mail_from: {name: bounce, spf: [" + quotedYAML("%{s}."+p+".b.example") + "]}\n", "    mail_from: bounce\n"},
		{"    spf: {includes: [amazonses.com, " + quotedYAML("%{i}."+p+".b.example") + "], all: \"-all\"}\n", "    spf: []\n"},
		{"    dmarc: {policy: reject, rua: [" + quotedYAML("mailto:"+p+"@evil.example") + "]}\n", "    dmarc: reject\n"},
	} {
		i := slices.IndexFunc(options, func(o string) bool {
			_, problems := config.Parse("f", []byte(whole(o)))
			return len(problems) == 0
		})
		entry += options[i]
	}
	return entry
}

func newHostileWorld(t *testing.T) *hostileWorld {
	t.Helper()
	w := &hostileWorld{}
	zoneFiles := map[string]string{"amazonses.com": "@ TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n"}
	soon := time.Now().AddDate(0, 0, 3).Format(time.DateOnly)
	var file, ignores strings.Builder
	for i, p := range hostile.Payloads {
		wrong, right := fmt.Sprintf("w%d.example", i), fmt.Sprintf("r%d.example", i)
		zoneFiles[wrong], zoneFiles[right] = wrongZone(p), rightZone(p)
		w.names = append(w.names, wrong, right)
		file.WriteString("  # " + untilControl(p) + "\n" + entryFor(t, wrong, p) + entryFor(t, right, p))
		fmt.Fprintf(&ignores, "  - {check: spf-*, domain: %s, reason: %s, owner: %s, until: %s}\n", wrong, quotedYAML(p), quotedYAML(p), soon)
		glob := strings.NewReplacer("[", "?", "{", "?", "}", "?", `\`, "?").Replace(p)
		fmt.Fprintf(&ignores, "  - {check: dkim-*, domain: %s, record: %s, reason: %s, until: 2020-01-01}\n", quotedYAML(glob), quotedYAML("x"+glob), quotedYAML(p))
		w.broken = append(w.broken, brokenFiles(t, p))
	}
	w.zones = t.TempDir()
	for name, text := range zoneFiles {
		soa := ""
		if !strings.Contains(text, " SOA ") {
			soa = "@ SOA ns1.example. host.example. 1 1 1 1 300\n"
		}
		if err := os.WriteFile(filepath.Join(w.zones, name+".zone"), []byte("$TTL 300\n"+soa+text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w.served = zonetest.Start(t, w.zones).Addr
	w.file = filepath.Join(put(t, map[string]string{"sescheck.yaml": "version: 1\nignore:\n" + ignores.String() + "domains:\n" + file.String()}), "sescheck.yaml")
	w.one = filepath.Join(put(t, map[string]string{"one.yaml": "version: 1\ndomains:\n" + entryFor(t, "w7.example", hostile.Payloads[7])}), "one.yaml")
	w.oneOf = put(t, map[string]string{"w7.example.zone": readFile(t, filepath.Join(w.zones, "w7.example.zone"))})
	w.report = writtenTo(t, append(w.offline("check", "--verbose"), w.file)...)
	return w
}

// untilControl cuts a text before its first control character, since comments
// cannot have any.
func untilControl(s string) string {
	return strings.ToValidUTF8(s[:len(s)-len(strings.TrimLeftFunc(s, func(r rune) bool { return len(hostile.Characters(string(r))) == 0 && r != '\n' }))], "")
}

// brokenFiles is a folder with a file of each kind, with the payload as name and
// content.
func brokenFiles(t *testing.T, p string) string {
	t.Helper()
	dir := t.TempDir()
	name := strings.NewReplacer("/", "-", "\x00", "").Replace(p)
	for suffix, text := range map[string]string{
		".zone": p + "\n@ 300 IN " + p + " " + p + "\n", "2.zone": "$INCLUDE " + p + "\n", "3.zone": "@ IN TXT " + p + "\n", "4.zone": "x." + hostile.Label(p) + ".example. IN A 192.0.2.1\n",
		".json": "{" + strconv.Quote(p) + ": " + p + "}", "2.json": `[` + quotedJSON(p) + `]`, "3.json": `{` + quotedJSON(p) + `: 1}`, "4.json": p,
		".yaml": p, "2.yaml": "version: 1\ndomains:\n  " + p + ":\n", "3.yaml": "version: 1\n" + quotedYAML(p) + ": 1\n", "4.yaml": "version: " + quotedYAML(p) + "\n",
		"5.yaml": "version: 1\ndomains:\n  a.example: &" + p + "\n", "6.yaml": "version: 1\ndomains:\n  a.example: !" + p + " x\n", "7.yaml": "version: 1\ndomains: {a.example: [" + p + "\n", "8.yaml": wrongFile(p),
	} {
		_ = os.WriteFile(filepath.Join(dir, name+suffix), []byte(text), 0o644) // if the system allows the name
	}
	if err := os.WriteFile(filepath.Join(dir, config.LockName), []byte(`{"version": 1, "includes": {`+quotedJSON(p)+`: {"since": `+quotedJSON(p)+`}}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "right.yaml"), []byte("version: 1\ndomains:\n  a.example: {spf: none}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func quotedJSON(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

// wrongFile has a payload as each value and key.
func wrongFile(p string) string {
	q := quotedYAML(p)
	return fmt.Sprintf(`version: 1
defaults: {region: %[1]s, %[1]s: 1}
checks: {%[1]s: off, spf-all: %[1]s}
ignore: [{check: %[1]s, reason: %[1]s, until: %[1]s, %[1]s: x}, %[1]s]
domains:
  %[1]s: {spf: none}
  a.example: %[1]s
  b.example: {region: %[1]s, verification: %[1]s, dkim: [%[1]s], mail_from: %[1]s, receiving: %[1]s, tracking: %[1]s, spf: [%[1]s], dmarc: %[1]s, pending_until: %[1]s}
  c.example: {dkim: {selector: %[1]s, public_key: %[1]s}, mail_from: {name: %[1]s, on_mx_failure: %[1]s, spf: %[1]s}, receiving: {host: %[1]s}, dmarc: {policy: %[1]s, np: %[1]s, aspf: %[1]s, rua: [%[1]s]}, spf: {all: %[1]s, exact: %[1]s}}
`, q)
}

// files are the broken files with a suffix.
func (w *hostileWorld) files(t *testing.T, suffix string) (paths []string) {
	t.Helper()
	for _, dir := range w.broken {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if filepath.Ext(e.Name()) == suffix && e.Name() != "right.yaml" {
				paths = append(paths, filepath.Join(dir, e.Name()))
			}
		}
	}
	return paths
}

// copied copies a file for a command that changes it.
func copied(t *testing.T, path string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), filepath.Base(path))
	if err := os.WriteFile(to, []byte(readFile(t, path)), 0o644); err != nil {
		t.Fatal(err)
	}
	return to
}

// runs are the runs of every command. A command without one fails the test.
func (w *hostileWorld) runs(t *testing.T) map[string][]hostileRun {
	t.Helper()
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	into := copied(t, w.one)
	locked := copied(t, w.file)
	all := map[string][]hostileRun{
		"check": {
			{args: w.offline("check", "--verbose", "WRITES", w.file), codes: "1"},
			{args: w.offline("check", "--strict", "--fail-on", "never", "--inconclusive", "warn", "--baseline", w.report, "WRITES", w.file), codes: "0"},
			{args: w.asking("check", "--wait", "1ms", "--trace", path("trace"), w.file), env: vars{"GITHUB_ACTIONS": "true"}, codes: "1", files: []string{path("trace")}},
		},
		"inspect": {
			{args: append(w.offline("inspect", "--selector", "s1", "--selector", "t2", "--mail-from", "bounce", "--ip", "192.0.2.1", "WRITES"), w.names...), codes: "1"},
			{args: w.asking("inspect", "WRITES", w.names[0], w.names[1], w.names[len(w.names)-1]), codes: "1"},
			{args: []string{"inspect", "--ip", "2001:db8::1%##[error]pwn", "a.example"}, codes: "2"},
		},
		"records": {
			{args: []string{"records", "--format", "FORMAT", w.file}, codes: "02"},
			{args: []string{"records", "--format", "terraform", "--provider", "cloudflare", w.file}, codes: "0"},
			{args: w.offline("records", "--merge", "--format", "FORMAT", w.file), codes: "123"},
			{args: w.asking("records", "--only-missing", "--merge", "--format", "FORMAT", w.file), codes: "12"},
			{args: []string{"records", "--format", "route53", "--dir", path("route53"), w.file}, codes: "0", quiet: true, files: []string{path("route53")}},
			{args: []string{"records", "--format", "octodns", "--dir", path("octodns"), w.file}, codes: "0", quiet: true, files: []string{path("octodns")}},
		},
		"import": {
			{args: []string{"import", w.zones}, codes: "0"},
			{args: []string{"import", w.zones, "--all", "--region", "eu-west-1", "--byodkim", "s1"}, codes: "0"},
			{args: []string{"import", w.zones, "--into", path("new.yaml")}, codes: "0", files: []string{path("new.yaml")}},
			{args: []string{"import", w.zones, "--into", into}, codes: "0", files: []string{into}},
			{args: w.asking(append([]string{"import"}, w.names...)...), codes: "0"},
			{args: w.asking(append([]string{"import", "--into", copied(t, w.file), "--all", w.zones}, w.names...)...), codes: "0"},
		},
		"lock": {
			{args: w.asking("lock", locked), codes: "0", quiet: true, files: []string{filepath.Join(filepath.Dir(locked), config.LockName)}},
		},
		"lint":       {{args: []string{"lint", w.file}, codes: "0", quiet: true}},
		"merge":      {{args: []string{"merge", "WRITES", w.report}, codes: "1"}},
		"action":     {{args: []string{"action"}, env: vars{"GITHUB_ACTIONS": "true", "INPUT_FILES": w.file, "INPUT_ZONES": w.zones, "INPUT_RESOLVER": w.served, "GITHUB_WORKSPACE": dir}, codes: "1", files: []string{path(".sescheck")}}},
		"schema":     {{args: []string{"schema"}, codes: "0", quiet: true}},
		"explain":    {{args: []string{"explain"}, codes: "0", quiet: true}},
		"completion": {{args: []string{"completion", "bash"}, codes: "0", quiet: true}},
		"help":       {{args: []string{"help", "check"}, codes: "0", quiet: true}},
		"version":    {{args: []string{"version"}, codes: "0", quiet: true}},
		"init":       {{args: []string{"init", "--zones", "pwn"}, codes: "2"}}, // import covers what it writes
	}
	for _, p := range hostile.Payloads {
		all["explain"] = append(all["explain"], hostileRun{args: []string{"explain", "--", p}, codes: "2"})
		all["completion"] = append(all["completion"], hostileRun{args: []string{"completion", "--", p}, codes: "2"})
		all["help"] = append(all["help"], hostileRun{args: []string{"help", "--", p}, codes: "2"})
		all["version"] = append(all["version"], hostileRun{args: []string{"version", "--", p}, codes: "2"})
		all["init"] = append(all["init"], hostileRun{args: []string{"init", "--domain=" + p, "--region", "eu-west-1"}, codes: "2"})
		all["schema"] = append(all["schema"], hostileRun{args: []string{"schema", "--", p}, codes: "2"})
	}
	w.brokenRuns(t, all)
	return all
}

// brokenRuns are the runs with broken files.
func (w *hostileWorld) brokenRuns(t *testing.T, all map[string][]hostileRun) {
	t.Helper()
	add := func(codes string, args ...string) {
		all[args[0]] = append(all[args[0]], hostileRun{args: args, codes: codes, quiet: true})
	}
	for i, file := range w.files(t, ".yaml") {
		add("02", "lint", "--", file)
		switch i % 3 { // all parse it alike, and report it in two ways
		case 0:
			add("02", "import", filepath.Join(w.oneOf, "w7.example.zone"), "--into="+copied(t, file))
		case 1:
			add("02", []string{"check", "records", "lock"}[i/3%3], "--", file)
		case 2:
			all["action"] = append(all["action"], hostileRun{args: []string{"action"}, env: vars{"GITHUB_ACTIONS": "true", "INPUT_FILES": file}, codes: "02", quiet: true})
		}
	}
	for _, file := range w.files(t, ".zone") {
		add("024", "import", "--", file)
		add("123", "check", "--offline", "--zones="+file, w.one)
		add("123", "inspect", "--offline", "--zones="+file, "w0.example")
	}
	for _, file := range w.files(t, ".json") {
		add("2", "import", "--", file)
		add("2", "merge", "--", file)
		add("2", w.alone("check", "--baseline="+file)...)
	}
	for _, dir := range w.broken {
		for _, command := range []string{"lint", "check"} {
			add("2", command, filepath.Join(dir, "right.yaml"))
		}
	}
	w.spoiltRuns(t, all)
}

// awsAnswers are outputs of the AWS CLI.
const awsAnswers = `[{"EmailIdentity": "shop.example", "Region": "us-east-1", "IdentityType": "DOMAIN", "VerificationStatus": "FAILED",
  "DkimAttributes": {"SigningEnabled": false, "Status": "PENDING", "Tokens": ["ta", "tb", "tc"], "SigningAttributesOrigin": "AWS_SES_EU_WEST_1", "SigningHostedZone": "dkim.amazonses.com"},
  "MailFromAttributes": {"MailFromDomain": "bounce.shop.example", "MailFromDomainStatus": "FAILED", "BehaviorOnMxFailure": "REJECT_MESSAGE"}},
 {"EmailIdentity": "own.example", "IdentityType": "DOMAIN", "DkimAttributes": {"SigningEnabled": true, "Tokens": ["s1"], "SigningAttributesOrigin": "EXTERNAL"}},
 {"VerificationAttributes": {"a.example": {"VerificationStatus": "Pending", "VerificationToken": "abc="}}},
 {"DkimAttributes": {"a.example": {"DkimEnabled": true, "DkimVerificationStatus": "Failed", "DkimTokens": ["ta", "tb", "tc"]}}},
 {"MailFromDomainAttributes": {"a.example": {"MailFromDomain": "m.a.example", "MailFromDomainStatus": "Failed", "BehaviorOnMXFailure": "RejectMessage"}}},
 {"EmailIdentities": [{"IdentityType": "DOMAIN", "IdentityName": "b.example"}], "NextToken": "x"}, {"Identities": ["c.example", "x@c.example"], "NextToken": "x"}]`

// spoiltRuns replace each string of JSON inputs by a payload, one at a time, or
// append it.
func (w *hostileWorld) spoiltRuns(t *testing.T, all map[string][]hostileRun) {
	t.Helper()
	lock := `{"version": 1, "includes": {"amazonses.com": {"since": "2026-01-01", "state": "", "lookups": 1, "terms": ["ip4:192.0.2.1", "-all"]}}}`
	for i, p := range hostile.Payloads {
		for j, text := range spoilt(awsAnswers, p, 1000) {
			if (i+j)%8 > 0 { // enough for each place
				continue
			}
			all["import"] = append(all["import"], hostileRun{args: []string{"import", "-"}, stdin: text, codes: "02", quiet: true})
		}
	}
	for _, p := range []string{"##[error]pwn", "\x1b[2J\n::error::pwn", "::1%##[error]pwn"} {
		for i, text := range spoilt(lock, p, 1000) {
			dir := put(t, map[string]string{"sescheck.yaml": "version: 1\ndomains:\n  r0.example: {region: eu-west-1, mail_from: bounce}\n", config.LockName: text})
			file := filepath.Join(dir, "sescheck.yaml")
			all["lint"] = append(all["lint"], hostileRun{args: []string{"lint", file}, codes: "02", quiet: true})
			all["check"] = append(all["check"], hostileRun{args: []string{"check", "--zones", w.oneOf, "--offline", file}, codes: "0123", quiet: true})
			if i%3 == 0 { // the command replaces it
				all["lock"] = append(all["lock"], hostileRun{args: w.asking("lock", file), codes: "0", quiet: true, files: []string{filepath.Join(dir, config.LockName)}})
			}
		}
	}
	small := writtenTo(t, w.alone("check")...)
	for _, text := range spoilt(readFile(t, small), "::1%##[error]pwn\x1b", 60) {
		file := filepath.Join(put(t, map[string]string{"report.json": text}), "report.json")
		all["merge"] = append(all["merge"], hostileRun{args: []string{"merge", file}, codes: "012", quiet: true})
		all["check"] = append(all["check"], hostileRun{args: w.alone("check", "--baseline", file), codes: "012", quiet: true})
	}
}

// spoilt returns JSON texts with a payload instead of, or after, one string or key.
// If there are too many places, it spreads the payloads.
func spoilt(text, p string, most int) (all []string) {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(err)
	}
	places := 1 << 30
	n := places
	spoilOne(v, &n, p)
	places -= n
	for i := range min(places, most) {
		n := i * places / min(places, most)
		one, _ := json.Marshal(spoilOne(v, &n, p))
		all = append(all, string(one))
	}
	return all
}

// spoilOne counts n down over the strings and spoils the one at zero: an even n
// replaces it, an odd one appends the payload.
func spoilOne(v any, n *int, p string) any {
	spoil := func(s string) string {
		if *n -= 2; *n == -2 {
			return p
		} else if *n == -1 {
			return s + p
		}
		return s
	}
	switch v := v.(type) {
	case string:
		return spoil(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = spoilOne(v[i], n, p)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for _, key := range slices.Sorted(func(yield func(string) bool) {
			for k := range v {
				if !yield(k) {
					return
				}
			}
		}) {
			out[spoil(key)] = spoilOne(v[key], n, p)
		}
		return out
	}
	return v
}

// TestNoCommandIsObeyed runs every command, in each format, on the world of
// payloads, and feeds the output and files to the parsers that might obey them.
func TestNoCommandIsObeyed(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs every command in every format")
	}
	t.Parallel()
	w := newHostileWorld(t)
	runs := w.runs(t)
	for _, c := range newRoot(&Env{Getenv: vars{}.get}).Commands() {
		if len(runs[c.Name()]) == 0 {
			t.Errorf("there is no run of %s: add what it reads to hostileWorld, and how it is run to runs", c.Name())
		}
		var formats []string
		if f := c.Flags().Lookup("format"); f != nil {
			if formats = inUsage(f.Usage); len(formats) < 4 {
				t.Errorf("%s has the formats %q", c.Name(), formats)
			}
		}
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			for _, r := range runs[c.Name()] {
				each := formats
				if !slices.Contains(r.args, "FORMAT") {
					each = []string{""}
				}
				for _, format := range each {
					r.hold(t, format, formats)
				}
			}
		})
	}
}

// hold runs a command, and fails the test unless the exit code is allowed and all
// output is harmless.
func (r hostileRun) hold(t *testing.T, format string, formats []string) {
	t.Helper()
	var args []string
	wrote := r.files
	for _, arg := range r.args {
		switch arg {
		case "FORMAT":
			args = append(args, format)
		case "WRITES":
			wrote = []string{t.TempDir()}
			for _, f := range formats {
				args = append(args, "--write", f+"="+filepath.Join(wrote[0], "report."+f))
			}
		default:
			args = append(args, arg)
		}
	}
	if slices.Contains(args, "github") || r.env["GITHUB_ACTIONS"] != "" {
		format = "github"
	}
	what := fmt.Sprintf("%.300q", strings.Join(args, " "))
	given := maps.Clone(r.env)
	if given["GITHUB_ACTIONS"] != "" && given["GITHUB_WORKSPACE"] == "" { // the step's reports
		given["GITHUB_WORKSPACE"] = t.TempDir()
	}
	var out, errs bytes.Buffer
	env := Env{Version: "test", Stdout: &out, Stderr: &errs, Getenv: given.get, Stdin: strings.NewReader(r.stdin)}
	code := strconv.Itoa(Main(t.Context(), args, env))
	if !strings.Contains(r.codes, code) {
		t.Errorf("%s: exit %s, want one of %s\n%.2000s%.2000s", what, code, r.codes, out.String(), errs.String())
	}
	if !r.quiet && (format == "" || code != "2") && !strings.Contains(out.String()+errs.String(), "pwn") {
		t.Errorf("%s: no payload came through\n%.2000s%.2000s", what, out.String(), errs.String())
	}
	harmlessRun(t, what, format, out.String()+"\n"+errs.String())
	for _, root := range wrote {
		for name, text := range tree(t, root) {
			suffix := strings.Replace(strings.TrimPrefix(filepath.Ext(name), "."), "md", "markdown", 1)
			harmlessRun(t, what+" wrote "+name, suffix, text)
			if reader := readers[suffix]; reader != nil {
				if err := reader(text); err != nil {
					t.Errorf("%s wrote %s: %v", what, name, err)
				}
			}
		}
	}
}

// harmlessRun is harmless with the name of the run in failures.
func harmlessRun(t *testing.T, what, format, printed string) {
	t.Helper()
	failed := t.Failed()
	if harmless(t, format, printed); t.Failed() && !failed {
		t.Logf("by %s", what)
	}
}

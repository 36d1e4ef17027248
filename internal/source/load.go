package source

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// MaxOctets bounds what is read in one run, from all files together.
const MaxOctets = 256 << 20

// Further bounds, likewise.
const (
	maxRecords = 1000000 // and names above them

	maxGenerated  = 100000  // records made by $GENERATE
	maxMadeOctets = 8 << 20 // of their TXT records
)

// usage is how much was read.
type usage struct{ octets, records, generated, made int }

func (u *usage) read(octets int) error {
	if u.octets += octets; u.octets > MaxOctets {
		return fmt.Errorf("more than %d MiB of zone files", MaxOctets>>20)
	}
	return nil
}

// take counts one more record, or name above one.
func (u *usage) take() error {
	if u.records++; u.records > maxRecords {
		return fmt.Errorf("more than %d records in the zone files", maxRecords)
	}
	return nil
}

func (u *usage) generate(records int) error {
	if u.generated += records; u.generated > maxGenerated {
		return fmt.Errorf("more than %d records from $GENERATE in the zone files", maxGenerated)
	}
	return nil
}

func (u *usage) make(octets int) error {
	if u.made += octets; u.made > maxMadeOctets {
		return fmt.Errorf("more than %d MiB of text from $GENERATE in the zone files", maxMadeOctets>>20)
	}
	return nil
}

// ReadZones reads whole zones: those named, and in folders and the folders below
// them the files that are named like zone files, or hold a zone. The error says
// all that is wrong, each cause in one line, with the file's path and where
// possible the line.
func ReadZones(ctx context.Context, paths ...string) (*Zones, error) {
	z := &Zones{}
	if err := z.Add(ctx, paths...); err != nil {
		return nil, err
	}
	return z, nil
}

// Add reads more zones, as ReadZones does. A file that was read before is no
// second zone.
func (z *Zones) Add(ctx context.Context, paths ...string) error {
	var wrong []error
	for _, root := range paths {
		files, err := z.walk(ctx, root)
		if err != nil {
			return fmt.Errorf("read zone files: %w", err)
		}
		found, err := z.takeAll(ctx, files)
		var p *fileErrors
		switch {
		case errors.As(err, &p):
			wrong = append(wrong, p)
		case err != nil:
			return fmt.Errorf("read zone files: %w", err)
		case !found:
			return fmt.Errorf("read zone files: there are none in %s; sescheck reads files named like example.com.zone, example.com.db or db.example.com, octoDNS YAML, dnscontrol print-ir and Route 53 listings", untrusted.Line(root))
		}
	}
	return errors.Join(wrong...)
}

// candidate is a file that may be read, and what its name says of it.
type candidate struct {
	Elsewhere
	of kind
}

// walk finds the files that are named, or in a folder and the folders below it.
func (z *Zones) walk(ctx context.Context, root string) (files []candidate, err error) {
	paths, err := zoneFiles(root)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", untrusted.Line(root), err)
	}
	for _, path := range paths {
		of := kindOf(path)
		if path == root {
			of = named
		}
		files = append(files, candidate{Elsewhere{path, func() (io.ReadCloser, error) { return untrusted.Open(path) }}, of})
	}
	return files, context.Cause(ctx)
}

// zoneFiles are the files of a folder and of those below it that may be zones or
// changes; of a file, that file, whatever it is called.
func zoneFiles(root string) ([]string, error) {
	folder, err := untrusted.IsFolder(root)
	if err != nil || !folder {
		return []string{root}, err
	}
	return untrusted.Files(root, func(name string, isFolder bool) bool {
		if isFolder {
			return !strings.HasPrefix(path.Base(name), ".")
		}
		return kindOf(name) != otherFile
	})
}

// Elsewhere is a file that is not on disk, such as one of an earlier commit.
type Elsewhere struct {
	Path string
	Open func() (io.ReadCloser, error)
}

// Text is a file of that name and text.
func Text(name, text string) Elsewhere {
	return Elsewhere{name, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

// AddElsewhere reads zones as Add does: of a folder, or one that the user named.
// There may be none.
func (z *Zones) AddElsewhere(ctx context.Context, files []Elsewhere, byUser bool) error {
	_, err := z.takeAll(ctx, candidates(files, byUser))
	return err
}

// candidates are files of a folder, or those that the user named.
func candidates(files []Elsewhere, byUser bool) (all []candidate) {
	for _, f := range files {
		of := kindOf(f.Path)
		if byUser {
			of = named
		}
		all = append(all, candidate{f, of})
	}
	return all
}

// AddPlans reads changes: those named, and of folders all files that are one.
func (z *Zones) AddPlans(ctx context.Context, paths ...string) error {
	var wrong []error
	for _, root := range paths {
		files, err := z.walk(ctx, root)
		if err != nil {
			return fmt.Errorf("read --plan: %w", err)
		}
		found, broken, err := z.takePlans(ctx, files)
		if wrong = append(wrong, broken...); err != nil {
			return fmt.Errorf("read --plan: %w", err)
		}
		if !found {
			return fmt.Errorf("read --plan: there is no change in %s; sescheck reads %s", untrusted.Line(root), changeForms)
		}
	}
	if z.changes != nil {
		z.changes.settle()
	}
	return errors.Join(wrong...)
}

// AddPlansElsewhere reads changes as AddPlans does: of a folder, or one that the
// user named.
func (z *Zones) AddPlansElsewhere(ctx context.Context, files []Elsewhere, byUser bool) error {
	_, broken, err := z.takePlans(ctx, candidates(files, byUser))
	if z.changes != nil {
		z.changes.settle()
	}
	if err != nil {
		return fmt.Errorf("read --plan: %w", err)
	}
	return errors.Join(broken...)
}

// takePlans reads the files that are changes. It reports whether there is any, and
// what is wrong with files.
func (z *Zones) takePlans(ctx context.Context, files []candidate) (found bool, wrong []error, err error) {
	for _, f := range files {
		if f.of != named && f.of != treeFile {
			continue
		}
		is, err := z.takePlan(ctx, f)
		if p, ok := errors.AsType[*fileError](err); ok {
			wrong, err = append(wrong, p), nil
		}
		if err != nil {
			return found, wrong, err
		}
		found = found || is
	}
	return found, wrong, nil
}

// AddText reads a text that is a zone or a change, such as one that is piped in.
func (z *Zones) AddText(ctx context.Context, name, text string) error {
	f := Text(name, text)
	if Sniff(name, text) == SomeChanges {
		if _, err := z.takePlan(ctx, candidate{f, named}); err != nil {
			return err
		}
		z.changes.settle()
		return nil
	}
	return z.AddElsewhere(ctx, []Elsewhere{f}, true)
}

// fileErrors is what is wrong with several files.
type fileErrors struct{ all []*fileError }

func (e *fileErrors) Error() string {
	lines := make([]string, len(e.all))
	for i, f := range e.all {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// fileError is what is wrong with one file, a line each.
type fileError struct {
	path     string
	problems []problem
}

func (e *fileError) Error() string {
	lines := make([]string, len(e.problems))
	for i, p := range e.problems {
		place := untrusted.Line(e.path)
		if p.line > 0 {
			place = fmt.Sprintf("%s:%d", place, p.line)
		}
		lines[i] = place + ": " + p.Error()
	}
	return strings.Join(lines, "\n")
}

// takeAll reads files, those together that make one zone. It reports whether any
// of them is one.
func (z *Zones) takeAll(ctx context.Context, files []candidate) (found bool, err error) {
	split := map[string]record.Name{} // folders with a file a name
	inside := map[string][]string{}
	for _, f := range files {
		dir := filepath.Dir(f.Path)
		inside[dir] = append(inside[dir], filepath.Base(f.Path))
	}
	for dir, names := range inside {
		if apex := splitZone(filepath.Base(dir), names); apex != "" {
			split[dir] = apex
		}
	}
	var wrong fileErrors
	octo := map[string]*zoneText{} // by the folder that is octoDNS's directory, and the zone
	var order []string
	for _, f := range files {
		if ctx.Err() != nil {
			return found, context.Cause(ctx)
		}
		is, err := z.take(ctx, f, split[filepath.Dir(f.Path)], func(apex record.Name, dir string) *zoneText {
			key := dir + " " + string(apex)
			if octo[key] == nil {
				octo[key] = &zoneText{zone: &Zone{Apex: apex, File: f.Path, TTL: defaultAbsent}, used: &z.used}
				order = append(order, key)
			}
			octo[key].zone.File = f.Path
			return octo[key]
		})
		if p, ok := errors.AsType[*fileError](err); ok {
			wrong.all, err = append(wrong.all, p), nil
		}
		if found = found || is; err != nil {
			return found, err
		}
	}
	for _, key := range order {
		if err := z.putOnce(octo[key]); err != nil {
			p, ok := errors.AsType[*fileError](err)
			if !ok {
				return found, err
			}
			wrong.all = append(wrong.all, p)
		}
	}
	if len(wrong.all) > 0 {
		return found, &wrong
	}
	return found, nil
}

// wrongAt is one thing that is wrong with a file.
func wrongAt(path string, line int, text string) error {
	return &fileError{path, []problem{{line: line, text: text}}}
}

// take reads a file, wherever it is, if it is a whole zone. Apex is the zone of
// the folder that octoDNS has a file a name in; octo is where the records of a
// zone of octoDNS go, by its zone and directory.
func (z *Zones) take(ctx context.Context, f candidate, apex record.Name, octo func(record.Name, string) *zoneText) (is bool, err error) {
	if f.of == otherFile {
		return false, nil
	}
	path := f.Path
	isYAML := hasSuffix(path, ".yaml", ".yml")
	if f.of == treeFile && isYAML && apex == "" && octoZone(filepath.Base(path)) == "" {
		return false, nil
	}
	text, is, err := text(f.Open, f.of)
	switch {
	case err != nil && (f.of == maybeZone || f.of == treeFile):
		return false, nil
	case err != nil:
		return true, wrongAt(path, 0, err.Error())
	case !is:
		return false, nil
	}
	if err := z.used.read(len(text)); err != nil {
		return true, err
	}
	switch {
	case isSaved(text):
		return f.of == named, z.unread(f, savedPlanForm)
	case isJSON(text) && (f.of == named || f.of == treeFile):
		return z.takeJSON(f, text)
	case isYAML, f.of == named && strings.HasPrefix(text, "---\n"):
		return z.takeYAML(f, text, apex, octo)
	case f.of == treeFile:
		return false, nil
	}
	if !utf8.ValidString(text[:min(len(text), 64<<10)]) && strings.IndexByte(text, 0) >= 0 {
		return true, wrongAt(path, 0, "it is not UTF-8 text")
	}
	one, problems, err := readZone(ctx, path, text, &z.used)
	switch {
	case err != nil:
		return true, err
	case len(problems) > 0:
		return true, &fileError{path, problems}
	}
	return true, z.putOnce(one)
}

// unread says of a file that the user named why it is not read.
func (z *Zones) unread(f candidate, is form) error {
	if f.of != named {
		return nil
	}
	return wrongAt(f.Path, 0, is.notZones())
}

// takeJSON reads a JSON document, if it is one of whole zones.
func (z *Zones) takeJSON(f candidate, text string) (is bool, err error) {
	form := jsonForm(text)
	if !form.isZone() && form != brokenForm || form == brokenForm && f.of != named {
		return f.of == named, z.unread(f, form)
	}
	doc, err := jsonTree(text)
	if err != nil {
		return true, asFileError(f.Path, err)
	}
	var problems []problem
	switch {
	case isListing(doc):
		problems, err = z.listing(f.Path, doc)
	case isDNSControl(doc):
		problems, err = z.dnsControl(f.Path, doc)
	default:
		return f.of == named, z.unread(f, otherForm)
	}
	if len(problems) > 0 {
		return true, few(f.Path, problems)
	}
	return true, err
}

// takeYAML reads a YAML document, if it is a zone of octoDNS.
func (z *Zones) takeYAML(f candidate, text string, apex record.Name, octo func(record.Name, string) *zoneText) (is bool, err error) {
	if isGCloud(text) {
		return true, wrongAt(f.Path, 0, gcloudForm.notZones())
	}
	doc, err := yamlTree(text)
	if err != nil {
		return true, asFileError(f.Path, err)
	}
	base, dir := filepath.Base(f.Path), filepath.Dir(f.Path)
	if apex != "" {
		dir = filepath.Dir(dir)
	} else {
		apex = octoZone(base)
	}
	empty := doc == nil || doc.mapping && len(doc.pairs) == 0
	switch {
	case !isOctoDNS(doc) && f.of != named:
		return false, nil
	case empty:
		return true, wrongAt(f.Path, 0, "there is no record in it")
	case !isOctoDNS(doc):
		return true, z.unread(f, treeForm(doc))
	case apex == "":
		return true, wrongAt(f.Path, 0, "it does not say which zone it is: octoDNS names the file after the zone, such as example.com.yaml")
	}
	one := octo(apex, dir)
	before := len(one.problems)
	if err := one.octoDNS(doc); err != nil {
		return true, err
	}
	if problems := one.problems[before:]; len(problems) > 0 {
		return true, few(f.Path, problems)
	}
	return true, nil
}

// takePlan reads a file, if it is a change.
func (z *Zones) takePlan(ctx context.Context, f candidate) (is bool, err error) {
	text, _, err := text(f.Open, f.of)
	if err != nil {
		return true, wrongAt(f.Path, 0, err.Error())
	}
	if err := z.used.read(len(text)); err != nil {
		return true, err
	}
	form, doc := otherForm, (*node)(nil)
	switch {
	case isSaved(text):
		form = savedPlanForm
	case isJSON(text):
		form = jsonForm(text)
	case isGCloud(text):
		form = gcloudForm
	case looksLikeZone(text) && !hasSuffix(f.Path, ".yaml", ".yml"):
		form = zoneFileForm
	default:
		if doc, err = yamlTree(text); err == nil {
			form = treeForm(doc)
		} else if f.of == named && hasSuffix(f.Path, ".yaml", ".yml", ".template") {
			return true, asFileError(f.Path, err)
		}
	}
	switch {
	case !form.isChange() && form != brokenForm && f.of == named:
		return true, wrongAt(f.Path, 0, form.notPlan())
	case !form.isChange() && f.of != named:
		return false, nil
	case form == terraformForm:
		return true, z.terraform(ctx, f.Path, text)
	case form == pulumiForm:
		return true, z.pulumi(ctx, f.Path, text)
	}
	if doc == nil {
		if doc, err = jsonTree(text); err != nil {
			return true, asFileError(f.Path, err)
		}
	}
	var problems []problem
	switch form {
	case batchForm:
		changes := batchOf(doc)
		if changes == nil {
			return true, wrongAt(f.Path, 0, otherForm.notPlan())
		}
		problems, err = z.batch(f.Path, changes)
	case cloudFormationForm:
		err = z.cloudFormation(f.Path, doc)
	}
	if len(problems) > 0 {
		return true, few(f.Path, problems)
	}
	return true, err
}

// asFileError is an error of reading a document, as one of its file.
func asFileError(path string, err error) error {
	if p, ok := errors.AsType[*problem](err); ok {
		return &fileError{path, []problem{*p}}
	}
	return wrongAt(path, 0, err.Error())
}

// few reports the first problems of a file.
func few(path string, problems []problem) error {
	if len(problems) > maxProblems {
		problems = append(problems[:maxProblems:maxProblems], problem{text: "and more is wrong"})
	}
	return &fileError{path, problems}
}

func hasSuffix(path string, suffixes ...string) bool {
	name := strings.ToLower(filepath.Base(path))
	return slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(name, s) })
}

// putOnce takes a zone that was read, unless it is of a file that was read before.
func (z *Zones) putOnce(one *zoneText) error {
	if other := z.zones[one.zone.Apex]; other != nil {
		if sameFile(one.zone.File, other.File) {
			return nil
		}
		return wrongAt(one.zone.File, 0, fmt.Sprintf("zone %s is in %s already; use one file per zone", one.zone.Apex, untrusted.Line(other.File)))
	}
	return z.put(one)
}

// change is what is to change, to be added to.
func (z *Zones) change() *Changes {
	if z.changes == nil {
		z.changes = &Changes{of: z, used: &z.used}
	}
	return z.changes
}

// text is what is in a file. Of one that may be a zone file only the beginning
// is read if it is none.
func text(open func() (io.ReadCloser, error), of kind) (text string, is bool, err error) {
	const head = 64 << 10
	f, err := open()
	if err != nil {
		return "", false, err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, head)
	const mark = "\xef\xbb\xbf" // with which some editors begin a file
	if start, err := in.Peek(len(mark)); err == nil && string(start) == mark {
		_, _ = in.Discard(len(mark))
	}
	start, _ := in.Peek(head)
	switch {
	case of == maybeZone && !looksLikeZone(string(start)):
		return "", false, nil
	case len(start) > 3 && isWide(start):
		in = bufio.NewReader(transform.NewReader(in, unicode.BOMOverride(transform.Nop)))
	}
	var b strings.Builder
	if on, ok := f.(fs.File); ok {
		if info, err := on.Stat(); err == nil {
			b.Grow(int(min(info.Size(), MaxOctets)))
		}
	}
	_, err = io.Copy(&b, io.LimitReader(in, MaxOctets+1))
	return b.String(), true, err
}

// isWide reports whether a text is JSON in UTF-16, as PowerShell redirects it.
func isWide(start []byte) bool {
	little, big := string(start[:2]) == "\xff\xfe", string(start[:2]) == "\xfe\xff"
	first := rune(start[3])
	if little {
		first = rune(start[2])
	}
	return (little || big) && (first == '{' || first == '[' || first == '\r' || first == '\n')
}

// put takes a zone that was read.
func (z *Zones) put(one *zoneText) error {
	if err := one.zone.index(&z.used); err != nil {
		return err
	}
	if z.zones == nil {
		z.zones = map[record.Name]*Zone{}
	}
	z.zones[one.zone.Apex] = one.zone
	for _, s := range slices.Concat(one.skipped, one.zone.malformed()) {
		z.skipped = addSkipped(z.skipped, s)
	}
	return nil
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	other, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(one, other)
}

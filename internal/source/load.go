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
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Bounds of what is read in one run, from all files together.
const (
	maxOctets  = 256 << 20
	maxRecords = 1000000 // and names above them

	maxGenerated  = 100000  // records made by $GENERATE
	maxMadeOctets = 8 << 20 // of their TXT records
)

// usage is how much was read.
type usage struct{ octets, records, generated, made int }

func (u *usage) read(octets int) error {
	if u.octets += octets; u.octets > maxOctets {
		return fmt.Errorf("over %d MiB of zone files", maxOctets>>20)
	}
	return nil
}

func (u *usage) take(records int) error {
	if u.records += records; u.records > maxRecords {
		return fmt.Errorf("over %d records in the zone files", maxRecords)
	}
	return nil
}

func (u *usage) generate(records int) error {
	if u.generated += records; u.generated > maxGenerated {
		return fmt.Errorf("over %d records made by $GENERATE in the zone files", maxGenerated)
	}
	return nil
}

func (u *usage) make(octets int) error {
	if u.made += octets; u.made > maxMadeOctets {
		return fmt.Errorf("over %d MiB of text made by $GENERATE in the zone files", maxMadeOctets>>20)
	}
	return nil
}

// ReadZones reads zone files: those named, and in folders and the folders below
// them those that are named like one, or hold one. The error tells all that is
// wrong, each cause in one line, with the file's path and where possible the
// line.
func ReadZones(ctx context.Context, paths ...string) (*Zones, error) {
	z := &Zones{}
	if err := z.Add(ctx, paths...); err != nil {
		return nil, err
	}
	return z, nil
}

// Add reads more zone files, as ReadZones does. A file that was read before is
// no second zone.
func (z *Zones) Add(ctx context.Context, paths ...string) error {
	var wrong []error
	for _, root := range paths {
		files, err := zoneFiles(root)
		if err != nil {
			return fmt.Errorf("read zone files: %s: %w", untrusted.Line(root), err)
		}
		found := false
		for _, path := range files {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			of := kindOf(path)
			if path == root {
				of = zoneFile
			}
			is, err := z.file(ctx, path, of)
			if p, ok := errors.AsType[*fileError](err); ok {
				wrong = append(wrong, p)
			} else if err != nil {
				return fmt.Errorf("read zone files: %w", err)
			}
			found = found || is
		}
		if !found {
			return fmt.Errorf("read zone files: none in %s; they are named like example.com.zone, example.com.db or db.example.com", untrusted.Line(root))
		}
	}
	return errors.Join(wrong...)
}

// Elsewhere is a file that is not on disk, such as one of an earlier commit.
type Elsewhere struct {
	Path string
	Open func() (io.ReadCloser, error)
}

// ReadElsewhere reads zone files as ReadZones does: of a folder, or one that the
// user named. There may be none.
func ReadElsewhere(ctx context.Context, files []Elsewhere, named bool) (*Zones, error) {
	z := &Zones{}
	for _, f := range files {
		of := kindOf(f.Path)
		if named {
			of = zoneFile
		}
		if _, err := z.take(ctx, f, of); err != nil {
			return nil, err
		}
	}
	return z, nil
}

// zoneFiles are the files of a folder and of those below it that may be zone
// files; of a file, that file, whatever it is called.
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

// file reads a file of a folder, if it is a zone file.
func (z *Zones) file(ctx context.Context, path string, of kind) (is bool, err error) {
	return z.take(ctx, Elsewhere{path, func() (io.ReadCloser, error) { return untrusted.Open(path) }}, of)
}

// take reads a file, wherever it is, if it is a zone file.
func (z *Zones) take(ctx context.Context, f Elsewhere, of kind) (is bool, err error) {
	path := f.Path
	if of == otherFile {
		return false, nil
	}
	wrong := func(text string) error { return &fileError{path, []problem{{text: text}}} }
	text, is, err := text(f.Open, of)
	switch {
	case err != nil && of == maybeZone:
		return false, nil
	case err != nil:
		return true, wrong(err.Error())
	case !is:
		return false, nil
	}
	if err := z.used.read(len(text)); err != nil {
		return true, err
	}
	if !utf8.ValidString(text[:min(len(text), 64<<10)]) && strings.IndexByte(text, 0) >= 0 {
		return true, wrong("it is no text in UTF-8")
	}
	one, problems, err := readZone(ctx, path, text, &z.used)
	switch {
	case err != nil:
		return true, err
	case len(problems) > 0:
		return true, &fileError{path, problems}
	}
	if other := z.zones[one.zone.Apex]; other != nil {
		if sameFile(path, other.File) {
			return true, nil
		}
		return true, wrong(fmt.Sprintf("zone %s is in %s already; one file a zone", one.zone.Apex, untrusted.Line(other.File)))
	}
	return true, z.put(one)
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
	if of == maybeZone {
		if start, _ := in.Peek(head); !looksLikeZone(string(start)) {
			return "", false, nil
		}
	}
	var b strings.Builder
	if on, ok := f.(fs.File); ok {
		if info, err := on.Stat(); err == nil {
			b.Grow(int(min(info.Size(), maxOctets)))
		}
	}
	_, err = io.Copy(&b, io.LimitReader(in, maxOctets+1))
	return b.String(), true, err
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

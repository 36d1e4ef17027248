package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// LockName is the file next to the YAML with the locked SPF includes.
const LockName = "sescheck.lock"

// lockVersion is that of the lock's form.
const lockVersion = 1

// ErrNewerLock is of a lock that a later release wrote.
var ErrNewerLock = errors.New("a newer sescheck wrote this lock")

// Lock is the content of the names that SPF records lead to.
type Lock struct {
	Includes map[record.Name]Locked
}

// Locked is the content of one name.
type Locked struct {
	Since   time.Time // the day on which it was first locked so
	State   string    // "none", "several", "invalid" or "long"; "" for one record that can be read and kept
	Lookups int       // that it takes, with all beneath
	Terms   []string  // terms that are evaluated, in presentation form
}

// Same reports whether both records are equal. The order of terms does not
// matter: terms that are never evaluated are in neither.
func (l Locked) Same(o Locked) bool {
	added, removed := l.Changes(o)
	return l.State == o.State && len(added)+len(removed) == 0
}

// Changes are the terms that only o has, and those that only l has.
func (l Locked) Changes(o Locked) (added, removed []string) {
	return only(o.Terms, l.Terms), only(l.Terms, o.Terms)
}

// only are the terms of a that are not in b; one that is there twice has to be
// in b twice.
func only(a, b []string) (rest []string) {
	left := map[string]int{}
	for _, t := range b {
		left[t]++
	}
	for _, t := range a {
		if left[t]--; left[t] < 0 {
			rest = append(rest, t)
		}
	}
	return rest
}

// The lock as it is written: JSON, each name and term on a line of its own, so
// that a change is a change of few lines.
type (
	lockFile struct {
		Version  int                          `json:"version"`
		Includes map[record.Name]lockedInFile `json:"includes"`
	}
	lockedInFile struct {
		Since   string   `json:"since"`
		State   string   `json:"state,omitempty"`
		Lookups int      `json:"lookups"`
		Terms   []string `json:"terms"`
	}
)

// Write writes the lock: the same bytes for the same includes.
func (l *Lock) Write(w io.Writer) error {
	out := lockFile{Version: lockVersion, Includes: map[record.Name]lockedInFile{}}
	for name, in := range l.Includes {
		out.Includes[name] = lockedInFile{in.Since.Format(time.DateOnly), in.State, in.Lookups, append([]string{}, in.Terms...)}
	}
	enc := json.NewEncoder(untrusted.JSON(w))
	enc.SetIndent("", " ")
	return enc.Encode(out)
}

// Folder is the folder of a domain's lock: that of its file.
func (d *Domain) Folder() string { return path.Dir(d.Place.File) }

// ReadLocks reads the lock files, and sets each domain's lock. A folder may have
// none.
func (f *File) ReadLocks() error {
	return f.readLocks(onDisk)
}

// ReadLockTexts does so where the files are not on disk.
func (f *File) ReadLockTexts(texts []Text) error {
	return f.readLocks(func(name string) ([]byte, error) {
		for _, t := range texts {
			if path.Clean(t.Name) == name {
				return t.Data, nil
			}
		}
		return nil, fs.ErrNotExist
	})
}

func (f *File) readLocks(read func(name string) ([]byte, error)) error {
	locks := map[string]*Lock{}
	var errs []error
	for i := range f.Domains {
		d := &f.Domains[i]
		lock, ok := locks[d.Folder()]
		if !ok {
			var err error
			if lock, err = readLock(d.Folder(), read); err != nil {
				errs = append(errs, err)
			}
			locks[d.Folder()] = lock
		}
		d.Lock = lock
	}
	return errors.Join(errs...)
}

// ReadLock reads the lock of a folder. Without one it returns neither a lock nor
// an error.
func ReadLock(folder string) (*Lock, error) {
	return readLock(folder, onDisk)
}

func onDisk(name string) ([]byte, error) {
	return untrusted.Read(filepath.FromSlash(name), MaxFileSize)
}

func readLock(folder string, read func(name string) ([]byte, error)) (*Lock, error) {
	name := path.Join(filepath.ToSlash(folder), LockName)
	data, err := read(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", untrusted.Quote(name), err)
	}
	lock, err := parseLock(data)
	if err == nil {
		return lock, nil
	}
	return nil, fmt.Errorf("%s: %w; write it again with `sescheck lock`, or delete it", placeInLock(name, data, err), err)
}

// wrongEntry is a mistake in a name's part of the lock.
type wrongEntry struct {
	name record.Name
	what string
}

func (e *wrongEntry) Error() string { return untrusted.Quote(string(e.name)) + " " + e.what }

func placeInLock(name string, data []byte, err error) string {
	at := 0
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = int(e.Offset)
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		at = int(e.Offset)
	}
	if e, ok := errors.AsType[*wrongEntry](err); ok {
		quoted, _ := json.Marshal(e.name)
		at = max(bytes.Index(data, quoted), 0) + 1
	}
	before := data[:min(max(at-1, 0), len(data))]
	return fmt.Sprintf("%s:%d:%d", name, bytes.Count(before, []byte("\n"))+1, len(before)-bytes.LastIndexByte(before, '\n'))
}

// parseLock reads a lock. It may come from a stranger's pull request, as the
// YAML does.
func parseLock(data []byte) (*Lock, error) {
	var version struct {
		Version int `json:"version"`
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&version); err != nil {
		return nil, wrongJSON(err)
	}
	switch {
	case version.Version > lockVersion:
		return nil, fmt.Errorf("%w, of version %d; use that one", ErrNewerLock, version.Version)
	case version.Version < 1:
		return nil, errors.New("this is not a sescheck lock: it has no version")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is extra data after the lock")
	}
	var in lockFile
	dec = json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return nil, wrongJSON(err)
	}
	lock := &Lock{Includes: make(map[record.Name]Locked, len(in.Includes))}
	for name, l := range in.Includes {
		locked, what := l.locked()
		if parsed, err := record.ParseName(string(name)); err != nil || parsed != name {
			what = "is not a name"
		}
		if what != "" {
			return nil, &wrongEntry{name, what}
		}
		lock.Includes[name] = locked
	}
	return lock, nil
}

// wrongJSON says in our words that the lock cannot be read; conflict marks are
// the usual reason.
func wrongJSON(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("this is not a sescheck lock: it ends too early")
	}
	return fmt.Errorf("this is not a sescheck lock: %w", err)
}

func (in lockedInFile) locked() (l Locked, what string) {
	since, err := time.Parse(time.DateOnly, in.Since)
	switch {
	case err != nil:
		return l, fmt.Sprintf("has since %s, which is not a date", untrusted.Quote(in.Since))
	case !slices.Contains([]string{"", "none", "several", "invalid", "long"}, in.State):
		return l, fmt.Sprintf("has state %s; it must be none, several, invalid, long or missing", untrusted.Quote(in.State))
	case in.Lookups < 0 || in.Lookups > 1_000_000:
		return l, fmt.Sprintf("has %d lookups", in.Lookups)
	}
	for _, t := range in.Terms {
		if strings.ContainsFunc(t, func(r rune) bool { return r <= ' ' || r > '~' }) || t == "" || strings.Contains(t, "##[") || strings.HasPrefix(t, "::") {
			return l, fmt.Sprintf("has term %s, which is not valid", untrusted.Quote(t))
		}
	}
	return Locked{since, in.State, in.Lookups, in.Terms}, ""
}
